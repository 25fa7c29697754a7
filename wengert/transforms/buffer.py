"""A cotangent that the sweep owns, so that slices of it can be added in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.primitives.indexing import filled
from wengert.trace.mutable import Mutable, owned_value
from wengert.trace.tracer import Tracer

__all__ = ["Buffer"]


class Buffer:
    """The cotangent of an array that is read in slices: n reads of single elements cost
    O(n), not the O(n²) of adding n arrays of zeros.

    It takes the place of an array in the sweep: `buffer + x_bar` adds in place.
    """

    __slots__ = ("array",)

    array: Any  # an ndarray or a Mutable

    def __init__(self, bar: Any, like: Any) -> None:
        if bar is None:
            self.array = np.zeros(like.shape, like.dtype)
        else:
            self.array = np.array(np.broadcast_to(bar, like.shape), like.dtype)

    @classmethod
    def copied(cls, bar: Any) -> Buffer:
        """Make one of a cotangent that others may hold too."""
        buffer = cls.__new__(cls)
        buffer.array = owned_value(bar)
        return buffer

    def trace(self) -> None:
        """Make the array one that traced values can be written to."""
        if not isinstance(self.array, Tracer):
            self.array = Mutable.of(self.array)

    def finished(self) -> Any:
        """Give the array, to which nothing will be added any more."""
        array = self.array
        return array.settled() if isinstance(array, Tracer) else array

    def scatter(
        self, y_bar: Any, indices: tuple[Any, ...], index: Any, unique: bool = True
    ) -> None:
        """Add to the places that were read; one read twice collects both."""
        if not indices:
            self.array[index] += y_bar
        elif unique:
            self.array[filled(index, indices)] += y_bar
        else:
            np.add.at(self.array, filled(index, indices), y_bar)

    def __add__(self, bar: Any) -> Any:
        if isinstance(bar, Tracer):
            return self.finished() + bar
        self.array += bar
        return self
