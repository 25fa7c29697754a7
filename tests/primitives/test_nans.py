"""A NaN is seen wherever it stands; numbers without one pass quietly."""

import numpy as np
import pytest

from wengert.primitives.nans import may_have_nan


@pytest.mark.parametrize("n", [1, 7, 9_999, 10_000, 30_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_a_nan_is_found_at_any_place(n, dtype):
    x = np.full(n, 1e30, dtype)
    assert not may_have_nan(x)
    for place in {0, n // 2, n - 1}:
        y = x.copy()
        y[place] = np.nan
        assert may_have_nan(y)


def test_infinities_and_overflow_are_no_nan_and_no_warning():
    assert not may_have_nan(np.full(20_000, 1e308))
    assert not may_have_nan(np.full(20_000, np.inf))
    assert not may_have_nan(np.array([np.inf, -np.inf]))
    assert not may_have_nan(np.float64(np.inf)) and may_have_nan(np.float64(np.nan))


def test_other_shapes_and_layouts():
    x = np.ones((200, 100)).T
    assert not may_have_nan(x)
    x[3, 4] = np.nan
    assert may_have_nan(x) and not may_have_nan(np.zeros((0, 3)))
