"""Staged runs: the same run of f, but the equations are kept as a Graph.

The Tracers carry their values, so any Python works; where Python asks for a value, the
answer is kept as a guard: the Graph is right for inputs that give the same answers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import numpy as np

from wengert.errors import Source, TracerLeakError, user_source
from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Atom, Graph, Var
from wengert.graph.primitive import Primitive
from wengert.graph.types import ArrayType
from wengert.primitives.updating import update_
from wengert.trace.levels import Level, Target, compute, run, staging
from wengert.trace.mutable import frozen_value, owned_value, write_value
from wengert.trace.statement import is_stored, truncated
from wengert.trace.tracer import Recorders, Tracer, install_operators, record

__all__ = ["GraphLevel", "Staged", "raising", "stage_function"]


class GraphLevel(Level):
    """One run that keeps its equations.

    Attributes
    ----------
    builder : GraphBuilder
    unguarded : list of (str, Source or None)
        What Python was told that no guard holds fast, and where.
    """

    __slots__ = ("_copies", "builder", "unguarded")
    kind: ClassVar[Any]  # the class of its Tracers: Staged

    def __init__(self) -> None:
        super().__init__()
        self.unguarded: list[tuple[str, Source | None]] = []
        self.builder = GraphBuilder()
        # id → (array, its copy): an array that f itself writes to between two uses is
        # two captures, each by value; one that stays as it is is captured by reference.
        self._copies: dict[int, tuple[Any, Any]] = {}

    def input(self, value: Any) -> Any:
        """Add an input of the Graph."""
        return self.kind(self, value, self.builder.input(ArrayType.of(value)))

    def captured(self, array: Any) -> Any:
        """Make a Tracer of an array from outside, which is captured by reference."""
        return self.kind(self, array, self.builder.capture(array))

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Compute on the values inside, and record the equation."""
        self.check_open()
        x = tuple(v.value if self.owns(v) else v for v in inputs)
        try:
            y = compute(row, x, params)
        except Exception as error:
            self.noted(raising(error))  # f may catch it
            raise
        if staging.strict and "raise" in np.geterr().values():
            self.noted("lets NumPy raise floating-point errors")
        atoms = [self.atom(v) for v in inputs]
        outputs = self.builder.add(row, atoms, params, user_source())
        if row.is_tuple:
            return tuple(
                self.kind(self, v, var) for v, var in zip(y, outputs, strict=True)
            )
        return self.kind(self, y, outputs[0])

    def lift(self, value: Any) -> Any:
        """Capture a copy of a plain array, which may be written to from now on."""
        if isinstance(value, Tracer):
            var: Any = self.builder.constant(value)
        else:
            var = self.builder.capture(value.copy())
        return self.kind(self, value, var)

    def owned(self, staged: Any) -> Any:
        """Copy the value; in the Graph it is the same."""
        return self.kind(self, owned_value(staged.value), staged.variable)

    def frozen(self, staged: Any, needed: bool) -> Any:
        """Copy the value if a pullback will need it; in the Graph it is the same."""
        if not needed:
            return staged
        return self.kind(self, frozen_value(staged.value), staged.variable)

    def write(self, staged: Any, value: Any, target: Target) -> None:
        """Write into the value inside, and record it as an `update`."""
        self.check_open()
        if not hasattr(value, "dtype"):
            value = np.asarray(value, staged.dtype)[()]
        self.write_inside(staged, value, target)
        atoms = [staged.variable, self.atom(value), *map(self.atom, target.indices)]
        params = {"index": target.at, "unique": target.unique}
        (staged.variable,) = self.builder.add(update_, atoms, params, user_source())

    def write_inside(self, staged: Any, value: Any, target: Target) -> None:
        """Write into the value inside."""
        v = value.value if self.owns(value) else value
        indices = [i.value if self.owns(i) else i for i in target.indices]
        staged.value = write_value(staged.value, v, target._replace(indices=indices))

    def told(self, staged: Any, answer: Any) -> Any:
        """Keep, as a guard, what Python is told about a value."""
        self.check_open()
        self.builder.guard(staged.variable, answer, user_source())
        return answer

    def noted(self, what: str) -> None:
        """Keep it, with the user's line."""
        self.unguarded.append((what, user_source()))

    def mark(self) -> Any:
        """Give the state of the Graph so far."""
        return self.builder.mark()

    def rewind(self, mark: Any) -> None:
        """Forget the equations and guards since a mark."""
        self.builder.rewind(mark)

    def owns(self, x: Any) -> bool:
        """Tell whether x is a Tracer of this very run."""
        return type(x) is self.kind and x.level is self

    def atom(self, x: Any) -> Atom:
        """Find the atom of a value: its var, or a literal or capture for a constant."""
        if self.owns(x):
            return x.variable  # type: ignore[no-any-return]
        if type(x) is not np.ndarray:
            return self.builder.constant(x)
        if id(x) not in self._copies or not _equal(*self._copies[id(x)]):
            self._copies[id(x)] = x, x.copy()
        return self.builder.capture(self._copies[id(x)][1])

    def finish(self, outputs: Sequence[Any]) -> Graph:
        """Make the Graph."""
        atoms = [self.atom(y) for y in outputs]
        unchanged = {
            id(copy): array
            for array, copy in self._copies.values()
            if _equal(array, copy)
        }
        return self.builder.finish(atoms, unchanged)


