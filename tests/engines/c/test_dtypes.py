"""Integers, bools and casts: what NumPy gives, at the ends of their ranges, too."""

import numpy as np
import pytest

from tests.engines.c.compiling import Batch, check_close, needs_cc
from wengert import trace

pytestmark = needs_cc

INTEGERS = [np.dtype(f"{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)]
SIGNED = [dtype for dtype in INTEGERS if dtype.kind == "i"]
ids = pytest.mark.parametrize("dtype", INTEGERS, ids=str)


def pairs(dtype):
    """Give all pairs of some numbers of a dtype, its ends among them."""
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    some = {low, low + 1, high, high - 1, 0, 1, 2, 3, 7, high // 3} | (
        {-1, -2, -3, -7} if dtype.kind == "i" else set()
    )
    numbers = np.array(sorted(some), dtype)
    x, y = np.meshgrid(numbers, numbers)
    return x.ravel(), y.ravel()


def compare(batch):
    for label, results, expected in batch.run():
        check_close(label, results, expected)


@ids
def test_integer_arithmetic(dtype, tmp_path):
    def f(x, y):
        one = dtype.type(1)
        return (
            x + y, x - y, x * y, -x, x // y, x % y, np.abs(x), np.sign(x), x**3,
            np.maximum(x, y), np.minimum(x, y), x & y, x | y, x ^ y, ~x,
            x << one, x >> one, x >> dtype.type(3), x < y, x <= y, x > y, x >= y,
            x == y, x != y, np.where(x > y, x, one), np.square(x),
        )  # fmt: skip

    batch, (x, y) = Batch(tmp_path), pairs(dtype)
    with np.errstate(all="ignore"):
        batch.add(trace(f, x, y), [x, y])
        compare(batch)


@ids
def test_integer_reductions(dtype, tmp_path):
    def f(x):
        return (
            x.sum(0), x.prod(), x.max(0), x.min(1), x.any(0), x.all(1),
            np.count_nonzero(x, 0), x.max(), x.sum(dtype=dtype),
        )  # fmt: skip

    x = np.resize(pairs(dtype)[0], (5, 40))
    batch = Batch(tmp_path)
    batch.add(trace(f, x), [x])
    batch.add(trace(f, x), [np.zeros_like(x)])
    compare(batch)


@ids
def test_integer_casts(dtype, tmp_path):
    def f(x):
        others = [x.astype(other) for other in SIGNED]
        return (*others, x.astype(float), x.astype(np.float32), x.astype(bool))

    x, batch = pairs(dtype)[0], Batch(tmp_path)
    batch.add(trace(f, x), [x])
    compare(batch)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_floats_to_integers(dtype, tmp_path):
    batch = Batch(tmp_path)
    for other in SIGNED:
        low, high = np.iinfo(other).min, np.iinfo(other).max
        fits = [0.0, -0.0, 0.99, 1.5, -1.5, 100.7, high / 3, low / 3, float(low)]
        x = np.array(fits, dtype)
        graph = trace(lambda x, other=other: x.astype(other), x)
        batch.add(graph, [x], other)
    compare(batch)


def test_bools(tmp_path):
    def f(x, y):
        return (
            x & y, x | y, x ^ y, ~x, x + y, x * y, x == y, x < y, x <= y, x > y,
            np.logical_not(x), np.maximum(x, y), np.minimum(x, y), x.sum(), x.max(),
            x.min(), x.any(), x.all(), x.prod(), x.astype(float), x * 2.5, x + 1,
            np.where(x, 1.0, 2.0), np.concatenate([x, y]),
        )  # fmt: skip

    x, y = np.meshgrid([True, False], [True, False])
    batch = Batch(tmp_path)
    batch.add(trace(f, x, y), [x, y])
    long = np.arange(100) % 7 > 3
    batch.add(trace(f, long, ~long), [long, ~long])
    compare(batch)


def test_hard_floats(tmp_path):
    hard = [0.0, -0.0, 1.0, -1.5, np.inf, -np.inf, np.nan, 5e-324, 1e308, -7.25, 2.5]
    x, y = (v.ravel() for v in np.meshgrid(hard, hard))

    def f(x, y):
        # The lowering does not divide by infinities as NumPy does.
        return (
            x + y, x * y, x - y, x // y, x % y, np.fmod(x, y), np.maximum(x, y),
            np.minimum(x, y), np.fmax(x, y), np.fmin(x, y), np.copysign(x, y), x < y,
            x <= y, x == y, x != y, np.sign(x), np.rint(x), np.floor(x), np.trunc(x),
            np.isnan(x), np.isinf(x), np.isfinite(x), np.signbit(x), x**2, x**y,
            np.hypot(x, y), np.arctan2(x, y), np.logaddexp(x, y), np.heaviside(x, y),
            np.sqrt(x), np.cbrt(x), np.expm1(x), np.abs(x), np.where(x, x, y),
        )  # fmt: skip

    batch = Batch(tmp_path)
    with np.errstate(all="ignore"):
        for dtype in (np.float64, np.float32):
            args = [x.astype(dtype), y.astype(dtype)]
            batch.add(trace(f, *args), args, dtype)
        compare(batch)


def test_constants_are_exact(tmp_path):
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 123456789.0]
    arrays = [np.array(numbers), np.array(numbers[:2] + [1e-45, 3e38], "f4")]
    arrays.append(np.array([-(2**63), 2**63 - 1, 0, -1]))
    arrays.append(np.array([2**64 - 1, 0], "u8"))
    arrays += [np.array([-128, 127], "i1"), np.array([-(2**31), 2**31 - 1], "i4")]
    batch = Batch(tmp_path)
    for a in arrays:
        scalars = [a[k] for k in range(len(a))]
        graph = trace(lambda x, a=a, s=scalars: (a.copy() * 1, *s, x), 1.0)
        batch.add(graph, [np.float64(1.0)])
    for _, results, expected in batch.run():
        for y, wanted in zip(results, expected, strict=True):
            assert y.tobytes() == np.asarray(wanted).tobytes()
