"""The sweep over steps is the derivative of the program that runs them."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ode.systems import decay, lotka_volterra
from wengert import grad, hessian, hvp, jacfwd, jvp, ode, vjp
from wengert.ode.methods import METHODS

P, Y0 = np.array([1.5, 1.0, 3.0, 1.0]), np.array([2.0, 1.0])
T = np.array([0.0, 0.3, 0.35, 1.0])


def rk4(y, t, p, steps):
    """Run Runge and Kutta's method, written down plainly."""
    f, rows = lotka_volterra, [y]
    for a, b in zip(t[:-1], t[1:], strict=True):
        h = (b - a) / steps
        for n in range(steps):
            s = a + n * h
            k1 = f(s, y, p)
            k2 = f(s + h / 2, y + h / 2 * k1, p)
            k3 = f(s + h / 2, y + h / 2 * k2, p)
            k4 = f(s + h, y + h * k3, p)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        rows.append(y)
    return np.stack(rows)


@settings(max_examples=12, deadline=None)
@given(
    steps=st.integers(1, 5),
    checkpoints=st.none() | st.integers(1, 6),
    gaps=st.lists(st.floats(0.02, 0.2), min_size=1, max_size=4),
    seed=st.integers(0, 99),
)
def test_it_is_that_of_the_unrolled_loop(steps, checkpoints, gaps, seed):
    t = np.cumsum([0.1, *gaps])
    seeds = np.random.default_rng(seed).normal(size=(len(t), 2))
    options = {"method": "rk4", "steps": steps, "checkpoints": checkpoints}

    def ours(y, t, p):
        return np.sum(seeds * ode.solve(lotka_volterra, y, t, p, **options))

    def plainly(y, t, p):
        return np.sum(seeds * rk4(y, t, p, steps))

    assert ours(Y0, t, P) == pytest.approx(plainly(Y0, t, P), rel=1e-13)
    found, expected = (
        grad(ours, (0, 1, 2))(Y0, t, P),
        grad(plainly, (0, 1, 2))(Y0, t, P),
    )
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"checkpoints": 3},
        {"method": "bosh3", "rtol": 1e-4},
        {"method": "rodas4", "rtol": 1e-4, "atol": 1e-4},
        {"method": "heun", "steps": 7},
    ],
    ids=str,
)
def test_both_modes_agree_in_y0_times_and_parameters(options):
    def f(y, t, p):
        return ode.solve(lotka_volterra, y, t, p, **options)

    rng = np.random.default_rng(3)
    dots = rng.normal(size=2), rng.normal(size=4), rng.normal(size=4)
    bar = rng.normal(size=(4, 2))
    _, y_dot = jvp(f, (Y0, T, P), dots)
    _, pull = vjp(f, Y0, T, P)
    pulled = sum(np.sum(a * b) for a, b in zip(pull(bar), dots, strict=True))
    assert np.sum(bar * y_dot) == pytest.approx(pulled, rel=1e-11)


def test_frozen_steps_have_the_differences_of_the_derivative():
    """Of dopri5, steps of the same lengths are taken at y0 ± ε and p ± ε."""
    solution = ode.trajectory(lotka_volterra, Y0, (0.0, 1.0), P, rtol=1e-3, atol=1e-3)
    lengths = np.diff(solution.t)

    def last(p):
        y, t = Y0, np.float64(0.0)
        for h in lengths:
            step = METHODS["dopri5"].begin(
                lambda t, y: lotka_volterra(t, y, p), t, y, h
            )
            t, y = t + h, step.after
        return y

    def f(p):
        return ode.solve(lotka_volterra, Y0, [0.0, 1.0], p, rtol=1e-3, atol=1e-3)[-1]

    jacobian = jacfwd(f)(P)
    for i, e in enumerate(np.eye(4) * 1e-6):
        column = (last(P + e) - last(P - e)) / 2e-6
        np.testing.assert_allclose(jacobian[:, i], column, rtol=1e-7, atol=1e-8)


