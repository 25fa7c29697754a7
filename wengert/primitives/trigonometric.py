"""Trigonometric and hyperbolic functions, their inverses, and angles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.graph.primitive import Kink
from wengert.graph.types import ArrayType, promote
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import reals

__all__: list[str] = []

# ----- circular -----

sin = elementwise(
    "sin", np.sin,
    partials=[lambda _, x: np.cos(x)],
    sample=reals(-3, 3), ref="DLMF 4.20.1",
)  # fmt: skip
cos = elementwise(
    "cos", np.cos,
    partials=[lambda _, x: -np.sin(x)],
    sample=reals(-3, 3), ref="DLMF 4.20.2",
)  # fmt: skip
tan = elementwise(
    "tan", np.tan,
    partials=[lambda y, _: 1 + y * y],
    sample=reals(-1, 1), ref="DLMF 4.20.3",
)  # fmt: skip
arcsin = elementwise(
    "arcsin", np.arcsin,
    partials=[lambda _, x: 1 / np.sqrt((1 - x) * (1 + x))],
    kinks=[Kink((1.0,), (np.inf,))],
    sample=reals(-0.9, 0.9), ref="DLMF 4.24.7",
)  # fmt: skip
arccos = elementwise(
    "arccos", np.arccos,
    partials=[lambda _, x: -1 / np.sqrt((1 - x) * (1 + x))],
    kinks=[Kink((1.0,), (-np.inf,))],
    sample=reals(-0.9, 0.9), ref="DLMF 4.24.8",
)  # fmt: skip
arctan = elementwise(
    "arctan", np.arctan,
    partials=[lambda _, x: 1 / (1 + x * x)],
    sample=reals(-0.9, 0.9), ref="DLMF 4.24.9",
)  # fmt: skip
arctan2 = elementwise(
    # Divided twice by the length rather than once by its square, which may overflow.
    "arctan2", np.arctan2, dtypes="f",
    partials=[lambda _, y, x: x / np.hypot(x, y) / np.hypot(x, y),
              lambda _, y, x: -y / np.hypot(x, y) / np.hypot(x, y)],
    sample=reals((0.2, 2), (-2, 2)), ref="DLMF 4.24.9",
)  # fmt: skip

# ----- hyperbolic -----

sinh = elementwise(
    "sinh", np.sinh,
    partials=[lambda _, x: np.cosh(x)],
    sample=reals(-2, 2), ref="DLMF 4.34.1",
)  # fmt: skip
cosh = elementwise(
    "cosh", np.cosh,
    partials=[lambda _, x: np.sinh(x)],
    sample=reals(-2, 2), ref="DLMF 4.34.2",
)  # fmt: skip
tanh = elementwise(
    "tanh", np.tanh,
    partials=[lambda y, _: 1 - y * y],
    sample=reals(-1, 1), ref="DLMF 4.34.3",
)  # fmt: skip
arcsinh = elementwise(
    "arcsinh", np.arcsinh,
    partials=[lambda _, x: 1 / np.sqrt(x * x + 1)],
    sample=reals(-0.9, 0.9), ref="DLMF 4.38(ii)",
)  # fmt: skip
arccosh = elementwise(
    # Two roots: the root of the product would take the wrong branch for Re x < 0.
    "arccosh", np.arccosh,
    partials=[lambda _, x: 1 / (np.sqrt(x - 1) * np.sqrt(x + 1))],
    kinks=[Kink((1.0,), (np.inf,))],
    sample=reals(1.1, 3), ref="DLMF 4.38(ii)",
)  # fmt: skip
arctanh = elementwise(
    "arctanh", np.arctanh,
    partials=[lambda _, x: 1 / ((1 - x) * (1 + x))],
    sample=reals(-0.9, 0.9), ref="DLMF 4.38(ii)",
)  # fmt: skip

# ----- angles -----

deg2rad = elementwise(
    "deg2rad", (np.deg2rad, np.radians), dtypes="f",
    partials=[math.pi / 180],
    sample=reals(-180, 180), ref="",
)  # fmt: skip
rad2deg = elementwise(
    "rad2deg", (np.rad2deg, np.degrees), dtypes="f",
    partials=[180 / math.pi],
    sample=reals(-3, 3), ref="",
)  # fmt: skip

# ----- sinc -----

# (w·cos w − sin w)/w² = −w/3 + w³/30 − … = Σ (−1)ᵏ 2k/(2k+1)! w²ᵏ⁻¹, k = 1, 2, …
_SERIES = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 12)]


def sinc_partial(_: Any, x: Any) -> Any:
    """Give the derivative of sin(πx)/(πx), which is smooth at 0.

    The quotient cancels there, its own derivatives more so; where |πx| < 1.3, the
    series serves, to full accuracy in the first orders.
    """
    w = math.pi * x
    small = np.absolute(w) < 1.3
    near = np.where(small, w, 0)
    far = np.where(small, 1, w)
    square = near * near
    series: Any = _SERIES[-1]
    for coefficient in reversed(_SERIES[:-1]):
        series = series * square + coefficient
    quotient = (np.cos(far) - np.sin(far) / far) / far
    return math.pi * np.where(small, near * series, quotient)


sinc = elementwise(
    "sinc", np.sinc,
    type=lambda x: ArrayType(x.shape, promote(x, 1.0)),
    partials=[sinc_partial],
    kinks=[Kink((0.0,), (0.0,))],
    sample=reals(-2, 2), ref="DLMF 10.49(i)",
)  # fmt: skip
