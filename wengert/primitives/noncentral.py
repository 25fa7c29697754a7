"""Noncentral distributions: χ², F and t, and their inverses, in all but the degrees of
freedom. Each is a mixture of central ones by Poisson's weights.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.axes import result_dtype, typed
from wengert.primitives.bessel import refused
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import mixed

__all__: list[str] = []

_DF = "the degrees of freedom df"
_BESSEL, _KUMMER = "DLMF 10.25(ii)", "DLMF 13.2(i)"

# ----- χ²: ∂F/∂nc is the density with two degrees of freedom more, negative -----


def chi2_density(df: Any, nc: Any, x: Any) -> Any:
    """Give the density of noncentral χ²; by ₀F₁, which holds at nc = 0, or where that
    would overflow by the scaled Bessel function."""
    df = typed(df, result_dtype(x, nc))
    product = nc * x
    large = product > 100
    half = df / 2
    near = np.where(large, 0, product)
    front = special.xlogy(half - 1, x / 2) - (x + nc) / 2 - special.gammaln(half)
    series = np.exp(front) / 2 * special.hyp0f1(half, near / 4)
    x, nc = np.where(large, x, 1), np.where(large, nc, 1)
    power = (half - 1) / 2 * np.log(x / nc) - np.square(np.sqrt(x) - np.sqrt(nc)) / 2
    return np.where(
        large, np.exp(power) * special.ive(half - 1, np.sqrt(nc * x)) / 2, series
    )


chndtr = elementwise(
    "chndtr", special.chndtr, dtypes="f",
    partials=[lambda _, x, df, nc: chi2_density(df, nc, x),
              refused("chndtr", _DF, 1),
              lambda _, x, df, nc: -chi2_density(df + 2, nc, x)],
    sample=mixed(((0.5, 3), 2, (0.5, 2)), ((0.5, 3), 3.5, (0.5, 2))), ref=_BESSEL,
)  # fmt: skip
chndtrix = elementwise(
    "chndtrix", special.chndtrix, dtypes="f",
    partials=[lambda x, _p, df, nc: 1 / chi2_density(df, nc, x),
              refused("chndtrix", _DF, 1),
              lambda x, _p, df, nc: (chi2_density(df + 2, nc, x)
                                     / chi2_density(df, nc, x))],
    sample=mixed(((0.2, 0.8), 3, (0.5, 2))), ref=_BESSEL,
)  # fmt: skip
chndtrinc = elementwise(
    "chndtrinc", special.chndtrinc, dtypes="f",
    partials=[lambda nc, x, df, _p: (chi2_density(df, nc, x)
                                     / chi2_density(df + 2, nc, x)),
              refused("chndtrinc", _DF, 1),
              lambda nc, x, df, _p: -1 / chi2_density(df + 2, nc, x)],
    sample=mixed(((4, 5), 3, (0.2, 0.4))), ref=_BESSEL,
)  # fmt: skip

# ----- F: of y = n·x/(d + n·x), a mixture of beta distributions -----


def f_front(n: Any, d: Any, nc: Any, x: Any) -> tuple[Any, Any, Any]:
    """Give y, dy/dx and yᵃ·(1 − y)ᵇ·exp(−nc/2)/B(a, b), with a = n/2 and b = d/2."""
    n, d = (typed(v, result_dtype(x, nc)) for v in (n, d))
    total = d + n * x
    y = n * x / total
    power = special.xlogy(n / 2, y) + d / 2 * np.log1p(-y)
    front = np.exp(power - nc / 2 - special.betaln(n / 2, d / 2))
    return y, n * d / (total * total), front


def f_density(n: Any, d: Any, nc: Any, x: Any) -> Any:
    """Give the density of noncentral F."""
    y, rate, front = f_front(n, d, nc, x)
    n, d = (typed(v, result_dtype(x, nc)) for v in (n, d))
    series = special.hyp1f1((n + d) / 2, n / 2, y * nc / 2)
    return front * series * rate / (y * (1 - y))


def f_nc_partial(n: Any, d: Any, nc: Any, x: Any) -> Any:
    """Give ∂F/∂nc: each beta distribution hands over to the next."""
    y, _rate, front = f_front(n, d, nc, x)
    return -front * special.hyp1f1((n + d) / 2, n / 2 + 1, y * nc / 2) / n


_DFS = "the degrees of freedom dfn", "the degrees of freedom dfd"
ncfdtr = elementwise(
    "ncfdtr", special.ncfdtr, dtypes="f",
    partials=[refused("ncfdtr", _DFS[0]),
              refused("ncfdtr", _DFS[1], 1),
              lambda _, n, d, nc, x: f_nc_partial(n, d, nc, x),
              lambda _, n, d, nc, x: f_density(n, d, nc, x)],
    sample=mixed((2, 3, (0.5, 2), (0.5, 2)), (3.5, 4, (0.5, 2), (0.5, 2))),
    ref=_KUMMER,
)  # fmt: skip
ncfdtri = elementwise(
    "ncfdtri", special.ncfdtri, dtypes="f",
    partials=[refused("ncfdtri", _DFS[0]),
              refused("ncfdtri", _DFS[1], 1),
              lambda x, n, d, nc, _p: (-f_nc_partial(n, d, nc, x)
                                       / f_density(n, d, nc, x)),
              lambda x, n, d, nc, _p: 1 / f_density(n, d, nc, x)],
    sample=mixed((3, 4, (0.5, 2), (0.2, 0.8))), ref=_KUMMER,
)  # fmt: skip

# ----- t: F(t) = E[Φ(sW − nc)], W distributed as χ with df degrees, s = t/√df -----


def moment(k: int, df: Any, nc: Any, t: Any) -> Any:
    """Give E[Wᵏ·φ(sW − nc)], by the integral of wᵖ⁻¹·exp(−βw²/2 + cw), p = df + k."""
    df = typed(df, result_dtype(t, nc))
    s = t / np.sqrt(df)
    beta, c, p = 1 + s * s, s * nc, df + k
    u = c * c / (2 * beta)
    front = -nc * nc / 2 - special.gammaln(df / 2) - (df / 2 - 1) * math.log(2)
    front = front - p / 2 * np.log(beta) - math.log(2 * math.pi) / 2
    # To the right a sum of positive terms; to the left U, where they would cancel.
    right = c >= 0
    v = np.where(right, u, 0)
    even = special.gamma(p / 2) * special.hyp1f1(p / 2, 0.5, v)
    odd = special.gamma((p + 1) / 2) * special.hyp1f1((p + 1) / 2, 1.5, v)
    lift = np.where(right, c, 0) * np.sqrt(2 / beta)
    rising = 2 ** (p / 2 - 1) * (even + odd * lift)
    # Kummer's U has a branch point at 0, where c² alone would do.
    falling = special.gamma(p) * 2 ** (-p / 2)
    falling = falling * special.hyperu(p / 2, 0.5, np.where(right, 1, u))
    return np.exp(front) * np.where(right, rising, falling)


def t_density(df: Any, nc: Any, t: Any) -> Any:
    """Give the density of noncentral t."""
    return moment(1, df, nc, t) / np.sqrt(typed(df, result_dtype(t, nc)))


nctdtr = elementwise(
    "nctdtr", special.nctdtr, dtypes="f",
    partials=[refused("nctdtr", _DF),
              lambda _, df, nc, t: -moment(0, df, nc, t),
              lambda _, df, nc, t: t_density(df, nc, t)],
    sample=mixed((2, (0.5, 2), (0.5, 2)), (3.5, (0.5, 2), (-2, -0.5))), ref=_KUMMER,
)  # fmt: skip
nctdtrit = elementwise(
    "nctdtrit", special.nctdtrit, dtypes="f",
    partials=[refused("nctdtrit", _DF),
              lambda t, df, nc, _p: moment(0, df, nc, t) / t_density(df, nc, t),
              lambda t, df, nc, _p: 1 / t_density(df, nc, t)],
    sample=mixed((3, (0.5, 2), (0.4, 0.8))), ref=_KUMMER,
)  # fmt: skip
