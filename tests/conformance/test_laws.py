"""The laws that derivatives obey, on random programs.

A program is a list of numbers, read as instructions of a small machine that computes
with arrays of many shapes: so Hypothesis can shrink it. Forward and reverse mode must
agree with each other to rounding, and with differences as far as those are to be
trusted, at first and at second order.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import numeric
from wengert.engines import open_engine
from wengert.operators import grad, hessian, hvp, jacfwd, jacrev, jvp, trace, vjp

PLACES = np.array([[0, 2, 1], [1, 1, 0]])
KEPT = np.array([True, False, True])

# ----- the machine: its operations are defined everywhere and keep values moderate
# -----

ELEMENTWISE = [
    np.sin,
    np.tanh,
    np.arctan,
    np.abs,
    lambda a: np.exp(-a * a),
    lambda a: np.sqrt(1 + a * a),
    lambda a: np.log1p(a**2),
    lambda a: a**3 / (1 + a**2),
    lambda a: np.clip(a, -0.7, 0.9),
    lambda a: np.where(a > 0.1, np.sqrt(np.where(a > 0.1, a, 1.0)), -a),
    lambda a: np.where(a > 0, np.log(np.maximum(a, 0) + 1), 0.0) - 0.5 * a,
    lambda a: np.stack([a, a * a]) if a.ndim < 3 else a,
    lambda a: np.broadcast_to(a, (2, *a.shape)) if a.ndim < 2 else a,
    lambda a: a[..., None],
    lambda a: a.T,
    np.ravel,
    np.sum,
]
# Of arrays with one axis at least, and no empty ones.
ALONG_AXES = [
    lambda a: np.mean(a, axis=0),
    lambda a: a.std(axis=-1) if a.shape[-1] > 1 else a,
    lambda a: np.max(a, axis=-1, keepdims=True),
    lambda a: np.prod(np.cos(a), axis=-1),
    lambda a: np.cumsum(a, axis=-1),
    lambda a: np.sort(a, axis=-1),
    lambda a: np.linalg.norm(a) / (1 + a.size),
    lambda a: a[1:] if len(a) > 1 else a,
    lambda a: a[::-1],
    lambda a: a[..., PLACES] if a.shape[-1] == 3 else a,
    lambda a: a[..., KEPT] if a.shape[-1] == 3 else a,
    lambda a: np.concatenate([a, a[:1] * 2]),
    lambda a: np.roll(a, 1),
    lambda a: a[..., 0],
]
BINARY = [
    np.add,
    np.subtract,
    np.multiply,
    np.maximum,
    np.minimum,
    np.logaddexp,
    lambda a, b: a / (1 + b * b),
    lambda a, b: np.hypot(a, b + 2),
    lambda a, b: np.arctan2(a, 1 + b * b),
    lambda a, b: np.where(a > b, a * b, b),
    lambda a, b: (1 + a * a) ** np.sin(b),
]
# Of two arrays, along the last axis of the first.
CONTRACTIONS = [
    lambda a, b: (
        np.tensordot(a, np.resize(np.sin(np.arange(6.0)), a.shape[-1:]), 1) * b
    ),
    lambda a, b: np.einsum("...i,...i->...", a, np.cos(a)) - np.sum(b),
    lambda a, b: np.ravel(a) @ np.ravel(np.tanh(a)) + b,
    lambda a, b: np.outer(a, a[..., 0]) @ np.ravel(a[..., 0]) + np.sum(b),
]
LIMIT = 60


def run(program, x, y):
    """Run a program on a matrix and a vector; every value may be used again."""
    values = [x, y]
    for kind, which, i, j in program:
        a, b = values[i % len(values)], values[j % len(values)]
        if kind == 0:
            z = ELEMENTWISE[which % len(ELEMENTWISE)](a)
        elif kind == 1 and fits(a, b):
            z = BINARY[which % len(BINARY)](a, b)
        elif kind == 2 and a.ndim and fits(a[..., 0], b):
            z = CONTRACTIONS[which % len(CONTRACTIONS)](a, b)
        elif kind == 3 and a.ndim:
            z = ALONG_AXES[which % len(ALONG_AXES)](a)
        elif kind == 4:
            z = a
            for k in range(which % 4):
                z = np.tanh(0.9 * z + 0.1 * k) if k % 2 else z * 0.5 + a
        else:
            z = a * 0.75 - 0.1
        if z.size <= LIMIT:
            values.append(z)
    # Everything counts, each element with its own weight.
    return sum(
        np.sum(np.sin(np.arange(1.0, v.size + 1) + k) * np.ravel(v))
        for k, v in enumerate(values)
    )


def fits(a, b):
    try:
        np.broadcast_shapes(a.shape, b.shape)
    except ValueError:
        return False
    return True


PROGRAMS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 1, 1, 2, 3, 3, 4]),
        st.integers(0, len(ELEMENTWISE) - 1),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=7,
)
SEEDS = st.integers(0, 2**16)
QUICK = settings(
    derandomize=True, database=None, deadline=None, max_examples=60, print_blob=False
)
LONG = settings(QUICK, max_examples=3000)


def inputs(seed, dtype=np.float64):
    rng = np.random.default_rng(seed)
    x, y, p, q = (rng.normal(size=s) for s in ((2, 3), 3, (2, 3), 3))
    return [a.astype(dtype) for a in (x, y)], [a.astype(dtype) for a in (p, q)]


def check_first_order(program, seed, dtype):
    at, along = inputs(seed, dtype)
    f = lambda x, y: run(program, x, y)
    plain = f(*at)
    value, value_dot = jvp(f, at, along)
    pulled, pullback = vjp(f, *at)
    assert value == plain == pulled or np.isclose(value, plain, rtol=1e-6)
    bars = pullback(np.ones_like(pulled))
    for x, x_bar in zip(at, bars, strict=True):
        assert x_bar.shape == x.shape and x_bar.dtype == x.dtype
    products = [np.sum(b * d) for b, d in zip(bars, along, strict=True)]
    size = 1 + sum(np.sum(abs(b * d)) for b, d in zip(bars, along, strict=True))
    rounding = 2e3 * np.finfo(dtype).eps
    assert abs(sum(products) - value_dot) <= rounding * size
    if dtype == np.float64:
        exact = numeric.estimate(lambda t: f(*t), at, along, step=1e-3)
        trusted(exact, value_dot, size)


def check_second_order(program, seed):
    (x, y), (p, _) = inputs(seed)
    f = lambda x: run(program, x, y)
    gradient = grad(f)
    products = [
        jvp(gradient, (x,), (p,))[1],
        hvp(f)(x, p),
        grad(lambda x: np.sum(gradient(x) * p))(x),
        grad(lambda x: jvp(f, (x,), (p,))[1])(x),
    ]
    size = 1 + np.abs(products[0]).max()
    for product in products[1:]:
        np.testing.assert_allclose(product, products[0], rtol=0, atol=1e-10 * size)
    twice = jvp(lambda x: jvp(f, (x,), (p,))[1], (x,), (p,))[1]
    scale = 1 + np.sum(abs(products[0] * p))
    assert abs(twice - np.sum(products[0] * p)) <= 1e-10 * scale
    exact = numeric.estimate(gradient, x, p, step=1e-3)
    trusted(exact, products[0], size)


def trusted(exact, got, size):
    """Compare with a difference that knows its own error, at a kink no judge."""
    if np.max(exact.error) < 1e-4 * size:
        np.testing.assert_allclose(got, exact.value, rtol=0, atol=2e-3 * size)


# ----- random programs -----


@QUICK
@given(PROGRAMS, SEEDS)
def test_modes_agree_with_each_other_and_with_differences(program, seed):
    check_first_order(program, seed, np.float64)


@QUICK
@given(PROGRAMS, SEEDS)
def test_modes_agree_in_single_precision(program, seed):
    check_first_order(program, seed, np.float32)


@QUICK
@given(PROGRAMS, SEEDS)
def test_mixtures_of_modes_agree_at_second_order(program, seed):
    check_second_order(program, seed)


@QUICK
@given(PROGRAMS, SEEDS)
def test_graphs_of_a_gradient_give_the_gradient(program, seed):
    (x, y), _ = inputs(seed)
    gradient = grad(lambda x, y: run(program, x, y), (0, 1))
    run_graph = open_engine("numpy").compile(trace(gradient, x, y))
    for got, expected in zip(run_graph(x, y), gradient(x, y), strict=True):
        size = 1 + np.abs(expected).max()
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12 * size)


@pytest.mark.slow
@LONG
@given(PROGRAMS, SEEDS)
def test_many_programs_at_first_order(program, seed):
    check_first_order(program, seed, np.float64)
    check_first_order(program, seed, np.float32)


@pytest.mark.slow
@LONG
@given(PROGRAMS, SEEDS)
def test_many_programs_at_second_order(program, seed):
    check_second_order(program, seed)


# ----- laws -----


def layer(x):
    return np.tanh(np.cumsum(x)) * np.max(x)


X = np.array([0.4, -0.3, 1.2])
Y_BARS = np.random.default_rng(0).normal(size=(2, 3))


def test_a_pullback_is_linear():
    _, pullback = vjp(layer, X)
    (u,), (v,) = pullback(Y_BARS[0]), pullback(Y_BARS[1])
    (both,) = pullback(2 * Y_BARS[0] - 3 * Y_BARS[1])
    np.testing.assert_allclose(both, 2 * u - 3 * v, rtol=1e-13)
    assert not np.any(pullback(np.zeros(3))[0])


def test_a_pushforward_is_linear():
    push = lambda v: jvp(layer, (X,), (v,))[1]
    both = push(2 * Y_BARS[0] - 3 * Y_BARS[1])
    np.testing.assert_allclose(both, 2 * push(Y_BARS[0]) - 3 * push(Y_BARS[1]))


def test_a_pullback_is_the_adjoint_of_the_pushforward():
    _, y_dot = jvp(layer, (X,), (Y_BARS[0],))
    (x_bar,) = vjp(layer, X)[1](Y_BARS[1])
    assert Y_BARS[1] @ y_dot == pytest.approx(x_bar @ Y_BARS[0], rel=1e-13)


def test_a_pullback_of_a_pullback_is_the_pushforward():
    _, pullback = vjp(layer, X)
    _, twice = vjp(lambda y_bar: pullback(y_bar)[0], Y_BARS[0])
    pushed = jvp(layer, (X,), (Y_BARS[1],))[1]
    np.testing.assert_allclose(twice(Y_BARS[1])[0], pushed, rtol=1e-13)


@pytest.mark.parametrize("J", [jacfwd, jacrev])
def test_the_chain_rule(J):
    inner, outer = layer, lambda y: np.sin(y) @ np.vander(y, 3)
    whole = J(lambda x: outer(inner(x)))(X)
    np.testing.assert_allclose(whole, J(outer)(inner(X)) @ J(inner)(X), rtol=1e-12)


@pytest.mark.parametrize("J", [jacfwd, jacrev])
def test_the_derivative_of_an_inverse_is_the_inverse_of_the_derivative(J):
    f, inverse = np.sinh, np.arcsinh
    product = J(inverse)(f(X)) @ J(f)(X)
    np.testing.assert_allclose(product, np.eye(3), atol=1e-14)


def test_the_product_rule():
    f, g = np.sin, np.exp
    left = grad(lambda x: f(x) * g(x))(0.7)
    assert left == pytest.approx(grad(f)(0.7) * g(0.7) + f(0.7) * grad(g)(0.7))


def test_eulers_theorem_for_homogeneous_functions():
    f = lambda x: np.linalg.norm(x) ** 3 + x[0] * x[1] * x[2]
    assert grad(f)(X) @ X == pytest.approx(3 * f(X))
    np.testing.assert_allclose(hessian(f)(X) @ X, 2 * grad(f)(X), rtol=1e-12)


def test_mixed_partials_commute():
    f = lambda x, y: np.sin(x * y**2) / (x + y)
    for one, other in itertools.permutations((0, 1)):
        mixed = grad(lambda x, y, a=one: grad(f, a)(x, y), other)(0.7, 1.1)
        swapped = grad(lambda x, y, b=other: grad(f, b)(x, y), one)(0.7, 1.1)
        assert mixed == pytest.approx(swapped, rel=1e-12)


def test_the_derivative_of_an_integral_is_the_integrand():
    # The trapezoidal rule on [0, b], as a fixed grid on [0, 1].
    t = np.linspace(0, 1, 2001)
    area = lambda b: np.trapezoid(np.exp(np.sin(b * t)) * b, t)
    assert grad(area)(0.8) == pytest.approx(np.exp(np.sin(0.8)), rel=1e-6)


def test_cauchy_riemann():
    f = lambda z: np.exp(z) * z**2
    z = 0.3 - 0.8j
    real = grad(lambda x, y: f(x + 1j * y).real, (0, 1))(z.real, z.imag)
    imag = grad(lambda x, y: f(x + 1j * y).imag, (0, 1))(z.real, z.imag)
    assert real == pytest.approx((imag[1], -imag[0]), rel=1e-12)
    assert grad(f, holomorphic=True)(z) == pytest.approx(complex(real[0], imag[0]))
