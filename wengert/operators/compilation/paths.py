"""One recorded path through f: a Graph with its guards, compiled.

A path is right wherever its guards hold and the arrays that it captured have the shapes
they had. It tells when it is not, by GuardError, before anything else happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.engines import Engine
from wengert.errors import GuardError
from wengert.graph.equations import Graph
from wengert.graph.types import ArrayType
from wengert.operators.compilation.results import Outline

__all__ = ["Path", "Recorded", "StalePathError"]


class StalePathError(GuardError):
    """Say that a captured array has another shape or dtype: the path is of no use."""


class Recorded(NamedTuple):
    """What recording a path took, for the report.

    Attributes
    ----------
    equations : int
        How many the trace had, before the passes.
    traced, compiled : float
        Seconds.
    """

    equations: int
    traced: float
    compiled: float


class Path:
    """A Graph, compiled, and the form of what it gives.

    Attributes
    ----------
    graph : Graph
        After the passes.
    outline : Outline
    recorded : Recorded
    entry : callable or None
        What the engine has put in the place of f.
    """

    def __init__(
        self, engine: Engine, graph: Graph, outline: Outline, recorded: Recorded
    ) -> None:
        self.graph, self.outline, self.recorded = graph, outline, recorded
        self.entry: Callable[..., Any] | None = None
        self.run = engine.compile(graph)

    def outputs(self, inputs: Sequence[Any]) -> tuple[Any, ...]:
        """Run the path on the traced leaves.

        Raises
        ------
        GuardError
            If another path is taken with these inputs.
        """
        for capture in self.graph.captures:
            if ArrayType.of(capture.value) != capture.var.type:
                raise StalePathError(
                    f"a captured array was {capture.var.type!r} when f was traced, and "
                    f"is {ArrayType.of(capture.value)!r} now"
                )
        with np.errstate(all="ignore"):  # a compiled function gives no warnings
            return self.run(*inputs)
