"""The table of difference schemes: which points, which weights, which order.

Every scheme with real steps is a sum of differences of two values,

    D(h) = 1/h · Σ w·(φ(a·h) − φ(b·h)),        φ(t) = f(x + t·v),

with b = −a for the central schemes and b = 0 for the one-sided ones. Written so, the
subtraction of nearby values is exact (Sterbenz) and comes before any rounded weight.
Its error is

    D(h) − φ'(0) = C·φ⁽ᵖ⁺¹⁾·hᵖ + … ,        p the order, C the truncation constant,

The complex step Im φ(ih)/h subtracts nothing, so that h may be as small as one likes;
it asks that f be real analytic and accept complex numbers.

References
----------
.. [1] W. Squire and G. Trapp (1998), Using complex variables to estimate derivatives
   of real functions, SIAM Review 40(1), 110–112.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, factorial
from typing import Any

import numpy.typing as npt

from wengert.errors import ArgumentError

__all__ = ["SCHEMES", "Array", "Scheme", "difference", "find_scheme"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Scheme:
    """Say how values of φ become a derivative.

    Parameters
    ----------
    name : str
        What the caller writes.
    order : int
        p, where the error falls like stepᵖ.
    terms : tuple of (weight, a, b)
        One difference φ(a·h) − φ(b·h) each; empty for the complex step.
    side : {-1, 0, 1}
        Points taken from the left only, from both sides, from the right only.
    extrapolated : bool
        Whether the differences are a column of Ridders' table, not the result.
    """

    name: str
    order: int
    terms: tuple[tuple[float, float, float], ...]
    side: int = 0
    extrapolated: bool = False

    @property
    def imaginary(self) -> bool:
        """Tell whether this is the complex step."""
        return not self.terms

    @property
    def offsets(self) -> tuple[float, ...]:
        """List the points, in units of the step, each once."""
        return tuple({t: None for _, a, b in self.terms for t in (a, b)})

    @property
    def amplification(self) -> float:
        """Give Σ 2|w|: rounding errors u|f| of the values reach D(h) times this / h."""
        return sum(2.0 * abs(weight) for weight, _, _ in self.terms)

    @property
    def truncation(self) -> float:
        """Give |C| of the leading error C·φ⁽ᵖ⁺¹⁾·hᵖ."""
        if self.imaginary:
            return 1.0 / 6.0
        power = self.order + 1
        moment = sum(w * (a**power - b**power) for w, a, b in self.terms)
        return abs(moment) / factorial(power)

    @property
    def stride(self) -> int:
        """Give the spacing of powers of h in the error series: 2 without odd ones."""
        return 1 if self.side else 2


def _central(order: int) -> tuple[tuple[float, float, float], ...]:
    n = order // 2
    # The weights that make the stencil exact for polynomials of degree 2n.
    weights = [
        (-1) ** (k + 1) * factorial(n) ** 2 / (k * factorial(n - k) * factorial(n + k))
        for k in range(1, n + 1)
    ]
    return tuple((w, float(k), float(-k)) for k, w in enumerate(weights, 1))


def _one_sided(order: int, side: int) -> tuple[tuple[float, float, float], ...]:
    return tuple(
        (side * (-1) ** (k + 1) * comb(order, k) / k, float(side * k), 0.0)
        for k in range(1, order + 1)
    )


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme("forward", 1, _one_sided(1, +1), side=+1),
        Scheme("forward2", 2, _one_sided(2, +1), side=+1),
        Scheme("forward4", 4, _one_sided(4, +1), side=+1),
        Scheme("backward", 1, _one_sided(1, -1), side=-1),
        Scheme("backward2", 2, _one_sided(2, -1), side=-1),
        Scheme("backward4", 4, _one_sided(4, -1), side=-1),
        Scheme("central", 2, _central(2)),
        Scheme("central4", 4, _central(4)),
        Scheme("central6", 6, _central(6)),
        Scheme("central8", 8, _central(8)),
        Scheme("complex", 2, ()),
        Scheme("ridders", 2, _central(2), extrapolated=True),
        Scheme("ridders_forward", 1, _one_sided(1, +1), side=+1, extrapolated=True),
        Scheme("ridders_backward", 1, _one_sided(1, -1), side=-1, extrapolated=True),
    )
}
"""Every scheme by its name."""

# Other names that the field uses.
_ALIASES = {
    "central2": "central",
    "complex_step": "complex",
    "richardson": "ridders",
}


def find_scheme(name: str) -> Scheme:
    """Look a scheme up by its name; "richardson" and "complex_step" are known too.

    Raises
    ------
    ArgumentError
        Where there is no scheme of this name.

    Examples
    --------
    >>> find_scheme("central4").terms
    ((0.6666666666666666, 1.0, -1.0), (-0.08333333333333333, 2.0, -2.0))
    """
    try:
        return SCHEMES[_ALIASES.get(name, name)]
    except (KeyError, TypeError):
        raise ArgumentError(
            f"there is no difference scheme {name!r}; choose one of: "
            + ", ".join(SCHEMES)
        ) from None


def difference(line: Callable[[complex], Array], scheme: Scheme, step: float) -> Array:
    """Difference a curve at 0 by one scheme with one step.

    Parameters
    ----------
    line : callable
        φ, from a real number (imaginary, for the complex step) to an array (m,).
    scheme : Scheme
    step : float
        h > 0.

    Returns
    -------
    array (m,)

    Cost
    ----
    One evaluation per offset: forward 2, central 2, central8 8, complex 1.

    Examples
    --------
    >>> import numpy as np
    >>> difference(lambda t: np.array([t**2 + 3 * t]), find_scheme("central"), 0.5)
    array([3.])
    """
    if scheme.imaginary:
        imaginary: Array = line(1j * step).imag / step
        return imaginary
    values = {t: line(t * step) for t in scheme.offsets}
    first, *others = (w * (values[a] - values[b]) for w, a, b in scheme.terms)
    return sum(others, start=first) / step
