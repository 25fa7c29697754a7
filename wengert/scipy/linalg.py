"""`scipy.linalg` with derivatives.

Every public name of `scipy.linalg`, with SciPy's signature. docs/coverage.md lists what
is differentiable, and why the rest is not.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import linalg
>>> grad(lambda a: linalg.expm(a).sum())(np.zeros((2, 2)))
array([[1., 1.],
       [1., 1.]])
"""

from __future__ import annotations

import scipy.linalg

import wengert.primitives.scipy_linalg  # noqa: F401  (registers faces and rows)
from wengert.scipy.dropin import drop_in, in_order

__all__: list[str] = in_order(scipy.linalg.__all__)

globals().update(drop_in(scipy.linalg))
