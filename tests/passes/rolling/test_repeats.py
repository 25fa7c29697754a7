"""Repeats are those that a comparison of all with all finds."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert.passes.rolling.repeats import Stretch, repeats


def slow_repeats(sequence, shortest, steps):
    found = []
    n = len(sequence)
    for period in range(1, n // steps + 1):
        start = 0
        while start + period < n:
            stop = start
            while stop + period < n and sequence[stop] == sequence[stop + period]:
                stop += 1
            if stop > start and stop + period - start >= max(shortest, steps * period):
                found.append(Stretch(period, start, stop + period))
            start = stop + 1
    return found


def primitive(found):
    """Leave out stretches of a multiple of the period of one that contains them."""
    return [
        s
        for s in found
        if not any(
            t.period < s.period
            and s.period % t.period == 0
            and t.start <= s.start
            and s.stop <= t.stop
            for t in found
        )
    ]


PIECES = st.tuples(
    st.lists(st.integers(0, 3), min_size=1, max_size=6), st.integers(1, 7)
)


@settings(deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=6), st.integers(4, 12))
def test_all_primitive_repeats_are_found(pieces, shortest):
    sequence = np.array([v for part, times in pieces for v in part * times])
    found = list(repeats(sequence, shortest=shortest, steps=4))
    slow = slow_repeats(sequence, shortest, 4)
    assert set(primitive(slow)) <= set(found) <= set(slow)
    assert found == sorted(found)


def test_a_loop_in_a_loop():
    sequence = np.array(([1, 2] * 5 + [3]) * 6)
    periods = {s.period for s in repeats(sequence, shortest=8, steps=4)}
    assert {2, 11} <= periods
