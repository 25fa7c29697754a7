"""Distribution functions of counts: binomial, negative binomial, Poisson; the binomial
coefficient; Kolmogorov's limit.

Counts are rounded down by SciPy, so that the derivative in them is zero.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.axes import typed
from wengert.primitives.bessel import orders
from wengert.primitives.forms import elementwise
from wengert.primitives.gamma import betainc_partial
from wengert.primitives.samplers import reals

__all__: list[str] = []

# SciPy warns of a number of trials that is no integer by its dtype.
_TRIALS = orders((0, np.int64(2)), (2, np.int64(5)), low=0.2, high=0.8)
_GAMMA, _BETA = "DLMF 8.2(i)", "DLMF 8.17(i)"


def poisson_mass(k: Any, m: Any) -> Any:
    """Give exp(−m)·mᵏ/k!, of k rounded down."""
    k = np.floor(typed(k, m.dtype))
    return np.exp(special.xlogy(k, m) - m - special.gammaln(k + 1))


def binomial_slope(k: Any, n: Any, p: Any) -> Any:
    """Give the derivative in p of the probability of more than k successes in n."""
    k, n = np.floor(typed(k, p.dtype)), np.trunc(typed(n, p.dtype))
    certain = k >= n
    free = np.where(certain, 1, n - k)
    return np.where(certain, 0, betainc_partial(None, k + 1, free, p))


def negative_slope(k: Any, n: Any, p: Any) -> Any:
    """Give the derivative in p of the probability of at most k failures before n
    successes."""
    k, n = np.floor(typed(k, p.dtype)), np.trunc(typed(n, p.dtype))
    return betainc_partial(None, n, k + 1, p)


binom = elementwise(
    "binom", special.binom, dtypes="f",
    partials=[lambda y, n, k: y * (special.psi(n + 1) - special.psi(n - k + 1)),
              lambda y, n, k: y * (special.psi(n - k + 1) - special.psi(k + 1))],
    sample=reals((3.2, 4.8), (0.3, 1.7)), ref="DLMF 5.2(i)",
)  # fmt: skip
pdtr = elementwise(
    "pdtr", special.pdtr, dtypes="f",
    partials=[None,
              lambda _, k, m: -poisson_mass(k, m)],
    sample=orders((0,), (2,), low=0.5, high=3), ref=_GAMMA,
)  # fmt: skip
pdtrc = elementwise(
    "pdtrc", special.pdtrc, dtypes="f",
    partials=[None,
              lambda _, k, m: poisson_mass(k, m)],
    sample=orders((0,), (2,), low=0.5, high=3), ref=_GAMMA,
)  # fmt: skip
pdtri = elementwise(
    "pdtri", special.pdtri, dtypes="f",
    partials=[None,
              lambda m, k, _y: -1 / poisson_mass(k, m)],
    sample=orders((0,), (2,), low=0.2, high=0.8), ref=_GAMMA,
)  # fmt: skip
bdtr = elementwise(
    "bdtr", special.bdtr, dtypes="f",
    partials=[None,
              None,
              lambda _, k, n, p: -binomial_slope(k, n, p)],
    sample=_TRIALS, ref=_BETA,
)  # fmt: skip
bdtrc = elementwise(
    "bdtrc", special.bdtrc, dtypes="f",
    partials=[None,
              None,
              lambda _, k, n, p: binomial_slope(k, n, p)],
    sample=_TRIALS, ref=_BETA,
)  # fmt: skip
bdtri = elementwise(
    "bdtri", special.bdtri, dtypes="f",
    partials=[None,
              None,
              lambda p, k, n, _y: -1 / binomial_slope(k, n, p)],
    sample=_TRIALS, ref=_BETA,
)  # fmt: skip
nbdtr = elementwise(
    "nbdtr", special.nbdtr, dtypes="f",
    partials=[None,
              None,
              lambda _, k, n, p: negative_slope(k, n, p)],
    sample=_TRIALS, ref=_BETA,
)  # fmt: skip
nbdtrc = elementwise(
    "nbdtrc", special.nbdtrc, dtypes="f",
    partials=[None,
              None,
              lambda _, k, n, p: -negative_slope(k, n, p)],
    sample=_TRIALS, ref=_BETA,
)  # fmt: skip
nbdtri = elementwise(
    "nbdtri", special.nbdtri, dtypes="f",
    partials=[None,
              None,
              lambda p, k, n, _y: 1 / negative_slope(k, n, p)],
    sample=_TRIALS, ref=_BETA,
)  # fmt: skip

# ----- Kolmogorov: 2·Σ (−1)ᵏ⁻¹·exp(−2k²y²), for small y by Jacobi's other series -----


def kolmogorov_slope(y: Any) -> Any:
    """Give the derivative of Kolmogorov's survival function, where y > 0."""
    small, positive = y < 0.8, y > 0.04
    near = np.where(small & positive, y, 0.8)
    far = np.where(small, 0.8, y)
    tail: Any = 0
    head: Any = 0
    for k in range(1, 8):
        tail = tail + (-1) ** k * (8 * k * k) * far * np.exp(-2 * k * k * far * far)
        rate = (2 * k - 1) ** 2 * math.pi**2 / 4
        square = near * near
        # Of √(2π)/y·exp(−rate/2y²), a term of what is missing to 1.
        head = head + np.exp(-rate / (2 * square)) * (1 - rate / square) / square
    head = np.where(positive, math.sqrt(2 * math.pi) * head, 0)
    return np.where(small, head, tail)


kolmogorov = elementwise(
    "kolmogorov", special.kolmogorov, dtypes="f",
    partials=[lambda _, y: kolmogorov_slope(y)],
    sample=reals(0.4, 1.5), ref="",
)  # fmt: skip
kolmogi = elementwise(
    "kolmogi", special.kolmogi, dtypes="f",
    partials=[lambda y, _p: 1 / kolmogorov_slope(y)],
    sample=reals(0.1, 0.9), ref="",
)  # fmt: skip
