"""Every rule of every row on arrays alone: no trace, no transform, no Graph.

The rows are found in the registry. The differences here are a few lines of their own;
`tests/conformance` goes through the engine and to second order.
"""

from __future__ import annotations

import zlib

import numpy as np
import pytest

import wengert.primitives  # noqa: F401  (fills the registry)
from wengert.errors import MissingRuleError
from wengert.graph.primitive import (
    PRIMITIVES,
    Constant,
    Elementwise,
    General,
    Linear,
    Multilinear,
)
from wengert.graph.types import ArrayType

STEP = 1e-5
DTYPES = [np.float64, np.float32, np.complex128]


@pytest.fixture(autouse=True)
def _without_warnings():
    with np.errstate(all="ignore"):
        yield


# ----- what the tests go through -----


def rows(*kinds):
    return [row for row in PRIMITIVES.values() if isinstance(row, kinds)]


def of_kind(*kinds, dtypes=DTYPES):
    """Parametrize over the rows of a kind and the dtypes that each is defined for."""
    pairs = [
        pytest.param(row, dtype, id=f"{row.name}-{np.dtype(dtype).name}")
        for row in rows(*kinds)
        for dtype in dtypes
        if np.dtype(dtype).kind in row.dtypes
        and not (isinstance(row, Constant) and np.dtype(dtype).kind == "c")
    ]
    return pytest.mark.parametrize("row,dtype", pairs)


def samples(row, dtype):
    rng = np.random.default_rng(zlib.crc32(row.name.encode()))
    found = list(row.samples(rng, np.dtype(dtype)))
    assert found, f"{row} has no sample"
    return found


def random_like(x, seed=0):
    rng = np.random.default_rng(seed)
    v = rng.uniform(-1, 1, np.shape(x))
    if np.asarray(x).dtype.kind == "c":
        v = v + 1j * rng.uniform(-1, 1, np.shape(x))
    return v.astype(np.asarray(x).dtype)[()]


def as_tuple(row, y):
    return y if row.is_tuple else (y,)


def inexact(x):
    return getattr(x, "dtype", np.dtype(int)).kind in "fc"


def difference(row, x, x_dot, params):
    """Central difference of order four along x_dot, of each output."""

    def at(h):
        moved = [v if d is None else v + h * d for v, d in zip(x, x_dot, strict=True)]
        return as_tuple(row, row.impl(*moved, **params))

    values = [at(k * STEP) for k in (1, -1, 2, -2)]
    return tuple(
        (8 * (a - b) - (c - d)) / (12 * STEP) if inexact(a) else np.zeros(np.shape(a))
        for a, b, c, d in zip(*values, strict=True)
    )


def pairing(y_bar, y):
    """Pair a cotangent with a tangent: bilinear, real."""
    return sum(np.sum(np.real(p * q)) for p, q in zip(y_bar, y, strict=True))


def close(actual, expected, tolerance=1e-7):
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def linear_inputs(row, x):
    return tuple(range(len(x))) if row.linear_in is None else row.linear_in


def transposed(row, x, y_bar, params):
    """Call a transpose as the engine does: types for the linear inputs."""
    shown = tuple(
        ArrayType.of(v) if i in linear_inputs(row, x) else v for i, v in enumerate(x)
    )
    y_bar = tuple(y_bar) if row.is_tuple else y_bar[0]
    x_bar = row.transpose(shown, y_bar, **params)
    return x_bar if isinstance(x_bar, tuple) else (x_bar,)


# ----- types, dtypes, costs -----


@of_kind(Elementwise, Linear, Multilinear, General, Constant)
def test_type_rule_tells_what_impl_gives(row, dtype):
    for x, params in samples(row, dtype):
        y = as_tuple(row, row.impl(*x, **params))
        types = [ArrayType.of(v) if hasattr(v, "dtype") else v for v in x]
        try:
            told = row.type(*types, **params)
        except MissingRuleError:
            continue  # the shape depends on values
        assert as_tuple(row, told) == tuple(ArrayType.of(part) for part in y)
        hash(tuple(params.items()))
        assert row.cost(types, told, **params) >= 0


@of_kind(Elementwise, Linear, Multilinear, General)
def test_samples_have_the_dtype_that_was_asked_for(row, dtype):
    for x, _ in samples(row, dtype):
        assert {v.dtype for v in x if inexact(v)} <= {
            np.dtype(dtype),
            np.zeros((), dtype).real.dtype,
        }


# ----- elementwise -----


@of_kind(Elementwise, dtypes=[np.float64, np.complex128])
def test_partials_are_derivatives(row, dtype):
    for x, params in samples(row, dtype):
        y = row.impl(*x, **params)
        for i, partial in enumerate(row.partials):
            if partial is None or type(x[i]) in (int, float):  # a constant of programs
                continue
            x_dot = [None] * len(x)
            x_dot[i] = random_like(x[i])
            p = partial(y, *x) if callable(partial) else partial
            y_dot = p * x_dot[i]
            if not np.iscomplexobj(y):
                y_dot = np.real(y_dot)
            (expected,) = difference(row, x, x_dot, params)
            close(np.broadcast_to(y_dot, np.shape(y)), expected)


