"""`scipy.sparse` with derivatives.

Every public name of `scipy.sparse`, with SciPy's signature. Matrices made here multiply
traced vectors, and may be made of traced entries in plain places; of a matrix that
SciPy made, `csr_array(A)` is one of these.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy import sparse
>>> A = sparse.csr_array(np.array([[1.0, 2.0], [0.0, 3.0]]))
>>> grad(lambda x: (A @ x).sum())(np.ones(2))
array([1., 5.])
"""

from __future__ import annotations

import scipy.sparse

import wengert.primitives.scipy_sparse  # noqa: F401  (registers rows)
from wengert.scipy import dropin
from wengert.scipy.sparse import arrays, building, linalg

__all__: list[str] = dropin.in_order(scipy.sparse.__all__)

globals().update(dropin.drop_in(scipy.sparse, building, arrays) | {"linalg": linalg})
