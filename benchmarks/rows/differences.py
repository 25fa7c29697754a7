"""How near to the derivative do differences come, at what cost?

Each library differentiates the functions of `benchmarks.slopes`, one point at a time,
as it does when asked for nothing in particular. A library that is as near as rounding
lets it be has 1e-16 or so.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from benchmarks.setting import NOT_INSTALLED, Setting
from benchmarks.slopes import CASES, Case
from benchmarks.table import NONE, Table, number
from wengert import numeric

__all__ = ["Found", "measure", "peers"]


class Found(NamedTuple):
    """What one library says of one slope, and how often it called f."""

    value: float
    error: float
    evaluations: int


Way = Callable[[Any, float], Found]

# An error below this is rounding, whatever luck made of it.
_ROUNDING = 1e-16


def measure(setting: Setting) -> Table:
    """Measure relative errors, error bars, calls of f and times."""
    pairs = [(case, x) for case in CASES for x in case.points]
    table = Table(
        f"Differences on {len(pairs)} slopes, easy to hard: relative errors",
        ["", "mean", "median", "worst", "below 1e-8", "within bar", "calls", "µs"],
    )
    rounds = 1 if setting.effort.quick else 5
    for name, way in peers().items():
        if way is None:
            table.rows.append([name, NOT_INSTALLED, *[NONE] * 6])
        else:
            table.rows.append([name, *_judged(way, pairs, rounds)])
    table.notes.append(
        "The mean is geometric; an error of no number, or above 1, counts as 1. "
        "«Within bar»: how often the error was at most what the library estimated; "
        "«calls»: points at which f was evaluated; time: the median over the slopes, "
        f"each the best of {rounds}."
    )
    return table


def peers() -> dict[str, Way | None]:
    """Give each library's way to a slope; None where it is not installed."""
    found: dict[str, Way | None] = {
        "wengert": lambda f, x: _ours(f, x, "ridders", None),
        "wengert, order 4, automatic step": lambda f, x: _ours(
            f, x, "central4", "automatic"
        ),
        "numdifftools": _numdifftools if _has("numdifftools") else None,
        "scipy.differentiate": _scipy if _has("scipy.differentiate") else None,
    }
    return found


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _ours(f: Any, x: float, scheme: str, step: Any) -> Found:
    found = numeric.estimate(f, np.float64(x), 1.0, scheme, step)
    return Found(float(found.value), float(found.error), found.evaluations)


def _numdifftools(f: Any, x: float) -> Found:
    from numdifftools import Derivative

    count = [0]

    def counted(x: Any) -> Any:
        count[0] += np.size(x)
        return f(x)

    made = Derivative(counted, full_output=True)(x)
    # Newer versions return one tuple, older ones the value beside it.
    info = made if hasattr(made, "error_estimate") else made[1]
    value = info.estimate if hasattr(info, "estimate") else made[0]
    return Found(float(np.ravel(value)[0]), float(np.ravel(info.error_estimate)[0]),
                 count[0])  # fmt: skip


def _scipy(f: Any, x: float) -> Found:
    from scipy.differentiate import derivative

    made = derivative(f, x)
    return Found(float(made.df), float(made.error), int(made.nfev))


def _judged(way: Way, pairs: list[tuple[Case, float]], rounds: int) -> list[str]:
    errors, held, calls, times = [], [], [], []
    for case, x in pairs:
        exact = case.slope(x)
        spent = []
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for _ in range(rounds):
                start = perf_counter()
                found = way(case.f, x)
                spent.append(perf_counter() - start)
        error = abs(found.value - exact)
        relative = error / abs(exact)
        errors.append(min(max(relative, _ROUNDING), 1.0) if relative == relative else 1)
        held.append(bool(error <= found.error))
        calls.append(found.evaluations)
        times.append(min(spent))
    mean = math.exp(sum(map(math.log, errors)) / len(errors))
    return [
        f"{mean:.1e}",
        f"{np.median(errors):.1e}",
        f"{max(errors):.1e}",
        f"{sum(e < 1e-8 for e in errors)}",
        f"{100 * np.mean(held):.0f}%",
        number(float(np.mean(calls))),
        number(1e6 * float(np.median(times))),
    ]
