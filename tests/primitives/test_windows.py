import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from wengert import check_grads, grad, jit, trace
from wengert.errors import MissingRuleError, ShapeError

RNG = np.random.default_rng(23)
X = RNG.normal(size=(12, 5, 4))


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((2, 3, 1), None), (3, 0), (11, 0), ((2, 4), (1, 0)), ((2, 3), (0, 0)), (5, -2),
     ((), ()), (0, 1)],
)  # fmt: skip
def test_values_and_derivatives(shape, axis):
    f = lambda x: sliding_window_view(x, shape, axis)
    np.testing.assert_array_equal(jit(f).compile(X)(X), f(X))
    g = lambda x: np.sum(
        np.sin(f(x)) * np.cos(np.arange(f(X).size)).reshape(f(X).shape)
    )
    check_grads(g, X, order=1).raise_if_failed()
    slope = jit(grad(g)).compile(X)(X)
    np.testing.assert_allclose(slope, grad(g)(X), 1e-9, 1e-12)


def test_a_moving_mean():
    slope = grad(lambda x: sliding_window_view(x, 3).mean(-1)[0])(np.arange(5.0))
    np.testing.assert_allclose(slope, [1 / 3, 1 / 3, 1 / 3, 0, 0])


def test_a_write_shows_in_the_view():
    def f(x):
        x = x * 1
        seen = sliding_window_view(x, 2)
        x[0] = 5.0
        return np.sum(seen * seen)

    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(grad(f)(x), [0, 8, 6])
    assert jit(f).compile(x)(x) == f(x)


@pytest.mark.parametrize("shape", [6, (2, 2), -1])
def test_windows_that_do_not_fit(shape):
    with pytest.raises(ValueError):
        sliding_window_view(np.ones(5), shape)
    with pytest.raises(ShapeError, match="sliding_window_view: a window"):
        trace(lambda x: sliding_window_view(x, shape), np.ones(5))


def test_views_to_write_to_are_refused():
    with pytest.raises(MissingRuleError, match="writeable=True"):
        grad(lambda x: sliding_window_view(x, 2, writeable=True).sum())(np.ones(5))
