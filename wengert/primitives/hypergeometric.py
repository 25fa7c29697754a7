"""Hypergeometric functions and Wright's, in the last argument: each parameter rises by
one. And Lambert's W.

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from wengert.primitives.bessel import orders, refused
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import mixed

__all__: list[str] = []

hyp0f1 = elementwise(
    "hyp0f1", special.hyp0f1,
    partials=[refused("hyp0f1", "the parameter v"),
              lambda _, v, z: special.hyp0f1(v + 1, z) / v],
    sample=orders((0.5,), (2,), low=-2, high=2), ref="DLMF 16.3.1",
)  # fmt: skip
hyp1f1 = elementwise(
    "hyp1f1", special.hyp1f1,
    partials=[refused("hyp1f1", "the parameter a"),
              refused("hyp1f1", "the parameter b", 1),
              lambda _, a, b, z: a / b * special.hyp1f1(a + 1, b + 1, z)],
    sample=orders((0.5, 1.5), (2, 3), low=-1, high=1), ref="DLMF 13.3.15",
)  # fmt: skip
hyp2f1 = elementwise(
    "hyp2f1", special.hyp2f1,
    partials=[refused("hyp2f1", "the parameter a"),
              refused("hyp2f1", "the parameter b", 1),
              refused("hyp2f1", "the parameter c", 2),
              lambda _, a, b, c, z: (a * b / c
                                     * special.hyp2f1(a + 1, b + 1, c + 1, z))],
    sample=orders((0.5, 1, 1.5), (2, -0.7, 3), low=-0.6, high=0.6),
    ref="DLMF 15.5.1",
)  # fmt: skip
hyperu = elementwise(
    "hyperu", special.hyperu, dtypes="f",
    partials=[refused("hyperu", "the parameter a"),
              refused("hyperu", "the parameter b", 1),
              lambda _, a, b, x: -a * special.hyperu(a + 1, b + 1, x)],
    sample=orders((0.5, 1.5), (2, 1), low=0.5, high=3), ref="DLMF 13.3.22",
)  # fmt: skip
wright_bessel = elementwise(
    "wright_bessel", special.wright_bessel, dtypes="f",
    partials=[refused("wright_bessel", "the parameter a"),
              refused("wright_bessel", "the parameter b", 1),
              lambda _, a, b, x: special.wright_bessel(a, a + b, x)],
    sample=orders((0.5, 1.5), (1, 2), low=0.2, high=2), ref="DLMF 10.46",
)  # fmt: skip
if hasattr(special, "log_wright_bessel"):  # SciPy 1.14
    log_wright_bessel = elementwise(
        "log_wright_bessel", special.log_wright_bessel, dtypes="f",
        partials=[refused("log_wright_bessel", "the parameter a"),
                  refused("log_wright_bessel", "the parameter b", 1),
                  lambda y, a, b, x: np.exp(special.log_wright_bessel(a, a + b, x)
                                            - y)],
        sample=orders((0.5, 1.5), (1, 2), low=0.2, high=2), ref="DLMF 10.46",
    )  # fmt: skip

lambertw = elementwise(
    # scipy.special.lambertw is a function that calls this ufunc. The branch is an int.
    "lambertw", special._ufuncs._lambertw,
    partials=[lambda w, _z, _k, _tol: np.exp(-w) / (1 + w),
              None,
              None],
    sample=mixed(((0.3, 2), 0, 1e-8), ((0.3, 2), -1, 1e-8)), ref="DLMF 4.13",
)  # fmt: skip
