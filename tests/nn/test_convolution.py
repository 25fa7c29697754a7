import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from tests.nn.gradients import check
from wengert import nn
from wengert.errors import ArgumentError, ShapeError

RNG = np.random.default_rng(5)


def by_loops(x, w, stride, dilation):
    """Convolve without a border, a place and a kernel at a time."""
    (a, b), (c, d) = stride, dilation
    rows, columns = (w.shape[0] - 1) * c + 1, (w.shape[1] - 1) * d + 1
    shape = ((x.shape[1] - rows) // a + 1, (x.shape[2] - columns) // b + 1)
    y = np.empty((len(x), *shape, w.shape[3]))
    for i, j in itertools.product(*map(range, shape)):
        seen = x[:, i * a : i * a + rows : c, j * b : j * b + columns : d]
        y[:, i, j] = np.tensordot(seen, w, 3)
    return y


@pytest.mark.parametrize("options", [{}, {"stride": (2, 1), "dilation": (1, 2)}])
def test_large_windows(options):
    w, x = RNG.normal(size=(7, 6, 2, 3)), RNG.normal(size=(2, 9, 13, 2))
    stride, dilation = options.get("stride", (1, 1)), options.get("dilation", (1, 1))
    y = nn.conv2d(x, w, **options)
    np.testing.assert_allclose(y, by_loops(x, w, stride, dilation), atol=1e-12)
    check(lambda x, w: nn.conv2d(x, w, **options), x[:1], w)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_against_loops(data):
    pick = lambda low, high: data.draw(st.integers(low, high))
    w = RNG.normal(size=(pick(1, 3), pick(1, 3), pick(1, 3), pick(1, 3)))
    stride, dilation = (pick(1, 3), pick(1, 3)), (pick(1, 2), pick(1, 2))
    before, after = (pick(0, 2), pick(0, 2)), (pick(0, 2), pick(0, 2))
    x = RNG.normal(size=(pick(1, 3), pick(5, 8), pick(5, 8), w.shape[2]))
    border = np.pad(x, ((0, 0), before, after, (0, 0)))
    y = nn.conv2d(x, w, None, stride, (before, after), dilation)
    np.testing.assert_allclose(y, by_loops(border, w, stride, dilation), atol=1e-12)


def test_against_scipy():
    x, w = RNG.normal(size=(9, 8)), RNG.normal(size=(3, 5))
    for padding in ("same", "valid"):
        y = nn.conv2d(x[None, :, :, None], w[:, :, None, None], padding=padding)
        np.testing.assert_allclose(y[0, :, :, 0], correlate(x, w, padding), atol=1e-12)


@pytest.mark.parametrize("length", range(4, 9))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_keeps_the_size_over_the_stride(length, stride):
    x, w = np.ones((1, length, length, 1)), np.ones((3, 2, 1, 1))
    y = nn.conv2d(x, w, stride=stride, padding="same")
    assert y.shape == (1, -(-length // stride), -(-length // stride), 1)


@pytest.mark.parametrize(
    "options",
    [{}, {"padding": "same", "stride": 2}, {"padding": (1, 0), "dilation": (1, 2)}],
)
def test_derivatives(options):
    p = nn.conv2d_params(RNG, (3, 2), 2, 3)
    x = RNG.normal(size=(2, 5, 4, 2))
    check(lambda x, p: nn.conv2d(x, **p, **options), x, p)


def test_one_by_one_is_a_dense_layer():
    p = nn.conv2d_params(RNG, 1, 4, 3)
    x = RNG.normal(size=(2, 3, 3, 4))
    np.testing.assert_allclose(nn.conv2d(x, **p), x @ p["w"][0, 0])


@pytest.mark.parametrize(
    ("x", "w", "said"),
    [
        (
            (2, 8, 8),
            (3, 3, 1, 4),
            r"conv2d: x \(2, 8, 8\) has not the axes \(batch, he",
        ),
        (
            (2, 8, 8, 3),
            (3, 3, 1, 4),
            r"conv2d: x \(2, 8, 8, 3\) does not fit w \(3, 3, ",
        ),
        ((2, 2, 8, 1), (3, 3, 1, 4), r"conv2d: x \(2, 2, 8, 1\) does not fit w"),
    ],
)
def test_shapes_that_do_not_fit(x, w, said):
    with pytest.raises(ShapeError, match=said):
        nn.conv2d(np.ones(x), np.ones(w))


@pytest.mark.parametrize(
    "options", [{"stride": 0}, {"stride": (1, 1, 1)}, {"padding": "full"},
                {"padding": -1}, {"dilation": 0}],
)  # fmt: skip
def test_options_that_mean_nothing(options):
    with pytest.raises(ArgumentError, match="conv2d: "):
        nn.conv2d(np.ones((1, 8, 8, 1)), np.ones((3, 3, 1, 1)), **options)
