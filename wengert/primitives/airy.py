"""Airy's functions and the parabolic cylinder's, with the derivatives that SciPy gives
beside them, and Airy's integrals.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.bessel import orders, refused
from wengert.primitives.components import components
from wengert.primitives.samplers import reals

__all__: list[str] = []

_REF, _PARABOLIC = "DLMF 9.2(i)", "DLMF 12.2(i)"


def root(z: Any) -> Any:
    """Give √z, the slope of the exponent that scales airye; on the left nothing is
    scaled. Of real z only: the scale of Bi is not holomorphic."""
    if z.dtype.kind == "c":
        refused("airye", "a complex z")(None, z)
    return np.sqrt(np.where(z > 0, z, 0))


components(
    special.airy,
    {"airy_ai": [lambda _, z: special.airy(z)[1]],
     "airy_aip": [lambda _, z: z * special.airy(z)[0]],
     "airy_bi": [lambda _, z: special.airy(z)[3]],
     "airy_bip": [lambda _, z: z * special.airy(z)[2]]},
    sample=reals(-2, 2), ref=_REF, dtypes="fc",
)  # fmt: skip
components(
    special.airye,
    {"airye_ai": [lambda y, z: special.airye(z)[1] + root(z) * y],
     "airye_aip": [lambda y, z: z * special.airye(z)[0] + root(z) * y],
     "airye_bi": [lambda y, z: special.airye(z)[3] - root(z) * y],
     "airye_bip": [lambda y, z: z * special.airye(z)[2] - root(z) * y]},
    sample=reals(0.3, 2), ref=_REF,
)  # fmt: skip
components(
    # SciPy ends its series at a term of 1e-5, so that differences serve near 0 only.
    special.itairy,
    {"itairy_ai": [lambda _, x: special.airy(x)[0]],
     "itairy_bi": [lambda _, x: special.airy(x)[2]],
     "itairy_ai_left": [lambda _, x: special.airy(-x)[0]],
     "itairy_bi_left": [lambda _, x: special.airy(-x)[2]]},
    sample=reals(0.05, 0.15), ref="DLMF 9.10",
)  # fmt: skip

# ----- parabolic cylinder: y″ = (x²/4 + c)·y, and −(x²/4 − a)·y for W -----


def cylinder(ufunc: Any, curvature: Callable[..., Any], sample: Any) -> None:
    """Enter a ufunc that gives y and y′, from the equation y″ = curvature·y."""
    name = ufunc.__name__
    order = refused(name, "the order")
    components(
        ufunc,
        {
            name: [order, lambda _, v, x: ufunc(v, x)[1]],
            f"{name}_slope": [order, lambda _, v, x: curvature(v, x) * ufunc(v, x)[0]],
        },
        sample=sample,
        ref=_PARABOLIC,
    )


_ORDERS = orders((0,), (1.5,), low=0.3, high=2)

cylinder(special.pbdv, lambda v, x: x * x / 4 - v - 0.5, _ORDERS)
cylinder(special.pbvv, lambda v, x: x * x / 4 - v - 0.5, _ORDERS)
cylinder(special.pbwa, lambda a, x: a - x * x / 4, _ORDERS)
