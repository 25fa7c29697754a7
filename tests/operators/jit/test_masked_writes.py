"""Writes where a mask holds: one path for all masks, unless each place has a value."""

import numpy as np
import pytest

from wengert import fori_loop, grad, jit, trace
from wengert.errors import ControlFlowError


def clipped(x):
    y = x.copy()
    y[y < 0] = 0.0
    return y


def rows(x, v):
    y = x * 2
    y[y.sum(axis=1) > 0] = v
    return y


def through_a_view(x):
    y = x * 1
    part = y.T[1:]
    part[part > 0.5] = y[0, 0]
    return y


def chosen_twice(x):
    y = x * 1
    y[y > 0] = y.max()
    y[~(y > 0)] = 1
    return y


V = np.array([1.0, -2.0, 3.0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("f", "more"),
    [(clipped, ()), (rows, (V,)), (rows, (0.5,)), (through_a_view, ()),
     (chosen_twice, ())],
)  # fmt: skip
def test_a_write_where_a_mask_holds_is_one_path(f, more, dtype):
    jitted = jit(f)
    rng = np.random.default_rng(0)
    for _ in range(8):
        x = rng.normal(size=(4, 3)).astype(dtype)
        np.testing.assert_array_equal(jitted(x, *more), f(x, *more), strict=True)
    (path,) = jitted.report(x, *more).paths
    assert not path.guards


def test_the_derivative_of_a_masked_write_is_that_of_where():
    def by_mask(x):
        return np.sum(np.sin(clipped(x) * x))

    def by_where(x):
        return np.sum(np.sin(np.where(x < 0, 0.0, x) * x))

    df = jit(grad(by_mask))
    for x in np.random.default_rng(1).normal(size=(5, 6)):
        np.testing.assert_allclose(df(x), grad(by_where)(x), rtol=1e-12)


def test_masks_write_in_the_bodies_of_loops():
    def f(x):
        def body(i, c):
            c[c > 0.5] = 0.1 * i
            return c + 0.3

        return fori_loop(0, 4, body, x)

    x = np.linspace(-1.0, 1.0, 7)
    np.testing.assert_allclose(jit(f).compile(x)(x), f(x), rtol=1e-12)


@pytest.mark.parametrize("value", [[7.0], np.array([1.0])])
def test_a_value_for_each_place_asks_how_many_there_are(value):
    def f(x):
        y = x * 1
        y[y > 1.5] = value
        return y

    jitted = jit(f)
    for x in (np.array([1.0, 2.0]), np.array([2.0, 1.0]), np.array([2.0, 3.0])) * 2:
        np.testing.assert_array_equal(jitted(x), f(x))


def test_masks_and_values_of_wrong_shapes_raise_as_in_numpy():
    def short(x):
        y = x * 1
        y[y[:2] > 0] = 1.0
        return y

    def wide(x):
        y = x * 1
        y[x[:, 0] > 0] = V[:2]
        return y

    x = np.ones((4, 3))
    for f, error in ((short, IndexError), (wide, ValueError)):
        for g in (f, jit(f), grad(lambda x, f=f: f(x).sum())):
            with pytest.raises(error):
                g(x)


def test_reading_by_a_mask_in_a_loop_names_what_to_write():
    def body(i, c):
        c[c > 0.5] *= 2.0
        return c

    with pytest.raises(ControlFlowError, match=r"np\.where\(mask"):
        trace(lambda x: fori_loop(0, 3, body, x), np.ones(4))
