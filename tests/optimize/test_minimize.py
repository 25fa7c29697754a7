"""SciPy's solvers with exact derivatives: every method, pytrees, bounds, bad input."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import grad
from wengert.errors import ArgumentError, NanError, NotScalarError, ShapeError
from wengert.optimize import minimize

METHODS = [
    "BFGS", "CG", "L-BFGS-B", "TNC", "SLSQP", "Newton-CG", "trust-ncg", "trust-krylov",
    "trust-constr", "trust-exact", "dogleg", "Nelder-Mead", "Powell", "COBYQA",
]  # fmt: skip


def bowl(x):
    """Be convex, so that dogleg takes it, and no quadratic."""
    return np.sum(np.cosh(x - np.arange(1.0, 4.0))) + 0.1 * x[0] * x[1]


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@pytest.mark.parametrize("method", METHODS)
def test_every_method(method):
    expected = scipy.optimize.minimize(
        bowl, np.zeros(3), method="BFGS", options={"gtol": 1e-7}
    )
    result = minimize(bowl, np.zeros(3), method=method, tol=1e-9)
    np.testing.assert_allclose(result.x, expected.x, atol=3e-5)
    assert not result.interrupted
    assert result.report.seconds >= result.report.solver_seconds >= 0


def test_exact_derivatives_are_what_the_solver_gets():
    """A quadratic is solved by one exact Newton step, to the last digits."""
    matrix = np.diag([1.0, 1e3, 1e6])
    result = minimize(
        lambda x: 0.5 * x @ matrix @ x - x.sum(), np.ones(3), method="trust-exact",
        options={"initial_trust_radius": 10.0, "gtol": 1e-9},
    )  # fmt: skip
    np.testing.assert_allclose(result.x, 1 / np.diag(matrix), rtol=1e-9)
    assert result.report.calls("Hessian") <= 3


@settings(deadline=None, max_examples=15)
@given(st.lists(st.floats(-2, 2), min_size=2, max_size=4))
def test_gradients_vanish_at_any_result(start):
    f = lambda x: np.sum(x**4 + x**2) + np.sum(np.sin(x))
    result = minimize(f, start, method="BFGS", options={"gtol": 1e-8}, compile=False)
    assert np.abs(grad(f)(result.x)).max() < 1e-6
    np.testing.assert_allclose(result.jac, grad(f)(result.x))


@pytest.mark.parametrize("compile", [True, False, "auto"])
def test_parameters_are_pytrees(compile):
    f = lambda p: (p["a"] - 3) ** 2 + np.sum((p["b"][0] - p["a"]) ** 2) + p["c"] ** 2
    x0 = {"a": 0, "b": [np.zeros((2, 2))], "c": np.float64(1)}
    seen = []
    result = minimize(f, x0, compile=compile, callback=lambda x: seen.append(x["a"]))
    assert type(result.x["a"]) is float
    np.testing.assert_allclose(result.x["b"][0], np.full((2, 2), 3.0), atol=1e-5)
    assert result.jac["b"][0].shape == (2, 2)
    assert seen[-1] == result.x["a"]


def test_complex_unknowns():
    result = minimize(lambda z: np.sum(np.abs(z - (1 + 2j)) ** 2), np.zeros(2, complex))
    np.testing.assert_allclose(result.x, np.full(2, 1 + 2j), atol=1e-6)


def test_callbacks_take_results_too():
    seen = []

    def callback(intermediate_result):
        seen.append(intermediate_result.x["a"])
        if len(seen) == 3:
            raise StopIteration

    minimize(lambda p: np.cosh(p["a"] - 2) ** 0.5, {"a": 9.0}, callback=callback)
    assert len(seen) == 3


@pytest.mark.parametrize("method", [None, "L-BFGS-B", "TNC", "SLSQP", "trust-constr"])
def test_bounds(method):
    result = minimize(
        bowl, [0.0, 0.0, 0.0], bounds=[(0, 0.5), (None, None), (None, 2.0)],
        method=method,
    )  # fmt: skip
    np.testing.assert_allclose(result.x[[0, 2]], [0.5, 2.0], atol=1e-4)
    f = lambda p: (p["a"] - 3) ** 2 + np.sum((p["b"] + 3) ** 2)
    result = minimize(
        f, {"a": 0.0, "b": np.zeros(2)}, method=method,
        bounds=({"a": None, "b": np.array([-1.0, -4.0])}, 2.0),
    )  # fmt: skip
    np.testing.assert_allclose(result.x["a"], 2.0, atol=1e-4)
    np.testing.assert_allclose(result.x["b"], [-1.0, -3.0], atol=1e-4)


def test_sparse_hessians():
    for method in ("Newton-CG", "trust-constr"):
        result = minimize(
            rosenbrock, np.full(30, 0.5), method=method, sparse=True, compile=False,
            options={"maxiter": 300},
        )  # fmt: skip
        np.testing.assert_allclose(result.x, np.ones(30), atol=2e-3)
        assert result.report.calls("Hessian") > 3
    with pytest.raises(ArgumentError, match="no sparse"):
        minimize(rosenbrock, np.ones(3), sparse=True)


def test_own_derivatives_are_used():
    calls = []

    def jac(x):
        calls.append("jac")
        return grad(rosenbrock)(x)

    def hessp(x, p):
        calls.append("hessp")
        return p

    minimize(rosenbrock, np.zeros(2), method="Newton-CG", jac=jac, hessp=hessp,
             options={"maxiter": 3})  # fmt: skip
    assert {"jac", "hessp"} == set(calls)
    both = lambda x: (np.sum(x**2), 2 * x)
    np.testing.assert_allclose(minimize(both, np.ones(2), jac=True).x, 0, atol=1e-6)
    result = minimize(bowl, np.zeros(3), jac="2-point", compile=False)
    assert result.report.calls("value") > 3 * result.nit
    wrong = minimize(bowl, np.zeros(3), method="trust-exact", hess=lambda x: np.eye(3))
    assert wrong.report.calls("Hessian") == 0


def test_arguments():
    f = lambda x, a, b: np.sum((x - a) ** 2) + b
    result = minimize(f, np.zeros(2), args=(np.array([1.0, 2.0]), 5.0))
    np.testing.assert_allclose(result.x, [1, 2], atol=1e-6)
    np.testing.assert_allclose(result.fun, 5.0)
    assert type(minimize(lambda x, a: (x - a) ** 2, 0.0, args=2.0).x) is float


def test_interruption_gives_the_best():
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) == 12:
            raise KeyboardInterrupt
        return rosenbrock(x)

    result = minimize(f, np.array([-1.2, 1.0]), compile=False)
    assert result.interrupted and not result.success
    np.testing.assert_allclose(rosenbrock(result.x), result.fun)
    assert result.fun < rosenbrock(np.array([-1.2, 1.0]))
    assert "Interrupted" in str(result.report)


def test_a_nan_at_the_start_is_named():
    def f(x):
        return np.sum(np.sqrt(x - 2))

    with pytest.raises(NanError, match=r"nan at x0.*sqrt made a nan") as caught:
        minimize(f, [1.0])
    assert caught.value.source.function == "f"
    with pytest.raises(
        NanError, match="gradient of .* is not finite.*sqrt made an inf"
    ):
        minimize(lambda x: np.sum(np.sqrt(x)), [0.0])
    data = np.array([1.0, np.nan])
    with pytest.raises(NanError, match="among the parameters, the data"):
        minimize(lambda x: np.sum((x - data) ** 2), [1.0])


def test_a_nan_on_the_way_cuts_the_step():
    result = minimize(lambda x: np.log(x[0]) + 1 / x[0] ** 2, [10.0])
    np.testing.assert_allclose(result.x, [2**0.5], rtol=1e-5)
    assert "f was nan at" in str(result.report)


def test_divergence_is_reported():
    result = minimize(lambda x: -(x[0] ** 3), [1.0])
    assert not result.success
    assert "falls without end" in str(result.report)


def test_what_does_not_fit_is_refused():
    with pytest.raises(NotScalarError):
        minimize(lambda x: x, np.ones(2))
    with pytest.raises(NotScalarError):
        minimize(lambda x: x, np.ones(2), method="Nelder-Mead")
    with pytest.raises(ArgumentError, match="one of"):
        minimize(bowl, np.zeros(3), method="Newton")
    with pytest.raises(ArgumentError, match="bounds of the shape"):
        minimize(bowl, np.zeros(3), bounds=[(0, 1)])
    with pytest.raises(ShapeError, match="bound does not fit"):
        minimize(lambda p: p["a"] ** 2, {"a": 1.0}, bounds=({"b": 0.0}, None))
    with pytest.raises(ArgumentError, match="above"):
        minimize(bowl, np.zeros(3), bounds=[(1, 0)] * 3)
    with pytest.raises(ArgumentError, match="not finite"):
        minimize(bowl, [np.nan, 0, 0])
    with pytest.raises(ArgumentError, match="compile"):
        minimize(bowl, np.zeros(3), compile="yes")
    with pytest.raises(ArgumentError):
        minimize(bowl, "start")
