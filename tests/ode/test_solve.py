"""Solutions and their derivatives against closed forms and tight references."""

import numpy as np
import pytest
import scipy.integrate
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ode.systems import decay, lotka_volterra, oscillator
from wengert import grad, jacobian, ode
from wengert.errors import ArgumentError, ShapeError

ADJOINTS = ["discrete", "continuous", "forward"]


@settings(max_examples=10, deadline=None)
@given(
    k=st.floats(-1.0, 2.0),
    start=st.floats(0.5, 3.0),
    t0=st.floats(-1.0, 1.0),
    span=st.floats(-1.5, 1.5).filter(lambda s: abs(s) > 0.05),
    adjoint=st.sampled_from(ADJOINTS),
)
def test_decay_in_all_its_arguments(k, start, t0, span, adjoint):
    def last(start, t0, t1, k):
        t = np.stack([t0, 0.3 * t0 + 0.7 * t1, t1])
        return ode.solve(decay, start, t, k, adjoint=adjoint)[-1]

    exact = start * np.exp(-k * span)
    assert last(start, t0, t0 + span, k) == pytest.approx(exact, rel=1e-6)
    found = grad(last, (0, 1, 2, 3))(start, t0, t0 + span, k)
    expected = exact / start, k * exact, -k * exact, -span * exact
    assert found == pytest.approx(expected, rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("adjoint", ADJOINTS)
@pytest.mark.parametrize(
    "options", [{}, {"method": "rodas4"}, {"method": "rk4", "steps": 40}], ids=str
)
def test_the_phase_of_an_oscillator(adjoint, options):
    t = np.array([0.0, 0.7, 2.0])

    def position(omega):
        y = ode.solve(
            oscillator, np.array([0.0, 1.0]), t, omega, adjoint=adjoint, **options
        )
        return y[:, 0]

    np.testing.assert_allclose(position(1.3), np.sin(1.3 * t), atol=2e-6)
    slope = jacobian(position, mode="reverse")(1.3)
    np.testing.assert_allclose(slope, t * np.cos(1.3 * t), atol=4e-6)


@pytest.mark.parametrize("adjoint", ADJOINTS)
def test_sensitivities_of_lotka_and_volterra(adjoint):
    p, y0, t = np.array([1.5, 1.0, 3.0, 1.0]), np.array([2.0, 1.0]), [0.0, 1.0, 3.0]

    def with_sensitivities(t, z):
        y, s = z[:2], z[2:].reshape(2, 4)
        by_y = np.array([[p[0] - p[1] * y[1], -p[1] * y[0]],
                         [p[3] * y[1], p[3] * y[0] - p[2]]])  # fmt: skip
        by_p = np.array([[y[0], -y[0] * y[1], 0, 0], [0, 0, -y[1], y[0] * y[1]]])
        return np.concatenate([lotka_volterra(t, y, p), (by_y @ s + by_p).ravel()])

    reference = scipy.integrate.solve_ivp(
        with_sensitivities, (0.0, 3.0), np.concatenate([y0, np.zeros(8)]),
        method="DOP853", rtol=1e-12, atol=1e-12,
    )  # fmt: skip
    last = lambda p: ode.solve(lotka_volterra, y0, t, p, adjoint=adjoint)[-1]
    found = jacobian(last, mode="reverse")(p)
    np.testing.assert_allclose(found, reference.y[2:, -1].reshape(2, 4), rtol=1e-6)


def test_one_time_gives_y0():
    np.testing.assert_array_equal(ode.solve(decay, 2.0, [1.0], 0.5), [2.0])
    assert grad(lambda y: ode.solve(decay, y, [1.0], 0.5)[0])(2.0) == 1.0


def test_parameters_of_any_kind():
    def f(t, y, rates, name, n):
        assert name == "fast" and type(n) is int
        return -rates["k"] * y**n

    run = lambda k: ode.solve(f, 1.0, [0.0, 1.0], {"k": k}, "fast", 1)[-1]
    assert grad(run)(0.5) == pytest.approx(-np.exp(-0.5), rel=1e-6)


def test_f_may_use_derivatives():
    """A pendulum, as the gradient of its energy."""

    def energy(q, p):
        return 0.5 * p * p - np.cos(q)

    def f(t, y, length):
        by_q, by_p = grad(energy, (0, 1))(y[0], y[1])
        return np.stack([by_p, -by_q / length])

    def by_hand(t, y, length):
        return np.stack([y[1], -np.sin(y[0]) / length])

    def final(f):
        return lambda length: ode.solve(f, np.array([1.0, 0.0]), [0.0, 1.0], length)[-1]

    found = jacobian(final(f), mode="reverse")(1.5)
    np.testing.assert_allclose(found, jacobian(final(by_hand))(1.5), rtol=1e-12)


@pytest.mark.parametrize(
    ("t", "options", "error", "says"),
    [
        ([0.0, 2.0, 1.0], {}, ArgumentError, "strictly"),
        ([0.0, 0.0], {}, ArgumentError, "strictly"),
        ([0.0, np.nan], {}, ArgumentError, "strictly"),
        (2.0, {}, ShapeError, "array of times"),
        ([], {}, ShapeError, "array of times"),
        ([0.0, 1.0], {"method": "rk5"}, ArgumentError, "no method 'rk5'"),
        ([0.0, 1.0], {"adjoint": "exact"}, ArgumentError, "no adjoint 'exact'"),
        ([0.0, 1.0], {"steps": 3}, ArgumentError, "fixed"),
        ([0.0, 1.0], {"method": "rk4", "steps": 0}, ArgumentError, "at least 1"),
        ([0.0, 1.0], {"checkpoints": 0}, ArgumentError, "at least 1"),
        ([0.0, 1.0], {"rtol": -1.0}, ArgumentError, "positive"),
        ([0.0, 1.0], {"max_step": 0.0}, ArgumentError, "positive"),
        ([0.0, 1.0], {"atol": np.ones(3)}, ShapeError, "atol does not fit"),
    ],
)
def test_bad_input_is_refused(t, options, error, says):
    with pytest.raises(error, match=says) as raised:
        ode.solve(decay, np.ones(2), t, 0.5, **options)
    assert "test_solve.py" in str(raised.value)


def test_no_callable_is_refused():
    with pytest.raises(ArgumentError):
        ode.solve(3.0, 1.0, [0.0, 1.0])
