"""How long a step: the truncation error against the rounding error.

Each value of f carries a rounding error of about u|f|, u the unit roundoff, and the
difference divides it by the step δ; the rest of the Taylor series adds a truncation
error that falls with δ. For the forward difference, with L ≥ ½|f''| near x,

    error(δ) ≈ L·δ + 2u|f|/δ,    least near   δ = √(2u|f|/L),

where it is 2√(2u|f|L): half of the digits are lost, whatever one does. On logarithmic
axes the error is a V. In general, for a scheme of order p with truncation constant C,
weights w and a bound M ≥ |f⁽ᵖ⁺¹⁾|,

    error(δ) ≈ C·M·δᵖ + W·u|f|/δ,    W = Σ 2|w|,
    least near   δ = (W·u|f| / (p·C·M))^(1/(p+1)),

of which the first is the case p = 1, L = C·M = M/2, W = 2. A higher order moves the
bottom of the V to a longer step and a smaller error, about u^(p/(p+1)).

References
----------
.. [1] J. J. Moré and S. M. Wild (2011), Estimating computational noise, SIAM Journal on
   Scientific Computing 33(3), 1292–1314.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, isfinite, log2
from typing import Literal

import numpy as np
import numpy.typing as npt

from wengert.errors import ArgumentError
from wengert.numeric.schemes import Array, Scheme, find_scheme

__all__ = [
    "Step",
    "default_step",
    "error_bound",
    "line_noise",
    "optimal_step",
    "power_of_two",
    "starting_step",
    "unit_roundoff",
    "valid_step",
]

Step = float | Literal["automatic"] | None
"""A length; or found from the noise of f; or from the scheme and the dtype alone."""


def unit_roundoff(dtype: npt.DTypeLike) -> float:
    """Give u, half the distance from 1 to the next number of a floating dtype.

    Examples
    --------
    >>> unit_roundoff(np.float32) == 2.0**-24
    True
    """
    return float(np.finfo(dtype).eps) / 2


def power_of_two(length: float) -> float:
    """Round a length to a power of two, so that adding it to x rarely rounds."""
    return float(2.0 ** round(log2(length)))


def error_bound(
    step: npt.ArrayLike,
    magnitude: float = 1.0,
    bound: float = 1.0,
    scheme: str = "forward",
    dtype: npt.DTypeLike = np.float64,
) -> Array:
    """Bound the error of a difference: C·M·δᵖ + W·u|f|/δ, the V-shaped curve.

    Parameters
    ----------
    step : float or array (k,)
        δ.
    magnitude : float
        |f| near x.
    bound : float
        M, a bound of |f⁽ᵖ⁺¹⁾| near x, p the scheme's order: |f''| for "forward".
    scheme : str
        A name of `SCHEMES` with real steps.
    dtype : floating dtype
        What f computes in.

    Returns
    -------
    array of the shape of `step`, float64

    Raises
    ------
    ArgumentError
        For an unknown scheme.

    Cost
    ----
    No evaluation of f.

    Examples
    --------
    Shorter than best is worse, and so is longer:

    >>> best = optimal_step(magnitude=1.0, bound=1.0)
    >>> v = error_bound([best / 100, best, best * 100])
    >>> bool(v[0] > 10 * v[1] and v[2] > 10 * v[1])
    True
    """
    found = find_scheme(scheme)
    delta = np.asarray(step, dtype=np.float64)
    rounding = found.amplification * unit_roundoff(dtype) * magnitude / delta
    return np.asarray(found.truncation * bound * delta**found.order + rounding)


def optimal_step(
    magnitude: float = 1.0,
    bound: float = 1.0,
    scheme: str = "forward",
    dtype: npt.DTypeLike = np.float64,
) -> float:
    """Give the step of least `error_bound`: the bottom of the V.

    For the forward difference this is √(2u|f|/L) with L = M/2.

    Parameters
    ----------
    magnitude : float, positive
        |f| near x.
    bound : float, positive
        M, a bound of |f⁽ᵖ⁺¹⁾| near x, p the scheme's order: |f''| for "forward".
    scheme : str
        A name of `SCHEMES` with real steps.
    dtype : floating dtype
        What f computes in.

    Returns
    -------
    float

    Raises
    ------
    ArgumentError
        For an unknown scheme, the complex step (whose error has no bottom), or a
        magnitude or bound that is not positive and finite.

    Cost
    ----
    No evaluation of f.

    Examples
    --------
    >>> u = 2.0**-53
    >>> bool(np.isclose(optimal_step(3.0, 5.0), np.sqrt(2 * u * 3.0 / 2.5)))
    True
    """
    found = find_scheme(scheme)
    if found.imaginary:
        raise ArgumentError(
            "the complex step has no optimal length: its rounding error does not grow "
            "as the step shrinks; use default_step('complex')"
        )
    for name, value in (("magnitude", magnitude), ("bound", bound)):
        if not (isfinite(value) and value > 0):
            raise ArgumentError(f"{name} must be positive and finite, not {value!r}")
    return _bottom(found, unit_roundoff(dtype) * magnitude / bound, derivative=1)


def _bottom(scheme: Scheme, relative_noise: float, derivative: int) -> float:
    # Minimise C·h^p + Wᵈ·ε/h^d over h.
    order = scheme.order
    rounding = derivative * scheme.amplification**derivative * relative_noise
    slope: float = rounding / (order * scheme.truncation)
    return float(slope ** (1 / (order + derivative)))


def default_step(
    scheme: str = "central",
    dtype: npt.DTypeLike = np.float64,
    derivative: Literal[1, 2] = 1,
) -> float:
    """Choose a step from the scheme and the dtype alone, as if |f| ≈ |f⁽ᵖ⁺¹⁾|.

    Parameters
    ----------
    scheme : str
        A name of `SCHEMES`; for the extrapolated ones, the longest step of the table.
    dtype : floating dtype
        What f computes in.
    derivative : {1, 2}
        First differences, or differences of differences (Hessians).

    Returns
    -------
    float
        A power of two, to be multiplied by the size of x where that exceeds 1.

    Raises
    ------
    ArgumentError
        For an unknown scheme.

    Cost
    ----
    No evaluation of f.

    Examples
    --------
    >>> default_step("forward") == 2.0**-26
    True
    >>> default_step("central") < default_step("central4") < default_step("central8")
    True
    """
    return starting_step(find_scheme(scheme), unit_roundoff(dtype), derivative)


def starting_step(scheme: Scheme, roundoff: float, derivative: int = 1) -> float:
    """Choose as `default_step` does, from a scheme and a unit roundoff."""
    if scheme.extrapolated:
        # Long enough that the table starts on its right side, short enough to stay
        # within the radius of convergence of the common functions at common points.
        return 2.0**-3
    if scheme.imaginary:
        # Its square must vanish against 1; it must not underflow against small f'.
        return power_of_two(roundoff**1.25)
    return power_of_two(_bottom(scheme, roundoff, derivative))


def valid_step(step: Step) -> Step:
    """Pass a step on if it is one.

    Raises
    ------
    ArgumentError
        Unless it is a positive finite number, "automatic" or None.
    """
    if step is None or (isinstance(step, str) and step == "automatic"):
        return step
    if isinstance(step, (float, int, np.floating, np.integer)):
        if not isinstance(step, bool) and isfinite(step) and step > 0:
            return float(step)
    raise ArgumentError(
        f"step must be a positive finite number, 'automatic' or None, not {step!r}"
    )


_SAMPLES = 9


# Samples that far apart show a coarser noise; and this is how far apart they may be.
_WIDER, _WIDEST = 2.0**5, 2.0**-5


def line_noise(line: Callable[[complex], Array], spacing: float, reach: float) -> Array:
    """Estimate the noise of a curve near 0 by Hamming's table of differences.

    Differences of order k of samples so close together remove what is smooth and
    leave what is not, whose standard deviation σ they multiply by √((2k)!)/k!. The
    first order is taken from which three estimates in a row agree within a factor 4,
    and at which the differences change sign; or else the least of all. Where most
    samples lie on a straight line to the last bit, as rounded values do that are close
    together, wider ones are taken.

    Parameters
    ----------
    line : callable
        φ, from a real number to an array (m,).
    spacing : float
        Between two samples, to begin with.
    reach : float
        A step that moves x by about its own size.

    Returns
    -------
    array (m,), real
        σ per component.

    Cost
    ----
    9 evaluations; where they lie on a line, up to 4 times 8 more.

    Examples
    --------
    >>> def rough(t):
    ...     return np.array([np.round((1.0 + t) ** 2, 5)])
    >>> bool(1e-6 < line_noise(rough, 2.0**-26, 1.0)[0] < 1e-5)
    True

    References
    ----------
    .. [1] J. J. Moré and S. M. Wild (2011), Estimating computational noise, SIAM
       Journal on Scientific Computing 33(3), 1292–1314.
    """
    sigma, stuck = _scatter(line, spacing)
    while np.any(stuck) and spacing * _WIDER <= reach * _WIDEST:
        spacing *= _WIDER
        wider, still = _scatter(line, spacing)
        # One kink among samples on lines is no noise: they are on lines still.
        sigma = np.where(stuck & ~still, np.maximum(wider, sigma), sigma)
        stuck = stuck & still
    return sigma


def _scatter(
    line: Callable[[complex], Array], spacing: float
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Give the noise that samples show, and whether they lie on a line."""
    middle = _SAMPLES // 2
    table = np.stack([line((j - middle) * spacing) for j in range(_SAMPLES)])
    stuck = np.mean(np.diff(table, 2, axis=0) == 0, axis=0) > 0.3
    deviations, changes = [], []
    for order in range(1, _SAMPLES - 1):
        table = np.diff(table, axis=0)
        mean_square = np.mean(np.abs(table) ** 2, axis=0)
        deviations.append(np.sqrt(mean_square / comb(2 * order, order)))
        parts = np.stack([table.real, table.imag])
        changes.append(((parts.min(axis=1) < 0) & (parts.max(axis=1) > 0)).any(axis=0))
    # Where no order qualifies, the least: what is smooth falls from order to order.
    sigma = np.nan_to_num(np.min(deviations, axis=0))
    for k in reversed(range(len(deviations) - 2)):
        three = np.stack(deviations[k : k + 3])
        agree = (three.max(axis=0) <= 4 * three.min(axis=0)) & changes[k]
        sigma = np.where(agree, deviations[k], sigma)
    return sigma, stuck
