"""What an engine is: a Graph goes in, a callable comes out. And the list of engines.

The contract of `compile(graph)`:

* the callable takes an array (or a number) for each input of the Graph, of its shape
  and dtype, and returns the outputs as a tuple, whatever their number;
* its meaning is that of the NumPy interpreter, engine "numpy", within the tolerance
  that `capabilities` states;
* captured arrays are read at each call;
* outputs are arrays of their own: writing into one changes no input, no captured array
  and no other output;
* where a guard does not hold it raises GuardError, before anything that the guard
  protects;
* what an engine cannot do, it refuses at `compile`, with EngineError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from wengert.engines.inspection import Inspection
from wengert.engines.signature import Argument, Result
from wengert.errors import EngineError
from wengert.graph import Graph

__all__ = [
    "Capabilities",
    "Compiled",
    "Engine",
    "Entering",
    "Inspectable",
    "Legible",
    "engine_names",
    "open_engine",
    "register_engine",
]

Compiled = Callable[..., tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What an engine can do, for whoever has to choose one.

    Attributes
    ----------
    kinds : str
        Kinds of dtype that it computes with, as in `dtype.kind`.
    tracers : bool
        Whether its callables take Tracers, and so can be differentiated once more.
    exact : bool
        Whether results are those of NumPy bit for bit.
    native : bool
        Whether it makes machine code: then compound primitives are better written out,
        and loops that were unrolled, rolled up again.
    """

    kinds: str
    tracers: bool
    exact: bool
    native: bool = False


class Engine(Protocol):
    """Turn Graphs into callables."""

    @property
    def name(self) -> str:
        """The name that users choose it by."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""

    def compile(self, graph: Graph) -> Compiled:
        """Make a callable on flat arrays of a Graph, in keeping with the contract."""


@runtime_checkable
class Entering(Engine, Protocol):
    """An engine whose functions can be called with what users pass, not flat arrays."""

    def entry(
        self,
        graph: Graph,
        arguments: tuple[Argument, ...],
        results: Result,
        slow: Callable[..., Any],
    ) -> Callable[..., Any]:
        """Make the callable that stands where the user's function stood.

        Parameters
        ----------
        graph : Graph
        arguments : tuple of Argument
            One for each positional argument. The keys of a Dict are to be met in their
            order, since f may go through them.
        results : Result
        slow : callable
            Takes what the user gave. Called for everything that is not exactly as
            described (types, shapes, layouts, keywords), where a guard does not hold,
            and where a captured array has another shape than in the Graph.

        Raises
        ------
        EngineError
            If it cannot; then the flat callable of `compile` is used.
        """


@runtime_checkable
class Legible(Engine, Protocol):
    """An engine that can show the code that it makes."""

    def llvm(self, graph: Graph) -> str:
        """Give the LLVM IR of a Graph."""


@runtime_checkable
class Inspectable(Engine, Protocol):
    """An engine that can tell what it makes of a Graph."""

    def inspect(self, graph: Graph) -> Inspection:
        """Tell what became of a Graph: of one that is compiled, and its callable alive,
        what is known since then."""


_OPENERS: dict[str, Callable[[], Engine]] = {}
_OPENED: dict[str, Engine] = {}


def register_engine(name: str, opener: Callable[[], Engine]) -> None:
    """Enter an engine by name.

    Parameters
    ----------
    name : str
    opener : callable
        Makes the engine, when it is asked for the first time: libraries that only this
        engine needs are imported there.

    Raises
    ------
    ValueError
        If the name is taken.
    """
    if name in _OPENERS:
        raise ValueError(f"an engine {name!r} is registered already")
    _OPENERS[name] = opener


def open_engine(name: str) -> Engine:
    """Give the engine of a name.

    Raises
    ------
    EngineError
        If there is none, or a library that it needs is not installed.

    Examples
    --------
    >>> import wengert.engines
    >>> open_engine("numpy").capabilities.exact
    True
    >>> open_engine("nunpy")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    wengert.errors.EngineError: there is no engine 'nunpy'; there are: llvm, llvm-...
    """
    if name not in _OPENED:
        if name not in _OPENERS:
            known = ", ".join(engine_names())
            raise EngineError(f"there is no engine {name!r}; there are: {known}")
        try:
            _OPENED[name] = _OPENERS[name]()
        except ImportError as error:
            raise EngineError(
                f"engine {name!r} needs the library {error.name!r}: pip install it, "
                'or use engine "numpy", which needs nothing'
            ) from error
    return _OPENED[name]


def engine_names() -> tuple[str, ...]:
    """List the names of all engines."""
    return tuple(sorted(_OPENERS))
