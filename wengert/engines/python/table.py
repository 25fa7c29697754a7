"""How each primitive is written in Python: row → expression.

Ufuncs of NumPy and SciPy are written by their names. What stands in no table here is
written by the source of its row, as a function at the head of the module: see
`transplant`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.engines.python.fragments import (
    Fragment,
    call,
    index,
    infix,
    prefix,
    value,
)
from wengert.graph import ArrayType, Equation

__all__ = ["Writer", "expression", "key", "ufunc_name"]

Params = Mapping[str, Any]
# (operands, params, types of the inputs) → expression
Writer = Callable[[Sequence[Fragment], Params, Sequence[ArrayType]], Fragment]

INFIX = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**",
    "remainder": "%", "floor_divide": "//", "matmul": "@", "less": "<",
    "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==",
    "not_equal": "!=", "bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^",
    "left_shift": "<<", "right_shift": ">>",
}  # fmt: skip
PREFIX = {"negative": "-", "positive": "+", "invert": "~"}


def expression(
    equation: Equation, operands: Sequence[Fragment], types: Sequence[ArrayType]
) -> Fragment | None:
    """Write what an equation computes; None if the tables do not tell.

    Parameters
    ----------
    equation : Equation
    operands : sequence of Fragment
        Its inputs, as they are written.
    types : sequence of ArrayType
        Of the inputs.
    """
    name = equation.primitive.name
    if name in INFIX:
        return infix(INFIX[name], *operands)
    if name in PREFIX:
        return prefix(PREFIX[name], *operands)
    if name in WRITERS:
        written: Fragment = WRITERS[name](operands, equation.params, types)
        return written
    impl = equation.primitive.impl
    if isinstance(impl, np.ufunc):
        return call(ufunc_name(impl), operands)
    if getattr(impl, "__module__", "").startswith("scipy.special"):
        return call(f"special.{name}", operands)
    return None


def ufunc_name(ufunc: np.ufunc) -> str:
    """Write a ufunc by its name: `np.sin`, `special.erf`.

    Examples
    --------
    >>> ufunc_name(np.sin)
    'np.sin'
    """
    module = "np" if getattr(np, ufunc.__name__, None) is ufunc else "special"
    # Some are private, under a function of the same name that only calls them.
    return f"{module}.{ufunc.__name__.lstrip('_')}"


# ----- writers -----


def _method(name: str, *params: str) -> Writer:
    """Write `x.name(axis)`."""

    def write(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
        return call(f"{x[0].within(100)}.{name}", [value(p[key]) for key in params])

    return write


def _function(name: str, *params: str, **renamed: str) -> Writer:
    """Write `name(x, a, key=b)`, with params by position and by keyword."""

    def write(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
        keywords = {key: value(p[own]) for key, own in renamed.items()}
        return call(name, [*x, *(value(p[key]) for key in params)], **keywords)

    return write


def _reduction(name: str) -> Writer:
    """Write `x.sum(axis=0)`; no axis where all are meant."""

    def write(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
        axes, keywords = p["axes"], {}
        if len(axes) < len(types[0].shape):
            keywords["axis"] = value(axes[0] if len(axes) == 1 else axes)
        if p["keepdims"]:
            keywords["keepdims"] = value(True)
        return call(f"np.{name}", x, **keywords)

    return write


def _attribute(name: str) -> Writer:
    return lambda x, p, types: Fragment(f"{x[0].within(100)}.{name}")


def _sequence(name: str) -> Writer:
    """Write `name([x, y], axis=1)`."""

    def write(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
        listed = Fragment(f"[{', '.join(part.text for part in x)}]")
        keywords = {"axis": value(p["axis"])} if p["axis"] else {}
        return call(name, [listed], **keywords)

    return write


def _transpose(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
    if p["axes"] == (1, 0):
        return Fragment(f"{x[0].within(100)}.T")
    return call(f"{x[0].within(100)}.transpose", [value(p["axes"])])


def _getitem(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
    return index(x[0], key(p["index"], x[1:]))


def key(parts: Sequence[Any], indices: Sequence[Fragment]) -> str:
    """Write what stands between brackets: `1:, i, None`."""
    following = iter(indices)
    return ", ".join(_part(part, following) for part in parts) or "()"


def _part(part: Any, following: Any) -> str:
    if isinstance(part, str):
        return str(next(following).text)
    if not isinstance(part, slice):
        return value(part).text
    start, stop, step = (
        "" if bound is None else str(bound)
        for bound in (part.start, part.stop, part.step)
    )
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _shape_of(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
    return call(f"{x[0].within(100)}.reshape", [value(p["shape"])])


def _norm(x: Sequence[Fragment], p: Params, types: Any) -> Fragment | None:
    axes = p["axis"]
    keywords = {"keepdims": value(True)} if p["keepdims"] else {}
    if len(axes) == len(types[0].shape) == 1:
        return call("np.linalg.norm", x, **keywords)
    if len(axes) == 1:
        return call("np.linalg.norm", x, axis=value(axes[0]), **keywords)
    squares = infix("**", call("np.abs", x), value(2))
    return call("np.sqrt", [call("np.sum", [squares], axis=value(axes), **keywords)])


def _einsum(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
    keywords = {"optimize": value(True)} if len(x) > 2 else {}
    return call("np.einsum", [value(p["subscripts"]), *x], **keywords)


def _side(name: str) -> Writer:
    def write(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
        keywords = {"side": value("right")} if p["right"] else {}
        return call(name, x, **keywords)

    return write


def _cast(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
    of = x[0]
    if p["dtype"].kind != "c" and types[0].dtype.kind == "c":
        of = Fragment(f"{of.within(100)}.real")
    return call(f"{of.within(100)}.astype", [value(p["dtype"])])


def _roll(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
    shift, axis = (v[0] if len(v) == 1 else v for v in (p["shift"], p["axis"]))
    return call("np.roll", [x[0], value(shift)], axis=value(axis))


def _matrix_function(name: str, *params: str) -> Writer:
    """Write `linalg.logm(x)`: the real part, where x is real."""

    def write(x: Sequence[Fragment], p: Params, types: Any) -> Fragment:
        of = _function(f"linalg.{name}", *params)(x, p, types)
        dtype = types[0].dtype
        if dtype.kind != "c":
            of = call("np.real", [of])
        if dtype.itemsize == np.result_type(dtype, np.float64).itemsize:
            return of
        return call(f"{of.text}.astype", [value(dtype)])

    return write


def _component(of: str, number: int) -> Writer:
    return lambda x, p, types: index(call(of, x), str(number))


WRITERS: dict[str, Any] = {
    "absolute": _function("np.abs"),
    "sign": _function("np.sign"),
    "sinc": _function("np.sinc"),
    "where": _function("np.where"),
    "reshape": _shape_of,
    "transpose": _transpose,
    "broadcast_to": _function("np.broadcast_to", "shape"),
    "cast": _cast,
    "discretize": _method("astype", "dtype"),
    "copy": _method("copy"),
    "checkpoint_name": _method("copy"),
    "stop_gradient": lambda x, p, types: x[0],
    "real": _attribute("real"),
    "imag": _attribute("imag"),
    "getitem": _getitem,
    "gather": _getitem,
    "concatenate": _sequence("np.concatenate"),
    "stack": _sequence("np.stack"),
    "sum": _reduction("sum"),
    "prod": _reduction("prod"),
    "max": _reduction("max"),
    "min": _reduction("min"),
    "any": _reduction("any"),
    "all": _reduction("all"),
    "count_nonzero": lambda x, p, types: _reduction("sum")(
        [infix("!=", x[0], value(0))], p, types
    ),
    "cumsum": _function("np.cumsum", axis="axis"),
    "cumprod": _function("np.cumprod", axis="axis"),
    "sort": _function("np.sort", axis="axis"),
    "argsort": lambda x, p, types: call(
        "np.argsort", x, axis=value(p["axis"]), kind=value("stable")
    ),
    "argmax": _function("np.argmax", "axis", keepdims="keepdims"),
    "argmin": _function("np.argmin", "axis", keepdims="keepdims"),
    "searchsorted": _side("np.searchsorted"),
    "digitize": _function("np.digitize", right="right"),
    "round": _function("np.round", "decimals"),
    "isclose": _function("np.isclose", equal_nan="equal_nan"),
    "isin": _function("np.isin"),
    "lexsort": lambda x, p, types: call(
        "np.lexsort",
        [Fragment(f"({', '.join(key.text for key in x)},)")],
        axis=value(p["axis"]),
    ),
    "flip": _function("np.flip", axis="axis"),
    "roll": _roll,
    "norm2": _norm,
    "einsum": _einsum,
    "solve": _function("np.linalg.solve"),
    "inv": _function("np.linalg.inv"),
    "slogdet": _function("np.linalg.slogdet"),
    "cholesky": _function("np.linalg.cholesky"),
    "det": _function("np.linalg.det"),
    "pinv": _function("np.linalg.pinv", "rcond"),
    "rfft": _function("np.fft.rfft", axis="axis", norm="norm"),
    "irfft": _function("np.fft.irfft", "n", "axis", "norm"),
    "convolve": _function("np.convolve"),
    "overlap": lambda x, p, types: call("np.convolve", [*x, value("valid")]),
    "binary_exponent": _component("np.frexp", 1),
    "polar": _function("linalg.polar"),
    "expm": _matrix_function("expm"),
    "logm": _matrix_function("logm"),
    "signm": _matrix_function("signm"),
    "sqrtm": _matrix_function("sqrtm"),
    "fractional_matrix_power": _matrix_function("fractional_matrix_power", "t"),
    "becomes_complex": lambda x, p, types: call(
        "np.iscomplexobj", [call(f"linalg.{p['function']}", x)]
    ),
}