def test_second_derivatives_by_every_nesting():
    def loss(p, **options):
        y = ode.solve(lotka_volterra, Y0, T, p, rtol=1e-6, atol=1e-6, **options)
        return np.sum(y * y)

    direction = np.array([1.0, -2.0, 0.5, 1.0])
    full = hessian(loss)(P)
    np.testing.assert_allclose(full, full.T, rtol=1e-9, atol=1e-10)
    expected = full @ direction
    few = hvp(lambda p: loss(p, checkpoints=3))(P, direction)
    np.testing.assert_allclose(few, expected, rtol=1e-9)
    back = grad(lambda p: grad(loss)(p) @ direction)(P)
    np.testing.assert_allclose(back, expected, rtol=1e-9)
    over_forward = grad(lambda p: jvp(loss, (p,), (direction,))[1])(P)
    np.testing.assert_allclose(over_forward, expected, rtol=1e-9)
    by_differences = (
        grad(loss)(P + 1e-5 * direction) - grad(loss)(P - 1e-5 * direction)
    ) / 2e-5
    np.testing.assert_allclose(by_differences, expected, rtol=1e-3, atol=1e-3)


def test_third_derivative_in_closed_form():
    f = lambda k: ode.solve(decay, 1.0, [0.0, 1.0], k, method="rk4", steps=40)[-1]
    assert grad(grad(grad(f)))(0.7) == pytest.approx(-np.exp(-0.7), rel=1e-6)


@pytest.mark.parametrize(
    "options", [{}, {"method": "rodas4"}, {"method": "rk4", "steps": 20}], ids=str
)
def test_variables_that_f_sees_are_differentiated_too(options):
    def final(k):
        return ode.solve(lambda t, y: -k * y, 1.0, [0.0, 2.0], **options)[-1]

    exact = -2 * np.exp(-1.4)
    assert grad(final)(0.7) == pytest.approx(exact, rel=1e-5)
    assert jvp(final, (0.7,), (1.0,))[1] == pytest.approx(exact, rel=1e-5)
    seen = grad(grad(final))(0.7)
    assert seen == pytest.approx(4 * np.exp(-1.4), rel=1e-5)


def peak(steps, checkpoints):
    """Measure the memory of a gradient, in states."""
    n = 2000

    def final(k):
        y = ode.solve(
            decay, np.ones(n), [0.0, 1.0], k,
            method="euler", steps=steps, checkpoints=checkpoints,
        )  # fmt: skip
        return np.sum(y[-1])

    grad(final)(0.7)
    tracemalloc.start()
    grad(final)(0.7)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return used / (8 * n)


def test_memory_is_that_of_the_checkpoints():
    assert peak(400, None) > 400
    assert peak(400, 6) < 60


@pytest.mark.slow
def test_memory_does_not_grow_with_a_hundred_thousand_steps():
    def final(k):
        y = ode.solve(
            decay, np.ones(2000), [0.0, 1.0], k,
            method="euler", steps=100_000, checkpoints=20,
        )  # fmt: skip
        return np.sum(y[-1])

    tracemalloc.start()
    assert grad(final)(0.7) == pytest.approx(-2000 * np.exp(-0.7), rel=1e-4)
    # Places in the schedule and in the grid are some numbers for each step, states not.
    assert tracemalloc.get_traced_memory()[1] < 100_000 * 2000 * 8 / 50
    tracemalloc.stop()


def test_memory_of_adaptive_steps_is_that_of_the_checkpoints():
    def final(k):
        options = {"max_step": 0.005, "checkpoints": 6}
        return np.sum(ode.solve(decay, np.ones(2000), [0.0, 1.0], k, **options)[-1])

    grad(final)(0.7)
    tracemalloc.start()
    assert grad(final)(0.7) == pytest.approx(-2000 * np.exp(-0.7), rel=1e-6)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 100 * 2000 * 8  # of 200 steps with 7 stages each
