"""`scipy.ndimage` with derivatives.

Every public name of `scipy.ndimage`, with SciPy's signature. docs/coverage.md lists
what is differentiable, and why the rest is not.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import ndimage
>>> grad(lambda x: ndimage.uniform_filter1d(x, 3)[1])(np.ones(4)).round(3)
array([0.333, 0.333, 0.333, 0.   ])
"""

from __future__ import annotations

import scipy.ndimage

import wengert.primitives.scipy_ndimage  # noqa: F401  (registers faces)
from wengert.scipy.dropin import drop_in, in_order

__all__: list[str] = in_order(scipy.ndimage.__all__)

globals().update(drop_in(scipy.ndimage))
