"""Numbers of a program as the exact numbers that they stand for, and back.

A program's 0.5 is a half, its 0.333…33 a third, its 3.14159… π: a float is read as the
simplest number that rounds to it, and as itself where there is none.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

__all__ = ["DENOMINATOR", "exact", "number"]

# A denominator up to this is a fraction that somebody wrote.
DENOMINATOR = 1000
# Of multiples of an irrational number smaller ones, for there are more coincidences.
_SMALL = 100
_LOGARITHM = 5.0
# A chance of 1 in 10⁹ to take a random number for a fraction.
_PLACES = 4
_UNITS = (
    (math.pi, sympy.pi),
    (1 / math.pi, 1 / sympy.pi),
    (math.log(2), sympy.log(2)),
    (math.log(10), sympy.log(10)),
    (math.e, sympy.E),
)
_SQUARES = ((1.0, sympy.Integer(1)), (math.pi, sympy.pi), (1 / math.pi, 1 / sympy.pi))


def exact(value: Any) -> Any:
    """Give the SymPy number, or truth value, that a program's number stands for.

    Parameters
    ----------
    value : number, truth value or SymPy expression

    Examples
    --------
    >>> exact(2.0), exact(0.1), exact(1 / 3), exact(np.pi / 2), exact(np.sqrt(2))
    (2, 1/10, 1/3, pi/2, sqrt(2))
    >>> float(exact(0.123456789))
    0.123456789
    """
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, sympy.Basic):
        return value
    if isinstance(value, bool):
        return sympy.true if value else sympy.false
    if isinstance(value, int):
        return sympy.Integer(value)
    if isinstance(value, complex):
        return exact(value.real) + sympy.I * exact(value.imag)
    if math.isnan(value):
        return sympy.nan
    if math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return -_positive(-value) if value < 0 else _positive(value)


def _positive(value: float) -> Any:
    if value == int(value) and value < 2**53:
        return sympy.Integer(int(value))
    fraction = _fraction(value, DENOMINATOR)
    if fraction is not None:
        return fraction
    for unit, symbol in _UNITS:
        fraction = _fraction(value / unit, _SMALL)
        if fraction is not None:
            return fraction * symbol
    for unit, symbol in _SQUARES:
        square = _fraction(value * value / unit, _SMALL)
        if square is not None:
            return sympy.sqrt(square * symbol)
    if value < _LOGARITHM:
        power = _fraction(math.exp(value), _SMALL)
        if power is not None:
            return sympy.log(power)
    return sympy.Float(value, 17)


def _fraction(value: float, limit: int) -> Any:
    """Give p/q where that is the value, up to the last places of some products."""
    if not 1e-6 < value < 1e6:
        return None
    found = Fraction(value).limit_denominator(limit)
    if abs(float(found) - value) > _PLACES * np.spacing(value):
        return None
    return sympy.Rational(found.numerator, found.denominator)


def number(value: Any) -> Any:
    """Give the Python number of a SymPy number: an int, a float or a complex.

    Examples
    --------
    >>> number(sympy.Rational(1, 4)), number(sympy.Integer(3)), number(sympy.pi)
    (0.25, 3, 3.141592653589793)
    """
    if value is sympy.true or value is sympy.false:
        return bool(value)
    if value.is_Integer:
        return int(value)
    if value.is_real is False and value.is_finite is not False:
        return complex(value)
    return float(value)
