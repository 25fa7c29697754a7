"""Each polynomial of the native kernels is its telescoped Taylor series."""

from fractions import Fraction
from math import factorial

import pytest

from wengert.engines.llvm import polynomials

# A little more than the interval's end: ln(2)/2, (√2 − 1)⁴ and (π/4)².
HALF_LN2 = Fraction(34658, 100_000)
ATANH = Fraction(29438, 1_000_000)
QUARTER_PI = Fraction(61686, 100_000)


def chebyshev(degree):
    """List the coefficients of T_0 … T_degree."""
    found = [[Fraction(1)], [Fraction(0), Fraction(1)]]
    while len(found) <= degree:
        last, before = found[-1], found[-2] + [Fraction(0)] * 2
        found.append(
            [2 * up - low for up, low in zip([Fraction(0), *last], before, strict=True)]
        )
    return found


def substituted(coefficients, shift, scale):
    """Write p(shift + scale·t) in powers of t."""
    result = [Fraction(0)]
    for coefficient in reversed(coefficients):
        times_shift = [shift * c for c in result] + [Fraction(0)]
        times_scale = [Fraction(0)] + [scale * c for c in result]
        result = [a + b for a, b in zip(times_shift, times_scale, strict=True)]
        result[0] += coefficient
    return result[: len(coefficients)]


def telescoped(series, low, high, degree):
    middle, half = (low + high) / 2, (high - low) / 2
    taylor = [series(k) for k in range(degree + 16)]
    terms = substituted(taylor, middle, half)
    basis = chebyshev(len(terms) - 1)
    for top in range(len(terms) - 1, degree, -1):
        factor = terms[top] / basis[top][top]
        for power, coefficient in enumerate(basis[top]):
            terms[power] -= factor * coefficient
    kept = substituted(terms[: degree + 1], -middle / half, 1 / half)
    return tuple(float(c) for c in kept)


def alternating(k, above):
    return Fraction((-1) ** k, factorial(2 * k + above))


SERIES = {
    "EXPONENTIAL": (lambda k: Fraction(1, factorial(k + 2)), -HALF_LN2, HALF_LN2),
    "LOGARITHM": (lambda k: Fraction(2, 2 * k + 3), Fraction(0), ATANH),
    "LOGARITHM_TAIL": (lambda k: Fraction(1, 2 * k + 5), Fraction(0), ATANH),
    "SINE": (lambda k: -alternating(k, 3), Fraction(0), QUARTER_PI),
    "COSINE": (lambda k: alternating(k, 4), Fraction(0), QUARTER_PI),
}


@pytest.mark.parametrize("name", SERIES)
def test_coefficients_are_the_telescoped_series(name):
    stated = getattr(polynomials, name)
    assert stated == telescoped(*SERIES[name], len(stated) - 1)
