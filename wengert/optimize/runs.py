"""One run of a solver of SciPy's: timed, interrupted, its result completed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from wengert.optimize.report import Report
from wengert.optimize.unknowns import Unknowns

__all__ = ["finish", "run", "users_callback"]


def run(
    report: Report,
    solve: Callable[[], Any],
    best: Callable[[], tuple[Any, Any]],
) -> Any:
    """Run a solver; on Ctrl-C give the best that it has met.

    Parameters
    ----------
    report : Report
    solve : callable
        `() → OptimizeResult`.
    best : callable
        `() → (x, fun)`, the best so far.

    Returns
    -------
    OptimizeResult
        With `.report` and `.interrupted`.
    """
    # Sums of squares far from a solution overflow; solvers then cut the step.
    with report, np.errstate(over="ignore", invalid="ignore"):
        try:
            result = solve()
            result.interrupted = False
        except KeyboardInterrupt:
            x, fun = best()
            calls = sum(count.calls for count in report.counts.values())
            result = scipy.optimize.OptimizeResult(
                x=x,
                fun=fun,
                success=False,
                status=-1,
                message=f"Interrupted after {calls} evaluations; x is the best so far.",
                interrupted=True,
            )
    if not result.success:
        report.remarks.append(str(result.message))
    result.report = report
    return result


def finish(unknowns: Unknowns, result: Any) -> Any:
    """Give what is like x the form of x."""
    v = np.asarray(result.x)
    for name in ("jac", "grad"):
        value = result.get(name)
        if isinstance(value, np.ndarray) and value.shape == v.shape:
            result[name] = unknowns.result(value)
    result.x = unknowns.result(v)
    return result


def users_callback(unknowns: Unknowns, callback: Any) -> Any:
    """Let the user's callback take x in its own form.

    SciPy looks at the parameters of a callback: one that is named
    `intermediate_result` is given an OptimizeResult by name, others x by position.
    """
    if callback is None:
        return None
    try:
        names = set(inspect.signature(callback).parameters)
    except (TypeError, ValueError):
        names = set()
    if names == {"intermediate_result"}:

        def with_result(intermediate_result: Any) -> Any:
            inner = scipy.optimize.OptimizeResult(intermediate_result)
            inner.x = unknowns.result(np.array(inner.x))
            return callback(intermediate_result=inner)

        return with_result
    return lambda v, *rest: callback(unknowns.result(np.array(v)), *rest)