@of_kind(Elementwise, dtypes=[np.float32])
def test_partials_keep_float32(row, dtype):
    for x, params in samples(row, dtype):
        y = row.impl(*x, **params)
        for partial in row.partials:
            p = partial(y, *x) if callable(partial) else 1.0
            assert (y * p).dtype == y.dtype


BINARY = [row for row in rows(Elementwise) if len(row.partials) == 2]


@pytest.mark.parametrize("row", BINARY, ids=str)
def test_partials_keep_float32_beside_a_python_number(row):
    # Which is weak in NumPy, and has neither dtype nor methods.
    for x, _ in samples(row, np.float32):
        for i, partial in enumerate(row.partials):
            if not callable(partial):
                continue
            mixed = [v if j == i else 0.5 for j, v in enumerate(x)]
            if not all(map(inexact, x)):
                mixed = list(x)
            y = row.impl(*mixed)
            # Some of SciPy's ufuncs know Python numbers as doubles.
            assert (y * partial(y, *mixed)).dtype == y.dtype


# ----- linear and multilinear -----


@of_kind(Linear, dtypes=[np.float64, np.complex128])
def test_linear_rows_are_linear(row, dtype):
    for x, params in samples(row, dtype):

        def apply(seed, factor, x=x, params=params):
            moved = [
                factor * random_like(v, seed) if i in linear_inputs(row, x) else v
                for i, v in enumerate(x)
            ]
            return moved, as_tuple(row, row.impl(*moved, **params))

        v, a_v = apply(1, 1.0)
        w, a_w = apply(2, 3.0)
        sums = [
            p + q if i in linear_inputs(row, x) else p
            for i, (p, q) in enumerate(zip(v, w, strict=True))
        ]
        both = as_tuple(row, row.impl(*sums, **params))
        for p, q, total in zip(a_v, a_w, both, strict=True):
            close(total, p + q, 1e-12)


@of_kind(Linear)
def test_transposes_are_adjoint(row, dtype):
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    for x, params in samples(row, dtype):
        moved = [
            random_like(v, i) if i in linear_inputs(row, x) else v
            for i, v in enumerate(x)
        ]
        y = as_tuple(row, row.impl(*moved, **params))
        y_bar = [random_like(part, 7) for part in y]
        x_bar = transposed(row, x, y_bar, params)
        linear = [moved[i] for i in linear_inputs(row, x)]
        for bar, v in zip(x_bar, linear, strict=True):
            assert (np.shape(bar), bar.dtype) == (np.shape(v), v.dtype)
        close(pairing(x_bar, linear), pairing(y_bar, y), tolerance)


@of_kind(Multilinear)
def test_multilinear_rows_are_linear_in_each_input(row, dtype):
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    for x, params in samples(row, dtype):
        for i, v in enumerate(x):
            w = random_like(v, 3)
            y, y_w, both = (
                row.impl(*x[:i], z, *x[i + 1 :], **params) for z in (v, w, v + w)
            )
            close(both, y + y_w, tolerance)
            y_bar = random_like(y, 5)
            x_bar = row.transpose(i, x, y_bar, **params)
            assert (np.shape(x_bar), x_bar.dtype) == (np.shape(v), v.dtype)
            close(pairing((x_bar,), (w,)), pairing((y_bar,), (y_w,)), tolerance)


# ----- general -----


def tangents(row, x):
    """Give a tangent for each active input alone, and for all at once."""
    active = [i for i in row.active if inexact(x[i])]
    for chosen in [(i,) for i in active] + [tuple(active)] * (len(active) > 1):
        yield tuple(random_like(v, i) if i in chosen else None for i, v in enumerate(x))


@of_kind(General, dtypes=[np.float64, np.complex128])
def test_pushforwards_are_derivatives(row, dtype):
    for x, params in samples(row, dtype):
        y = row.impl(*x, **params)
        for x_dot in tangents(row, x):
            y_dot = as_tuple(row, row.jvp(y, x, x_dot, **params))
            expected = difference(row, x, x_dot, params)
            for actual, wanted in zip(y_dot, expected, strict=True):
                if actual is not None:
                    close(actual, wanted, 1e-6)


