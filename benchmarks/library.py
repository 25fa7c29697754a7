"""What every library under measurement is asked.

Every answer is a call without arguments, ready to be timed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

from benchmarks.programs import Program

__all__ = ["Call", "Library", "Unable"]

Call = Callable[[], Any]


class Unable(Exception):
    """A library cannot answer a question, for the reason that the table tells."""


class Library:
    """Be one library under measurement.

    Attributes
    ----------
    title : str
        The head of its column.
    module : str
        What to import, and the distribution whose version is told.
    slow_to_compile : bool
        Whether it is left out unless asked for.
    compiles_when_called : bool
        Whether the first call of what a question gives takes longer than others.
    """

    title: str
    module: str
    slow_to_compile = False
    compiles_when_called = False

    @classmethod
    def installed(cls) -> bool:
        """Tell whether the library is there, without loading it where possible."""
        return importlib.util.find_spec(cls.module) is not None

    def value(self, program: Program, x: Any) -> Call:
        """Compute f(x), without derivatives."""
        raise Unable("not written")

    def gradient(self, program: Program, x: Any) -> Call:
        """Compute (f(x), ∇f(x))."""
        raise Unable("not written")

    def own_arrays(self, program: Program, x: Any) -> Call:
        """Compute (f(x), ∇f(x)), from the library's own arrays to its own arrays."""
        raise Unable("not written")

    def product(self, program: Program, x: Any, p: Any) -> Call:
        """Compute H(x)·p."""
        raise Unable("not written")

    def hessian(self, program: Program, x: Any) -> Call:
        """Compute H(x)."""
        raise Unable("not written")

    def gradients(self, program: Program, xs: Any) -> Call:
        """Compute the gradients (p, n) of a batch (p, n), member by member."""
        raise Unable("not written")

    def series(self, program: Program, x: Any, order: int) -> Call:
        """Compute the derivatives 0 … order of f(x + t) at t = 0, one below the other,
        for an f that works element by element."""
        raise Unable("not written")

    def blocks(self, program: Program, z: Any) -> Call:
        """Compute the Jacobians (p, m, n) of f: (p, n) → (p, m), a row at a time."""
        raise Unable("not written")

    def entries(self, program: Program, scene: Any) -> Call:
        """Compute the entries of the Jacobian of bundle adjustment, from cameras,
        points and weights."""
        z = scene.gathered()
        blocks = self.blocks(program, z)

        def call() -> Any:
            scene.gathered(out=z)
            return scene.entries(blocks())

        return call

    def training(
        self, program: Program, weights: list[Any], rate: float
    ) -> tuple[Call, Call]:
        """Make a call that takes a step downhill, and one that gives the weights.

        The weights stay in the library's own arrays from step to step. The step gives
        the loss before it.
        """
        raise Unable("not written")
