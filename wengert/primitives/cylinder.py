"""Kin of Bessel's functions: Hankel, Struve, Kelvin, scaled ones and spherical ones.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.graph.types import ArrayType, broadcast, promote
from wengert.primitives.bessel import orders, refused
from wengert.primitives.components import components
from wengert.primitives.forms import elementwise, ufunc_type
from wengert.primitives.samplers import reals

__all__: list[str] = []

_FIRST, _STRUVE, _KELVIN = "DLMF 10.6(i)", "DLMF 11.4(v)", "DLMF 10.61"
_ORDERS = orders((0,), (1,), (3,), low=0.5, high=3)

# ----- Hankel: of complex z; and scaled by exp(∓iz) -----


def neighbours(ufunc: Any, v: Any, z: Any) -> Any:
    """Give half the difference of the neighbouring orders."""
    return (ufunc(v - 1, z) - ufunc(v + 1, z)) / 2


def real_only(function: str, x: Any) -> None:
    """Refuse a derivative in complex x, of a function scaled by exp(−|Im x|)."""
    if x.dtype.kind == "c":
        refused(function, "a complex z")(None, x)


def jve_partial(_: Any, v: Any, x: Any) -> Any:
    """Give J′, which of real x is not scaled."""
    real_only("jve", x)
    return neighbours(special.jve, v, x)


def yve_partial(_: Any, v: Any, x: Any) -> Any:
    """Give Y′, which of real x is not scaled."""
    real_only("yve", x)
    return neighbours(special.yve, v, x)


hankel1 = elementwise(
    "hankel1", special.hankel1,
    partials=[refused("hankel1", "the order v"),
              lambda _, v, z: neighbours(special.hankel1, v, z)],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip
hankel2 = elementwise(
    "hankel2", special.hankel2,
    partials=[refused("hankel2", "the order v"),
              lambda _, v, z: neighbours(special.hankel2, v, z)],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip
hankel1e = elementwise(
    "hankel1e", special.hankel1e,
    partials=[refused("hankel1e", "the order v"),
              lambda y, v, z: neighbours(special.hankel1e, v, z) - 1j * y],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip
hankel2e = elementwise(
    "hankel2e", special.hankel2e,
    partials=[refused("hankel2e", "the order v"),
              lambda y, v, z: neighbours(special.hankel2e, v, z) + 1j * y],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip
jve = elementwise(
    "jve", special.jve, dtypes="f",
    partials=[refused("jve", "the order v"),
              jve_partial],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip
yve = elementwise(
    "yve", special.yve, dtypes="f",
    partials=[refused("yve", "the order v"),
              yve_partial],
    sample=_ORDERS, ref=_FIRST,
)  # fmt: skip

# ----- Struve -----


def struve_term(v: Any, x: Any) -> Any:
    """Give (x/2)ᵛ/(√π·Γ(v + 3/2)), what is over in Struve's recurrence."""
    return (x / 2) ** v * (special.rgamma(v + 1.5) / math.sqrt(math.pi))


struve = elementwise(
    "struve", special.struve, dtypes="f",
    partials=[refused("struve", "the order v"),
              lambda _, v, x: neighbours(special.struve, v, x) + struve_term(v, x) / 2],
    sample=_ORDERS, ref=_STRUVE,
)  # fmt: skip
modstruve = elementwise(
    "modstruve", special.modstruve, dtypes="f",
    partials=[refused("modstruve", "the order v"),
              lambda _, v, x: (special.modstruve(v - 1, x)
                               + special.modstruve(v + 1, x)
                               + struve_term(v, x)) / 2],
    sample=_ORDERS, ref=_STRUVE,
)  # fmt: skip

# ----- Kelvin: x²w″ + xw′ = ix²w -----


def curvature(pull: Any, slope: Any, x: Any) -> Any:
    """Give w″ = pull − w′/x; at 0, where ber and bei are even, half of the pull."""
    at_zero = x == 0
    return np.where(at_zero, pull / 2, pull - slope / np.where(at_zero, 1, x))


ber = elementwise(
    "ber", special.ber, dtypes="f",
    partials=[lambda _, x: special.berp(x)],
    sample=reals(-2, 2), ref=_KELVIN,
)  # fmt: skip
bei = elementwise(
    "bei", special.bei, dtypes="f",
    partials=[lambda _, x: special.beip(x)],
    sample=reals(-2, 2), ref=_KELVIN,
)  # fmt: skip
ker = elementwise(
    "ker", special.ker, dtypes="f",
    partials=[lambda _, x: special.kerp(x)],
    sample=reals(0.5, 2), ref=_KELVIN,
)  # fmt: skip
kei = elementwise(
    "kei", special.kei, dtypes="f",
    partials=[lambda _, x: special.keip(x)],
    sample=reals(0.5, 2), ref=_KELVIN,
)  # fmt: skip
berp = elementwise(
    "berp", special.berp, dtypes="f",
    partials=[lambda y, x: curvature(-special.bei(x), y, x)],
    sample=reals(0.3, 2), ref=_KELVIN,
)  # fmt: skip
beip = elementwise(
    "beip", special.beip, dtypes="f",
    partials=[lambda y, x: curvature(special.ber(x), y, x)],
    sample=reals(0.3, 2), ref=_KELVIN,
)  # fmt: skip
kerp = elementwise(
    "kerp", special.kerp, dtypes="f",
    partials=[lambda y, x: -special.kei(x) - y / x],
    sample=reals(0.5, 2), ref=_KELVIN,
)  # fmt: skip
keip = elementwise(
    "keip", special.keip, dtypes="f",
    partials=[lambda y, x: special.ker(x) - y / x],
    sample=reals(0.5, 2), ref=_KELVIN,
)  # fmt: skip
components(
    special.kelvin,
    {"kelvin_be": [lambda _, x: special.kelvin(x)[2]],
     "kelvin_ke": [lambda _, x: special.kelvin(x)[3]],
     "kelvin_bep": [lambda y, x: curvature(1j * special.kelvin(x)[0], y, x)],
     "kelvin_kep": [lambda y, x: 1j * special.kelvin(x)[1] - y / x]},
    sample=reals(0.5, 2), ref=_KELVIN,
)  # fmt: skip

# ----- spherical: SciPy's own functions on top keep traced values out -----


def double(n: Any, z: Any) -> ArrayType:
    """Give the type of what SciPy computes in double precision, whatever z is."""
    return ArrayType(broadcast(n, z), promote(z, np.dtype(np.float64)))


def spherical(letter: str, below: int, above: int) -> None:
    """Enter a spherical Bessel function, of integer order: its derivative is the mean
    of both neighbours, with these signs, which holds at z = 0 too."""
    name = f"spherical_{letter}n"

    def slope(_: Any, n: Any, z: Any) -> Any:
        lower = n * row(np.maximum(n - 1, 0), z)
        return (below * lower + above * (n + 1) * row(n + 1, z)) / (2 * n + 1)

    row = elementwise(
        name, (), impl=getattr(special, name),
        type=double if letter != "k" else ufunc_type(special.kv),
        partials=[refused(name, "the order n"), slope],
        sample=orders((0,), (1,), (3,), low=0.5, high=3), ref="DLMF 10.51",
    )  # fmt: skip


spherical("j", 1, -1)
spherical("y", 1, -1)
spherical("i", 1, 1)
spherical("k", -1, -1)
