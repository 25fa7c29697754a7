"""`scipy.spatial`, of which `distance` is differentiable."""

from __future__ import annotations

import scipy.spatial

from wengert.scipy import dropin
from wengert.scipy.spatial import distance

__all__: list[str] = dropin.in_order({*scipy.spatial.__all__, "distance"})

globals().update(dropin.drop_in(scipy.spatial) | {"distance": distance})
