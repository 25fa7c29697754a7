"""Elliptic integrals: Legendre's, Carlson's; Jacobi's functions; the AGM.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.arithmetic import scale
from wengert.primitives.axes import typed
from wengert.primitives.components import components
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import mixed, reals

__all__: list[str] = []

_LEGENDRE, _CARLSON, _JACOBI = "DLMF 19.4(i)", "DLMF 19.18(i)", "DLMF 22.13(i)"

# ----- what is known of the arguments -----


def nowhere(condition: Any) -> bool:
    """Tell whether a condition is known to hold nowhere. Then a rule may leave out what
    takes care of it, so that its Taylor series lead back to functions they have met."""
    return not hasattr(type(condition), "__wengert_bind__") and not np.any(condition)


def unless(condition: Any, instead: Any, x: Any) -> Any:
    """Give x, and something else where a condition holds."""
    return x if nowhere(condition) else np.where(condition, instead, x)


# ----- complete integrals: as hypergeometric functions, smooth at m = 0 -----


def gauss(a: float, b: float, c: float, z: Any) -> Any:
    """Give ₂F₁, in the precision of z."""
    return special.hyp2f1(*(typed(v, z.real.dtype) for v in (a, b, c)), z)


def ellipk_partial(_: Any, m: Any) -> Any:
    """Give K′ = π/8·₂F₁(3/2, 3/2; 2; m), with its pole at 1 taken out."""
    return math.pi / 8 * gauss(0.5, 0.5, 2, m) / (1 - m)


ellipk = elementwise(
    "ellipk", special.ellipk, dtypes="f",
    partials=[ellipk_partial],
    sample=reals(-2, 0.9), ref=_LEGENDRE,
)  # fmt: skip
ellipkm1 = elementwise(
    "ellipkm1", special.ellipkm1, dtypes="f",
    partials=[lambda _, p: -math.pi / 8 * gauss(0.5, 0.5, 2, 1 - p) / p],
    sample=reals(0.1, 2), ref=_LEGENDRE,
)  # fmt: skip
ellipe = elementwise(
    "ellipe", special.ellipe, dtypes="f",
    partials=[lambda _, m: -math.pi / 8 * gauss(0.5, 1.5, 2, m)],
    sample=reals(-2, 0.9), ref=_LEGENDRE,
)  # fmt: skip

# ----- incomplete integrals: in m by Carlson's R_D, without cancellation -----


def reduced(phi: Any) -> tuple[Any, Any, Any]:
    """Give the number of half turns in φ, and sine and cosine² of what is left."""
    turns = np.round(phi / math.pi)
    left = phi - turns * math.pi
    return turns, np.sin(left), np.square(np.cos(left))


def ellipkinc_m_partial(_: Any, phi: Any, m: Any) -> Any:
    """Give ½∫sin²/Δ³ = sin³φ/6·R_D(cos²φ, 1, Δ²), and twice the whole each turn."""
    turns, sine, cosine2 = reduced(phi)
    part = sine**3 / 6 * special.elliprd(cosine2, 1, 1 - m * sine * sine)
    # The whole is infinite at m = 1, where there may be no turn.
    return part + scale(turns, special.elliprd(0, 1, 1 - m) / 3)


def ellipeinc_m_partial(_: Any, phi: Any, m: Any) -> Any:
    """Give −½∫sin²/Δ = −sin³φ/6·R_D(cos²φ, Δ², 1), and twice the whole each turn."""
    turns, sine, cosine2 = reduced(phi)
    part = sine**3 / 6 * special.elliprd(cosine2, 1 - m * sine * sine, 1)
    return -part - scale(turns, special.elliprd(0, 1 - m, 1) / 3)


ellipkinc = elementwise(
    "ellipkinc", special.ellipkinc, dtypes="f",
    partials=[lambda _, phi, m: 1 / np.sqrt(1 - m * np.square(np.sin(phi))),
              ellipkinc_m_partial],
    sample=reals((0.2, 1.4), (-1, 0.8)), ref=_LEGENDRE,
)  # fmt: skip
ellipeinc = elementwise(
    "ellipeinc", special.ellipeinc, dtypes="f",
    partials=[lambda _, phi, m: np.sqrt(1 - m * np.square(np.sin(phi))),
              ellipeinc_m_partial],
    sample=reals((0.2, 1.4), (-1, 0.8)), ref=_LEGENDRE,
)  # fmt: skip

# ----- Carlson's symmetric integrals -----


def pair(x: Any, y: Any, z: Any) -> Any:
    """Give ∫₀^∞ (t + x)^(−3/2)·(t + y)^(−1/2)·(t + z)^(−3/2) dt.

    A divided difference of two R_D; where z is near x, a series in half of their
    distance h about the mean c, for (t + x)(t + z) = (t + c)² − h².
    """
    c, h = (x + z) / 2, (z - x) / 2
    near = np.absolute(h) < 0.05 * np.absolute(c)
    gap = unless(near, 1, z - x)
    divided = (special.elliprd(y, z, x) - special.elliprd(x, y, z)) * (2 / 3) / gap
    if nowhere(near):
        return divided
    c = np.where(near, c, 1)
    ratio = np.where(near, np.square(h / c), 0)
    series: Any = 0
    factor = 1.0  # of hᵏ² in (1 − h²)^(−3/2)
    for k in range(7):
        p = 2 * k + 2.5
        term = gauss(p, 0.5, p + 1, np.where(near, 1 - y / c, 0)) / p
        series = series + factor * ratio**k * term
        factor = factor * (k + 1.5) / (k + 1)
    return np.where(near, series * c**-2.5, divided)


def elliprd_z_partial(d: Any, x: Any, y: Any, z: Any) -> Any:
    """Give ∂/∂z, from R_D being homogeneous of degree −3/2; an x of 0 adds nothing."""
    moved = x * pair(unless(x == 0, z, x), y, z)
    moved = moved + y * pair(unless(y == 0, z, y), x, z)
    return 0.75 * (moved - 2 * d) / z


def elliprc_x_partial(c: Any, x: Any, y: Any) -> Any:
    """Give ∂/∂x: −R_D(y, y, x)/6, and where y < 0, of Cauchy's value, by R_C."""
    x, y = typed(x, c.dtype), typed(y, c.dtype)
    if nowhere(np.absolute(x - y) < 0.1 * np.absolute(y)):
        return (1 / np.sqrt(x) - c) / (2 * (x - y))
    below = y.real < 0
    gap = np.where(below, x - y, 1)
    inner = special.elliprd(np.where(below, 1, y), np.where(below, 1, y), x)
    return np.where(below, (1 / np.sqrt(x) - c) / (2 * gap), -inner / 6)


