"""When to keep states, and when to compute them once more, to sweep back over a loop.

With c snapshots, the one of the first state among them, and no step done more than r
times, β(c, r) = (c + r)! / (c! r!) steps can be swept back over. To sweep over l steps,
β(c, r−1) < l ≤ β(c, r), takes at least

    t(l, c) = r·l − β(c+1, r−1)

steps forward, besides those done within the sweep itself; the schedule here takes just
these. It goes some way forward, keeps the state, does the same with what lies ahead and
one snapshot less, and then with the way behind (Griewank & Walther, 2000, "Algorithm
799: revolve", ACM Trans. Math. Softw. 26; 2008, ch. 12).

Worked example, l = 4 and c = 2: β(2, 1) = 3 < 4 ≤ 6 = β(2, 2), so r = 2 and
t = 2·4 − β(3, 1) = 4, which are 2 + 1 + 1:

    0 → 2, keep 2;  2 → 3;  back 3;  from 2: back 2;  from 0: 0 → 1;  back 1;  back 0
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import comb
from typing import NamedTuple

__all__ = [
    "Action",
    "advance_by",
    "fewest_snapshots",
    "first_kept",
    "forward_steps",
    "reach",
    "repetitions",
    "schedule",
]


class Action(NamedTuple):
    """One move of a schedule.

    Attributes
    ----------
    what : str
        "advance": go from the state at `start` to that at `stop`; "keep" the state at
        `start`, where one is now; "restore": go to the kept one at `start`; "drop" it;
        "back": sweep over the step that begins at `start`, where one is now.
    start, stop : int
    """

    what: str
    start: int
    stop: int


def reach(snapshots: int, repeats: int) -> int:
    """Give β(c, r): how many steps c snapshots allow for, each done r times at most."""
    return comb(snapshots + repeats, repeats) if min(snapshots, repeats) >= 0 else 0


def repetitions(steps: int, snapshots: int) -> int:
    """Give the least r with β(c, r) ≥ l: how often some step is done."""
    repeats = 0
    while reach(snapshots, repeats) < steps:
        repeats += 1
    return repeats


def forward_steps(steps: int, snapshots: int) -> int:
    """Give t(l, c): how many steps forward are needed, besides those swept over.

    Examples
    --------
    >>> forward_steps(10, 3), forward_steps(10, 10), forward_steps(10, 1)
    (15, 9, 45)
    """
    repeats = repetitions(steps, snapshots)
    return repeats * steps - reach(snapshots + 1, repeats - 1)


def fewest_snapshots(steps: int, repeats: int) -> int:
    """Give the least c with β(c, r) ≥ l."""
    low, high = 0, max(steps, 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reach(middle, repeats) >= steps else (middle, high)
    return high


def advance_by(steps: int, snapshots: int) -> int:
    """Tell how far to go from a kept state before the next is kept.

    Parameters
    ----------
    steps : int
        That are to be swept over from here; two at least.
    snapshots : int
        The kept state here among them.
    """
    if snapshots < 2:
        return steps - 1
    r = repetitions(steps, snapshots)
    # Behind and ahead, each step is to be done as often as is unavoidable.
    most = min(reach(snapshots, r - 1), steps - reach(snapshots - 1, r - 1))
    return max(most, 1)


def schedule(
    steps: int, snapshots: int, kept: Sequence[int] = (0,)
) -> Iterator[Action]:
    """List the actions that sweep back over a loop.

    Parameters
    ----------
    steps : int
    snapshots : int
        How many states may be kept at one time, the first among them.
    kept : sequence of int
        The states that are kept already, in order; the first is 0.

    Examples
    --------
    >>> for action in schedule(3, 2):
    ...     print(action.what, action.start, action.stop)
    restore 0 0
    advance 0 1
    keep 1 1
    advance 1 2
    back 2 3
    restore 1 1
    drop 1 1
    back 1 2
    restore 0 0
    drop 0 0
    back 0 1
    """
    stack = list(kept)
    for end in range(steps, 0, -1):
        at = stack[-1]
        yield Action("restore", at, at)
        if at == end - 1:
            yield Action("drop", stack.pop(), at)
        while at < end - 1:
            free = snapshots - len(stack)
            further = at + advance_by(end - at, free + 1)
            yield Action("advance", at, further)
            at = further
            if free and at < end - 1:
                stack.append(at)
                yield Action("keep", at, at)
        yield Action("back", at, end)


def first_kept(steps: int, snapshots: int) -> list[int]:
    """List the states to keep on the first run, with which a schedule begins."""
    kept, at = [0], 0
    while len(kept) < snapshots and at < steps - 1:
        at += advance_by(steps - at, snapshots - len(kept) + 1)
        if at < steps - 1:
            kept.append(at)
    return kept
