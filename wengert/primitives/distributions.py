"""Distribution functions of probability: χ², gamma, F, Student, normal and Tukey, and
their inverses, by the density.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.axes import typed
from wengert.primitives.bessel import orders, refused
from wengert.primitives.boxcox import slope
from wengert.primitives.forms import elementwise
from wengert.primitives.gamma import betainc_partial, gammainc_partial
from wengert.primitives.samplers import mixed, reals

__all__: list[str] = []

_GAMMA, _BETA, _NORMAL = "DLMF 8.2(i)", "DLMF 8.17(i)", "DLMF 7.2(i)"
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at 0

# ----- χ² and gamma -----


def chi2_density(v: Any, x: Any) -> Any:
    """Give the density of χ² with v degrees of freedom."""
    return gammainc_partial(None, v / 2, x / 2) / 2


def gamma_density(b: Any, u: Any) -> Any:
    """Give the density of the gamma distribution of shape b, at u."""
    return gammainc_partial(None, b, u)


chdtr = elementwise(
    "chdtr", special.chdtr, dtypes="f",
    partials=[refused("chdtr", "the degrees of freedom v"),
              lambda _, v, x: chi2_density(v, x)],
    sample=orders((2,), (3.5,), low=0.3, high=3), ref=_GAMMA,
)  # fmt: skip
chdtrc = elementwise(
    "chdtrc", special.chdtrc, dtypes="f",
    partials=[refused("chdtrc", "the degrees of freedom v"),
              lambda _, v, x: -chi2_density(v, x)],
    sample=orders((2,), (3.5,), low=0.3, high=3), ref=_GAMMA,
)  # fmt: skip
chdtri = elementwise(
    "chdtri", special.chdtri, dtypes="f",
    partials=[refused("chdtri", "the degrees of freedom v"),
              lambda x, v, _: -1 / chi2_density(v, x)],
    sample=orders((2,), (3.5,), low=0.2, high=0.8), ref=_GAMMA,
)  # fmt: skip
gdtr = elementwise(
    "gdtr", special.gdtr, dtypes="f",
    partials=[lambda _, a, b, x: x * gamma_density(b, a * x),
              refused("gdtr", "the shape b", 1),
              lambda _, a, b, x: a * gamma_density(b, a * x)],
    sample=mixed(((0.5, 2), 1.5, (0.5, 2))), ref=_GAMMA,
)  # fmt: skip
gdtrc = elementwise(
    "gdtrc", special.gdtrc, dtypes="f",
    partials=[lambda _, a, b, x: -x * gamma_density(b, a * x),
              refused("gdtrc", "the shape b", 1),
              lambda _, a, b, x: -a * gamma_density(b, a * x)],
    sample=mixed(((0.5, 2), 1.5, (0.5, 2))), ref=_GAMMA,
)  # fmt: skip
gdtrix = elementwise(
    "gdtrix", special.gdtrix, dtypes="f",
    partials=[lambda x, a, _b, _p: -x / a,
              refused("gdtrix", "the shape b", 1),
              lambda x, a, b, _p: 1 / (a * gamma_density(b, a * x))],
    sample=mixed(((0.5, 2), 1.5, (0.2, 0.8))), ref=_GAMMA,
)  # fmt: skip
gdtria = elementwise(
    "gdtria", special.gdtria, dtypes="f",
    partials=[lambda a, _p, b, x: 1 / (x * gamma_density(b, a * x)),
              refused("gdtria", "the shape b", 1),
              lambda a, _p, _b, x: -a / x],
    sample=mixed(((0.2, 0.8), 1.5, (0.5, 2))), ref=_GAMMA,
)  # fmt: skip

# ----- beta, F and Student -----


def f_density(dfn: Any, dfd: Any, x: Any) -> Any:
    """Give the density of F: that of beta at u = dfn·x/(dfd + dfn·x), times u′."""
    total = dfd + dfn * x
    u = dfn * x / total
    return betainc_partial(None, dfn / 2, dfd / 2, u) * dfn * dfd / (total * total)


def t_density(df: Any, t: Any) -> Any:
    """Give the density of Student's t."""
    df = typed(df, t.dtype)
    front = special.gammaln((df + 1) / 2) - special.gammaln(df / 2)
    power = (df + 1) / 2 * np.log1p(t * t / df)
    return np.exp(front - power) / np.sqrt(math.pi * df)


