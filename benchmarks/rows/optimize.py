"""What do exact derivatives save a solver: time, evaluations, and how near it comes?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.optimize

from benchmarks.setting import Setting
from benchmarks.table import Table, cell, ratio
from benchmarks.timing import interleaved
from wengert.optimize import least_squares, minimize

__all__ = ["measure"]


class Case(NamedTuple):
    """A problem, and how each side solves it.

    Attributes
    ----------
    title : str
    solvers : dict
        Title → `() → OptimizeResult`; the first is ours.
    value : callable
        What is to be least, of a result.
    """

    title: str
    solvers: dict[str, Callable[[], Any]]
    value: Callable[[Any], float]


def measure(setting: Setting) -> Table:
    """Time least squares, and Rosenbrock's function by Newton-CG."""
    quick = setting.effort.quick
    table = Table(
        "Solvers with exact derivatives and with differences",
        ["", "derivatives", "ms a run", "ratio", "f", "derivatives of f", "ends at"],
    )
    for case in (_peaks(200 if quick else 2000), _tridiagonal(30 if quick else 300),
                 _rosenbrock(20 if quick else 1000)):  # fmt: skip
        results = {name: solve() for name, solve in case.solvers.items()}
        times = interleaved(case.solvers, setting.effort)
        first = next(iter(case.solvers))
        for name, timing in times.items():
            result = results[name]
            table.rows.append(
                [
                    case.title, name, cell(timing, 1e-3), ratio(timing, times[first]),
                    *_counts(result), f"{case.value(result):.1e}",
                ]
            )  # fmt: skip
    table.notes.append(
        "A run is a whole call: what is compiled in it counts. Derivatives of f: "
        "Jacobians; gradients and products with the Hessian. SciPy does not count, in "
        "f, what differences evaluate. Ends at: the largest relative error of a "
        "parameter; the largest residual; the largest error of x."
    )
    return table


def _counts(result: Any) -> tuple[str, str]:
    if "report" not in result:
        return f"{result.nfev:,}", f"{result.njev or 0:,}"
    calls = {what: f"{count.calls:,}" for what, count in result.report.counts.items()}
    values = calls.pop("residual", calls.get("value and gradient", "0"))
    return values, " + ".join(calls.values())


def _peaks(m: int) -> Case:
    """Two peaks on a decaying ground, 8 parameters, as NIST's Gauss1."""
    x = np.linspace(0.0, 250.0, m)
    truth = np.array([98.8, 0.0105, 100.5, 67.5, 23.1, 72.0, 179.0, 18.4])
    start = truth * np.array([0.95, 1.1, 0.9, 0.97, 1.1, 0.9, 0.99, 1.1])

    def model(p: Any) -> Any:
        first = p[2] * np.exp(-((x - p[3]) ** 2) / p[4] ** 2)
        second = p[5] * np.exp(-((x - p[6]) ** 2) / p[7] ** 2)
        return p[0] * np.exp(-p[1] * x) + first + second

    y = model(truth)

    def residuals(p: Any) -> Any:
        return model(p) - y

    tight = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}
    return Case(
        f"fit of two peaks, {m:,} data",
        {
            "exact": lambda: least_squares(residuals, start, **tight),
            "2-point": lambda: scipy.optimize.least_squares(residuals, start, **tight),
        },
        lambda result: float(np.abs(result.x / truth - 1).max()),
    )


def _tridiagonal(n: int) -> Case:
    """Broyden's function as least squares, its Jacobian sparse."""

    def residuals(x: Any) -> Any:
        zero = np.zeros(1)
        before, after = np.concatenate([zero, x[:-1]]), np.concatenate([x[1:], zero])
        return (3 - 2 * x) * x - before - 2 * after + 1

    start = -np.ones(n)
    return Case(
        f"Broyden's tridiagonal, n = {n:,}",
        {
            "exact, sparse": lambda: least_squares(residuals, start, sparse=True),
            "exact, dense": lambda: least_squares(residuals, start),
            "2-point": lambda: scipy.optimize.least_squares(residuals, start),
        },
        lambda result: float(np.abs(residuals(result.x)).max()),
    )


def _rosenbrock(n: int) -> Case:
    """The chained function by Newton-CG."""

    def f(x: Any) -> Any:
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    start = np.linspace(0.1, 0.9, n)
    by_hand = scipy.optimize.rosen_der
    options = {"maxiter": 1000}

    def differences() -> Any:
        return scipy.optimize.minimize(
            f, start, method="Newton-CG", jac=by_hand, options=options
        )

    return Case(
        f"Rosenbrock, n = {n:,}, Newton-CG",
        {
            "exact": lambda: minimize(f, start, method="Newton-CG", options=options),
            "gradient by hand, products by differences": differences,
        },
        lambda result: float(np.abs(result.x - 1).max()),
    )
