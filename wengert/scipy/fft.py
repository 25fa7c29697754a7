"""`scipy.fft` with derivatives.

Every public name of `scipy.fft`, with SciPy's signature.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import fft
>>> grad(lambda x: fft.dct(x)[0])(np.ones(3))
array([2., 2., 2.])
"""

from __future__ import annotations

import scipy.fft

import wengert.primitives.scipy_fft  # noqa: F401  (registers faces and rows)
from wengert.scipy.dropin import drop_in, in_order

__all__: list[str] = in_order(scipy.fft.__all__)

globals().update(drop_in(scipy.fft))
