"""`x.flat`: the elements of an array in C order, to read and to write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.graph.primitive import FACES
from wengert.trace.views import same_array

__all__ = ["Flat"]


class Flat:
    """Stand for `x.flat` of a Tracer."""

    __slots__ = ("base",)

    def __init__(self, base: Any) -> None:
        self.base = base

    def __iter__(self) -> Iterator[Any]:
        return iter(self._vector())

    def __len__(self) -> int:
        return self.base.size  # type: ignore[no-any-return]

    def __getitem__(self, key: Any) -> Any:
        return self._vector()[key].copy()

    def __setitem__(self, key: Any, value: Any) -> None:
        places = np.arange(self.base.size)[key]
        if isinstance(value, Flat):
            value = value.copy()
        if np.ndim(value) and np.shape(value) != places.shape:
            value = np.resize(value, places.shape)  # repeated as needed, as NumPy does
        if np.ndim(places) and same_array(value, self.base):
            # NumPy copies one element after the other, also where they overlap.
            for k, place in enumerate(places):
                self[int(place)] = value[np.unravel_index(k, value.shape)]
        elif self.base.shape == (self.base.size,):
            self.base[places] = value
        else:
            self.base[np.unravel_index(places, self.base.shape)] = value

    def copy(self) -> Any:
        """Give the elements as a new vector."""
        return FACES[np.copy](self._vector())

    def _vector(self) -> Any:
        return FACES[np.ravel](self.base)
