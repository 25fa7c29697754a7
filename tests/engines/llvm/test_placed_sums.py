"""Sums into parts of arrays that are broadcast, and long sums of short floats."""

import math

import numpy as np
import pytest

from tests.engines.llvm.test_native_programs import compare
from wengert import grad, jit


@pytest.mark.parametrize("shape", [(1, 33), (33,), (1, 1, 40), (2, 40)])
def test_a_scatter_broadcast_to_more_axes_is_added_whole(shape):
    def f(a):
        flat = a.reshape(-1)
        return np.sum(np.sin(a) * np.sum(a[..., None] * flat[:3]))

    compare(grad(f), (np.linspace(0.1, 1.0, math.prod(shape)).reshape(shape),))


@pytest.mark.parametrize("reduce", [np.sum, np.mean, lambda x: x @ x])
def test_long_sums_of_float32_keep_their_digits(reduce):
    x = np.full(3_000_000, np.float32(0.1))
    exact = reduce(x.astype(float))
    assert abs(jit(reduce).compile(x)(x) - exact) <= 1e-5 * exact


@pytest.mark.parametrize("n", [511, 16_383, 16_384, 16_385, 40_001, 131_072])
def test_sums_in_blocks_leave_nothing_out(n):
    x = np.arange(n, dtype=np.float32) % 3
    result = jit(lambda x: (x.sum(), x.max(), (x + 1).sum())).compile(x)(x)
    assert result == (x.sum(), 2.0, x.sum() + n)


@pytest.mark.parametrize("mean", [np.mean, np.average, np.nanmean])
def test_the_mean_of_integers_does_not_overflow(mean):
    mean_of = jit(mean).compile(np.arange(10))
    assert mean_of(np.full(10, 1_700_000_000_000_000_000)) == 1.7e18
