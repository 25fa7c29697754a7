import numpy as np
import pytest

from tests.nn.gradients import check
from wengert import grad, nn
from wengert.errors import ShapeError

RNG = np.random.default_rng(7)
OPTIONS = [
    {"size": 2}, {"size": (3, 2), "stride": 1}, {"size": 3, "stride": 2, "padding": 1},
    {"size": 2, "padding": "same"},
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("pool", [nn.max_pool, nn.average_pool])
def test_derivatives(pool, options):
    check(lambda x: pool(x, **options), RNG.normal(size=(2, 5, 5, 2)))


@pytest.mark.parametrize("options", OPTIONS)
def test_the_border_does_not_count(options):
    x = np.full((1, 5, 5, 1), -2.0)
    np.testing.assert_allclose(nn.max_pool(x, **options), -2)
    np.testing.assert_allclose(nn.average_pool(x, **options), -2)


def test_values_and_what_is_left_over():
    x = RNG.normal(size=(2, 5, 7, 3))
    blocks = x[:, :4, :6].reshape(2, 2, 2, 3, 2, 3)
    np.testing.assert_array_equal(nn.max_pool(x, 2), blocks.max((2, 4)))
    np.testing.assert_allclose(nn.average_pool(x, 2), blocks.mean((2, 4)))


def test_ties_share_evenly():
    slope = grad(lambda x: nn.max_pool(x, 2).sum())(np.zeros((1, 2, 2, 1)))
    np.testing.assert_array_equal(slope, np.full((1, 2, 2, 1), 0.25))


def test_float32_stays():
    x = np.ones((1, 4, 4, 1), np.float32)
    assert nn.average_pool(x, 3, 1, "same").dtype == np.float32


def test_shapes_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"max_pool: x \(2, 3\) has not the axes"):
        nn.max_pool(np.ones((2, 3)), 2)
    with pytest.raises(ShapeError, match=r"pool: x \(1, 1, 4, 1\) .* window \(2, 2\)"):
        nn.average_pool(np.ones((1, 1, 4, 1)), 2)
