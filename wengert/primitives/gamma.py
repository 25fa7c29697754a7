"""Gamma and beta functions, whole and incomplete, and Hurwitz's zeta function.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.axes import typed
from wengert.primitives.bessel import orders, refused, weak
from wengert.primitives.forms import constant, elementwise
from wengert.primitives.samplers import reals

__all__ = ["betainc_partial", "gammainc_partial"]

_DIGAMMA = "DLMF 5.2(i)"

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
