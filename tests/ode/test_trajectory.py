"""A solution answers at every time, with derivatives; it is for plain runs only."""

import numpy as np
import pytest

from tests.ode.systems import decay, lotka_volterra
from wengert import grad, jacobian, jit, ode, trace, vjp
from wengert.errors import ArgumentError, ControlFlowError, PathWarning, ShapeError

P, Y0 = np.array([1.5, 1.0, 3.0, 1.0]), np.array([2.0, 1.0])


@pytest.mark.parametrize(
    "options", [{}, {"checkpoints": 3}, {"method": "rk4", "steps": 30}], ids=str
)
def test_it_gives_what_solve_gives(options):
    t = np.linspace(0.0, 1.5, 31)[[0, 7, 8, 20, 30]]
    bar = np.random.default_rng(0).normal(size=(5, 2))

    def whole(y, p):
        return ode.trajectory(lotka_volterra, y, (0.0, 1.5), p, **options)(t)

    def at_times(y, p):
        if "steps" in options:
            fine = np.linspace(0.0, 1.5, 31)
            return ode.solve(lotka_volterra, y, fine, p, method="rk4")[
                np.array([0, 7, 8, 20, 30])
            ]
        return ode.solve(lotka_volterra, y, t, p, **options)

    y, pull = vjp(whole, Y0, P)
    expected, pull_expected = vjp(at_times, Y0, P)
    np.testing.assert_allclose(y, expected, rtol=1e-9)
    for a, b in zip(pull(bar), pull_expected(bar), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_the_time_of_a_solution_may_be_traced():
    solution = ode.trajectory(decayed, {"a": 2.0}, (0.0, 3.0), 0.7)
    slope = grad(lambda t: solution(t)["a"])(1.3)
    assert slope == pytest.approx(-1.4 * np.exp(-0.91), rel=1e-6)
    compiled = jit(lambda t: solution(t)["a"])
    for t in (0.1, 0.1, 2.9):
        assert compiled(t) == solution(t)["a"]


def decayed(t, y, k):
    return {"a": -k * y["a"]}


def test_a_solution_over_a_traced_interval():
    def last(t0, t1):
        return ode.trajectory(decay, 1.0, (t0, t1), 0.7).y[-1]

    found = grad(last, (0, 1))(1.0, 3.0)
    exact = 0.7 * np.exp(-1.4)
    assert found == pytest.approx((exact, -exact), rel=1e-7)

    def middle(t0):
        return ode.trajectory(decay, 1.0, (t0, 3.0), 0.7)(2.0)

    assert grad(middle)(1.0) == pytest.approx(0.7 * np.exp(-0.7), rel=1e-6)


def test_ends_and_counts():
    solution = ode.trajectory(lotka_volterra, Y0, (1.0, -1.0), P)
    assert solution.t[0] == 1.0 and solution.t[-1] == -1.0 and solution.status == 0
    assert solution.y.shape == (len(solution.t), 2)
    assert solution.t_events == [] and solution.nfev > 5 * len(solution.t)
    np.testing.assert_allclose(solution(solution.t), solution.y, rtol=1e-13)
    assert solution(0.5).shape == (2,)


def test_jacobian_of_the_variables_that_f_sees():
    f = lambda k: ode.trajectory(lambda t, y: -k * y, 1.0, (0.0, 2.0))(1.5)
    assert jacobian(f)(0.7) == pytest.approx(-1.5 * np.exp(-1.05), rel=1e-6)
    assert grad(grad(f))(0.7) == pytest.approx(2.25 * np.exp(-1.05), rel=1e-6)


def test_a_graph_cannot_hold_it():
    last = lambda k: ode.trajectory(decay, 1.0, (0.0, 1.0), k).y[-1]
    with pytest.raises(ControlFlowError, match=r"ode\.solve"):
        trace(last, 0.5)
    compiled = jit(last)
    with pytest.warns(PathWarning, match=r"ode\.trajectory"):
        assert [compiled(0.5), compiled(0.5)] == [last(0.5), last(0.5)]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda s: s(3.1), ArgumentError, "reaches from"),
        (lambda s: s(np.array([-0.1, 1.0])), ArgumentError, "reaches from"),
        (lambda s: s(np.zeros((2, 2))), ShapeError, "one time"),
        (
            lambda s: ode.trajectory(decay, 1.0, [0.0, 1.0, 2.0], 1.0),
            ShapeError,
            "pair",
        ),
    ],
)
def test_bad_input_is_refused(call, error, says):
    solution = ode.trajectory(decay, 1.0, (0.0, 3.0), 0.7)
    with pytest.raises(error, match=says):
        call(solution)