@of_kind(General)
def test_pullbacks_are_adjoint_to_pushforwards(row, dtype):
    if not row.vjp:
        pytest.skip(row.vjp.why)
    tolerance = 1e-4 if dtype == np.float32 else 1e-9
    for x, params in samples(row, dtype):
        y = row.impl(*x, **params)
        y_bar = tuple(random_like(part, 9) for part in as_tuple(row, y))
        x_bar = row.vjp(y, x, y_bar if row.is_tuple else y_bar[0], **params)
        active = [x[i] for i in row.active]
        for bar, v in zip(x_bar, active, strict=True):
            assert (np.shape(bar), bar.dtype) == (np.shape(v), v.dtype)
        for x_dot in tangents(row, x):
            y_dot = as_tuple(row, row.jvp(y, x, x_dot, **params))
            y_dot = [0 if part is None else part for part in y_dot]
            moved = [0 if x_dot[i] is None else x_dot[i] for i in row.active]
            close(pairing(x_bar, moved), pairing(y_bar, y_dot), tolerance)


# ----- kinks -----

KINKS = [
    pytest.param(row, kink, id=f"{row.name}-{k}")
    for row in PRIMITIVES.values()
    for k, kink in enumerate(row.kinks)
]


@pytest.mark.parametrize("row,kink", KINKS)
def test_kinks_have_the_stated_gradient(row, kink):
    x = tuple(np.asarray(v)[()] for v in kink.inputs)
    y = row.impl(*x, **kink.params)
    if isinstance(row, Elementwise):
        got = [p if p is None or not callable(p) else p(y, *x) for p in row.partials]
    else:
        assert isinstance(row, General)
        got = row.vjp(y, x, np.ones_like(y), **kink.params)
    for actual, stated in zip(got, kink.gradient, strict=True):
        if stated is None:
            assert actual is None
        else:
            np.testing.assert_array_equal(actual, stated)


# ----- singular places -----


def partial(name, i, *x):
    row = PRIMITIVES[name]
    return row.partials[i](row.impl(*x), *x)


@pytest.mark.parametrize("y", [0, 1, 2, 3])
@pytest.mark.parametrize("make", [int, float, np.float64, np.array])
def test_power_at_zero(y, make):
    expected = [0, 1, 0, 0][y]
    assert partial("power", 0, np.float64(0), make(y)) == expected
    assert partial("power", 0, np.array([0.0, 2.0]), make(y))[1] == y * 2.0 ** (y - 1)


def test_power_of_negative_numbers():
    np.testing.assert_array_equal(
        partial("power", 0, np.array([-2.0, -0.5]), np.array([2.0, -1.0])), [-4, -4]
    )


def test_logaddexp_far_apart():
    x, y = np.array([800.0, -800.0, 1e6, 0.0]), np.array([-800.0, 800.0, 1e6, 40.0])
    p = partial("logaddexp", 0, x, y)
    np.testing.assert_allclose(p, [1, 0, 0.5, np.exp(-40.0)], rtol=1e-14)


def test_arctan2_and_hypot_neither_overflow_nor_underflow():
    for size in (1e-200, 1e200):
        y, x = np.float64(3 * size), np.float64(4 * size)
        assert partial("arctan2", 0, y, x) == pytest.approx(4 / 25 / size)
        assert partial("hypot", 0, y, x) == pytest.approx(3 / 5)


def test_sinc_near_zero():
    x = np.array([1e-8, 1e-4, 0.2, 0.41, 0.42, -0.3])
    w = np.pi * x
    exact = np.array(
        [float(sum(_sinc_term(v, k) for k in range(1, 25))) for v in w.tolist()]
    )
    np.testing.assert_allclose(partial("sinc", 0, x), np.pi * exact, rtol=3e-15)


def _sinc_term(w, k):
    term = 2.0 * k
    for factor in range(1, 2 * k + 2):
        term /= factor
    return (-1) ** k * term * w ** (2 * k - 1)


def test_scale_lets_zero_win():
    scale = PRIMITIVES["scale"].impl
    s = np.array([0.0, 1.0, np.inf, 0.0, np.nan], np.float32)
    p = np.array([np.inf, np.inf, 0.0, np.nan, 1.0], np.float32)
    r = scale(s, p)
    np.testing.assert_array_equal(r, [0, np.inf, 0, 0, np.nan])
    assert r.dtype == np.float32
    assert scale(np.float64(0), np.float64(np.inf)) == 0
    assert np.isnan(scale(np.float64(np.nan), np.float64(1)))


def test_a_recurrence_runs_in_order():
    # The product of the factors alone overflows; no y[k] does.
    a, b = np.full(201, 1e3), np.zeros(201)
    b[0] = 1e-300
    y = PRIMITIVES["recurrence"].impl(a, b, axis=0, reverse=False)
    np.testing.assert_allclose(y[-1], 1e300, rtol=1e-12)


# ----- the tester is tested -----


def test_a_wrong_partial_is_seen():
    row = PRIMITIVES["sin"]
    x = (np.linspace(0.1, 1, 3),)
    (expected,) = difference(row, x, (np.ones(3),), {})
    with pytest.raises(AssertionError):
        close(2.001 * np.cos(x[0]), 2 * expected)
