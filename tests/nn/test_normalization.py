import numpy as np
import pytest

from tests.nn.gradients import check
from wengert import nn
from wengert.errors import ShapeError

RNG = np.random.default_rng(11)
X = RNG.normal(size=(4, 3, 5)) * 3 + 2
SCALE, SHIFT = RNG.normal(size=5), RNG.normal(size=5)


def test_layer_norm():
    y = nn.layer_norm(X, eps=0.0)
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(-1), 1)
    check(nn.layer_norm, X[0], SCALE, SHIFT)


def test_batch_norm():
    y, state = nn.batch_norm(X, eps=0.0)
    np.testing.assert_allclose(y.mean((0, 1)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((0, 1)), 1)
    np.testing.assert_allclose(state["variance"], X.reshape(-1, 5).var(0, ddof=1))
    check(lambda x, a, b: nn.batch_norm(x, a, b)[0], X[0], SCALE, SHIFT)


def test_running_statistics_come_to_those_of_the_data():
    state = nn.batch_norm_state(5)
    for _ in range(200):
        _, state = nn.batch_norm(X, state=state)
    y, after = nn.batch_norm(X, SCALE, SHIFT, state, training=False, eps=0.0)
    np.testing.assert_array_equal(after["mean"], state["mean"])
    normal = (X - X.mean((0, 1))) / X.reshape(-1, 5).std(0, ddof=1)
    np.testing.assert_allclose(y, normal * SCALE + SHIFT, atol=1e-6)


def test_shapes_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"layer_norm: scale \(4,\) does not fit x"):
        nn.layer_norm(X, np.ones(4))
    with pytest.raises(ShapeError, match=r"batch_norm: x .* does not fit mean \(4,\)"):
        nn.batch_norm(X, state=nn.batch_norm_state(4))
    with pytest.raises(ShapeError, match="batch_norm: .* state"):
        nn.batch_norm(X, training=False)
