"""One run: the libraries that take part, and how a question is put to all of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from benchmarks.peers import NAMES, Library, installed, load
from benchmarks.timing import Effort, Timing, interleaved
from benchmarks.verify import verify

__all__ = ["NOT_INSTALLED", "Call", "Setting"]

Call = Callable[[], Any]
NOT_INSTALLED = "not installed"


class Setting:
    """The libraries of one run.

    Parameters
    ----------
    effort : Effort
    peers : bool
        Whether others than wengert take part.
    """

    def __init__(self, effort: Effort, peers: bool = True) -> None:
        self.effort = effort
        self.modules = list(NAMES) if peers else ["wengert"]
        self.present = [module for module in self.modules if installed(module)]

    @property
    def titles(self) -> dict[str, str]:
        """The names of the libraries' rows, of those too that are not installed."""
        return {module: NAMES[module].title for module in self.modules}

    @property
    def absent(self) -> dict[str, Timing]:
        """What stands in the rows of libraries that are not installed."""
        missing = [module for module in self.modules if module not in self.present]
        return dict.fromkeys(missing, Timing(why=NOT_INSTALLED))

    @functools.cached_property
    def libraries(self) -> dict[str, Library]:
        """The installed libraries, loaded when a row first asks for them."""
        return {module: load(module) for module in self.present}

    def measure(
        self,
        question: Callable[[Library], Call],
        expected: Any,
        others: Mapping[str, Call] | None = None,
        collecting: bool = False,
        most_rounds: int | None = None,
    ) -> dict[str, Timing]:
        """Put one question to every library, check the answers, then time them.

        Parameters
        ----------
        question : callable
            From a Library to a call without arguments.
        expected : array, float or tuple of them
            What the call must return.
        others : mapping, optional
            Name → a call to be timed beside them.
        collecting : bool
            Whether the garbage collector runs meanwhile.
        most_rounds : int, optional
            For calls that take long.

        Returns
        -------
        dict
            Name → Timing.
        """
        calls = dict(others or {})
        for module, library in self.libraries.items():
            calls[module] = question(library)
            verify(module, calls[module](), expected)
        effort = self.effort
        if most_rounds is not None:
            effort = replace(effort, rounds=min(effort.rounds, most_rounds))
        return {**self.absent, **interleaved(calls, effort, collecting)}
