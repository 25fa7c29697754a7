"""Least squares and minima of the problems of Moré, Garbow and Hillstrom."""

import numpy as np
import pytest

from tests.optimize.more_garbow_hillstrom import PROBLEMS
from wengert.optimize import least_squares, minimize, root

# f falls so slowly, or from so far away, that a minimiser of general functions, which
# knows nothing of squares, needs too long.
FOR_LEAST_SQUARES = {
    "Brown badly scaled", "Meyer", "Gulf", "Osborne 1", "Osborne 2", "Biggs",
    "Powell badly scaled", "Watson, 12", "trigonometric",
}  # fmt: skip
SQUARE = [
    "Rosenbrock", "helical valley", "Powell badly scaled", "boundary value",
    "integral equation", "Broyden tridiagonal", "Broyden banded", "Chebyquad, 7",
    "Brown almost linear",
]  # fmt: skip


def reaches(value, minima):
    return any(abs(value - f) <= max(1e-5 * f, 1e-12) for f in minima)


def test_all_35_are_there():
    families = {name.split(",")[0] for name in PROBLEMS}
    # Three linear problems share their first word.
    assert len(families | {n for n in PROBLEMS if n.startswith("linear")}) - 1 == 35


@pytest.mark.parametrize("method", ["lm", "trf"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_least_squares_reaches_the_published_minimum(name, method):
    r, x0, minima = PROBLEMS[name]
    result = least_squares(
        r, x0, method=method, xtol=1e-14, ftol=1e-14, gtol=1e-14, max_nfev=3000,
        compile=False,
    )  # fmt: skip
    assert result.success
    assert reaches(2 * result.cost, minima), 2 * result.cost


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PROBLEMS.keys() - FOR_LEAST_SQUARES))
def test_exact_hessians_reach_the_published_minimum(name):
    r, x0, minima = PROBLEMS[name]
    result = minimize(
        lambda x: np.sum(r(x) ** 2), x0, method="trust-exact",
        options={"gtol": 1e-11, "maxiter": 3000},
    )  # fmt: skip
    assert reaches(result.fun, minima), result


@pytest.mark.parametrize("name", SQUARE)
def test_roots(name):
    r, x0, _ = PROBLEMS[name]
    result = root(r, x0, tol=1e-13)
    assert np.abs(r(result.x)).max() < 1e-9
    assert result.report.calls("Jacobian") < result.report.calls("residual")