def elliprc_y_partial(c: Any, x: Any, y: Any) -> Any:
    """Give ∂/∂y: −R_D(x, y, y)/3, and where y < 0, of Cauchy's value, by R_C."""
    x, y = typed(x, c.dtype), typed(y, c.dtype)
    if nowhere(np.absolute(x - y) < 0.1 * np.absolute(y)):
        return (c - np.sqrt(x) / y) / (2 * (x - y))
    below = y.real < 0
    gap = np.where(below, x - y, 1)
    safe = np.where(below, 1, y)
    inner = special.elliprd(x, safe, safe)
    return np.where(below, (c - np.sqrt(x) / y) / (2 * gap), -inner / 3)


def elliprg_partial(x: Any, y: Any, z: Any) -> Any:
    """Give ∂R_G/∂x = R_F/4 − x·R_D(y, z, x)/12."""
    rest = x * special.elliprd(y, z, unless(x == 0, 1, x))
    return (special.elliprf(x, y, z) - rest / 3) / 4


def elliprj_partial(j: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    """Give ∂R_J/∂x by partial fractions, which do not serve where p = x."""
    return (j - special.elliprd(y, z, x)) / (2 * (p - x))


def elliprj_p_partial(j: Any, x: Any, y: Any, z: Any, p: Any) -> Any:
    """Give ∂R_J/∂p, from R_J being homogeneous of degree −3/2."""
    moved: Any = 0
    for a, b, c in ((x, y, z), (y, z, x), (z, x, y)):
        inner = unless(a == 0, 2 * p, a)  # adds nothing, whatever it is
        moved = moved + a * elliprj_partial(j, inner, b, c, p)
    return -(1.5 * j + moved) / p


elliprf = elementwise(
    "elliprf", special.elliprf,
    partials=[lambda _, x, y, z: -special.elliprd(y, z, x) / 6,
              lambda _, x, y, z: -special.elliprd(z, x, y) / 6,
              lambda _, x, y, z: -special.elliprd(x, y, z) / 6],
    sample=mixed(((0.5, 1), (1.5, 2), (3, 4))), ref=_CARLSON,
)  # fmt: skip
elliprd = elementwise(
    "elliprd", special.elliprd,
    partials=[lambda _, x, y, z: -0.75 * pair(x, y, z),
              lambda _, x, y, z: -0.75 * pair(y, x, z),
              elliprd_z_partial],
    sample=mixed(((0.5, 1), (1.5, 2), (3, 4)), ((1, 1.02), (1, 1.02), (1, 1.02))),
    ref=_CARLSON,
)  # fmt: skip
elliprc = elementwise(
    "elliprc", special.elliprc,
    partials=[elliprc_x_partial,
              elliprc_y_partial],
    sample=mixed(((0.5, 1), (1, 2)), ((1, 1.02), (1, 1.02))), ref=_CARLSON,
)  # fmt: skip
elliprg = elementwise(
    "elliprg", special.elliprg,
    partials=[lambda _, x, y, z: elliprg_partial(x, y, z),
              lambda _, x, y, z: elliprg_partial(y, z, x),
              lambda _, x, y, z: elliprg_partial(z, x, y)],
    sample=mixed(((0.5, 1), (1.5, 2), (3, 4))), ref=_CARLSON,
)  # fmt: skip
elliprj = elementwise(
    "elliprj", special.elliprj,
    partials=[lambda j, x, y, z, p: elliprj_partial(j, x, y, z, p),
              lambda j, x, y, z, p: elliprj_partial(j, y, z, x, p),
              lambda j, x, y, z, p: elliprj_partial(j, z, x, y, p),
              elliprj_p_partial],
    sample=mixed(((0.5, 1), (1.5, 2), (3, 4), (5, 6))), ref=_CARLSON,
)  # fmt: skip

# ----- Jacobi's functions: the amplitude φ moves by −Δ·∂F/∂m -----


def amplitude_partial(_: Any, u: Any, m: Any) -> Any:
    """Give ∂φ/∂m at a given u."""
    _sn, _cn, dn, phi = special.ellipj(u, m)
    return -dn * ellipkinc_m_partial(None, phi, m)


def dn_partial(_: Any, u: Any, m: Any) -> Any:
    """Give ∂dn/∂m, from dn² = 1 − m·sn²."""
    sn, cn, dn, _phi = special.ellipj(u, m)
    return -sn * (sn + 2 * m * cn * amplitude_partial(None, u, m)) / (2 * dn)


def jacobi(u: Any, m: Any, *places: int) -> Any:
    """Give the product of Jacobi's functions at these places of sn, cn, dn, φ."""
    return math.prod(special.ellipj(u, m)[place] for place in places)


components(
    special.ellipj,
    {"ellipj_sn": [lambda _, u, m: jacobi(u, m, 1, 2),
                   lambda _, u, m: jacobi(u, m, 1) * amplitude_partial(_, u, m)],
     "ellipj_cn": [lambda _, u, m: -jacobi(u, m, 0, 2),
                   lambda _, u, m: -jacobi(u, m, 0) * amplitude_partial(_, u, m)],
     "ellipj_dn": [lambda _, u, m: -m * jacobi(u, m, 0, 1),
                   dn_partial],
     "ellipj_ph": [lambda _, u, m: jacobi(u, m, 2),
                   amplitude_partial]},
    sample=reals((0.2, 1.4), (0.1, 0.8)), ref=_JACOBI,
)  # fmt: skip

# ----- the arithmetic-geometric mean: π/4·(a + b)/K(k²), k = (a − b)/(a + b) -----


def agm_partial(y: Any, a: Any, b: Any) -> Any:
    """Give ∂agm/∂a."""
    total = a + b
    k = (a - b) / total
    m = k * k
    fall = ellipk_partial(None, m) / special.ellipk(m)
    return y * (1 - 4 * k * b / total * fall) / total


agm = elementwise(
    "agm", special.agm, dtypes="f",
    partials=[agm_partial,
              lambda y, a, b: agm_partial(y, b, a)],
    sample=reals((0.5, 3), (0.5, 3)), ref="DLMF 19.8(i)",
)  # fmt: skip
