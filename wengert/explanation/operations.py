"""From a primitive and the formulas of its inputs to the formula of its output.

What a row's `symbol` says is enough for most: an infix operator, or a name to put in
front. Here stand the few that paper writes in a way of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.explanation.formula import (
    Call,
    Formula,
    Infix,
    Item,
    Matrix,
    Modulus,
    Negated,
    Number,
    Power,
    Product,
    Root,
    Sum,
    Symbol,
    Transposed,
    negated,
    power,
    product,
    quotient,
    total,
)
from wengert.graph.primitive import Primitive
from wengert.graph.types import ArrayType, dtype_name
from wengert.primitives.indexing import ARRAY

__all__ = ["call_name", "index_parts", "operation", "parameters"]

Inputs = Sequence[Formula]

_PAPER: dict[str, Callable[..., Formula]] = {
    "add": total,
    "subtract": lambda a, b: total(a, negated(b)),
    "negative": negated,
    "positive": lambda a: a,
    "multiply": product,
    "scale": product,
    "divide": quotient,
    "reciprocal": lambda a: quotient(Number(1), a),
    "square": lambda a: power(a, Number(2)),
    "power": power,
    "exp": lambda a: power(Symbol("e"), a),
    "exp2": lambda a: power(Number(2), a),
    "sqrt": Root,
    "absolute": Modulus,
    "fabs": Modulus,
    "copy": lambda a: a,
}
_UNTIDY: dict[str, Callable[..., Formula]] = {
    "add": lambda a, b: Sum((a, b)),
    "subtract": lambda a, b: Sum((a, Negated(b))),
    "multiply": lambda a, b: _signed(a, lambda a: Product((a, b))),
    "scale": lambda a, b: _signed(a, lambda a: Product((a, b))),
    "divide": lambda a, b: _signed(a, lambda a: Product((a,), (b,))),
    "power": Power,
}


def operation(
    row: Primitive,
    x: Inputs,
    types: Sequence[Any],
    params: Mapping[str, Any],
    tidy: bool = True,
) -> Formula:
    """Write what a primitive does to its inputs.

    Parameters
    ----------
    row : Primitive
    x : sequence of Formula
    types : sequence of ArrayType or Python number
        Of the inputs.
    params : mapping
    tidy : bool
        Whether `1·x` may be written as `x`; a line of the program is written as it is.

    Examples
    --------
    >>> import wengert.primitives
    >>> from wengert.explanation.notation import PLAIN
    >>> from wengert.graph import ArrayType, lookup
    >>> v, f64 = Symbol("v₀"), ArrayType((), np.dtype(float))
    >>> PLAIN.write(operation(lookup("log"), [v], [f64], {}))
    'ln v₀'
    """
    paper = _PAPER.get(row.name)
    if paper is not None and not tidy:
        paper = _UNTIDY.get(row.name, paper)
    if paper is not None:
        return paper(*x)
    match row.name:
        case "matmul":
            left = Transposed(x[0]) if _ndim(types[0]) == 1 else x[0]
            return Matrix((left, x[1]))
        case "transpose" if _ndim(types[0]) == 2:
            return Transposed(x[0])
        case "getitem" | "gather":
            return Item(x[0], index_parts(params["index"], x[1:]))
        case "cast" | "discretize":
            return Call(dtype_name(params["dtype"]), tuple(x))
    if len(x) == 2 and _is_operator(row.symbol):
        return Infix(row.symbol, *x)
    return Call(call_name(row), tuple(x), tuple(parameters(params, types)))


def call_name(row: Primitive) -> str:
    """Name a primitive as a formula does that puts its name in front."""
    return row.symbol or row.name


def parameters(params: Mapping[str, Any], types: Sequence[Any]) -> Iterator[str]:
    """Write the parameters that tell the reader something: `axis=0`, `(2, 3)`.

    Examples
    --------
    >>> matrix = ArrayType((2, 3), np.dtype(float))
    >>> list(parameters({"axes": (0,), "keepdims": False}, [matrix]))
    ['axis=0']
    >>> list(parameters({"axes": (0, 1), "keepdims": True}, [matrix]))
    ['keepdims=True']
    """
    for name, value in params.items():
        if value is False or value is None or name == "unique":
            continue
        if name == "axes" and value == tuple(range(_ndim(types[0]))):
            continue
        if name == "axes" and type(value) is tuple and len(value) == 1:
            name, value = "axis", value[0]
        if name == "index" and isinstance(value, tuple):
            parts = (p for p in index_parts(value, ()) if isinstance(p, str))
            yield f"[{''.join(parts)}]"
        elif name == "shape" and isinstance(value, tuple):
            yield str(tuple(value))
        elif isinstance(value, np.dtype):
            yield dtype_name(value)
        elif name == "branches":  # a tuple of Graphs
            yield f"{name}=…"
        elif isinstance(value, str | int | float | complex | tuple):
            yield f"{name}={value!r}" if not isinstance(value, str) else repr(value)
        else:
            yield f"{name}=…"


def index_parts(index: Any, arrays: Inputs) -> tuple[str | Formula, ...]:
    """Write what stands between the brackets of `x[...]`, index arrays as formulas.

    Examples
    --------
    >>> index_parts((slice(1, None), 0), ())
    ('1:', ', ', '0')
    """
    following = iter(arrays)
    parts: list[str | Formula] = []
    for part in index:
        if parts:
            parts.append(", ")
        if isinstance(part, slice):
            parts.append(_slice(part))
        elif part is Ellipsis:
            parts.append("…")
        elif isinstance(part, str) and part == ARRAY:
            parts.append(next(following, Symbol("…")))
        else:
            parts.append(str(part))
    return tuple(parts)


def _signed(a: Formula, write: Callable[[Formula], Formula]) -> Formula:
    """Write the sign of a leading number in front: `−2·v₀`."""
    return Negated(write(a.of)) if isinstance(a, Negated) else write(a)


def _slice(part: slice) -> str:
    start, stop, step = (
        "" if p is None else str(p) for p in (part.start, part.stop, part.step)
    )
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _ndim(type_: Any) -> int:
    return type_.ndim if isinstance(type_, ArrayType) else 0


def _is_operator(symbol: str) -> bool:
    return symbol == "mod" or (bool(symbol) and not symbol[0].isalpha())
