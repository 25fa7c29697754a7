"""Values as a lecture shows them: four digits of a number, shape and norm of arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.graph.types import ArrayType
from wengert.trace.tracer import Tracer

__all__ = [
    "MINUS",
    "as_number",
    "is_always",
    "show_literal",
    "show_number",
    "show_value",
]

MINUS = "−"
_FULL = 4  # elements of a vector that is written out
_EXACT = 1e6  # whole numbers below it are written without an exponent


def is_always(value: Any, number: float) -> bool:
    """Tell whether a number, or every element, is this one; a symbol never is."""
    return not isinstance(value, Tracer) and bool(np.all(np.equal(value, number)))


def as_number(value: Any) -> Any:
    """Give a Python number NumPy's dtype; leave arrays and symbols as they are."""
    return value if isinstance(value, Tracer) else np.asarray(value)[()]


def show_number(value: Any, digits: int = 4) -> str:
    """Write a number with so many significant digits.

    Examples
    --------
    >>> show_number(11.652071), show_number(-0.00012345678), show_number(85.0)
    ('11.65', '−0.0001235', '85')
    >>> show_number(1.5e-300), show_number(-1e20), show_number(1 - 2j)
    ('1.5e−300', '−1e20', '1 − 2i')
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if np.iscomplexobj(value):
        imaginary = show_number(value.imag, digits)
        sign = MINUS if imaginary.startswith(MINUS) else "+"
        return f"{show_number(value.real, digits)} {sign} {imaginary.lstrip(MINUS)}i"
    number = float(value)
    if number == 0:
        return "0"
    if math.isfinite(number) and number == round(number) and abs(number) < _EXACT:
        return str(round(number)).replace("-", MINUS)
    mantissa, mark, exponent = f"{number:.{digits}g}".partition("e")
    if mark:
        mantissa += f"e{int(exponent)}"
    return mantissa.replace("-", MINUS)


def show_literal(value: Any) -> str:
    """Write a number of a formula: as it is, where that is short.

    Examples
    --------
    >>> show_literal(0.125), show_literal(2.0), show_literal(3.141592653589793)
    ('0.125', '2', '3.14159')
    """
    return show_number(value, 6)


def show_value(value: Any, digits: int = 4) -> str:
    """Write a number, a short vector, or shape and Euclidean norm of an array.

    Examples
    --------
    >>> show_value(np.array([1.0, -0.5])), show_value(np.full((10, 10), 0.25))
    ('[1, −0.5]', 'f64[10,10]  ‖·‖ = 2.5')
    >>> show_value(np.arange(9))
    'i64[9]'
    """
    if isinstance(value, Tracer):  # a symbol: see wengert.symbolic
        return " ".join(str(value).split()).replace("-", MINUS)
    if np.ndim(value) == 0:
        return show_number(np.asarray(value)[()], digits)
    if value.ndim == 1 and 0 < value.size <= _FULL:
        return f"[{', '.join(show_number(v, digits) for v in value)}]"
    described = repr(ArrayType.of(value))
    if value.dtype.kind not in "fc" or value.size == 0:
        return described
    with np.errstate(all="ignore"):
        norm = np.sqrt(np.sum(np.square(np.abs(value))))
    return f"{described}  ‖·‖ = {show_number(norm, digits)}"
