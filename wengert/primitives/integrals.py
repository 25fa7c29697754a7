"""Integrals of elementary functions and of Bessel's: each is differentiated by what
stands under its sign.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.axes import typed
from wengert.primitives.bessel import orders, refused, weak
from wengert.primitives.components import components
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import mixed, reals
from wengert.primitives.series import about_zero

__all__: list[str] = []

_SQRT_PI = math.sqrt(math.pi)
_TURN = (1 - 1j) / math.sqrt(2) / _SQRT_PI  # exp(−iπ/4)/√π

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


def sinhc(x: Any) -> Any:
    """Give sinh(x)/x, smooth at 0."""
    y = np.sinc(x * (1j / math.pi))
    return y if x.dtype.kind == "c" else y.real


components(
    special.sici,
    {"sine_integral": [lambda _, x: np.sinc(x / math.pi)],
     "cosine_integral": [lambda _, x: np.cos(x) / x]},
    sample=reals(0.3, 3), ref="DLMF 6.2(ii)", dtypes="fc",
)  # fmt: skip
components(
    special.shichi,
    {"sinh_integral": [lambda _, x: sinhc(x)],
     "cosh_integral": [lambda _, x: np.cosh(x) / x]},
    sample=reals(0.3, 3), ref="DLMF 6.2(ii)", dtypes="fc",
)  # fmt: skip

# ln(1 + u)/u = Σ (−1)ᵏ·uᵏ/(k + 1)
_LOGARITHM = [(-1) ** k / (k + 1) for k in range(16)]

spence = elementwise(
    # The dilogarithm of 1 − z.
    "spence", special.spence,
    partials=[lambda _, z: -about_zero(z - 1, 0.1, _LOGARITHM,
                                       lambda u: np.log(1 + u) / u)],
    sample=reals(0.3, 3), ref="DLMF 25.12(i)",
)  # fmt: skip

# ----- Fresnel's integrals; modified, of x > 0, where SciPy has F right, and K -----

components(
    special.fresnel,
    {"fresnel_sine": [lambda _, x: np.sin(math.pi / 2 * (x * x))],
     "fresnel_cosine": [lambda _, x: np.cos(math.pi / 2 * (x * x))]},
    sample=reals(-2, 2), ref="DLMF 7.2(iii)", dtypes="fc",
)  # fmt: skip
components(
    special.modfresnelp,
    {"modfresnelp_f": [lambda _, x: -np.exp(1j * (x * x))],
     "modfresnelp_k": [lambda y, x: -2j * (x * y) - _TURN]},
    sample=reals(0.2, 2), ref="",
)  # fmt: skip
components(
    special.modfresnelm,
    {"modfresnelm_f": [lambda _, x: -np.exp(-1j * (x * x))],
     "modfresnelm_k": [lambda y, x: 2j * (x * y) - _TURN.conjugate()]},
    sample=reals(0.2, 2), ref="",
)  # fmt: skip

# ----- integrals of Bessel functions of order 0, and of Struve's -----

# (1 − J₀(x))/x = Σ −(−1)ᵏ x²ᵏ⁻¹/(4ᵏ k!²) and (I₀(x) − 1)/x = Σ x²ᵏ⁻¹/(4ᵏ k!²), k ≥ 1
_BESSEL = [1 / (4**k * math.factorial(k) ** 2) for k in range(1, 14)]
_ODD_I0 = [0.0] + [c for term in _BESSEL for c in (term, 0.0)]
_ODD_J0 = [c * (1, 1, 0, -1)[k % 4] for k, c in enumerate(_ODD_I0)]


components(
    special.itj0y0,
    {"itj0": [lambda _, x: special.j0(x)],
     "ity0": [lambda _, x: special.y0(x)]},
    sample=reals(0.5, 3), ref="DLMF 10.22",
)  # fmt: skip
components(
    special.iti0k0,
    {"iti0": [lambda _, x: special.i0(x)],
     "itk0": [lambda _, x: special.k0(x)]},
    sample=reals(0.5, 3), ref="DLMF 10.43",
)  # fmt: skip
components(
    special.it2j0y0,
    {"it2j0": [lambda _, x: about_zero(x, 2.0, _ODD_J0,
                                       lambda t: (1 - special.j0(t)) / t)],
     "it2y0": [lambda _, x: -special.y0(x) / x]},
    sample=reals(0.5, 3), ref="DLMF 10.22",
)  # fmt: skip
components(
    special.it2i0k0,
    {"it2i0": [lambda _, x: about_zero(x, 2.0, _ODD_I0,
                                       lambda t: (special.i0(t) - 1) / t)],
     "it2k0": [lambda _, x: -special.k0(x) / x]},
    sample=reals(0.5, 3), ref="DLMF 10.43",
)  # fmt: skip
itstruve0 = elementwise(
    "itstruve0", special.itstruve0, dtypes="f",
    partials=[lambda _, x: special.struve(typed(0, x.dtype), x)],
    sample=reals(0.5, 3), ref="DLMF 11.7",
)  # fmt: skip
it2struve0 = elementwise(
    "it2struve0", special.it2struve0, dtypes="f",
    partials=[lambda _, x: -special.struve(typed(0, x.dtype), x) / x],
    sample=reals(0.5, 3), ref="DLMF 11.7",
)  # fmt: skip
itmodstruve0 = elementwise(
    "itmodstruve0", special.itmodstruve0, dtypes="f",
    partials=[lambda _, x: special.modstruve(typed(0, x.dtype), x)],
    sample=reals(0.5, 3), ref="DLMF 11.7",
)  # fmt: skip
besselpoly = elementwise(
    # ∫₀¹ xᵏ·J(2ax) dx: a factor x comes down, and the order moves both ways.
    "besselpoly", special.besselpoly, dtypes="f",
    partials=[lambda _, a, k, nu: (special.besselpoly(a, k + 1, nu - 1)
                                   - special.besselpoly(a, k + 1, nu + 1)),
              refused("besselpoly", "the power lmb", 1),
              refused("besselpoly", "the order nu", 2)],
    sample=mixed(((0.2, 2), 1, 0), ((0.2, 2), 0.5, 2)), ref="DLMF 10.6(i)",
)  # fmt: skip

# ----- Faddeeva's w, and Voigt's profile Re w(z)/(σ√2π), z = (x + iγ)/(σ√2) -----


def wofz_partial(y: Any, z: Any) -> Any:
    """Give w′ = 2i/√π − 2zw."""
    return 2j / _SQRT_PI - 2 * (z * y)


def voigt_part(x: Any, sigma: Any, gamma: Any) -> tuple[Any, Any, Any]:
    """Give z, w′(z) and the factor 1/(2√π·σ²), on which all three partials stand."""
    z = (x + 1j * gamma) / (math.sqrt(2) * sigma)
    return z, wofz_partial(special.wofz(z), z), 1 / (2 * _SQRT_PI * sigma * sigma)


def voigt_x_partial(_: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """Give ∂/∂x."""
    _z, slope, factor = voigt_part(x, sigma, gamma)
    return slope.real * factor


def voigt_sigma_partial(y: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """Give ∂/∂σ: of the factor in front, and of z, which shrinks as 1/σ."""
    z, slope, factor = voigt_part(x, sigma, gamma)
    return -y / sigma - math.sqrt(2) * (slope * z).real * factor


def voigt_gamma_partial(_: Any, x: Any, sigma: Any, gamma: Any) -> Any:
    """Give ∂/∂γ."""
    _z, slope, factor = voigt_part(x, sigma, gamma)
    return -slope.imag * factor


wofz = elementwise(
    "wofz", special.wofz,
    partials=[wofz_partial],
    sample=reals(-1.5, 1.5), ref="DLMF 7.10",
)  # fmt: skip
voigt_profile = elementwise(
    "voigt_profile", special.voigt_profile, dtypes="f",
    partials=[voigt_x_partial,
              voigt_sigma_partial,
              voigt_gamma_partial],
    sample=mixed(((-2, 2), (0.5, 2), (0.3, 2))), ref="DLMF 7.19",
)  # fmt: skip
