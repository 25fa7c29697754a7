"""Owners: which loop gives a var, at which step; and loops cut to fit each other.

What a loop reads from an earlier one is best a slice of what that one stacks. So a few
steps at the ends of a loop that read something else are left out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.passes.rolling.listing import Listing
from wengert.passes.rolling.steps import Loop, Series, with_roles

__all__ = ["Owners", "Piece"]

_FEW = 2  # steps that are left out at an end
_PIECES = 8  # that a series is joined of, unless its parts are small
_SMALL = 16  # elements
_MANY = 1 << 20  # elements of captured arrays that are stacked

Ints = np.ndarray[Any, Any]


class Piece(NamedTuple):
    """A part of a series: one output of a loop at steps in equal distances.

    Where no loop gives the vars, `loop` is None and `steps` are their numbers.
    """

    loop: Loop | None
    offset: int
    steps: Ints


class Owners:
    """The loops of a Listing, found by the numbers of vars."""

    def __init__(self, listing: Listing) -> None:
        self.loops: list[Loop] = []
        self._listing = listing
        self._owner: Ints = np.full(len(listing.atoms), -1, np.int64)

    def enter(self, loop: Loop) -> None:
        """Enter a loop that is given after those entered so far, cut to fit them."""
        fitting = self._cut(loop)
        if fitting is not None:
            first = fitting.first
            last = first + fitting.width * fitting.length
            self._owner[first:last] = len(self.loops)
            self.loops.append(fitting)

    def find(self, number: int) -> tuple[Loop, int, int] | None:
        """Find the loop that gives a var, the number within a step, and the step."""
        owner = int(self._owner[number]) if number >= 0 else -1
        if owner < 0:
            return None
        loop = self.loops[owner]
        step, offset = divmod(number - loop.first, loop.width)
        return loop, offset, step

    def pieces(self, numbers: Sequence[int]) -> list[Piece]:
        """Cut a series of var numbers into pieces."""
        series: Ints = np.array(numbers, np.int64)
        owners = self._owner[series]
        firsts = np.array([loop.first for loop in self.loops] + [0])
        widths = np.array([loop.width for loop in self.loops] + [1])
        steps, offsets = np.divmod(series - firsts[owners], widths[owners])
        same = (np.diff(owners) == 0) & ((np.diff(offsets) == 0) | (owners[1:] < 0))
        cuts = np.flatnonzero(~same) + 1
        pieces = []
        edges = [0, *cuts.tolist(), len(series)]
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            owner = int(owners[start])
            if owner < 0:
                pieces.append(Piece(None, 0, series[start:stop]))
                continue
            for part in _even_parts(steps[start:stop]):
                pieces.append(Piece(self.loops[owner], int(offsets[start]), part))
        return pieces

    def _cut(self, loop: Loop | None) -> Loop | None:
        while loop is not None:
            kept = self._kept(loop)
            if kept is None or kept == (0, loop.length):
                return loop if kept else None
            loop = with_roles(loop.part(*kept)) if kept[0] < kept[1] else None
        return None

    def _kept(self, loop: Loop) -> tuple[int, int] | None:
        """Say which steps fit, or None if a series is not to be had cheaply."""
        low, high = 0, loop.length
        roles = dict.fromkeys(role for roles in loop.roles for role in roles)
        for role in roles:
            if not isinstance(role, Series) or role.dtype is not None:
                continue
            pieces = self.pieces(role.numbers)
            owned = any(piece.loop for piece in pieces)
            if self._is_cheap(role, pieces):
                continue
            if owned and len(pieces[0].steps) <= _FEW:
                low = max(low, len(pieces[0].steps))
            elif owned and len(pieces[-1].steps) <= _FEW:
                high = min(high, loop.length - len(pieces[-1].steps))
            else:
                return None
        return low, high

    def _is_cheap(self, role: Series, pieces: list[Piece]) -> bool:
        if len(pieces) > _PIECES:
            return False
        type = self._listing.atoms[role.numbers[0]].type
        if type.size <= _SMALL:
            return True
        if len(pieces) > 1 or pieces[0].loop is not None:
            return len(pieces) == 1
        if type.size * len(role.numbers) <= _MANY:
            if self._listing.captured(role.numbers):
                return True
        return self._listing.reads(role.numbers) is not None


def _even_parts(steps: Ints) -> list[Ints]:
    """Cut numbers where they stop to rise evenly; one even part is the usual case."""
    uneven = np.flatnonzero(np.diff(steps, 2))
    if not len(uneven) and (len(steps) < 2 or steps[0] != steps[1]):
        return [steps]
    if len(uneven) > len(steps) // 4:
        return [steps[i : i + 1] for i in range(len(steps))]
    parts = []
    while len(steps):
        uneven = np.flatnonzero(np.diff(steps, 2))
        end = int(uneven[0]) + 2 if len(uneven) else len(steps)
        # A step that stays is no slice, but one and the same.
        end = 1 if len(steps) > 1 and steps[0] == steps[1] else end
        parts.append(steps[:end])
        steps = steps[end:]
    return parts
