"""Functions and the traced values that they capture.

Law: `bind(tracers)` gives functions that are equal to the originals. So what a function
takes from around it becomes one of its arguments, of which it has a derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wengert.operators.compilation.lifting import Lifting
from wengert.trace.levels import running
from wengert.trace.tracer import Tracer

__all__ = ["Captures"]


class _Place:
    """Stand for a Tracer in a closure: a rule must not keep its value."""

    def __init__(self, index: int) -> None:
        self.index = index


class Captures:
    """Find the traced values in closures, globals and objects of some functions.

    Parameters
    ----------
    functions : sequence of callables
    """

    def __init__(self, functions: Sequence[Any]) -> None:
        self._functions = tuple(functions)
        self._tracers: list[Any] = []
        if running.depth:  # otherwise there are none
            self._functions = Lifting(self._found, _is_tracer).value(self._functions)
        self._count = len(self._tracers)

    def _found(self, tracer: Any) -> _Place:
        self._tracers.append(tracer)
        return _Place(len(self._tracers) - 1)

    def release(self) -> list[Any]:
        """Hand the Tracers over, each once."""
        tracers, self._tracers = self._tracers, []
        return tracers

    def bind(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Give the functions with these values in the places of the Tracers."""
        if not self._count:
            return self._functions
        lifting = Lifting(lambda place: values[place.index], _is_place)
        bound: tuple[Any, ...] = lifting.value(self._functions)
        return bound


def _is_tracer(x: Any) -> bool:
    return isinstance(x, Tracer)


def _is_place(x: Any) -> bool:
    return type(x) is _Place
