"""How long until the first gradient: tracing, compiling and running it once?"""

from __future__ import annotations

import functools
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.library import Library, Unable
from benchmarks.programs import Program, chain
from benchmarks.setting import Setting
from benchmarks.table import Table, compared
from benchmarks.timing import Timing
from benchmarks.verify import verify

__all__ = ["compiling", "looping", "stepping"]

# Operations or steps, above which an unrolled program compiles for minutes.
LONG = 1000


def compiling(setting: Setting) -> Table:
    """Time the first gradient of chains of 200 and 4,000 operations."""
    lengths = (20, 200) if setting.effort.quick else (200, 4000)
    goals = dict(zip((200, 4000), (0.05, 0.8), strict=True))
    x, times = np.linspace(0.5, 1.5, 8), {}
    for length in lengths:
        make = functools.partial(chain, length)
        without = {"torch.compile": "not run"} if length > LONG else {}
        times[f"{length:,} operations"] = first(setting, make, x, without)
    table = compared(
        "First value and gradient of a chain on 8 doubles: s",
        setting.titles,
        times,
        1.0,
        {f"{n:,} operations": goals[n] for n in lengths if n in goals}
        if setting.ours == "wengert jit"
        else None,
        setting.ours,
        setting.ours,
    )
    table.notes.append(
        "x ← sin(x)·1.01, time and again, then Σx. From the Python function to the "
        "first result, whatever it takes: tracing, compiling, running; the best of "
        "three. What is loaded with the first of all programs is loaded before."
    )
    return table


def looping(setting: Setting) -> Table:
    """Time the first gradient of a loop in Python."""
    lengths = (100, 300) if setting.effort.quick else (300, 1000, 3000)
    x, times = np.linspace(0.5, 1.5, 8), {}
    for length in lengths:
        without = {"torch.compile": "not run"}
        if length > LONG and not setting.full:
            without |= {"jax": "over a minute"}
        make = functools.partial(stepping, length)
        times[f"{length:,} steps"] = first(setting, make, x, without)
    table = compared(
        "First value and gradient of a loop in Python: s",
        setting.titles,
        times,
        1.0,
        {"3,000 steps": 2.0}
        if setting.ours == "wengert jit" and 3000 in lengths
        else None,
        setting.ours,
        setting.ours,
    )
    table.notes.append(
        "`for _ in range(steps): x = x + 0.01 * np.sin(x) * x` on 8 doubles, then Σx; "
        "the same loop for all. From the Python function to the first result, as above."
    )
    return table


def stepping(steps: int) -> Program:
    """Make the loop x ← x + 0.01·sin(x)·x, then Σx."""

    def write(xp: Any) -> Callable[[Any], Any]:
        def f(x: Any) -> Any:
            for _ in range(steps):
                x = x + 0.01 * xp.sin(x) * x
            return xp.sum(x)

        return f

    def by_hand(x: Any) -> tuple[Any, Any]:
        slope = np.ones_like(x)
        for _ in range(steps):
            sine = np.sin(x)
            slope = slope * (1.0 + 0.01 * (sine + x * np.cos(x)))
            x = x + 0.01 * sine * x
        return np.sum(x), slope

    def symbolic(ca: Any, n: int) -> tuple[Any, Any]:
        start = x = ca.MX.sym("x", n)
        for _ in range(steps):
            x = x + 0.01 * ca.sin(x) * x
        return start, ca.sum1(x)

    return Program(write, by_hand, 4 * steps, symbolic)


def first(
    setting: Setting,
    make: Callable[[], Program],
    x: Any,
    without: dict[str, str] | None = None,
) -> dict[str, Timing]:
    """Time from a new function to its first value and gradient, for every library."""
    found = dict(setting.absent)
    turns = 1 if setting.effort.quick else 3
    for name, library in setting.libraries.items():
        if name in (without or {}):
            found[name] = Timing(why=(without or {})[name])
            continue
        warm(library, x)
        found[name] = _first(name, library, make, x, turns)
    return found


def warm(library: Library, x: Any) -> None:
    """Have a library load what it needs for a first program."""
    try:
        library.gradient(chain(4), x)()
    except Unable:
        return


def _first(
    name: str, library: Library, make: Callable[[], Program], x: Any, turns: int
) -> Timing:
    seconds: list[float] = []
    while len(seconds) < turns and sum(seconds) < 5.0:
        program = make()  # a new function each time: none is known from before
        start = perf_counter()
        try:
            result = library.gradient(program, x)()
        except Unable as unable:
            return Timing(why=str(unable))
        seconds.append(perf_counter() - start)
        verify(name, result, program.by_hand(x))
    return Timing.of(seconds)
