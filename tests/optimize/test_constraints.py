import numpy as np
import pytest
from scipy.optimize import LinearConstraint, NonlinearConstraint

from wengert.errors import ArgumentError
from wengert.optimize import minimize


def rosenbrock(x):
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


DISC = NonlinearConstraint(lambda x: x[0] ** 2 + x[1] ** 2, -np.inf, 1.0)
IN_DISC = [0.78641515, 0.61769831]  # Rosenbrock's function in the unit disc


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr", "COBYLA"])
def test_a_disc(method):
    result = minimize(rosenbrock, [0.1, 0.1], method=method, constraints=DISC, tol=1e-9)
    if method != "COBYLA":
        np.testing.assert_allclose(result.x, IN_DISC, atol=1e-4)
        assert result.report.calls("constraint Jacobian") > 3
    exact = result.report.calls("constraint Hessian") > 3
    assert exact == (method == "trust-constr")


@pytest.mark.parametrize("sparse", [False, True])
def test_hessians_of_constraints_are_exact(sparse):
    """min x + y on the circle: the Hessian of the Lagrangian is the constraint's."""
    circle = NonlinearConstraint(lambda x: [np.sum(x**2)], 2.0, 2.0)
    result = minimize(
        np.sum, np.array([-2.0, -0.5]), method="trust-constr", constraints=[circle],
        sparse=sparse, options={"gtol": 1e-10, "xtol": 1e-12},
    )  # fmt: skip
    np.testing.assert_allclose(result.x, [-1.0, -1.0], atol=1e-7)
    assert result.nit < 40


def test_dictionaries_and_pytrees():
    f = lambda p: p["a"] ** 2 + np.sum(p["b"] ** 2)
    total = {
        "type": "eq",
        "fun": lambda p, s: {
            "sum": p["a"] + p["b"].sum() - s,
            "ratio": p["a"] - p["b"][0],
        },
        "args": (3.0,),
    }
    result = minimize(f, {"a": 0.0, "b": np.zeros(2)}, constraints=total)
    np.testing.assert_allclose(result.x["a"], 1.0, atol=1e-6)
    np.testing.assert_allclose(result.x["b"], [1.0, 1.0], atol=1e-6)
    own = {"type": "ineq", "fun": lambda x: x - 1, "jac": lambda x: np.eye(2)}
    result = minimize(lambda x: np.sum(x**2), np.full(2, 3.0), constraints=[own])
    np.testing.assert_allclose(result.x, [1, 1], atol=1e-6)


def test_linear_constraints_act_on_the_leaves_in_order():
    result = minimize(
        lambda p: p["a"] ** 2 + p["b"] ** 2, {"a": 0.0, "b": 0.0},
        constraints=LinearConstraint([[1.0, 2.0]], 5.0, 5.0),
    )  # fmt: skip
    np.testing.assert_allclose([result.x["a"], result.x["b"]], [1, 2], atol=1e-6)


def test_what_is_no_constraint_is_refused():
    for wrong in ({"type": "eq"}, [np.sum], 3.0, {"type": "eq", "f": np.sum, "fun": 1}):
        with pytest.raises(ArgumentError, match="constraint"):
            minimize(rosenbrock, [0.0, 0.0], constraints=wrong)
