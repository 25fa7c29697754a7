"""`scipy.integrate` with derivatives.

Every public name of `scipy.integrate`, with SciPy's signature. Integrands may use
traced values, as arguments or from around them.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import integrate
>>> slope = grad(lambda a: integrate.quad(lambda t: np.exp(-a * t), 0, 1)[0])(1.0)
>>> print(f"{slope:.12f}")
-0.264241117657
"""

from __future__ import annotations

import scipy.integrate

import wengert.primitives.scipy_integrate  # noqa: F401  (registers faces)
from wengert.scipy import quadrature
from wengert.scipy.dropin import drop_in, in_order

__all__: list[str] = in_order(scipy.integrate.__all__)

globals().update(drop_in(scipy.integrate, quadrature))
