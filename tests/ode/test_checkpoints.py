"""The backward sweep visits every step once, within its places and its repeats."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wengert.ode.checkpoints import backwards, kept_positions


@given(length=st.integers(1, 200), checkpoints=st.integers(1, 12))
def test_states_come_in_order_from_few_kept_ones(length, checkpoints):
    runs = [0] * length

    def advance(n, y):
        assert y == n  # the state before step n is n
        runs[n] += 1
        return n + 1

    found = list(backwards(advance, 0, length, 0, checkpoints))
    assert found == [(n, n) for n in reversed(range(length))]
    repeats = next(
        r for r in range(length) if math.comb(checkpoints + r, checkpoints) >= length
    )
    assert max(runs) <= repeats


@given(length=st.integers(1, 200), checkpoints=st.integers(1, 12))
def test_positions_are_in_order_and_no_more_than_asked(length, checkpoints):
    positions = kept_positions(length, checkpoints)
    assert positions == sorted(set(positions)) and positions[0] == 0
    assert len(positions) <= checkpoints and positions[-1] < length


@pytest.mark.parametrize("checkpoints", [None, 7, 100])
def test_all_states_are_kept_where_there_are_places(checkpoints):
    assert kept_positions(7, checkpoints) == list(range(7))
