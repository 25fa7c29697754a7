"""A function that is counted, timed, and compiled where it is called often."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, PathWarning
from wengert.operators.compile import jit
from wengert.optimize.report import Report

__all__ = ["Compile", "Measured", "check_compile"]

Compile = bool | str

# To compile a small function takes some 50 ms: it is done when plain calls have taken
# as long, so that in the end the time is at most twice the better choice's.
_PLAIN_SECONDS = 0.05
_PLAIN_CALLS = 2


def check_compile(compile: Compile) -> None:
    """Refuse what is no choice.

    Raises
    ------
    ArgumentError
        If it is not one of True, False, "auto".
    """
    if not (isinstance(compile, bool) or compile == "auto"):
        raise ArgumentError(f'compile={compile!r}; it is True, False or "auto"')


class Measured:
    """A function whose calls a report counts.

    Parameters
    ----------
    report : Report
    what : str
        Its line in the report.
    f : callable
        Takes and returns pytrees.
    compile : bool or "auto"
        Whether it is compiled at its first call; "auto": after some calls that have
        taken some time.
    """

    def __init__(
        self, report: Report, what: str, f: Callable[..., Any], compile: Compile
    ) -> None:
        check_compile(compile)
        self.count, self.plain = report.count(what), f
        self._target: Any = f
        self._compile = compile

    def __call__(self, *args: Any) -> Any:
        """Call the function, with no floating-point warnings: who solves tries points
        outside of the domain, and looks at what comes out."""
        begin = perf_counter()
        try:
            with np.errstate(all="ignore"):
                if self._target is self.plain and self._is_time():
                    self._set_compiled(args)
                return self._target(*args)
        finally:
            self.count.calls += 1
            self.count.seconds += perf_counter() - begin

    def _is_time(self) -> bool:
        if self._compile == "auto":
            count = self.count
            return count.calls >= _PLAIN_CALLS and count.seconds > _PLAIN_SECONDS
        return bool(self._compile)

    def _set_compiled(self, args: tuple[Any, ...]) -> None:
        self._target = jit(self.plain)
        self.count.compiled_at = self.count.calls + 1
        with warnings.catch_warnings():
            if self._compile == "auto":
                # Nobody asked for it; what cannot be compiled runs as before.
                warnings.simplefilter("ignore", PathWarning)
            self._target.compile(*args)
