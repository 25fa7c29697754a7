"""`scipy.signal` with derivatives.

Every public name of `scipy.signal`, with SciPy's signature. docs/coverage.md lists what
is differentiable, and why the rest is not.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import signal
>>> grad(lambda b: signal.lfilter(b, [1.0, -0.5], np.ones(3)).sum())(np.array([1.0]))
array([4.25])
"""

from __future__ import annotations

import scipy.signal

import wengert.primitives.scipy_ndimage  # noqa: F401  (has the median filter)
import wengert.primitives.scipy_signal  # noqa: F401  (registers faces and rows)
from wengert.scipy.dropin import drop_in, in_order

__all__: list[str] = in_order(scipy.signal.__all__)

globals().update(drop_in(scipy.signal))
