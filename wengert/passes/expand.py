"""Write compound primitives out in simpler ones, for engines that have only those.

Law: for all inputs, `expand(graph)` gives the outputs of `graph` up to rounding.

```
y = norm2[axis=(0,)] x      s = multiply x x;  t = sum[axes=(0,)] s;  y = sqrt t
y = cumsum[axis=0] x        y = scan x:  c = add c x
y = argmax[axis=0] x        the least place where x is its maximum, or nan
```

So are calls of users' primitives of which the user has stated the native code, and
bodies of loops and branches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.graph import (
    ArrayType,
    Atom,
    Equation,
    Graph,
    GraphBuilder,
    Literal,
    Var,
    lookup,
)
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.walk import inner_graphs

__all__ = ["expand"]


class Writer:
    """Write equations on a builder; primitives by their names."""

    def __init__(self, build: GraphBuilder, equation: Equation) -> None:
        self._build = build
        self._source = equation.source

    def __call__(self, name: str, *atoms: Atom, **params: Any) -> Var:
        """Add an equation of one output."""
        return self.several(name, *atoms, **params)[0]

    def several(self, name: str, *atoms: Atom, **params: Any) -> tuple[Var, ...]:
        """Add an equation."""
        row = lookup(name)
        assert row is not None, name
        return self._build.add(row, atoms, params, self._source)

    def constant(self, value: Any) -> Atom:
        """Add a constant array."""
        return self._build.constant(value)

    def moved(self, x: Atom, axes: Sequence[int]) -> Atom:
        """Transpose, unless the axes are in order."""
        if list(axes) == list(range(len(axes))):
            return x
        return self("transpose", x, axes=tuple(axes))

    def shaped(self, x: Atom, shape: Sequence[int]) -> Atom:
        """Reshape, unless it has the shape."""
        return (
            x
            if x.type.shape == tuple(shape)
            else self("reshape", x, shape=tuple(shape))
        )


Rule = Callable[[Writer, Equation], Atom | None]
_RULES: dict[str, Rule] = {}


def expand(graph: Graph) -> Graph:
    """Replace the equations that there is a rule for, and that it applies to.

    Examples
    --------
    >>> from wengert import trace
    >>> print(expand(trace(np.linalg.norm, np.ones(3))))
    graph(v0: f64[3]) {
      v1: f64[3] = multiply v0 v0
      v2: f64[] = sum[axes=(0,), keepdims=False] v1
      v3: f64[] = sqrt v2
      return v3
    }
    """
    return rebuild(graph, _rewrite) if _is_compound(graph) else graph


def _is_compound(graph: Graph) -> bool:
    """Tell whether a rule may apply, in the Graph or in a body."""
    return any(
        equation.primitive.name in _RULES
        or equation.primitive.written is not None
        or any(map(_is_compound, inner_graphs(equation)))
        for equation in graph.equations
    )


def _rewrite(build: GraphBuilder, equation: Equation) -> Sequence[Atom]:
    row = equation.primitive
    if row.written is not None:
        return _inlined(build, equation) or copy_equation(build, equation)
    if rule := _RULES.get(row.name):
        written = rule(Writer(build, equation), equation)
        return copy_equation(build, equation) if written is None else (written,)
    if any(map(_is_compound, inner_graphs(equation))):
        params = {key: _body_of(value) for key, value in equation.params.items()}
        return build.add(row, equation.inputs, params, equation.source)
    return copy_equation(build, equation)


def _inlined(build: GraphBuilder, equation: Equation) -> list[Atom]:
    """Put a Graph in the place of a call; nothing, if it cannot be written down."""
    types = [
        ArrayType.of(atom.value) if isinstance(atom, Literal) else atom.type
        for atom in equation.inputs
    ]
    assert equation.primitive.written is not None
    closed = equation.primitive.written(types, equation.params)
    if closed is None:
        return []
    graph = expand(closed.graph)
    given = [*map(build.constant, closed.values), *equation.inputs]
    new: dict[Atom, Atom] = dict(zip(graph.inputs, given, strict=True))
    new.update((c.var, build.capture(c.value)) for c in graph.captures)
    for inner in graph.equations:
        inputs = tuple(new.get(atom, atom) for atom in inner.inputs)
        new.update(zip(inner.outputs, build.copy(inner, inputs), strict=True))
    return [new.get(atom, atom) for atom in graph.outputs]


def _body_of(param: Any) -> Any:
    """Write a body out, where that needs no array from outside, which bodies lack."""
    if isinstance(param, tuple):
        return tuple(map(_body_of, param))
    if not isinstance(param, Graph):
        return param
    written = expand(param)
    return param if written.captures else written


def _expands(name: str) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        _RULES[name] = rule
        return rule

    return enter


@_expands("norm2")
def _norm2(write: Writer, equation: Equation) -> Atom | None:
    (x,), params = equation.inputs, equation.params
    if x.type.dtype.kind != "f":
        return None
    total = write(
        "sum", write("multiply", x, x), axes=params["axis"], keepdims=params["keepdims"]
    )
    return write("sqrt", total)


@_expands("round")
def _round(write: Writer, equation: Equation) -> Atom | None:
    (x,) = equation.inputs
    whole = equation.params["decimals"] == 0 and x.type.dtype.kind == "f"
    return write("rint", x) if whole else None


# ----- extrema's places -----


def _place(extremum: str) -> Rule:
    def rule(write: Writer, equation: Equation) -> Atom | None:
        (x,), axis = equation.inputs, equation.params["axis"]
        (output,) = equation.outputs
        shape = x.type.shape
        if not isinstance(axis, int) or not shape or x.type.dtype.kind not in "fiu":
            return None
        n = shape[axis]
        best = write(extremum, x, axes=(axis,), keepdims=True)
        found = write("equal", x, write("broadcast_to", best, shape=shape))
        if x.type.dtype.kind == "f":
            found = write("logical_or", found, write("isnan", x))
        line = [-1 if k == axis else 1 for k in range(len(shape))]
        places = write.constant(np.arange(n).reshape(line))
        at = write("where", found, places, Literal(np.int64(n)))
        keepdims = bool(equation.params.get("keepdims"))
        place = write("min", at, axes=(axis,), keepdims=keepdims)
        return place if place.type == output.type else None

    return rule


_RULES["argmax"] = _place("max")
_RULES["argmin"] = _place("min")

# ----- running sums and products -----


def _running(write: Writer, equation: Equation, reverse: bool, body: Any) -> Atom:
    """Write a scan along an axis, which carries the last element."""
    axis = equation.params["axis"]
    (output,) = equation.outputs
    ndim = output.type.ndim
    order = [axis, *(k for k in range(ndim) if k != axis)]
    slices = [write.moved(x, order) for x in equation.inputs]
    length, *rest = (output.type.shape[k] for k in order)
    dtype = output.type.dtype
    zero: Atom = Literal(dtype.type(0))
    if rest:
        zero = write("broadcast_to", zero, shape=tuple(rest))
    else:
        zero = write("copy", zero)
    inner = _body(body, dtype, tuple(rest), [x.type.dtype for x in slices])
    _, stacked = write.several(
        "scan", zero, *slices, body=inner, length=length, reverse=reverse, consts=0,
        carries=1,
    )  # fmt: skip
    back = [order.index(k) for k in range(ndim)]
    return write.moved(stacked, back)


def _body(
    body: Any, dtype: Any, shape: tuple[int, ...], dtypes: Sequence[Any]
) -> Graph:
    build = GraphBuilder()
    carry = build.input(ArrayType(shape, dtype))
    slices = [build.input(ArrayType(shape, d)) for d in dtypes]

    def write(name: str, *atoms: Atom, **params: Any) -> Var:
        row = lookup(name)
        assert row is not None
        return build.add(row, atoms, params)[0]

    result = body(write, carry, *slices)
    return build.finish([result, result])


@_expands("cumsum")
def _cumsum(write: Writer, equation: Equation) -> Atom | None:
    if equation.inputs[0].type.dtype != equation.outputs[0].type.dtype:
        return None
    return _running(write, equation, False, lambda write, c, x: write("add", c, x))


@_expands("recurrence")
def _recurrence(write: Writer, equation: Equation) -> Atom | None:
    a, b = equation.inputs
    if a.type != b.type or a.type.dtype.kind != "f":
        return None
    reverse = equation.params["reverse"]
    return _running(
        write, equation, reverse,
        lambda write, c, a, b: write("add", write("multiply", a, c), b),
    )  # fmt: skip


# ----- contraction -----


@_expands("einsum")
def _einsum(write: Writer, equation: Equation) -> Atom | None:
    """Write a contraction as products of matrices, from left to right."""
    inputs, output = equation.params["subscripts"].split("->")
    terms = inputs.split(",")
    atoms = list(equation.inputs)
    dtypes = {getattr(atom.type, "dtype", None) for atom in atoms}
    sizes: dict[str, int] = {}
    for term, atom in zip(terms, atoms, strict=True):
        if len(set(term)) != len(term) or not hasattr(atom.type, "shape"):
            return None
        for label, n in zip(term, atom.type.shape, strict=True):
            if sizes.setdefault(label, n) != n:
                return None
    if len(dtypes) != 1 or equation.outputs[0].type.dtype.kind != "f":
        return None
    # What stands in one operand only, and not in the output, is summed there.
    for k, term in enumerate(terms):
        others = set(output).union(*(t for j, t in enumerate(terms) if j != k))
        alone = tuple(i for i, label in enumerate(term) if label not in others)
        if alone:
            atoms[k] = write("sum", atoms[k], axes=alone, keepdims=False)
            terms[k] = "".join(label for label in term if label in others)
    while len(terms) > 1:
        rest = set(output).union(*terms[2:])
        atom, term = _product(write, atoms[:2], terms[:2], rest, sizes)
        atoms[:2], terms[:2] = [atom], [term]
    if len(terms[0]) != len(output):
        return None
    return write.moved(atoms[0], [terms[0].index(label) for label in output])


def _product(
    write: Writer,
    atoms: Sequence[Atom],
    terms: Sequence[str],
    kept: set[str],
    sizes: dict[str, int],
) -> tuple[Atom, str]:
    """Multiply two operands, and sum over what both have and nothing else needs."""
    (x, y), (a, b) = atoms, terms
    stack = [label for label in a if label in b and label in kept]
    inner = [label for label in a if label in b and label not in kept]
    rows = [label for label in a if label not in b]
    columns = [label for label in b if label not in a]

    def arranged(atom: Atom, term: str, *groups: list[str]) -> Atom:
        order = [label for group in groups for label in group]
        moved = write.moved(atom, [term.index(label) for label in order])
        shape = [math.prod(sizes[label] for label in group) for group in groups]
        return write.shaped(moved, shape)

    left = arranged(x, a, stack, rows, inner)
    right = arranged(y, b, stack, inner, columns)
    if inner:
        product: Atom = write("matmul", left, right)
    else:
        product = write("multiply", left, right)
    term = "".join([*stack, *rows, *columns])
    return write.shaped(product, [sizes[label] for label in term]), term
