import numpy as np
import pytest
import scipy.optimize

from wengert.errors import ArgumentError, NanError, ShapeError
from wengert.optimize import root


def f(x):
    return np.array(
        [x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1, 0.5 * (x[1] - x[0]) ** 3 + x[1]]
    )


@pytest.mark.parametrize("method", ["hybr", "lm", "krylov", "broyden1", "df-sane"])
def test_every_method(method):
    result = root(f, [0.8, 0.2], method=method, tol=1e-10)
    np.testing.assert_allclose(result.x, [0.8411639, 0.1588361], rtol=1e-6)
    assert (result.report.calls("Jacobian") > 0) == (method in ("hybr", "lm"))


def test_exact_jacobians_spare_evaluations():
    exact = root(f, [0.0, 0.0])
    differences = scipy.optimize.root(f, [0.0, 0.0])
    assert exact.report.calls("residual") < differences.nfev + 2
    assert root(f, [0.0, 0.0], jac=False).report.calls("Jacobian") == 0


def test_pytrees_and_own_jacobians():
    g = lambda p, c: {"u": p["a"] ** 2 - c, "v": p["b"] - p["a"]}
    result = root(g, {"a": 1.0, "b": np.zeros(2)}, args=(4.0,))
    np.testing.assert_allclose(result.x["b"], [2.0, 2.0])
    both = lambda x: (x**2 - 4, np.diag(2 * x))
    np.testing.assert_allclose(root(both, np.ones(2), jac=True).x, [2, 2])
    own = root(lambda x: x**2 - 4, np.ones(2), jac=lambda x: np.diag(2 * x))
    np.testing.assert_allclose(own.x, [2, 2])


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match="3 equations for 2 unknowns"):
        root(lambda x: np.concatenate([x, x[:1]]), np.ones(2))
    with pytest.raises(ArgumentError, match="one of"):
        root(f, [0.0, 0.0], method="newton")
    with pytest.raises(NanError, match="log"):
        root(lambda x: np.log(x), -np.ones(2))
