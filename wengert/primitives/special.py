"""SciPy's special functions: gamma and error functions, logistic, entropies, Box–Cox.

Opened when a Tracer first meets a ufunc that NumPy does not have, so that
`import wengert` does not load SciPy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.graph.primitive import Kink, answers
from wengert.primitives import bessel
from wengert.primitives.arithmetic import (
    power_base_partial,
    power_exponent_partial,
    scale,
)
from wengert.primitives.axes import typed
from wengert.primitives.bessel import orders, refused, weak
from wengert.primitives.forms import constant, elementwise
from wengert.primitives.samplers import reals

__all__ = ["bessel"]

_SQRT_PI = math.sqrt(math.pi)
_SLOPE = 2 / _SQRT_PI  # of erf at 0
_DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal distribution at 0
_LN10, _DEGREE = math.log(10), math.pi / 180
_DIGAMMA, _ERF, _INVERSE = "DLMF 5.2(i)", "DLMF 7.2(i)", "DLMF 7.17"
_KINKS = "Griewank & Walther (2008), ch. 14"

# ----- under another name -----

answers(special.exp2)(np.exp2)
answers(special.expm1)(np.expm1)
answers(special.log1p)(np.log1p)
answers(special.cbrt)(np.cbrt)

# ----- gamma functions -----


def digamma_partial(_: Any, x: Any) -> Any:
    """Give ψ′(x) = ζ(2, x), on the left by reflection: the sum would be long there."""
    left = x < 0
    near, far = np.where(left, 0.5, x), np.where(left, 1 - x, 1)
    sine = np.sin(math.pi * np.where(left, x, 0.5))
    reflected = (math.pi / sine) ** 2 - special.zeta(2, far)
    return np.where(left, reflected, special.zeta(2, near))


def rgamma_partial(y: Any, x: Any) -> Any:
    """Give ∂(1/Γ): −ψ(x)/Γ(x), on the left by reflection, past the poles of both."""
    left = x < 0.5
    near, far = np.where(left, 1, x), np.where(left, 1 - x, 1)
    turn = np.cos(math.pi * x) - special.psi(far) * np.sin(math.pi * x) / math.pi
    return np.where(left, special.gamma(far) * turn, -special.psi(near) * y)


gammaln = elementwise(
    "gammaln", special.gammaln, dtypes="f",
    partials=[lambda _, x: special.psi(x)],
    sample=reals(0.3, 4), ref=_DIGAMMA,
)  # fmt: skip
loggamma = elementwise(
    "loggamma", special.loggamma, dtypes="f",
    partials=[lambda _, x: special.psi(x)],
    sample=reals(0.3, 4), ref=_DIGAMMA,
)  # fmt: skip
gamma = elementwise(
    "gamma", special.gamma, dtypes="f",
    partials=[lambda y, x: y * special.psi(x)],
    sample=reals(0.3, 4), ref=_DIGAMMA,
)  # fmt: skip
rgamma = elementwise(
    "rgamma", special.rgamma, dtypes="f",
    partials=[rgamma_partial],
    sample=reals(-2, 3), ref="DLMF 5.5(ii)",
)  # fmt: skip
digamma = elementwise(
    "digamma", special.psi, dtypes="f",
    partials=[digamma_partial],
    sample=reals(0.3, 4), ref="DLMF 5.15",
)  # fmt: skip
zeta = elementwise(
    # Hurwitz's. scipy.special.zeta is a function that calls this ufunc.
    "zeta", special._ufuncs._zeta, dtypes="f",
    partials=[refused("zeta", "the exponent x"),
              lambda _, s, q: -s * special.zeta(s + 1, q)],
    sample=orders((2,), (4,), low=0.5, high=3), ref="DLMF 25.11",
)  # fmt: skip
beta = elementwise(
    "beta", special.beta, **weak(special.beta), dtypes="f",
    partials=[lambda y, a, b: y * (special.psi(a) - special.psi(a + b)),
              lambda y, a, b: y * (special.psi(b) - special.psi(a + b))],
    sample=reals((0.3, 3), (0.3, 3)), ref="DLMF 5.12",
)  # fmt: skip
betaln = elementwise(
    "betaln", special.betaln, **weak(special.betaln), dtypes="f",
    partials=[lambda _, a, b: special.psi(a) - special.psi(a + b),
              lambda _, a, b: special.psi(b) - special.psi(a + b)],
    sample=reals((0.3, 3), (0.3, 3)), ref="DLMF 5.12",
)  # fmt: skip
poch = elementwise(
    "poch", special.poch, dtypes="f",
    partials=[lambda y, z, m: y * (special.psi(z + m) - special.psi(z)),
              lambda y, z, m: y * special.psi(z + m)],
    sample=reals((0.3, 3), (0.3, 2)), ref="DLMF 5.2(iii)",
)  # fmt: skip
gammasgn = constant("gammasgn", special.gammasgn, sample=reals(-3, 3))


# ----- incomplete gamma and beta functions, in x -----


def gammainc_partial(_: Any, a: Any, x: Any) -> Any:
    """Give xᵃ⁻¹·exp(−x)/Γ(a): by logarithms, as Γ overflows; but at 0 by the power,
    whose own derivatives hold there."""
    a = typed(a, x.dtype)
    at_edge = x == 0
    edge, inner = np.where(at_edge, x, 1), np.where(at_edge, 1, x)
    power = edge ** (a - 1) * np.exp(-edge) * special.rgamma(a)
    return np.where(
        at_edge,
        power,
        np.exp((a - 1) * np.log(inner) - inner - special.gammaln(a)),
    )


def betainc_partial(_: Any, a: Any, b: Any, x: Any) -> Any:
    """Give xᵃ⁻¹·(1 − x)ᵇ⁻¹/B(a, b), at 0 and 1 by the powers."""
    a, b = typed(a, x.dtype), typed(b, x.dtype)
    at_edge = (x == 0) | (x == 1)
    edge, inner = np.where(at_edge, x, 0.5), np.where(at_edge, 0.5, x)
    power = edge ** (a - 1) * (1 - edge) ** (b - 1) / special.beta(a, b)
    logarithm = (a - 1) * np.log(inner) + (b - 1) * np.log1p(-inner)
    return np.where(at_edge, power, np.exp(logarithm - special.betaln(a, b)))


gammainc = elementwise(
    "gammainc", special.gammainc, **weak(special.gammainc), dtypes="f",
    partials=[refused("gammainc", "the order a"),
              gammainc_partial],
    sample=orders((1,), (2,), low=0.3, high=3), ref="DLMF 8.8",
)  # fmt: skip
gammaincc = elementwise(
    "gammaincc", special.gammaincc, **weak(special.gammaincc), dtypes="f",
    partials=[refused("gammaincc", "the order a"),
              lambda _, a, x: -gammainc_partial(_, a, x)],
    sample=orders((1,), (2,), low=0.3, high=3), ref="DLMF 8.8",
)  # fmt: skip
gammaincinv = elementwise(
    "gammaincinv", special.gammaincinv, **weak(special.gammaincinv), dtypes="f",
    partials=[refused("gammaincinv", "the order a"),
              lambda x, a, _: 1 / gammainc_partial(_, a, x)],
    sample=orders((1,), (2,), low=0.2, high=0.8), ref="DLMF 8.8",
)  # fmt: skip
gammainccinv = elementwise(
    "gammainccinv", special.gammainccinv, **weak(special.gammainccinv), dtypes="f",
    partials=[refused("gammainccinv", "the order a"),
              lambda x, a, _: -1 / gammainc_partial(_, a, x)],
    sample=orders((1,), (2,), low=0.2, high=0.8), ref="DLMF 8.8",
)  # fmt: skip
betainc = elementwise(
    "betainc", special.betainc, dtypes="f",
    partials=[refused("betainc", "a"),
              refused("betainc", "b", 1),
              betainc_partial],
    sample=orders((1, 3), (3, 2), low=0.2, high=0.8), ref="DLMF 8.17",
)  # fmt: skip
betaincc = elementwise(
    "betaincc", special.betaincc, dtypes="f",
    partials=[refused("betaincc", "a"),
              refused("betaincc", "b", 1),
              lambda _, a, b, x: -betainc_partial(_, a, b, x)],
    sample=orders((1, 3), (3, 2), low=0.2, high=0.8), ref="DLMF 8.17",
)  # fmt: skip
betaincinv = elementwise(
    "betaincinv", special.betaincinv, dtypes="f",
    partials=[refused("betaincinv", "a"),
              refused("betaincinv", "b", 1),
              lambda x, a, b, _: 1 / betainc_partial(_, a, b, x)],
    sample=orders((1, 3), (3, 2), low=0.2, high=0.8), ref="DLMF 8.17",
)  # fmt: skip

# ----- exponential integrals -----


def expn_partial(_: Any, n: Any, x: Any) -> Any:
    """Give −Eₙ₋₁(x); the rule of E₀ = exp(−x)/x needs no lower order."""
    n = typed(n, x.dtype)
    zeroth = n == 0
    x0 = np.where(zeroth, x, 1)
    lowest = -np.exp(-x0) * (1 + x0) / (x0 * x0)
    return np.where(zeroth, lowest, -special.expn(np.where(zeroth, 1, n) - 1, x))


exp1 = elementwise(
    "exp1", special.exp1,
    partials=[lambda _, x: -np.exp(-x) / x],
    sample=reals(0.3, 3), ref="DLMF 6.2(i)",
)  # fmt: skip
expi = elementwise(
    "expi", special.expi,
    partials=[lambda _, x: np.exp(x) / x],
    sample=reals(0.3, 3), ref="DLMF 6.2(i)",
)  # fmt: skip
expn = elementwise(
    "expn", special.expn, **weak(special.expn), dtypes="f",
    partials=[refused("expn", "the order n"),
              expn_partial],
    sample=orders((0,), (1,), (3,), low=0.3, high=3), ref="DLMF 8.19",
)  # fmt: skip

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

# ----- powers and Box–Cox: (xᵏ − 1)/k = ln x·exprel(k·ln x) -----

# (exp(x) − exprel(x))/x = Σ (k+1)/(k+2)!·xᵏ, k = 0, 1, …
_SERIES = [(k + 1) / math.factorial(k + 2) for k in range(20)]


def exprel_partial(_: Any, x: Any) -> Any:
    """Give the derivative of (exp(x) − 1)/x; for |x| < 1, where the quotient cancels,
    by its series."""
    small = np.absolute(x) < 1
    near, far = np.where(small, x, 0), np.where(small, 1, x)
    series: Any = _SERIES[-1]
    for coefficient in reversed(_SERIES[:-1]):
        series = series * near + coefficient
    return np.where(small, series, (np.exp(far) - np.expm1(far) / far) / far)


def slope(log_x: Any, power: Any) -> Any:
    """Give the derivative of Box–Cox in its power."""
    return np.square(log_x) * exprel_partial(None, power * log_x)


exprel = elementwise(
    "exprel", special.exprel, dtypes="f",
    partials=[exprel_partial],
    sample=reals(-2, 2), ref="",
)  # fmt: skip
boxcox = elementwise(
    "boxcox", special.boxcox, dtypes="f",
    partials=[lambda _, x, k: x ** (k - 1),
              lambda y, x, k: slope(np.log(typed(x, y.dtype)), k)],
    sample=reals((0.2, 3), (-2, 2)), ref="Box & Cox (1964)",
)  # fmt: skip
boxcox1p = elementwise(
    "boxcox1p", special.boxcox1p, dtypes="f",
    partials=[lambda _, x, k: (1 + x) ** (k - 1),
              lambda y, x, k: slope(np.log1p(typed(x, y.dtype)), k)],
    sample=reals((-0.5, 2), (-2, 2)), ref="Box & Cox (1964)",
)  # fmt: skip
inv_boxcox = elementwise(
    "inv_boxcox", special.inv_boxcox, dtypes="f",
    partials=[lambda x, _, k: x ** (1 - k),
              lambda x, _, k: -(x ** (1 - k)) * slope(np.log(x), k)],
    sample=reals((-0.4, 1), (0.2, 1.5)), ref="Box & Cox (1964)",
)  # fmt: skip
inv_boxcox1p = elementwise(
    "inv_boxcox1p", special.inv_boxcox1p, dtypes="f",
    partials=[lambda x, _, k: (1 + x) ** (1 - k),
              lambda x, _, k: -((1 + x) ** (1 - k)) * slope(np.log1p(x), k)],
    sample=reals((-0.4, 1), (0.2, 1.5)), ref="Box & Cox (1964)",
)  # fmt: skip
powm1 = elementwise(
    "powm1", special.powm1, dtypes="f",
    partials=[power_base_partial,
              lambda z, x, y: power_exponent_partial(z + 1, x, y)],
    sample=reals((0.2, 2), (-2, 2)), ref="DLMF 4.7(ii)",
)  # fmt: skip
exp10 = elementwise(
    "exp10", special.exp10, dtypes="f",
    partials=[lambda y, _: y * _LN10],
    sample=reals(-1, 1), ref="DLMF 4.7(ii)",
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
