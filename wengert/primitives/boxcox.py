"""Powers and Box and Cox's: (xᵏ − 1)/k = ln x·exprel(k·ln x).

Opened together with `wengert.primitives.special`, once SciPy's functions are in use.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from wengert.primitives.arithmetic import power_base_partial, power_exponent_partial
from wengert.primitives.axes import typed
from wengert.primitives.forms import elementwise
from wengert.primitives.samplers import reals

__all__ = ["slope"]

_LN10 = math.log(10)

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
