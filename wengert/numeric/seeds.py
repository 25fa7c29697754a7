"""Random directions and seeds: none of whose elements goes unfelt.

Elements are drawn between ½ and 1½ times the size of what they move, since a small one
would hide a wrong derivative; and with few bits, so that x + h·v rarely rounds, h being
a power of two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.numeric.points import extent
from wengert.numeric.schemes import Array

__all__ = ["Seeds"]


class Seeds:
    """Draw directions, reproducibly.

    Parameters
    ----------
    seed : int
    positive : bool
        Whether all real and imaginary parts are positive, so that a difference from
        one side is from the same side in each element.
    """

    def __init__(self, seed: int, positive: bool = False) -> None:
        self.generator = np.random.default_rng(seed)
        self.positive = positive

    def direction(self, array: Array) -> Array:
        """Draw a direction to move an array by, on the scale of its elements."""
        size = extent(array)
        direction = size * self._factors(array.shape)
        if array.dtype.kind == "c":
            direction = direction + 1j * size * self._factors(array.shape)
        return np.asarray(direction, dtype=array.dtype)

    def cotangent(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """Draw a cotangent with elements of size about 1."""
        return self.direction(np.zeros(shape, dtype))

    def _factors(self, shape: tuple[int, ...]) -> Array:
        size = self.generator.integers(32, 97, shape) / 64.0
        if not self.positive:
            size = size * self.generator.choice([-1.0, 1.0], shape)
        return np.asarray(size)
