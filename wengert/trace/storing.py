"""Whether Python is storing a value: `k[i] = x` asks x for an int as `int(x)` does.

An array of integers truncates what is written into it, without a word. NumPy calls
`x.__int__` for that, straight from the user's frame, whose instruction tells.
"""

from __future__ import annotations

import dis
import types
from typing import Any

from wengert.errors import ArgumentError, user_source
from wengert.graph.types import ArrayType

__all__ = ["is_stored", "truncated"]

_STORING = frozenset(
    dis.opmap[name] for name in ("STORE_SUBSCR", "STORE_SLICE") if name in dis.opmap
)


def is_stored(frame: types.FrameType) -> bool:
    """Tell whether a frame stands at `container[key] = value`."""
    return frame.f_code.co_code[frame.f_lasti] in _STORING


def truncated(x: Any) -> ArgumentError:
    """Make the error of a traced value that an array of integers would truncate."""
    return ArgumentError(
        f"a traced value {ArrayType.of(x)!r} is written into an array of integers (at "
        f"{user_source()}), which would truncate it and end its derivative. Make the "
        "array of floats, np.zeros(n); to truncate, say so: k[i] = int(x)."
    )
