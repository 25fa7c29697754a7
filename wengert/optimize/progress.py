"""A bar for long runs: in a terminal, and not before a second has gone by."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import Any

__all__ = ["Progress"]

_PATIENCE = 1.0  # seconds
_INTERVAL = 0.1


class Progress:
    """Show how far a run has come; nothing where nobody looks.

    Parameters
    ----------
    title : str
    total : int, optional
        The number of steps, where it is known.
    on : bool
    """

    def __init__(self, title: str, total: int | None = None, on: bool = True) -> None:
        self._title, self._total = title, total
        self._on = on and sys.stderr.isatty()
        self._next = perf_counter() + _PATIENCE
        self._bar: Any = None
        self._task: Any = None

    def show(self, step: int, value: Any) -> None:
        """Tell that so many steps are done, and the value now."""
        if not self._on or perf_counter() < self._next:
            return
        self._next = perf_counter() + _INTERVAL
        if self._bar is None:
            self._open()
        text = f"{self._title}  {float(value):.6g}"
        self._bar.update(self._task, completed=step, description=text)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
        columns.append(TimeElapsedColumn())
        if self._total is not None:
            columns.append(TimeRemainingColumn())
        console = Console(stderr=True)
        self._bar = Progress(*columns, console=console, transient=True)
        self._task = self._bar.add_task(self._title, total=self._total)
        self._bar.start()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.stop()
