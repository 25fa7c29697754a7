"""Handing in: numbers in which loops of one kind differ.

An inner loop may use a number of the outer step, as in `s + 0.1 * i`: the same in all
its steps, but not in all the inner loops. Such a number is handed in, so that the inner
loops have one body, and the outer loop is found.
"""

from __future__ import annotations

from collections.abc import Sequence

from wengert.passes.rolling.steps import Fixed, Loop, number_dtype

__all__ = ["hand_in"]


def hand_in(loops: Sequence[Loop]) -> None:
    """Let loops of equal signs take the Literals in which they differ."""
    kinds: dict[tuple[int, bytes], list[Loop]] = {}
    for loop in loops:
        signs = loop.listing.signs[loop.start : loop.start + loop.period]
        kinds.setdefault((loop.length, signs.tobytes()), []).append(loop)
    for alike in kinds.values():
        if len(alike) > 1:
            _hand_in(alike)


def _hand_in(alike: list[Loop]) -> None:
    for position, roles in enumerate(alike[0].roles):
        for i in range(len(roles)):
            found = [loop.roles[position][i] for loop in alike]
            numbers = [role.number for role in found if isinstance(role, Fixed)]
            if len({*numbers}) < 2 or max(numbers) >= 0:
                continue
            dtypes = {number_dtype(alike[0], position, i, [n]) for n in numbers}
            if len(dtypes) > 1 or None in dtypes:
                continue
            for loop in alike:
                role = loop.roles[position][i]
                if isinstance(role, Fixed):
                    loop.roles[position][i] = Fixed(role.number, *dtypes)
