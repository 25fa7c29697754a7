"""What is known of the calls of one signature: its paths, or why it has none."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable
from typing import Any

from wengert.errors import GuardError, Source
from wengert.operators.compilation.calls import Call
from wengert.operators.compilation.paths import Path, StalePathError
from wengert.operators.compilation.recording import as_input

__all__ = ["MOST_PATHS", "State"]

# A call tries each of them before f runs plainly: with more, it would take longer.
MOST_PATHS = 16


class State:
    """The paths of one signature.

    Attributes
    ----------
    floats_too : bool
        Whether the values of Python floats belong to the signature.
    calls : int
        How many plain runs there have been before the first path is recorded.
    paths : tuple of Path
        The one that fitted last comes first. Replaced as a whole, so that threads may
        read it at any time.
    refusal : str or None
        Why calls run plainly from now on.
    by_floats : bool
        Whether calls are kept under the signature with the values of floats instead.
    """

    __slots__ = ("_alive", "by_floats", "calls", "floats_too", "paths", "refusal")

    def __init__(
        self, call: Call, floats_too: bool, forget: Callable[[Any], None]
    ) -> None:
        self.floats_too, self.by_floats = floats_too, False
        self.calls = 1 if floats_too else 0
        self.paths: tuple[Path, ...] = ()
        self.refusal: str | None = None
        self._alive = [weakref.ref(x, forget) for x in call.weak]

    def fitting(self, call: Call) -> tuple[Path, tuple[Any, ...]] | None:
        """Find the path that a call takes, and run it.

        Returns
        -------
        path, outputs
            Or None, if the call takes a path that is not known.
        """
        paths = self.paths
        if not paths:
            return None
        inputs = [as_input(call.leaves[i]) for i in call.traced(self.floats_too)]
        for path in paths:
            try:
                outputs = path.outputs(inputs)
            except StalePathError:
                self.drop(path)
            except GuardError:
                continue
            else:
                if path is not paths[0]:
                    self.paths = (path, *(p for p in paths if p is not path))
                return path, outputs
        return None

    def drop(self, path: Path) -> None:
        """Forget a path."""
        self.paths = tuple(p for p in self.paths if p is not path)

    def parting(self) -> Source | None:
        """Give the line at which the paths part most often."""
        sources: Counter[Source | None] = Counter()
        for one, other in zip(self.paths, self.paths[1:], strict=False):
            for g, h in zip(one.graph.guards, other.graph.guards, strict=False):
                if g.source != h.source or g.told != h.told:
                    sources[g.source] += 1
                    break
        return sources.most_common(1)[0][0] if sources else None
