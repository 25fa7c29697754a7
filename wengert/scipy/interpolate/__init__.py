"""`scipy.interpolate` with derivatives.

Every public name of `scipy.interpolate`, with SciPy's signature. Interpolants are
differentiable in the points where they are evaluated, in the values and, where it says
so, in the nodes.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import interpolate
>>> x, y = np.arange(5.0), np.array([0.0, 1.0, 4.0, 9.0, 16.0])
>>> print(f"{grad(interpolate.CubicSpline(x, y))(1.5):.6f}")
3.000000
"""

from __future__ import annotations

import scipy.interpolate

from wengert.scipy import dropin
from wengert.scipy.interpolate import (
    bsplines,
    cubics,
    fitpack,
    grids,
    piecewise,
    scattered,
)

__all__: list[str] = dropin.in_order(scipy.interpolate.__all__)

globals().update(
    {**dropin.drop_in(scipy.interpolate, bsplines, cubics, grids, piecewise, scattered),
     **{name: getattr(fitpack, name) for name in fitpack.__all__}}
)  # fmt: skip
