"""In a Graph the solution is loops: the same values and derivatives, steps anew."""

import numpy as np
import pytest

from tests.ode.systems import decay, lotka_volterra, robertson
from wengert import grad, hessian, jit, jvp, ode, trace

P, Y0 = np.array([1.5, 1.0, 3.0, 1.0]), np.array([2.0, 1.0])
T = np.array([0.0, 0.3, 0.35, 1.0])


def loss(y0, t, p, **options):
    return np.sum(ode.solve(lotka_volterra, y0, t, p, **options) ** 2)


@pytest.mark.parametrize(
    "options", [{}, {"method": "rk4", "steps": 5}, {"method": "heun"}], ids=str
)
def test_compiled_gradients_are_those_of_plain_runs(options):
    f = lambda y0, t, p: loss(y0, t, p, **options)
    plainly, compiled = grad(f, (0, 1, 2)), jit(grad(f, (0, 1, 2)))
    for scale in (1.0, 1.0, 1.7):  # the last in more steps, on the path of the others
        points = scale * Y0, T, scale * P
        for a, b in zip(compiled(*points), plainly(*points), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)
    (path,) = compiled.report(Y0, T, P).paths
    assert path is not None


def test_going_back_in_time_by_a_graph():
    f = lambda t, k: ode.solve(decay, 1.0, t, k)[-1]
    t = np.array([1.0, 0.5, -0.5])
    graph = trace(f, t, 0.7)
    y_dot = jvp(lambda t, k: f(t, k), (t, 0.7), (np.array([1.0, 0, 0]), 0.0))[1]
    assert y_dot == pytest.approx(0.7 * np.exp(1.05), rel=1e-6)
    assert "while_loop" in str(graph)


def test_what_does_not_reach_its_end_is_nan():
    last = jit(lambda y0, t: ode.solve(lambda t, y: y * y, y0, t)[-1])
    t = np.array([0.0, 1.0])
    for y0 in (0.5, 0.5, 0.6):
        assert last(y0, t) == pytest.approx(y0 / (1 - y0), rel=1e-5)
    assert np.isnan(last(1.5, t))


def test_times_out_of_order_are_nan():
    f = jit(lambda t: ode.solve(decay, 1.0, t, 0.5))
    t = np.array([0.0, 0.5, 1.0])
    for _ in range(2):
        np.testing.assert_allclose(f(t), np.exp(-0.5 * t), rtol=1e-7)
    assert np.all(np.isnan(f(t[[0, 2, 1]])[1:]))


@pytest.mark.slow
@pytest.mark.parametrize("adjoint", ["continuous", "discrete"])
def test_hessians_compile(adjoint):
    t = T[[0, 3]]
    f = lambda p: loss(Y0, t, p, rtol=1e-5, atol=1e-5, adjoint=adjoint)
    compiled, expected = jit(hessian(f)), hessian(lambda p: loss(Y0, t, p))(P)
    for _ in range(2):
        np.testing.assert_allclose(compiled(P), expected, rtol=1e-2, atol=1e-2)


@pytest.mark.slow
def test_stiff_systems_compile():
    k, start = np.array([0.04, 3e7, 1e4]), np.array([1.0, 0.0, 0.0])
    options = {"method": "rodas4", "rtol": 1e-5, "atol": np.array([1e-8, 1e-12, 1e-8])}
    f = lambda k: ode.solve(robertson, start, [0.0, 40.0], k, **options)[-1, 0]
    compiled, expected = jit(grad(f)), grad(f)(k)
    for _ in range(2):
        np.testing.assert_allclose(compiled(k), expected, rtol=1e-7)
