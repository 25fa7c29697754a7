"""Steps are those that SciPy takes with the same method, and failures are told."""

import numpy as np
import pytest
import scipy.integrate
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ode.systems import lotka_volterra
from wengert import ode
from wengert.errors import IntegrationError


@settings(max_examples=15, deadline=None)
@given(
    p=st.tuples(*[st.floats(0.3, 2.0)] * 4),
    y0=st.tuples(st.floats(0.5, 4.0), st.floats(0.5, 4.0)),
    end=st.floats(-1.0, 3.0).filter(lambda t: abs(t) > 0.01),
    method=st.sampled_from(["RK45", "RK23"]),
    tolerance=st.sampled_from([1e-4, 1e-7]),
)
def test_the_steps_are_those_of_scipy(p, y0, end, method, tolerance):
    p, y0 = np.array(p), np.array(y0)
    options = {"method": method, "rtol": tolerance, "atol": tolerance}
    ours = ode.trajectory(lotka_volterra, y0, (0.0, end), p, **options)
    theirs = scipy.integrate.solve_ivp(
        lotka_volterra, (0.0, end), y0, args=(p,), dense_output=True, **options
    )
    assert ours.t.shape == theirs.t.shape and ours.nfev == theirs.nfev
    np.testing.assert_allclose(ours.t, theirs.t, rtol=1e-7)
    np.testing.assert_allclose(ours.y.T, theirs.y, rtol=1e-7)
    times = np.linspace(0.0, end, 7)
    np.testing.assert_allclose(ours(times).T, theirs.sol(times), rtol=1e-7)


@pytest.mark.parametrize(
    ("f", "end", "says"),
    [
        (lambda t, y: y * y, 2.0, "singularity"),
        (lambda t, y: np.nan * y, 1.0, "not finite at the start"),
        (lambda t, y: np.where(t > 1.0, np.nan, y), 2.0, "too small"),
    ],
)
def test_a_solution_that_ends_early_is_an_error_with_the_place(f, end, says):
    with (
        pytest.raises(IntegrationError, match=says) as error,
        np.errstate(all="ignore"),
    ):
        ode.solve(f, 1.0, [0.0, end])
    message = str(error.value)
    assert "at t = " in message and "h = " in message and "y = [" in message
    assert "test_grid.py" in message


def test_too_many_steps_are_an_error():
    with pytest.raises(IntegrationError, match="3 steps were tried.*rodas4"):
        ode.solve(lambda t, y: y, 1.0, [0.0, 2.0], max_steps=3)


def test_no_step_is_longer_than_asked():
    t = ode.trajectory(lambda t, y: -y, 1.0, (0.0, 1.0), max_step=0.01).t
    assert np.diff(t).max() <= 0.01 + 1e-15
    t = ode.trajectory(lambda t, y: -y, 1.0, (0.0, 1.0), first_step=0.05).t
    assert t[1] == 0.05
