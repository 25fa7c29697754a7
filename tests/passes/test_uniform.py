"""Captured arrays of equal elements become numbers, if nobody else holds them."""

import numpy as np
import pytest

from wengert import grad, trace
from wengert.passes.uniform import broadcast_uniform


def captured(f, *args):
    return [c.value for c in broadcast_uniform(trace(f, *args)).captures]


def test_arrays_made_inside_are_numbers():
    assert not captured(grad(lambda x: np.sum(x * x * 2.0)), np.ones(4))
    assert not captured(lambda x: x + np.zeros(4), np.ones(4))
    assert not captured(lambda x: x * np.broadcast_to(3.0, (4,)), np.ones(4))


def test_views_of_one_array_made_inside():
    def f(x):
        y = np.full(5, 2.0)
        return x * y[1:] + y[:-1] + np.sum(x) * y[0]

    assert not captured(f, np.ones(4))


@pytest.mark.parametrize("view", [lambda a: a, lambda a: a[1:], lambda a: a[::2]])
def test_arrays_that_others_hold_stay(view):
    held = np.ones(9)
    part = view(held)
    (kept,) = captured(lambda x: x * part, np.ones(part.shape))
    assert kept is part
    # A view made inside of an array from outside shows what is written there later.
    (kept,) = captured(lambda x: x * view(held), np.ones(part.shape))
    assert np.shares_memory(kept, held) or kept is held


def test_an_array_of_different_elements_stays():
    assert len(captured(lambda x: x * np.arange(3.0), np.ones(3))) == 1
    assert len(captured(lambda x: x * np.array([0.0, -0.0]), np.ones(2))) == 1


def test_nan_is_equal_to_itself():
    assert not captured(lambda x: x * np.full(3, np.nan), np.ones(3))
