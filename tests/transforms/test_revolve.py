"""Schedules: they take the fewest steps there are, and keep no more than they may."""

import functools
import math

import pytest

from wengert.transforms.revolve import (
    fewest_snapshots,
    first_kept,
    forward_steps,
    reach,
    repetitions,
    schedule,
)


@functools.cache
def fewest(steps, snapshots):
    """Give the least number of steps forward, by trying all first moves."""
    if steps == 1:
        return 0
    if snapshots == 1:
        return steps * (steps - 1) // 2
    return min(
        k + fewest(steps - k, snapshots - 1) + fewest(k, snapshots)
        for k in range(1, steps)
    )


def followed(steps, snapshots, kept=(0,)):
    """Follow a schedule; give the steps forward, and how often each was done."""
    held, at, end = set(kept), None, steps
    done = [0] * steps
    for what, start, stop in schedule(steps, snapshots, kept):
        match what:
            case "restore":
                assert start in held
                at = start
            case "drop":
                held.remove(start)
            case "keep":
                assert at == start
                held.add(start)
                assert len(held) <= snapshots
            case "advance":
                assert at == start
                for k in range(start, stop):
                    done[k] += 1
                at = stop
            case "back":
                assert (at, start, stop) == (end - 1, end - 1, end)
                end -= 1
    assert end == 0 and not held
    return done


@pytest.mark.parametrize("snapshots", range(1, 9))
def test_schedules_take_the_fewest_steps(snapshots):
    for steps in range(1, 50):
        done = followed(steps, snapshots)
        expected = fewest(steps, snapshots)
        assert sum(done) == expected == forward_steps(steps, snapshots)
        assert max(done) <= repetitions(steps, snapshots)


def test_reach_is_the_binomial_coefficient():
    for snapshots in range(1, 6):
        for repeats in range(6):
            most = math.comb(snapshots + repeats, snapshots)
            assert reach(snapshots, repeats) == most
            assert repetitions(most, snapshots) <= repeats
            assert repetitions(most + 1, snapshots) == repeats + 1
            if repeats:
                assert fewest_snapshots(most, repeats) <= snapshots
                assert fewest_snapshots(most + 1, repeats) == snapshots + 1


def test_a_schedule_goes_on_from_the_first_run():
    for steps in (1, 2, 7, 30):
        for snapshots in (1, 2, 4, 40):
            kept = first_kept(steps, snapshots)
            assert kept[0] == 0 and len(kept) <= snapshots
            first = max(0, steps - 1)  # that run, up to the last step
            done = followed(steps, snapshots, kept)
            if snapshots > 1 or steps == 1:
                assert sum(done) + first >= fewest(steps, snapshots)
            last = kept[-1]
            assert sum(done) + last == fewest(steps, snapshots)


@pytest.mark.parametrize(("steps", "snapshots"), [(10**6, 180), (10**9, 40)])
def test_long_loops_are_counted_without_walking_them(steps, snapshots):
    r = repetitions(steps, snapshots)
    assert reach(snapshots, r - 1) < steps <= reach(snapshots, r)
    assert forward_steps(steps, snapshots) < r * steps
