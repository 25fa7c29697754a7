"""One run: the libraries that take part, and how a question is put to all of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

from benchmarks.library import Library, Unable
from benchmarks.peers import NAMES, load
from benchmarks.timing import Effort, Timing, interleaved
from benchmarks.verify import verify

__all__ = ["NOT_INSTALLED", "SLOW", "Call", "Setting"]

Call = Callable[[], Any]
NOT_INSTALLED = "not installed"
SLOW = 2.0  # seconds; what takes longer is timed once, as it is checked


class Setting:
    """The libraries of one run.

    Parameters
    ----------
    effort : Effort
    peers : bool
        Whether others than wengert take part.
    full : bool
        Whether those take part too, and those sizes, that take minutes to compile.
    """

    def __init__(self, effort: Effort, peers: bool = True, full: bool = False) -> None:
        self.effort = effort
        self.full = full
        self.modules = [
            name
            for name, library in NAMES.items()
            if (peers or library.module == "wengert")
            and (full or not library.slow_to_compile)
        ]
        self.present = [name for name in self.modules if NAMES[name].installed()]
        if "wengert jit" not in self.present:
            self.modules.remove("wengert jit")

    @property
    def ours(self) -> str:
        """The library that others are held against: wengert, compiled if it can be."""
        return "wengert jit" if "wengert jit" in self.present else "wengert"

    @property
    def distributions(self) -> list[str]:
        """What was installed to have the libraries."""
        modules = dict.fromkeys(NAMES[name].module for name in self.modules)
        return [module for module in modules if module not in ("wengert", "g++")]

    @property
    def titles(self) -> dict[str, str]:
        """The names of the libraries' rows, of those too that are not installed."""
        return {module: NAMES[module].title for module in self.modules}

    @property
    def absent(self) -> dict[str, Timing]:
        """What stands in the rows of libraries that are not installed."""
        missing = [module for module in self.modules if module not in self.present]
        return dict.fromkeys(missing, Timing(why=NOT_INSTALLED))

    @property
    def compiled(self) -> bool:
        """Whether the system's compiler takes part."""
        return any(name in self.present for name in ("casadi C", "C++"))

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
        without: Mapping[str, str] | None = None,
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
        without : mapping, optional
            Library → why it is not asked.

        Returns
        -------
        dict
            Name → Timing.
        """
        calls, why = dict(others or {}), dict(without or {})
        once: dict[str, Timing] = {}
        for name, library in self.libraries.items():
            if name in why:
                continue
            try:
                calls[name] = question(library)
            except Unable as unable:
                why[name] = str(unable)
            else:
                start = perf_counter()
                found = calls[name]()
                seconds = perf_counter() - start
                verify(name, found, expected)
                if seconds > SLOW and not library.compiles_when_called:
                    once[name] = Timing(seconds)
                    del calls[name]
        effort = self.effort
        if most_rounds is not None:
            effort = replace(effort, rounds=min(effort.rounds, most_rounds))
        untimed = {name: Timing(why=reason) for name, reason in why.items()}
        timed = interleaved(calls, effort, collecting)
        return {**untimed, **self.absent, **once, **timed}
