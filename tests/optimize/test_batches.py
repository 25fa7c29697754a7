import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wengert.errors import ArgumentError, ShapeError
from wengert.optimize.batches import Batches


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 5), st.integers(0, 3))
def test_each_observation_once_an_epoch(count, batch, epoch, seed):
    data = np.arange(float(count)), np.arange(count) * 2.0
    batches = Batches(data, batch, seed)
    found = list(batches.epoch(epoch))
    assert len(found) == batches.in_epoch
    assert all((y == 2 * x).all() for x, y in found)
    assert sorted(np.concatenate([x for x, _ in found])) == list(range(count))
    rest = list(batches.epoch(epoch, skip=1))
    for (a, _), (b, _) in zip(found[1:], rest, strict=True):
        np.testing.assert_array_equal(a, b)


def test_order():
    x = np.arange(20)
    first = [np.concatenate(list(Batches(x, 6, 0).epoch(e))) for e in (0, 1)]
    assert (first[0] != first[1]).any()
    plain = np.concatenate(list(Batches(x, 6, None).epoch(1)))
    np.testing.assert_array_equal(plain, x)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match=r"data\[0\] \(3,\), data\[1\] \(4,\)"):
        Batches((np.ones(3), np.ones(4)), 2, 0)
    with pytest.raises(ShapeError):
        Batches(3.0, 2, 0)
    with pytest.raises(ShapeError):
        Batches(np.ones((0, 2)), 2, 0)
    with pytest.raises(ArgumentError):
        Batches(np.ones(3), 0, 0)
