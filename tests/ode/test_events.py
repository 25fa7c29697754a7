"""Events are found where SciPy finds them, and their times are differentiable."""

import numpy as np
import pytest
import scipy.integrate
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import grad, jacobian, jvp, ode
from wengert.errors import ArgumentError, IntegrationError

HEIGHT = np.array([10.0, 0.0])


def fall(t, y, g):
    return np.stack([y[1], -g])


GROUND = ode.Event(lambda t, y, g: y[0], terminal=True, direction=-1)


def duration(g):
    return ode.trajectory(fall, HEIGHT, (0.0, 9.0), g, events=GROUND).t[-1]


@settings(max_examples=5, deadline=None)
@given(g=st.floats(1.0, 20.0))
def test_the_time_of_a_fall_and_three_derivatives(g):
    c = np.sqrt(20.0)
    assert duration(g) == pytest.approx(c * g**-0.5, rel=1e-12)
    assert grad(duration)(g) == pytest.approx(-c / 2 * g**-1.5, rel=1e-10)
    assert grad(grad(duration))(g) == pytest.approx(3 * c / 4 * g**-2.5, rel=1e-10)
    third = jvp(lambda g: grad(grad(duration))(g), (g,), (1.0,))[1]
    assert third == pytest.approx(-15 * c / 8 * g**-3.5, rel=1e-9)


def test_the_state_at_the_event():
    def speed(g):
        run = ode.trajectory(fall, HEIGHT, (0.0, 9.0), g, events=GROUND)
        assert run.status == 1 and run.y_events[0].shape == (1, 2)
        return run.y_events[0][0, 1]

    assert speed(5.0) == pytest.approx(-10.0, rel=1e-12)
    assert grad(speed)(5.0) == pytest.approx(-1.0, rel=1e-10)  # −√(2·10·g)


def test_a_bouncing_ball():
    def third_bounce(g, restitution):
        t, y = 0.0, HEIGHT
        for _ in range(3):
            run = ode.trajectory(fall, y, (t, t + 9.0), g, events=GROUND)
            t, y = run.t[-1], np.stack([0.0, -restitution * run.y[-1, 1]])
        return t

    def exact(g, restitution):
        return np.sqrt(20.0 / g) * (1 + 2 * restitution + 2 * restitution**2)

    assert third_bounce(9.81, 0.8) == pytest.approx(exact(9.81, 0.8), rel=1e-12)
    found = grad(third_bounce, (0, 1))(9.81, 0.8)
    assert found == pytest.approx(grad(exact, (0, 1))(9.81, 0.8), rel=1e-9)


def test_events_with_parameters_of_their_own_and_of_the_surroundings():
    """−dt/dℓ = 1/v where a level ℓ is crossed; g uses args, t, and a variable."""

    def time(level, shift):
        event = ode.Event(lambda t, y, k: y - level + shift * t, terminal=True)
        run = ode.trajectory(lambda t, y, k: k, 0.0, (0.0, 9.0), 2.0, events=event)
        return run.t[-1]

    assert time(3.0, 0.5) == pytest.approx(3.0 / 2.5)
    found = grad(time, (0, 1))(3.0, 0.5)
    assert found == pytest.approx((1 / 2.5, -3.0 / 2.5**2), rel=1e-10)


def test_all_zeros_of_a_sine_in_each_direction():
    def rises(t, y, omega):
        return y[0]

    rises.direction = 1.0
    events = [lambda t, y, omega: y[0], rises, lambda t, y, omega: y[1] + 2.0]

    def zeros(omega, i=0):
        run = ode.trajectory(
            lambda t, y, omega: np.stack([omega * y[1], -omega * y[0]]),
            np.array([0.0, 1.0]), (0.0, 10.0), omega, events=events,
        )  # fmt: skip
        assert run.status == 0 and run.t_events[2].shape == (0,)
        assert run.y_events[2].shape == (0, 2)
        return run.t_events[i]

    # The zero at t0 is none.
    np.testing.assert_allclose(zeros(1.0), np.pi * np.arange(1, 4), rtol=1e-7)
    np.testing.assert_allclose(zeros(1.0, 1), [2 * np.pi], rtol=1e-7)
    slopes = jacobian(zeros, mode="reverse")(1.0)
    np.testing.assert_allclose(slopes, -np.pi * np.arange(1, 4), rtol=1e-6)


def test_the_terminal_one_may_be_the_nth():
    event = ode.Event(lambda t, y: y[0], terminal=2)
    options = {"rtol": 1e-6, "atol": 1e-6}
    f = lambda t, y: np.stack([y[1], -y[0]])
    ours = ode.trajectory(f, np.array([1.0, 0.0]), (0, 20), events=event, **options)
    theirs_event = lambda t, y: y[0]
    theirs_event.terminal = 2
    theirs = scipy.integrate.solve_ivp(
        f, (0, 20), [1.0, 0.0], events=theirs_event, **options
    )
    assert ours.status == theirs.status == 1
    np.testing.assert_allclose(ours.t, theirs.t, rtol=1e-9)
    np.testing.assert_allclose(ours.t_events[0], theirs.t_events[0], rtol=1e-9)
    np.testing.assert_allclose(ours.y_events[0], theirs.y_events[0], atol=1e-9)


def test_where_g_is_flat_the_time_has_no_derivative():
    def time(c):
        event = ode.Event(lambda t, y, c: (t - 1.0) ** 3 + 0 * y, terminal=True)
        run = ode.trajectory(lambda t, y, c: c, 0.0, (0.0, 2.0), c, events=event,
                             max_step=0.5)  # fmt: skip
        return run.t[-1]

    with pytest.raises(IntegrationError, match="is flat at its zero t = (1|0.99999)"):
        grad(time)(1.0)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (3.0, "must be functions"),
        (lambda t, y, g: y, r"returned f64\[2\]"),
        (lambda t, y, g: 1j * y[0], "one real number"),
    ],
)
def test_what_is_no_event_is_refused(event, says):
    with pytest.raises(ArgumentError, match=says) as raised:
        ode.trajectory(fall, HEIGHT, (0.0, 1.0), 9.81, events=event)
    assert "test_events.py" in str(raised.value)
