"""`scipy.special` with derivatives.

Every public name of `scipy.special`. Ufuncs are SciPy's own objects, which answer
traced values by themselves; functions that SciPy writes in Python do so here alone.
docs/coverage.md lists what is differentiable, and why the rest is not.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import special
>>> grad(special.logsumexp)(np.zeros(4))
array([0.25, 0.25, 0.25, 0.25])
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

import wengert.primitives.special  # noqa: F401  (registers faces and rows)
from wengert.scipy.dropin import drop_in, in_order

__all__: list[str] = in_order(scipy.special.__all__)

globals().update(drop_in(scipy.special))
globals().update(
    {
        name: value
        for name, value in vars(scipy.special).items()
        if isinstance(value, np.ufunc)
    }
)


def __getattr__(name: str) -> Any:
    # Submodules that SciPy has not opened yet.
    return getattr(scipy.special, name)
