import inspect

import numpy as np
import pytest
import scipy.optimize

from wengert.errors import ArgumentError, ConvergenceError, NanError, ShapeError
from wengert.optimize import curve_fit, fit

RNG = np.random.default_rng(3)
X = np.linspace(0, 4, 50)
Y = 2.5 * np.exp(-1.3 * X) + 0.5 + 0.1 * RNG.normal(size=50)
S = RNG.uniform(0.05, 0.2, 50)
COVARIANCE = np.diag(S**2) + 1e-3


def model(x, a, b, c):
    return a * np.exp(-b * x) + c


def tree_model(x, p):
    return model(x, p["a"], p["b"], p["c"][0])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sigma": S},
        {"sigma": S, "absolute_sigma": True},
        {"sigma": COVARIANCE},
        {"sigma": COVARIANCE, "absolute_sigma": True},
        {"bounds": ([0, 0, 0], [3, 1.0, 2])},
        {"method": "dogbox"},
        {"p0": [1, 2, 3]},
        {"jac": lambda x, a, b, c: np.stack(
            [np.exp(-b * x), -a * x * np.exp(-b * x), 1 + 0 * x], 1), "sigma": S},
    ],
)  # fmt: skip
def test_as_scipy_fits(options):
    popt, pcov = curve_fit(model, X, Y, **options)
    expected, covariance = scipy.optimize.curve_fit(model, X, Y, **options)
    np.testing.assert_allclose(popt, expected, rtol=1e-5)
    np.testing.assert_allclose(pcov, covariance, rtol=1e-3)


def test_parameters_stand_where_scipy_has_them():
    ours = list(inspect.signature(curve_fit).parameters)
    theirs = list(inspect.signature(scipy.optimize.curve_fit).parameters)
    assert ours[:10] == theirs[:10]


def test_a_line_as_textbooks_give_it():
    """Standard errors of a line: s/√Sxx for the slope, by Student's t."""
    x = np.arange(10.0)
    y = 1 + 2 * x + RNG.normal(size=10)
    found = fit(lambda x, p: p["a"] + p["b"] * x, x, y, {"a": 0.0, "b": 0.0})
    slope, intercept = np.polyfit(x, y, 1)
    s = np.sqrt(np.sum((y - intercept - slope * x) ** 2) / 8)
    sxx = np.sum((x - x.mean()) ** 2)
    np.testing.assert_allclose(found.params["b"], slope)
    np.testing.assert_allclose(found.deviation, s)
    np.testing.assert_allclose(found.standard_errors["b"], s / np.sqrt(sxx))
    np.testing.assert_allclose(
        found.correlation[0, 1], -x.mean() / np.sqrt(np.mean(x**2))
    )
    lower, upper = found.intervals(0.95)
    np.testing.assert_allclose(
        upper["b"] - lower["b"], 2 * 2.306004 * s / np.sqrt(sxx), rtol=1e-6
    )
    value, half = found.band(np.array([2.0, x.mean()]))
    np.testing.assert_allclose(value, intercept + slope * np.array([2.0, x.mean()]))
    np.testing.assert_allclose(half[1], 2.306004 * s / np.sqrt(10), rtol=1e-6)
    assert "standard error" in str(found) and "p['a']" in str(found)


def test_pytrees():
    start = {"a": 1, "b": 1.0, "c": np.zeros(1)}
    popt, pcov, found = curve_fit(tree_model, X, Y, p0=start, full_output=True)
    expected = curve_fit(model, X, Y)
    np.testing.assert_allclose(popt["c"], expected[0][2:], rtol=1e-6)
    np.testing.assert_allclose(pcov, expected[1], rtol=1e-4)
    assert found.report.calls("Jacobian") > 1


def test_nan_policy():
    y = Y.copy()
    y[3] = np.nan
    with pytest.raises(ArgumentError, match="ydata holds nan"):
        curve_fit(model, X, y)
    keep = np.arange(50) != 3
    for options in ({}, {"sigma": S}, {"sigma": COVARIANCE}):
        cut = {k: v[np.ix_(*[keep] * v.ndim)] for k, v in options.items()}
        np.testing.assert_allclose(
            curve_fit(model, X, y, nan_policy="omit", **options)[0],
            curve_fit(model, X[keep], Y[keep], **cut)[0],
        )


def test_what_data_do_not_determine():
    with pytest.warns(scipy.optimize.OptimizeWarning, match="do not determine"):
        _, pcov = curve_fit(lambda x, a, b: (a + b) * x, X, Y)
    assert np.isinf(pcov).all()
    with pytest.warns(scipy.optimize.OptimizeWarning):
        curve_fit(lambda x, a, b: a + b * x, X[:2], Y[:2])


def test_bad_input():
    with pytest.raises(ShapeError, match="50 data"):
        curve_fit(lambda x, a: a * x[:-1], X, Y)
    with pytest.raises(ArgumentError, match="give p0"):
        curve_fit(lambda *args: args[1], X, Y)
    with pytest.raises(ArgumentError, match="positive"):
        curve_fit(model, X, Y, sigma=0 * S)
    with pytest.raises(ShapeError, match="7 sigmas"):
        curve_fit(model, X, Y, sigma=np.ones(7))
    with pytest.raises(ArgumentError, match="positive definite"):
        curve_fit(model, X, Y, sigma=-COVARIANCE)
    with pytest.raises(ConvergenceError, match="max_nfev"):
        curve_fit(model, X, Y, max_nfev=2)
    with pytest.raises(NanError, match="log made a nan"):
        curve_fit(lambda x, a: np.log(a * x - 10), X, Y)
    with np.errstate(all="ignore"), pytest.raises(NanError, match="the data"):
        curve_fit(lambda x, a: a * np.log(x - 1), X, Y)
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        fit(lambda x, a: a * x, X, Y, 1.0).intervals(95)
