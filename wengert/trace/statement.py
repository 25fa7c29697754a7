"""What the user's statement does with a plain array, as its bytecode tells.

`k[i] = x`, with an array k of integers, asks x for an int just as `int(x)` does, and
truncates it without a word. NumPy asks straight from the user's frame.

`B += x`, with a plain B and a traced x, asks NumPy to write into B, which cannot take
up x. But the statement binds its result to the name B again. Where nothing else refers
to B, giving B + x instead is the same; where something does, another name or a view, it
would not see the change.
"""

from __future__ import annotations

import dis
import sys
from types import FrameType
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, user_source
from wengert.graph.types import ArrayType

__all__ = ["is_stored", "may_rebind", "truncated"]

_BINARY_OP = dis.opmap["BINARY_OP"]
# The arguments of that instruction that stand for +=, −= and so on.
_IN_PLACE = range(13, 26)


class _Counter:
    """Give, in place of a sum, how many references to the array there are then."""

    def __array_ufunc__(self, *_: Any, **__: Any) -> int:
        return sys.getrefcount(_[2])


def _references_of_one_name() -> int:
    array: Any = np.zeros(1)
    array += _Counter()
    return int(array)


_ALONE = _references_of_one_name()


def may_rebind(array: Any, references: int, frame: FrameType) -> bool:
    """Tell whether a frame is at `array += …`, and no other name or view sees it.

    Parameters
    ----------
    array : ndarray
    references : int
        `sys.getrefcount(array)` in the method `__array_ufunc__` that `frame` called.
    """
    code = frame.f_code.co_code
    return (
        type(array) is np.ndarray
        and array.ndim > 0  # a sum would be a scalar, which cannot be written into
        and array.base is None
        and array.flags.owndata
        and references <= _ALONE
        and code[frame.f_lasti] == _BINARY_OP
        and code[frame.f_lasti + 1] in _IN_PLACE
    )


_STORING = frozenset(
    dis.opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in dis.opmap
)


def is_stored(frame: FrameType) -> bool:
    """Tell whether a frame stands at `container[key] = value`."""
    return frame.f_code.co_code[frame.f_lasti] in _STORING


def truncated(x: Any) -> ArgumentError:
    """Make the error of a traced value that an array of integers would truncate."""
    return ArgumentError(
        f"a traced value {ArrayType.of(x)!r} is written into an array of integers (at "
        f"{user_source()}), which would truncate it and end its derivative. Make the "
        "array of floats, np.zeros(n); to truncate, say so: k[i] = int(x)."
    )
