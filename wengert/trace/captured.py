"""Constants that a pullback keeps must be what they were when f used them.

Plain arrays can be written to after f has used them, in f itself (a work array in a
loop) or before a pullback is called. A small one is therefore copied at each use. Of a
large one the tape notes at its first use what it was, and compares before each sweep,
so that a changed array raises instead of giving a wrong derivative. Up to 128 KiB it
notes a copy. Beyond, a hash of 1024 words spread over the array: an array that is
filled anew is found, a change of single elements perhaps not; to copy all of it would
double the cost of a product with a matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import ArgumentError, CapturedArrayError, Source, user_source
from wengert.graph.types import ArrayType

__all__ = ["Captured", "changed", "fingerprint", "has_changed"]

# Up to this many bytes an array is copied at each use; loops use arrays often.
_SMALL = 256
# Up to this many, it is noted by a copy, once, what an array was.
_COPIED = 2**17


class Captured:
    """The plain arrays that one tape keeps."""

    __slots__ = ("_prints",)

    def __init__(self) -> None:
        self._prints: dict[int, tuple[Any, Any, Source | None]] = {}

    def keep(self, array: Any) -> Any:
        """Give what the tape may keep of an array: a copy, or itself, noted."""
        if array.dtype.kind == "O":
            raise ArgumentError(
                "a traced value meets an array of Python objects, which has no "
                f"derivative (at {user_source()}). Convert it with a.astype(float)."
            )
        if array.nbytes <= _SMALL or not array.flags.c_contiguous:
            return array.copy()
        return self.noted(array)

    def noted(self, array: Any) -> Any:
        """Note what an array is, and give what the tape may keep of it."""
        if id(array) not in self._prints:
            self._prints[id(array)] = array, fingerprint(array), user_source()
        return array

    def check(self) -> None:
        """Compare all arrays with what they were.

        Raises
        ------
        CapturedArrayError
            Names the array's type and the line that used it.
        """
        for array, print_then, source in self._prints.values():
            if has_changed(array, print_then):
                raise changed(array, source)


def changed(array: Any, source: Source | None) -> CapturedArrayError:
    """Make the error of an array that is not what it was."""
    return CapturedArrayError(
        f"an array {ArrayType.of(array)!r} was changed after the differentiated "
        f"function had used it (at {source}), and the derivative needs what it was. "
        "Use a copy there: x * w.copy()."
    )


def fingerprint(array: Any) -> Any:
    """Give what tells whether the bytes have changed: a copy, or of many a hash."""
    data = array.reshape(-1).view(np.uint8)
    return data.copy() if array.nbytes <= _COPIED else _hash(data)


def has_changed(array: Any, before: Any) -> bool:
    """Tell whether an array is not what it was when its fingerprint was taken."""
    data = array.reshape(-1).view(np.uint8)
    if isinstance(before, int):
        return _hash(data) != before
    return not np.array_equal(data, before)


def _hash(data: Any) -> int:
    words = data[: data.size // 8 * 8].view(np.uint64)
    sample = words[(_PLACES * words.size).astype(np.int64)]
    # The high halves by themselves, since round floats differ in these only, and a
    # product modulo 2⁶⁴ shifts high bits out. An odd weight: a change of one word of
    # the sample always changes the sum.
    return int(np.dot(sample >> _HALF, _WEIGHTS)) ^ int(np.dot(sample, _WEIGHTS))


def _weights(count: int) -> Any:
    # SplitMix64 (Steele, Lea & Flood, 2014): numpy.random takes 12 ms to load.
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31)) | np.uint64(1)


_HALF = np.uint64(32)
_WEIGHTS = _weights(1024)
_PLACES = np.sort(_WEIGHTS / 2.0**64)
