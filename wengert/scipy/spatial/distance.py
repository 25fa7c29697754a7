"""`scipy.spatial.distance` with derivatives: pairs, `cdist` and `pdist`.

>>> import numpy as np
>>> from wengert import grad
>>> from wengert.scipy.spatial import distance
>>> grad(lambda u: distance.euclidean(u, np.zeros(2)))(np.array([3.0, 4.0]))
array([0.6, 0.8])
"""

from __future__ import annotations

import scipy.spatial.distance

import wengert.primitives.scipy_spatial  # noqa: F401  (registers faces)
from wengert.scipy.dropin import drop_in, in_order

__all__: list[str] = in_order(scipy.spatial.distance.__all__)

globals().update(drop_in(scipy.spatial.distance))
