import numpy as np
import pytest

from tests.nn.gradients import check
from wengert import nn
from wengert.errors import ArgumentError, ShapeError


def test_the_mask():
    mask = nn.dropout_mask(np.random.default_rng(0), (200, 100), 0.3)
    assert set(np.unique(mask)) == {0.0, 1 / 0.7}
    assert np.mean(mask == 0) == pytest.approx(0.3, abs=0.02)
    assert mask.mean() == pytest.approx(1, abs=0.02)


def test_derivatives():
    mask = nn.dropout_mask(np.random.default_rng(0), (5,), 0.5)
    check(lambda x: nn.dropout(x, mask), np.arange(10.0).reshape(2, 5))
    x = np.ones(3)
    assert nn.dropout(x, None) is x


def test_refusals():
    with pytest.raises(ArgumentError, match="rate=1"):
        nn.dropout_mask(np.random.default_rng(0), (2,), 1)
    with pytest.raises(ShapeError, match=r"dropout: x \(3, 2\) does not fit mask \(3,"):
        nn.dropout(np.ones((3, 2)), np.ones(3))
