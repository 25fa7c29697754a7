"""SciPy's special functions: error functions, logistic, entropies, losses, degrees.

It opens the other families too.

Opened when a Tracer first meets a ufunc that NumPy does not have, so that
`import wengert` does not load SciPy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.graph.primitive import Kink, answers
from wengert.primitives import (
    airy,
    bessel,
    boxcox,
    counts,
    cylinder,
    distributions,
    elliptic,
    gamma,
    hypergeometric,
    integrals,
    noncentral,
    orthogonal,
    special_functions,
    special_refused,
    spheroidal,
)
from wengert.primitives.arithmetic import scale
from wengert.primitives.axes import typed
from wengert.primitives.bessel import weak
from wengert.primitives.forms import constant, elementwise
from wengert.primitives.samplers import mixed, reals

__all__ = [
    "airy",
    "bessel",
    "boxcox",
    "counts",
    "cylinder",
    "distributions",
    "elliptic",
    "gamma",
    "hypergeometric",
    "integrals",
    "noncentral",
    "orthogonal",
    "special_functions",
    "special_refused",
    "spheroidal",
]

_SQRT_PI = math.sqrt(math.pi)
_SLOPE = 2 / _SQRT_PI  # of erf at 0
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at 0
_DEGREE = math.pi / 180
_ERF, _INVERSE = "DLMF 7.2(i)", "DLMF 7.17"
_KINKS = "Griewank & Walther (2008), ch. 14"

# ----- under another name -----

answers(special.exp2)(np.exp2)
answers(special.expm1)(np.expm1)
answers(special.log1p)(np.log1p)
answers(special.cbrt)(np.cbrt)

# ----- error functions -----


def tail(square: Any) -> Any:
    """Give −Σ (2n+1)!!/(2x²)ⁿ⁺¹, n = 0…8: asymptotically the derivative of Dawson's
    integral, and at x² < 0 that of erfcx up to a factor."""
    series: Any = 1.0
    for n in range(8, 0, -1):
        series = 1 + (2 * n + 1) / (2 * square) * series
    return -series / (2 * square)


def erfcx_partial(y: Any, x: Any) -> Any:
    """Give 2x·y − 2/√π, of which little is left far on the right: there a series."""
    far = x > 20
    series = -_SLOPE * tail(-np.square(np.where(far, x, 20)))
    return np.where(far, series, 2 * x * y - _SLOPE)


def dawsn_partial(y: Any, x: Any) -> Any:
    """Give 1 − 2x·y, of which little is left far away from 0: there a series."""
    far = np.absolute(x) > 20
    return np.where(far, tail(np.square(np.where(far, x, 20))), 1 - 2 * x * y)


erf = elementwise(
    "erf", special.erf,
    partials=[lambda _, x: _SLOPE * np.exp(-x * x)],
    sample=reals(-2, 2), ref=_ERF,
)  # fmt: skip
erfc = elementwise(
    "erfc", special.erfc,
    partials=[lambda _, x: -_SLOPE * np.exp(-x * x)],
    sample=reals(-2, 2), ref=_ERF,
)  # fmt: skip
erfi = elementwise(
    "erfi", special.erfi,
    partials=[lambda _, x: _SLOPE * np.exp(x * x)],
    sample=reals(-1, 1), ref=_ERF,
)  # fmt: skip
erfcx = elementwise(
    "erfcx", special.erfcx, dtypes="f",
    partials=[erfcx_partial],
    sample=reals(-1, 3), ref="DLMF 7.10",
)  # fmt: skip
dawsn = elementwise(
    "dawsn", special.dawsn, dtypes="f",
    partials=[dawsn_partial],
    sample=reals(-2, 2), ref="DLMF 7.2(ii)",
)  # fmt: skip
erfinv = elementwise(
    "erfinv", special.erfinv, dtypes="f",
    partials=[lambda y, _: np.exp(y * y) / _SLOPE],
    kinks=[Kink((1.0,), (np.inf,))],
    sample=reals(-0.9, 0.9), ref=_INVERSE,
)  # fmt: skip
erfcinv = elementwise(
    "erfcinv", special.erfcinv, dtypes="f",
    partials=[lambda y, _: -np.exp(y * y) / _SLOPE],
    kinks=[Kink((0.0,), (-np.inf,))],
    sample=reals(0.1, 1.9), ref=_INVERSE,
)  # fmt: skip

# ----- the normal distribution: density over distribution is √(2/π)/erfcx(−x/√2) -----

ndtr = elementwise(
    "ndtr", special.ndtr,
    partials=[lambda _, x: _DENSITY * np.exp(-x * x / 2)],
    sample=reals(-2, 2), ref=_ERF,
)  # fmt: skip
log_ndtr = elementwise(
    "log_ndtr", special.log_ndtr, dtypes="f",
    partials=[lambda _, x: 2 * _DENSITY / special.erfcx(-math.sqrt(0.5) * x)],
    sample=reals(-3, 2), ref=_ERF,
)  # fmt: skip
ndtri = elementwise(
    "ndtri", special.ndtri, dtypes="f",
    partials=[lambda y, _: np.exp(y * y / 2) / _DENSITY],
    kinks=[Kink((0.0,), (np.inf,))],
    sample=reals(0.1, 0.9), ref=_INVERSE,
)  # fmt: skip
ndtri_exp = elementwise(
    "ndtri_exp", special.ndtri_exp, dtypes="f",
    partials=[lambda y, _: special.erfcx(-math.sqrt(0.5) * y) / (2 * _DENSITY)],
    sample=reals(-4, -0.2), ref=_INVERSE,
)  # fmt: skip
owens_t = elementwise(
    "owens_t", special.owens_t, dtypes="f",
    partials=[lambda _, h, a: (-_DENSITY / 2 * np.exp(-h * h / 2)
                               * special.erf(math.sqrt(0.5) * (a * h))),
              lambda _, h, a: (np.exp(-h * h * (1 + a * a) / 2)
                               / (2 * math.pi * (1 + a * a)))],
    sample=reals((-2, 2), (-2, 2)), ref="Owen (1956)",
)  # fmt: skip

# ----- logistic -----

expit = elementwise(
    "expit", special.expit, dtypes="f",
    partials=[lambda y, x: y * special.expit(-x)],
    sample=reals(-3, 3), ref="",
)  # fmt: skip
logit = elementwise(
    "logit", special.logit, dtypes="f",
    partials=[lambda _, x: 1 / (x * (1 - x))],
    kinks=[Kink((0.0,), (np.inf,)), Kink((1.0,), (np.inf,))],
    sample=reals(0.1, 0.9), ref="",
)  # fmt: skip
log_expit = elementwise(
    "log_expit", special.log_expit, dtypes="f",
    partials=[lambda _, x: special.expit(-x)],
    sample=reals(-3, 3), ref="",
)  # fmt: skip
wrightomega = elementwise(
    "wrightomega", special.wrightomega,
    partials=[lambda y, _: y / (1 + y)],
    sample=reals(-2, 2), ref="DLMF 4.13",
)  # fmt: skip

# ----- entropies: 0·ln 0 is 0, constant in the argument of ln; in its factor, −∞ -----

xlogy = elementwise(
    "xlogy", special.xlogy, **weak(special.xlogy),
    partials=[lambda z, _, y: np.log(typed(y, z.dtype)),
              lambda _, x, y: scale(x, 1 / y)],
    kinks=[Kink((0.0, 1.0), (0.0, 0.0)),
           Kink((0.0, 0.0), (-np.inf, 0.0))],
    sample=reals((0.2, 2), (0.2, 2)), ref="",
)  # fmt: skip
xlog1py = elementwise(
    "xlog1py", special.xlog1py, **weak(special.xlog1py),
    partials=[lambda z, _, y: np.log1p(typed(y, z.dtype)),
              lambda _, x, y: scale(x, 1 / (1 + y))],
    kinks=[Kink((0.0, 0.0), (0.0, 0.0)),
           Kink((0.0, -1.0), (-np.inf, 0.0))],
    sample=reals((0.2, 2), (-0.5, 2)), ref="",
)  # fmt: skip
entr = elementwise(
    "entr", special.entr, dtypes="f",
    partials=[lambda _, x: -np.log(x) - 1],
    kinks=[Kink((0.0,), (np.inf,))],
    sample=reals(0.2, 2), ref="",
)  # fmt: skip
rel_entr = elementwise(
    # At (0, 0) it is defined along x = 0 only, where it is constant.
    "rel_entr", special.rel_entr, dtypes="f",
    partials=[lambda _, x, y: np.log(x / y) + 1,
              lambda _, x, y: -scale(x, 1 / y)],
    kinks=[Kink((0.0, 2.0), (-np.inf, 0.0)),
           Kink((0.0, 0.0), (np.nan, 0.0))],
    sample=reals((0.2, 2), (0.2, 2)), ref="",
)  # fmt: skip
kl_div = elementwise(
    "kl_div", special.kl_div, dtypes="f",
    partials=[lambda _, x, y: np.log(x / y),
              lambda _, x, y: 1 - scale(x, 1 / y)],
    kinks=[Kink((0.0, 2.0), (-np.inf, 1.0)),
           Kink((0.0, 0.0), (np.nan, 1.0))],
    sample=reals((0.2, 2), (0.2, 2)), ref="",
)  # fmt: skip

# ----- losses: of Huber, quadratic near 0 and linear beyond δ -----


def pseudo_huber_delta_partial(_: Any, delta: Any, r: Any) -> Any:
    """Give ∂/∂δ of δ²(s − 1), s = √(1 + u²), u = r/δ: that is δ(s − 1)²/s."""
    u = r / delta
    s = np.sqrt(1 + u * u)
    excess = u * (u / (1 + s))
    return delta * excess * excess / s


huber = elementwise(
    "huber", special.huber, dtypes="f",
    partials=[lambda _, delta, r: np.where(abs(r) <= delta, 0, abs(r) - delta),
              lambda _, delta, r: np.where(abs(r) <= delta, r, delta * np.sign(r))],
    kinks=[Kink((1.0, 1.0), (0.0, 1.0))],
    sample=reals((0.7, 1), (1.2, 2)), ref=_KINKS,
)  # fmt: skip
pseudo_huber = elementwise(
    "pseudo_huber", special.pseudo_huber, dtypes="f",
    partials=[pseudo_huber_delta_partial,
              lambda _, delta, r: r / np.sqrt(1 + np.square(r / delta))],
    sample=reals((0.5, 2), (-2, 2)), ref="",
)  # fmt: skip

# ----- angles, in degrees; the cosine less 1 -----

cosm1 = elementwise(
    "cosm1", special.cosm1, dtypes="f",
    partials=[lambda _, x: -np.sin(x)],
    sample=reals(-3, 3), ref="DLMF 4.20.2",
)  # fmt: skip
sindg = elementwise(
    "sindg", special.sindg, dtypes="f",
    partials=[lambda _, x: _DEGREE * special.cosdg(x)],
    sample=reals(-180, 180), ref="DLMF 4.20.1",
)  # fmt: skip
cosdg = elementwise(
    "cosdg", special.cosdg, dtypes="f",
    partials=[lambda _, x: -_DEGREE * special.sindg(x)],
    sample=reals(-180, 180), ref="DLMF 4.20.2",
)  # fmt: skip
tandg = elementwise(
    "tandg", special.tandg, dtypes="f",
    partials=[lambda y, _: _DEGREE * (1 + y * y)],
    sample=reals(-60, 60), ref="DLMF 4.20.3",
)  # fmt: skip
cotdg = elementwise(
    "cotdg", special.cotdg, dtypes="f",
    partials=[lambda y, _: -_DEGREE * (1 + y * y)],
    sample=reals(30, 150), ref="DLMF 4.20",
)  # fmt: skip
radian = elementwise(
    "radian", special.radian, dtypes="f",
    partials=[_DEGREE, _DEGREE / 60, _DEGREE / 3600],
    sample=mixed(((-90, 90), (0, 60), (0, 60))), ref="",
)  # fmt: skip
round_ = constant("round_half_even", special.round, sample=reals(-3, 3))