betainccinv = elementwise(
    "betainccinv", special.betainccinv, dtypes="f",
    partials=[refused("betainccinv", "a"),
              refused("betainccinv", "b", 1),
              lambda x, a, b, _: -1 / betainc_partial(_, a, b, x)],
    sample=orders((1, 3), (3, 2), low=0.2, high=0.8), ref=_BETA,
)  # fmt: skip
fdtr = elementwise(
    "fdtr", special.fdtr, dtypes="f",
    partials=[refused("fdtr", "the degrees of freedom dfn"),
              refused("fdtr", "the degrees of freedom dfd", 1),
              lambda _, n, d, x: f_density(n, d, x)],
    sample=orders((2, 3), (3.5, 4), low=0.3, high=3), ref=_BETA,
)  # fmt: skip
fdtrc = elementwise(
    "fdtrc", special.fdtrc, dtypes="f",
    partials=[refused("fdtrc", "the degrees of freedom dfn"),
              refused("fdtrc", "the degrees of freedom dfd", 1),
              lambda _, n, d, x: -f_density(n, d, x)],
    sample=orders((2, 3), (3.5, 4), low=0.3, high=3), ref=_BETA,
)  # fmt: skip
fdtri = elementwise(
    "fdtri", special.fdtri, dtypes="f",
    partials=[refused("fdtri", "the degrees of freedom dfn"),
              refused("fdtri", "the degrees of freedom dfd", 1),
              lambda x, n, d, _p: 1 / f_density(n, d, x)],
    sample=orders((2, 3), (3.5, 4), low=0.2, high=0.8), ref=_BETA,
)  # fmt: skip
stdtr = elementwise(
    "stdtr", special.stdtr, dtypes="f",
    partials=[refused("stdtr", "the degrees of freedom df"),
              lambda _, df, t: t_density(df, t)],
    sample=orders((2,), (3.5,), low=-2, high=2), ref=_BETA,
)  # fmt: skip
stdtrit = elementwise(
    "stdtrit", special.stdtrit, dtypes="f",
    partials=[refused("stdtrit", "the degrees of freedom df"),
              lambda t, df, _p: 1 / t_density(df, t)],
    sample=orders((2,), (3.5,), low=0.2, high=0.8), ref=_BETA,
)  # fmt: skip

# ----- normal: mean and deviation, from a probability p and a quantile x -----


def inverse_density(z: Any) -> Any:
    """Give 1/φ(z), the derivative of ndtri at p = Φ(z)."""
    return np.exp(z * z / 2) / _DENSITY


def nrdtrisd_p_partial(y: Any, _mn: Any, p: Any, _x: Any) -> Any:
    """Give ∂σ/∂p: σ = (x − μ)/z with z = ndtri(p)."""
    z = special.ndtri(p)
    return -y / z * inverse_density(z)


nrdtrimn = elementwise(
    "nrdtrimn", special.nrdtrimn, dtypes="f",
    partials=[lambda _, p, sd, _x: -sd * inverse_density(special.ndtri(p)),
              lambda _, p, _sd, _x: -special.ndtri(p),
              1],
    sample=mixed(((0.2, 0.8), (0.5, 2), (-1, 1))), ref=_NORMAL,
)  # fmt: skip
nrdtrisd = elementwise(
    "nrdtrisd", special.nrdtrisd, dtypes="f",
    partials=[lambda _, _mn, p, _x: -1 / special.ndtri(p),
              nrdtrisd_p_partial,
              lambda _, _mn, p, _x: 1 / special.ndtri(p)],
    sample=mixed(((-1, 0), (0.6, 0.9), (1, 2))), ref=_NORMAL,
)  # fmt: skip

# ----- Tukey's λ: x = (pᵏ − (1 − p)ᵏ)/k, of which p is the inverse -----


def tukey_parts(p: Any, k: Any) -> tuple[Any, Any, Any]:
    """Give where p is inside of (0, 1), and there p and dp/dx."""
    inside = (p > 0) & (p < 1)
    p = np.where(inside, p, 0.5)
    return inside, p, 1 / (p ** (k - 1) + (1 - p) ** (k - 1))


def tukey_x_partial(p: Any, _x: Any, k: Any) -> Any:
    """Give ∂p/∂x."""
    inside, _p, density = tukey_parts(p, k)
    return np.where(inside, density, 0)


def tukey_k_partial(p: Any, _x: Any, k: Any) -> Any:
    """Give ∂p/∂k: both powers are Box and Cox's."""
    inside, p, density = tukey_parts(p, k)
    moved = slope(np.log1p(-p), k) - slope(np.log(p), k)
    return np.where(inside, moved * density, 0)


tklmbda = elementwise(
    "tklmbda", special.tklmbda, dtypes="f",
    partials=[tukey_x_partial,
              tukey_k_partial],
    sample=reals((-0.8, 0.8), (-0.5, 0.9)), ref="",
)  # fmt: skip
