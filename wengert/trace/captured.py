"""Constants that a pullback keeps must be what they were when f used them.

Plain arrays can be written to after f has used them, in f itself (a work array in a
loop) or before a pullback is called. A small one is therefore copied. Of a large one
the tape keeps a fingerprint, taken at its first use and compared before each sweep, so
that a changed array raises instead of giving a wrong derivative. Up to 128 KiB every
word counts. Beyond, 1024 words spread over the array do: an array that is filled anew
is found, a change of single elements perhaps not; to read all of it twice would double
the cost of a product with a matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import ArgumentError, CapturedArrayError, Source, user_source
from wengert.graph.types import ArrayType

__all__ = ["Captured"]

# Up to this many bytes an array is copied at each use; loops use arrays often.
_SMALL = 256


class Captured:
    """The plain arrays that one tape keeps."""

    __slots__ = ("_prints",)

    def __init__(self) -> None:
        self._prints: dict[int, tuple[Any, int, Source | None]] = {}

    def keep(self, array: Any) -> Any:
        """Give what the tape may keep of an array: a copy, or itself, fingerprinted."""
        if array.dtype.kind == "O":
            raise ArgumentError(
                "a traced value meets an array of Python objects, which has no "
                f"derivative (at {user_source()}). Convert it with a.astype(float)."
            )
        if array.nbytes <= _SMALL or not array.flags.c_contiguous:
            return array.copy()
        if id(array) not in self._prints:
            self._prints[id(array)] = array, _fingerprint(array), user_source()
        return array

    def check(self) -> None:
        """Compare all fingerprints.

        Raises
        ------
        CapturedArrayError
            Names the array's type and the line that used it.
        """
        for array, print_then, source in self._prints.values():
            if _fingerprint(array) != print_then:
                raise CapturedArrayError(
                    f"an array {ArrayType.of(array)!r} was changed after the "
                    f"differentiated function had used it (at {source}), and the "
                    "derivative needs what it was. Use a copy there: x * w.copy()."
                )


def _fingerprint(array: Any) -> int:
    """Hash the bytes: sums of 64-bit words times random weights, modulo 2⁶⁴."""
    data = array.reshape(-1).view(np.uint8)
    words = data[: data.size // 8 * 8].view(np.uint64)
    rest = int.from_bytes(data[words.size * 8 :].tobytes(), "little")
    sample = words[(_PLACES * words.size).astype(np.int64)]
    # The high halves by themselves, since round floats differ in these only, and a
    # product modulo 2⁶⁴ shifts high bits out.
    mixed = int(np.dot(sample >> _HALF, _WEIGHTS[: sample.size]))
    if words.size > _WEIGHTS.size:
        words = sample
    # An odd weight: a change of one word always changes the sum.
    return rest ^ mixed ^ int(np.dot(words, _WEIGHTS[: words.size]))


def _weights(count: int) -> Any:
    # SplitMix64 (Steele, Lea & Flood, 2014): numpy.random takes 12 ms to load.
    z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31)) | np.uint64(1)


_HALF = np.uint64(32)
_WEIGHTS = _weights(16384)
_PLACES = np.sort(_WEIGHTS[:1024] / 2.0**64)
