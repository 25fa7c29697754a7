"""Graph → the text of a module: imports, captured arrays, functions, the function."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.engines.python.body import Body
from wengert.engines.python.fragments import Fragment, value
from wengert.engines.python.names import Names
from wengert.engines.python.source import PythonSource
from wengert.engines.python.structure import STRUCTURES
from wengert.engines.python.transplant import Transplants
from wengert.engines.python.writing import WRITING
from wengert.errors import Source
from wengert.graph import ArrayType, Graph

__all__ = ["Argument", "module_of"]

# A captured array of more elements is kept beside the module, not in its text.
_INLINE = 32
_WIDTH = 88

_LOAD = """with np.load(Path(__file__).with_suffix(".npz")) as file:
    arrays = dict(file)"""
_AS_INPUT = '''
def as_input(name, value, shape, dtype):
    """Check an argument: this code is for one shape."""
    array = np.asarray(value)
    if array.shape != shape or not np.can_cast(array.dtype, dtype, "same_kind"):
        raise ValueError(
            f"{name} is {array.dtype}{list(array.shape)}; this code is for "
            f"{np.dtype(dtype)}{list(shape)}"
        )
    return array.astype(dtype, copy=False)[()]
'''


@dataclass(frozen=True)
class Argument:
    """A leaf of an argument: how it is written, and its value if it is built in."""

    path: str
    is_static: bool = False
    value: Any = None


def module_of(
    graph: Graph,
    name: str,
    parameters: Sequence[str],
    arguments: Sequence[Argument],
    result: Callable[[Sequence[str]], str],
    captured: dict[int, str],
    about: str,
    plain: bool = False,
    outside: Source | None = None,
) -> PythonSource:
    """Write a module with one function.

    Parameters
    ----------
    graph : Graph
    name : str
        Of the function.
    parameters : sequence of str
        Its parameters.
    arguments : sequence of Argument
        The leaves of the arguments; those that are not static are the Graph's inputs.
    result : callable
        From the texts of the outputs to that of what the function returns.
    captured : dict
        From the id of a captured array to the user's name for it.
    about : str
        What the function is, for its docstring.
    plain : bool
        Whether products with partial derivatives are plain ones.
    outside : Source, optional
        The line that asks for the code: what it binds is no name of a value.

    Raises
    ------
    EngineError
        If an operation cannot be written as Python.
    """
    names, transplants = Names(), Transplants()
    for taken in (name, "as_input", "arrays", *parameters):
        names.fresh(taken.lstrip("*"))
    body = Body(names, transplants, STRUCTURES | WRITING, plain, outside)
    constants, arrays = _constants(graph, captured, names, body)
    _take_arguments(graph, arguments, names, body)
    outputs = [fragment.text for fragment in body.run(graph)]
    body.say(f"return {result(outputs)}")

    types = [var.type for var in graph.inputs]
    shown = [a.path for a in arguments if not a.is_static]
    listed = "\n".join(
        f"    {path} : {_described(type_)}"
        for path, type_ in zip(shown, types, strict=True)
    )
    written = "\n".join([*body.lines, *transplants.sources.values()])
    for module in ("linalg", "special"):
        if re.search(rf"\b(?<!\.){module}\.", written):
            transplants.imports.add(f"from scipy import {module}")
    head = ["import numpy as np", *sorted(transplants.imports)]
    if arrays:
        head.insert(0, "from pathlib import Path\n")
        constants = [_LOAD, *constants]
    sections = [
        f'"""{about}"""',
        "\n".join(head),
        "\n".join(constants),
        _AS_INPUT.strip() if types else "",
        *transplants.sources.values(),
        "\n".join(
            [
                f"def {name}({', '.join(parameters)}):",
                *textwrap.wrap(f'"""{about}', _WIDTH - 4, initial_indent="    ",
                               subsequent_indent="    "),
                *(["", listed] if listed else []),
                '    """',
                *body.lines,
            ]
        ),
    ]  # fmt: skip
    return PythonSource(name, _joined(sections), arrays)


def _constants(
    graph: Graph, captured: dict[int, str], names: Names, body: Body
) -> tuple[list[str], dict[str, Any]]:
    """Write captured arrays: short ones as text, others as entries of a file."""
    lines, arrays = [], {}
    known: dict[tuple[Any, ...], Fragment] = {}
    # Those that the user has a name for come first; equal ones are written once.
    for capture in sorted(graph.captures, key=lambda c: id(c.value) not in captured):
        array = np.asarray(capture.value)
        same = (array.dtype, array.shape, array.tobytes())
        if same in known:
            body.written[capture.var] = known[same]
            continue
        name = names.fresh(captured.get(id(capture.value), "c"))
        known[same] = body.written[capture.var] = Fragment(name)
        if array.size > _INLINE:
            arrays[name] = array
            lines.append(f'{name} = arrays["{name}"]')
            continue
        text = " ".join(_listed(array).split())
        written = f"{name} = np.array({text}, {value(array.dtype).text})"
        lines += textwrap.wrap(written, _WIDTH, subsequent_indent="    ")
    return lines, arrays


def _listed(array: Any) -> str:
    if array.ndim:
        return f"[{', '.join(map(_listed, array))}]"
    return value(array[()]).text


def _take_arguments(
    graph: Graph, arguments: Sequence[Argument], names: Names, body: Body
) -> None:
    inputs = iter(graph.inputs)
    for argument in arguments:
        if argument.is_static:
            body.say(f"if {argument.path} != {argument.value!r}:")
            body.say(
                "    raise ValueError("
                f'"this code is for {argument.path} = {argument.value!r}")'
            )
            continue
        var = next(inputs)
        name = argument.path
        if not name.isidentifier():
            # The last word of `params['w']` is what it is called.
            words = "".join(c if c.isalnum() else " " for c in name).split()
            name = names.fresh(
                words[-1] if not words[-1].isdigit() else "_".join(words)
            )
        body.written[var] = Fragment(name)
        type_ = var.type
        body.say(
            f'{name} = as_input("{argument.path}", {argument.path}, {type_.shape}, '
            f"{value(type_.dtype).text})"
        )


def _described(type_: ArrayType) -> str:
    if type_.shape == ():
        return f"{type_.dtype}"
    shape = ", ".join(map(str, type_.shape))
    return f"array ({shape}{',' if len(type_.shape) == 1 else ''}), {type_.dtype}"


def _joined(sections: Sequence[str]) -> str:
    return "\n\n\n".join(s.strip("\n") for s in sections if s.strip()) + "\n"