class Staged(Tracer):
    """A value and the var that stands for it in the Graph."""

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)
    variable: Any = vars(Tracer)["own"]

    def __init__(self, level: GraphLevel, value: Any, var: Var) -> None:
        self.level = level
        self.value = value
        self.variable = var

    def _told(self, ask: Callable[[Any], Any]) -> Any:
        try:
            answer = ask(self.value)
        except (ValueError, OverflowError) as error:  # int(nan), bool(array)
            self.level.noted(raising(error))
            raise
        return self.level.told(self, answer)

    def __bool__(self) -> bool:
        return self._told(bool)  # type: ignore[no-any-return]

    def __int__(self) -> int:
        if self.dtype.kind in "fc" and is_stored(sys._getframe(1)):
            raise truncated(self)
        return self._told(int)  # type: ignore[no-any-return]

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        if not self.level.has_values and self.dtype.kind in "iu":
            # NumPy asks an index for its value, and if there is none, for an array.
            raise TracerLeakError(
                f"{self._what()} in the body of a branch or loop would turn into a "
                f"plain NumPy array (at {user_source()}). An array that it indexes "
                "must be traced too: an argument of the function, or in the carry or "
                "the xs. Build arrays with np.stack."
            )
        super().__array__(dtype, copy)

    def __index__(self) -> int:
        index = super().__index__()
        return self._told(lambda _: index)  # type: ignore[no-any-return]


install_operators(Staged)
GraphLevel.kind = Staged


def stage_function(
    f: Callable[..., Sequence[Any]],
    inputs: Sequence[Any],
    level: GraphLevel | None = None,
    *,
    unrolled: bool = False,
) -> tuple[list[Any], Graph]:
    """Run f on Tracers and keep its Graph.

    Parameters
    ----------
    f : callable
        Takes as many Tracers as there are inputs, returns a flat sequence of outputs.
    inputs : sequence of arrays, NumPy scalars or Tracers
    level : GraphLevel, optional
        A new one, for what it notes besides.
    unrolled : bool
        Whether `scan`, `cond` and the like are run as Python's loops and branches.

    Returns
    -------
    outputs : list
        Plain values.
    graph : Graph
    """
    level = GraphLevel() if level is None else level
    staging.depth += 1
    staging.unrolled += unrolled
    try:
        outputs = run(level, f, map(level.input, inputs))
    finally:
        staging.depth -= 1
        staging.unrolled -= unrolled
    values = [y.value if level.owns(y) else y for y in outputs]
    return values, level.finish(outputs)


def raising(error: BaseException) -> str:
    """Say that f may have caught an error, for `Level.noted`."""
    return f"catches a {type(error).__name__} that may depend on traced values"


def _equal(x: Any, y: Any) -> bool:
    """Compare bit for bit, so that a nan is equal to itself."""
    return (
        bool(np.array_equal(x.view(np.uint8), y.view(np.uint8)))
        if (x.flags.c_contiguous and x.ndim)
        else x.tobytes() == y.tobytes()
    )
