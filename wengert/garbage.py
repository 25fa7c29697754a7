"""Keep Python's garbage collector out of our own long computations.

It goes through all objects each time that their number has grown by a quarter. A Graph
of 50,000 equations is a million of them, none of which is garbage: passes took three
times as long.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect no cyclic garbage meanwhile; not for code of users, which may make it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
