"""Each method has the order that it claims, and so has the polynomial in its steps."""

import numpy as np
import pytest

from tests.ode.systems import lotka_volterra
from wengert.ode.interpolation import interpolated
from wengert.ode.methods import METHODS

P = np.array([1.5, 1.0, 3.0, 1.0])


def forced(t, y):
    """Depend on t as well, since orders for f(y) alone ask less."""
    return lotka_volterra(t, y, P) * (1 + 0.5 * np.sin(3 * t))


def after(method, steps, end=0.4):
    t, y, h = np.float64(0.0), np.array([2.0, 1.0]), end / steps
    for n in range(steps):
        step = method.begin(forced, t + n * h, y, h)
        y = step.after
    return y, step


def slope_of(sizes, errors):
    return np.polyfit(np.log(sizes), np.log(errors), 1)[0]


@pytest.mark.parametrize("name", METHODS)
def test_halving_the_step_divides_the_error_by_two_to_the_order(name):
    method = METHODS[name]
    exact, _ = after(METHODS["dopri5"], 2000)
    counts = np.array([8, 16, 32])
    errors = [np.abs(after(method, n)[0] - exact).max() for n in counts]
    assert slope_of(1 / counts, errors) == pytest.approx(method.order, abs=0.35)


@pytest.mark.parametrize("name", [k for k, m in METHODS.items() if m.estimate])
def test_the_estimated_error_is_of_one_order_more_than_the_estimate(name):
    method, y = METHODS[name], np.array([2.0, 1.0])
    sizes = np.array([0.04, 0.02, 0.01])
    errors = [
        np.abs(method.begin(forced, np.float64(0.3), y, h).error).max() for h in sizes
    ]
    assert slope_of(sizes, errors) == pytest.approx(method.estimate + 1, abs=0.35)


@pytest.mark.parametrize(
    ("name", "order"), [("dopri5", 5), ("bosh3", 4), ("rk4", 4), ("rodas4", 4)]
)
def test_the_polynomial_in_a_step_errs_by_its_order(name, order):
    y, sizes = np.array([2.0, 1.0]), np.array([0.08, 0.04, 0.02])
    errors = []
    for h in sizes:
        middle = METHODS["dopri5"].begin(forced, np.float64(0.0), y, 0.3 * h).after
        c = METHODS[name].begin(forced, np.float64(0.0), y, h).coefficients()
        errors.append(np.abs(interpolated(c, 0.3) - middle).max())
    assert slope_of(sizes, errors) > order - 0.4


@pytest.mark.parametrize("name", METHODS)
def test_the_polynomial_meets_both_ends(name):
    y = np.array([2.0, 1.0])
    step = METHODS[name].begin(forced, np.float64(0.0), y, 0.1)
    c = step.coefficients()
    np.testing.assert_array_equal(interpolated(c, 0.0), y)
    np.testing.assert_allclose(interpolated(c, 1.0), step.after, rtol=1e-15)


def test_a_damped_mode_vanishes_in_one_long_step():
    """RODAS is L-stable: |R(−∞)| = 0."""
    step = METHODS["rodas4"].begin(
        lambda t, y: -1e8 * y, np.float64(0.0), np.array([1.0]), 1.0
    )
    assert abs(step.after[0]) < 1e-6
