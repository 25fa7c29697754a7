"""The functions and numbers by which lectures and books teach derivatives.

Rounded as they are printed there. The tables of the traces T1 to T10 stand in
tests/explain; here are their values and gradients, and all the rest.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wengert import (
    check_grads,
    derivative,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    numeric,
    trace,
    value_and_grad,
    vjp,
)

RNG = np.random.default_rng(1964)

# ----- traces: values, tangents, gradients -----


def t1(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def t2(x1, x2):
    v1 = x1 / x2
    v3 = np.exp(x2)
    v4 = v1 - v3
    return (np.sin(v1) + v4) * v4


def t3(x, y, z):
    return x * y * np.sin(y * z)


def test_t1():
    y, gradient = value_and_grad(t1, (0, 1))(2.0, 5.0)
    assert y == pytest.approx(11.652, abs=5e-4)
    assert gradient == pytest.approx((5.5, 1.7163), abs=5e-5)
    assert jvp(t1, (2.0, 5.0), (1.0, 0.0))[1] == 5.5
    assert jvp(t1, (2.0, 5.0), (0.0, 1.0))[1] == pytest.approx(2 - np.cos(5))


def test_t2():
    y, gradient = value_and_grad(t2, (0, 1))(1.5, 0.5)
    assert y == pytest.approx(2.0167, abs=1e-4)
    assert gradient == pytest.approx((3.0118, -13.7239), abs=1e-4)
    assert jvp(t2, (1.5, 0.5), (1.0, 0.0))[1] == pytest.approx(3.0118, abs=5e-5)


def test_t3():
    gradient = grad(t3, (0, 1, 2))(3.0, -1.0, 2.0)
    s, c = np.sin(-2), np.cos(-2)
    assert gradient == pytest.approx((-s, 3 * s - 6 * c, 3 * c))


def test_t4():
    f = lambda x: (x**2 + 1) ** 2
    assert value_and_grad(f)(1.0) == (4.0, 8.0)
    assert jvp(f, (1.0,), (1.0,)) == (4.0, 8.0)


def test_t5():
    f = lambda x: np.exp(x**2 - x) / x
    x = 1.3
    expected = np.exp(x * x - x) * ((2 * x - 1) / x - 1 / x**2)
    assert grad(f)(x) == pytest.approx(expected)
    assert check_grads(f, x, order=3)


def test_t6():
    assert value_and_grad(lambda x: 3 * x**2 + 2 * x)(5.0) == (85.0, 32.0)


def test_t7():
    a1, a2 = 1.7, -0.4
    gradient = grad(lambda x1, x2: x1 * np.exp(x2) - x1, (0, 1))(a1, a2)
    assert gradient == pytest.approx((np.exp(a2) - 1, a1 * np.exp(a2)))


def t8(x, k):
    z = 1
    for _ in range(k):
        z = x + 1 / z
    return z


def test_t8_a_loop():
    x, k = 1.5, 3
    # z₁ = x + 1, z' = 1 − z'/z²
    z, z_dot = x + 1, 1.0
    for _ in range(k - 1):
        z, z_dot = x + 1 / z, 1 - z_dot / z**2
    assert value_and_grad(t8)(x, k) == pytest.approx((z, z_dot))
    # z = 1 and three times (a quotient, a sum): seven elementary steps.
    graph = trace(lambda x, z: [z := x + 1 / z for _ in range(k)][-1], x, 1.0)
    assert 1 + len(graph.equations) == 7


def test_t9_one_value_under_three_names():
    def f(x):
        y1 = x
        y2 = x
        y3 = y2
        return np.einsum(",,->", y1, y2, y3)

    assert len(trace(f, 2.0).equations) == 1
    assert grad(f)(5.0) == pytest.approx(75.0)
    assert jvp(f, (5.0,), (1.0,))[1] == pytest.approx(75.0)


def t10(x):
    return x**3 if x > 0 else x**2


def test_t10_a_branch():
    assert grad(t10)(2.0) == 12.0
    assert grad(t10)(-2.0) == -4.0
    right, left = trace(t10, 2.0), trace(t10, -2.0)
    assert str(right) != str(left)
    assert [g.told for g in right.guards] == [True]
    assert [g.told for g in left.guards] == [False]


# ----- calls, as people write them -----


def test_calls():
    assert grad(lambda x: 3 * x**2 + 2 * x)(5.0) == 32.0
    f = lambda x, y: 3 * x**2 + 2 * y - 7
    assert (grad(f, 0)(3.0, 5.0), grad(f, 1)(3.0, 5.0)) == (18.0, 2.0)
    gradient = grad(lambda v: 3 * v[0] ** 2 + 2 * v[1] - 7)(np.array([3.0, 5.0]))
    np.testing.assert_array_equal(gradient, [18.0, 2.0])


def test_least_squares_by_gradient_descent():
    A = RNG.normal(size=(500, 100))
    y = RNG.normal(size=500)
    loss = lambda x: 0.5 * ((y - A @ x) ** 2).sum()
    x = np.zeros(100)
    gradient = grad(loss)
    np.testing.assert_allclose(gradient(x), -A.T @ (y - A @ x), rtol=1e-12)
    for _ in range(500):
        x = x - 1e-4 * gradient(x)
    best = np.linalg.lstsq(A, y)[0]
    assert loss(x) < loss(np.zeros(100))
    assert loss(x) == pytest.approx(loss(best), rel=1e-3)


def test_two_layer_network_with_relu():
    W1, W2 = RNG.normal(size=(4, 3)), RNG.normal(size=(2, 4))
    xs, ys = RNG.normal(size=(10, 3)), RNG.normal(size=(10, 2))

    def loss(W1, W2):
        return sum(
            ((y - W2 @ np.maximum(W1 @ x, 0)) ** 2).sum()
            for x, y in zip(xs, ys, strict=True)
        )

    H = np.maximum(xs @ W1.T, 0)
    E = ys - H @ W2.T
    W1_bar, W2_bar = grad(loss, (0, 1))(W1, W2)
    np.testing.assert_allclose(W2_bar, -2 * E.T @ H, rtol=1e-12)
    np.testing.assert_allclose(W1_bar, -2 * ((E @ W2) * (H > 0)).T @ xs, rtol=1e-12)


# ----- differences -----


def test_orders_of_the_schemes():
    f, x = np.exp, 0.7
    exact = np.exp(x)

    def error(scheme, step):
        return abs(numeric.directional(f, x, 1.0, scheme=scheme, step=step) - exact)

    for scheme, order in (("forward", 1), ("backward", 1), ("central", 2)):
        ratio = error(scheme, 1e-2) / error(scheme, 5e-3)
        assert np.log2(ratio) == pytest.approx(order, abs=0.05)


def test_the_v_of_truncation_and_round_off():
    f, x = np.sin, 1.0
    steps = 10.0 ** np.arange(-15, 0)
    errors = [
        abs(numeric.directional(f, x, 1.0, scheme="forward", step=h) - np.cos(x))
        for h in steps
    ]
    u, L = np.finfo(float).eps / 2, abs(np.sin(x)) / 2
    best = np.sqrt(2 * u * abs(f(x)) / L)
    found = steps[np.argmin(errors)]
    assert 0.02 < found / best < 50
    # Both arms rise: by L·δ to the right, by 2u|f|/δ to the left.
    assert errors[-1] > 1e3 * min(errors) and errors[0] > 1e3 * min(errors)


def test_hessians_by_differences():
    f = lambda x: np.sum(x[1:] * np.sin(x[:-1]))
    x = RNG.normal(size=4)
    H = numeric.hessian(f, x)
    np.testing.assert_array_equal(H, H.T)
    np.testing.assert_allclose(H, hessian(f)(x), atol=1e-5)
    v, d = RNG.normal(size=4), 1e-6
    product = (grad(f)(x + d * v) - grad(f)(x)) / d
    np.testing.assert_allclose(product, hessian(f)(x) @ v, atol=1e-4)


# ----- shapes and costs -----


@pytest.mark.parametrize("J", [jacobian, jacfwd, jacrev])
def test_a_layer_any_shape_by_any_shape(J):
    M, N = 3, 4
    A, x, b = RNG.normal(size=(M, N)), RNG.normal(size=N), RNG.normal(size=M)
    A_jac, x_jac, b_jac = J(lambda A, x, b: np.tanh(A @ x + b), (0, 1, 2))(A, x, b)
    slope = np.diag(1 - np.tanh(A @ x + b) ** 2)
    assert A_jac.shape == (M, M, N)
    np.testing.assert_allclose(b_jac, slope)
    np.testing.assert_allclose(x_jac, slope @ A)
    np.testing.assert_allclose(A_jac, slope[:, :, None] * x)


def test_layers_with_respect_to_every_node():
    K = 3
    layers = [(RNG.normal(size=(4, 4)), RNG.normal(size=4)) for _ in range(K)]
    x, y = RNG.normal(size=4), RNG.normal(size=4)

    def loss(layers, x, nudges):
        for (A, b), nudge in zip(layers, nudges, strict=True):
            x = np.tanh(A @ x + b) + nudge
        return ((y - x) ** 2).sum()

    zeros = [np.zeros(4) for _ in range(K)]
    layers_bar, node_bars = grad(loss, (0, 2))(layers, x, zeros)
    nodes = [x]
    for A, b in layers:
        nodes.append(np.tanh(A @ nodes[-1] + b))
    node_bar = 2 * (nodes[-1] - y)
    for k in reversed(range(K)):
        np.testing.assert_allclose(node_bars[k], node_bar, rtol=1e-12)
        z_bar = node_bar * (1 - nodes[k + 1] ** 2)
        np.testing.assert_allclose(layers_bar[k][0], np.outer(z_bar, nodes[k]))
        np.testing.assert_allclose(layers_bar[k][1], z_bar)
        node_bar = layers[k][0].T @ z_bar


def test_one_reverse_sweep_or_n_forward_ones():
    x = RNG.normal(size=20)
    f = lambda x: np.prod(np.sin(x)) + x @ x
    _, pullback = vjp(f, x)
    by_columns = [jvp(f, (x,), (e,))[1] for e in np.eye(20)]
    np.testing.assert_allclose(pullback(1.0)[0], by_columns, rtol=1e-12)


# ----- kinks -----


def test_kinks():
    assert grad(lambda x: x**3)(0.0) == 0.0
    assert grad(np.abs)(0.0) == 0.0
    assert (grad(np.abs)(2.0), grad(np.abs)(-2.0)) == (1.0, -1.0)
    step = lambda x: np.where(x > 0, 1.0, 0.0) + np.heaviside(x, 0.5)
    assert [grad(step)(x) for x in (-1.0, 0.0, 1.0)] == [0.0, 0.0, 0.0]


def test_x_squared_sine_of_one_over_x():
    def f(x):
        safe = np.where(x == 0, 1.0, x)
        return np.where(x == 0, 0.0, x**2 * np.sin(1 / safe))

    assert grad(f)(0.0) == 0.0
    x = 0.1
    assert grad(f)(x) == pytest.approx(2 * x * np.sin(1 / x) - np.cos(1 / x))


def test_once_but_not_twice_differentiable():
    f = lambda x: np.where(x > 0, x**2, 0.0)
    assert [grad(f)(x) for x in (-1.0, 0.0, 1.0)] == [0.0, 0.0, 2.0]
    assert [derivative(f, 2)(x) for x in (-1.0, 1.0)] == [0.0, 2.0]


def test_a_comparison_tight_at_the_input():
    f = lambda x: x**2 if x >= 1 else 2 * x - 1
    assert grad(f)(1.0) == 2.0
    assert np.isinf(grad(np.sqrt)(0.0))
    g = lambda x: np.maximum(x, 1.0)
    assert grad(g)(1.0) == 0.5


def test_every_mixture_of_modes_agrees_on_the_traces():
    points = {t1: (2.0, 5.0), t2: (1.5, 0.5), t3: (3.0, -1.0, 2.0)}
    for f, point in points.items():
        n = len(point)
        flat = lambda x, f=f, n=n: f(*(x[i] for i in range(n)))
        x = np.array(point)
        for outer, inner in itertools.product([jacfwd, jacrev], repeat=2):
            np.testing.assert_allclose(
                outer(inner(flat))(x), hessian(flat)(x), rtol=1e-12
            )
