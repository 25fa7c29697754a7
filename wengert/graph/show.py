"""Print a Graph as text that is pleasant, stable, and read back by `parse`.

```
graph      ::=  "graph" "(" [target ("," target)*] ")" "{" NEWLINE statement* "}"
statement  ::=  (capture | equation | guard | return) NEWLINE
capture    ::=  "capture" var ":" type ["=" data]
equation   ::=  target ("," target)* "=" primitive [params] atom*
guard      ::=  "guard" var "is" scalar
return     ::=  "return" [atom ("," atom)*]
target     ::=  var ":" type
type       ::=  dtype "[" [int ("," int)*] "]"
atom       ::=  var | scalar
scalar     ::=  number | "True" | "False" | dtype "(" element ")"
params     ::=  "[" name "=" value ("," name "=" value)* "]"
value      ::=  scalar | string | dtype | "None" | "..." | tuple | slice | array | graph
array      ::=  dtype data
data       ::=  element | "[" [data ("," data)*] "]"
```

Names are those of the lectures: n inputs are v-n+1 … v-1, v0, the equations give v1,
v2, …; captured arrays are c0, c1, …. A capture of up to 16 elements shows its data, so
that parsing restores it; a larger one shows its type only, and its array is given to
`parse` by name. A guard stands right after the equation that gives its var. A Graph
inside a param has names of its own, but captures are numbered through.

Numbers are exact (see `literals`): `0.1` is a Python number, `f32(0.1)` a NumPy scalar.
A tuple is written as in Python, a slice as in an index (`1:3`), a string as in JSON.
What has no text of its own is shown as `<…>`, and then `parse` refuses the Graph.

Examples
--------
>>> import numpy as np
>>> import wengert.primitives.arithmetic
>>> from wengert.graph import ArrayType, GraphBuilder, lookup
>>> build = GraphBuilder()
>>> x, w = build.input(ArrayType.of(np.ones(3))), build.constant(np.array([0.5, 1, 2]))
>>> (y,) = build.add(lookup("multiply"), (w, x), {})
>>> (z,) = build.add(lookup("square"), (y,), {})
>>> print(build.finish([z]))
graph(v0: f64[3]) {
  capture c0: f64[3] = [0.5, 1.0, 2.0]
  v1: f64[3] = multiply c0 v0
  v2: f64[3] = square v1
  return v2
}
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.graph.literals import element_text, is_scalar, read_dtype, scalar_text
from wengert.graph.types import dtype_name

if TYPE_CHECKING:  # equations.py imports this module
    from wengert.graph.equations import Atom, Capture, Equation, Graph, Guard, Var

__all__ = ["name_vars", "show", "show_equation"]

_INLINE = 16
_INDENT = "  "

Names = Mapping["Var", str]


def show(graph: Graph) -> str:
    """Write a Graph in the grammar of this module, as `str(graph)` does.

    Parameters
    ----------
    graph : Graph
        Well-formed or not: a var that nothing gives is shown as `?`.

    Returns
    -------
    str
        Lines without a newline at the end.
    """
    return _graph_text(graph, "", itertools.count())


def name_vars(graph: Graph, captures: Iterator[int] | None = None) -> dict[Var, str]:
    """Name every var of a Graph as it is printed.

    Parameters
    ----------
    graph : Graph
    captures : iterator of int, optional
        Where the numbers of captured arrays are taken from; 0, 1, … if not given.
    """
    numbers = itertools.count() if captures is None else captures
    names = {}
    for number, var in enumerate(graph.inputs, 1 - len(graph.inputs)):
        names[var] = f"v{number}"
    for capture in graph.captures:
        names[capture.var] = f"c{next(numbers)}"
    outputs = (var for equation in graph.equations for var in equation.outputs)
    for number, var in enumerate(outputs, 1):
        # The first name of a var given twice, in a malformed Graph, is kept.
        names.setdefault(var, f"v{number}")
    return names


def show_equation(equation: Equation, names: Names) -> str:
    """Write one equation, its vars named by `name_vars` of its Graph.

    Examples
    --------
    >>> from wengert.graph.parse import parse
    >>> import wengert.primitives.arithmetic
    >>> graph = parse("graph(x: f64[]) {\\n y = multiply x 2.0 \\n return y \\n}")
    >>> show_equation(graph.equations[0], name_vars(graph))
    'v1: f64[] = multiply v0 2.0'
    """
    return _equation_text(equation, names, "", itertools.count())


def _graph_text(graph: Graph, indent: str, numbers: Iterator[int]) -> str:
    names = name_vars(graph, numbers)
    guards: dict[Var | None, list[str]] = {}
    for guard in graph.guards:
        var = guard.var if guard.var in names else None
        guards.setdefault(var, []).append(_guard_text(guard, names))

    lines = [_capture_text(capture, names) for capture in graph.captures]
    for var in (*graph.inputs, *(capture.var for capture in graph.captures)):
        lines += guards.pop(var, [])
    for equation in graph.equations:
        lines.append(_equation_text(equation, names, indent + _INDENT, numbers))
        for var in equation.outputs:
            lines += guards.pop(var, [])
    lines += guards.pop(None, [])
    outputs = ", ".join(_atom_text(atom, names) for atom in graph.outputs)
    lines.append(f"return {outputs}".rstrip())

    head = ", ".join(_target_text(var, names) for var in graph.inputs)
    body = "".join(f"{indent}{_INDENT}{line}\n" for line in lines)
    return f"graph({head}) {{\n{body}{indent}}}"


def _capture_text(capture: Capture, names: Names) -> str:
    text = f"capture {_target_text(capture.var, names)}"
    array = capture.value
    if type(array) is np.ndarray and array.size <= _INLINE and _has_text(array.dtype):
        text += f" = {_data_text(array)}"
    return text


def _equation_text(
    equation: Equation, names: Names, indent: str, numbers: Iterator[int]
) -> str:
    targets = ", ".join(_target_text(var, names) for var in equation.outputs)
    params = ", ".join(
        f"{key}={_value_text(value, indent, numbers)}"
        for key, value in equation.params.items()
    )
    head = f"{equation.primitive.name}[{params}]" if params else equation.primitive.name
    atoms = "".join(f" {_atom_text(atom, names)}" for atom in equation.inputs)
    return f"{targets} = {head}{atoms}"


def _guard_text(guard: Guard, names: Names) -> str:
    told = scalar_text(guard.told) if is_scalar(guard.told) else _other(guard.told)
    return f"guard {names.get(guard.var, '?')} is {told}"


def _target_text(var: Var, names: Names) -> str:
    return f"{names.get(var, '?')}: {var.type!r}"


def _atom_text(atom: Atom, names: Names) -> str:
    if not hasattr(atom, "value"):
        return names.get(atom, "?")
    return scalar_text(atom.value) if is_scalar(atom.value) else _other(atom.value)


def _value_text(value: Any, indent: str, numbers: Iterator[int]) -> str:
    """Write the value of a param."""
    if is_scalar(value):
        return scalar_text(value)
    if value is None:
        return "None"
    if value is Ellipsis:
        return "..."
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        parts = [_value_text(part, indent, numbers) for part in value]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, slice):
        return _slice_text(value)
    if isinstance(value, np.dtype) and _has_text(value):
        return dtype_name(value)
    if isinstance(value, np.ndarray) and _has_text(value.dtype):
        # Nested brackets lose what stands inside an axis of length 0.
        if value.ndim and 0 not in value.shape[:-1]:
            return dtype_name(value.dtype) + _data_text(value)
    if hasattr(value, "equations"):
        return _graph_text(value, indent, numbers)
    return _other(value)


def _slice_text(value: slice) -> str:
    parts = (value.start, value.stop, value.step)
    if not all(part is None or isinstance(part, int | np.integer) for part in parts):
        return _other(value)
    start, stop, step = ("" if part is None else str(int(part)) for part in parts)
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _data_text(array: Any) -> str:
    if array.ndim == 0:
        return element_text(array[()])
    return f"[{', '.join(_data_text(part) for part in array)}]"


def _has_text(dtype: np.dtype[Any]) -> bool:
    return read_dtype(dtype_name(dtype)) == dtype


def _other(value: Any) -> str:
    text = " ".join(repr(value).split())
    return f"<{text if len(text) <= 60 else text[:59] + '…'}>"
