"""Plain arrays that a graph keeps must be what they were when it used them.

What trace/captured.py does for a tape is done here for each use: a graph refers to an
array by a view of its own, and as long as that lives it is noted what the array was.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

import numpy as np

from wengert.errors import user_source
from wengert.trace.captured import Captured, changed, fingerprint, has_changed

__all__ = ["Uses"]


class Uses(Captured):
    """The plain arrays that the graphs of a level keep."""

    __slots__ = ("_notes",)

    def __init__(self) -> None:
        super().__init__()
        self._notes: dict[int, tuple[Any, Any, Any]] = {}

    @property
    def any(self) -> bool:
        """Whether there are notes."""
        return bool(self._notes)

    def noted(self, array: Any) -> Any:
        """Note what an array is; one that nobody can write to need not be noted."""
        if array.base is None and not array.flags.writeable:
            return array
        view, notes = array.view(), self._notes
        key = id(view)
        note = ref(view, lambda _: notes.pop(key, None))
        notes[key] = note, fingerprint(array), user_source()
        return view

    def verify(self, entry: tuple[Any, ...]) -> None:
        """Compare the arrays of an entry with what they were.

        Raises
        ------
        CapturedArrayError
            Names the array's type and the line that used it.
        """
        for part in entry:
            for array in part if type(part) is tuple else (part,):
                note = self._notes.get(id(array)) if type(array) is np.ndarray else None
                if note is not None and has_changed(array, note[1]):
                    raise changed(array, note[2])
