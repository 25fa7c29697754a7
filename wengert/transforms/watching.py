"""Watched runs: each operation is looked at, and the first bad one raises.

An operation is bad if a nan or inf comes out of it that did not go in: in the values of
f, in tangents, or in cotangents on the way back. Where nobody asks for that, runs are
not watched, and cost what they cost.

Worked example, `sqrt(x)` at 0: the value is finite, and so is ȳ = 1; its pullback gives
ȳ/(2·0) = inf, and the sweep stops there, with the line of f in which `sqrt` stands.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, NamedTuple

import numpy as np

from wengert import tree
from wengert.errors import NanError, Source, user_source
from wengert.graph.primitive import Elementwise, Primitive
from wengert.primitives.arithmetic import scale
from wengert.trace.levels import Level, staging
from wengert.trace.tracer import Recorders, Tracer, install_operators, record
from wengert.transforms.buffer import Buffer
from wengert.transforms.forward import Dual, Forward
from wengert.transforms.forward import opening as forward_opening
from wengert.transforms.pullback import Pullback
from wengert.transforms.reverse import Node, Tape, opening, record_function
from wengert.transforms.rules import rescue

__all__ = ["is_new", "run_watched", "unwatched", "watch", "watching"]


class Note(NamedTuple):
    """An operation that was recorded: its level, name, operands, result and line."""

    level: int
    name: str
    x: Sequence[Any]
    y: Any
    source: Source | None
    is_elementwise: bool


class Watching(threading.local):
    """What is looked for in this thread."""

    on = False
    infs = True
    # The level of the operation that is being computed. Of operations within it, at
    # older levels, nothing is said, only of what comes out of it in the end: partials
    # may be infinite where a cotangent is zero.
    newest = 0

    @contextmanager
    def within(self, level: int) -> Iterator[None]:
        """Stand around an operation at one level."""
        before, self.newest = self.newest, level
        try:
            # What NumPy would warn of is raised.
            with np.errstate(all="ignore"):
                yield
        finally:
            self.newest = before


watching = Watching()


def watch(on: bool, infs: bool) -> None:
    """Let all runs that begin from now on be watched, or none."""
    watching.on, watching.infs = on, infs
    opening.kind = WatchedTape if on else Tape
    forward_opening.kind = WatchedForward if on else Forward


@contextmanager
def unwatched() -> Iterator[None]:
    """Stand around what searches, and may meet a nan on its way."""
    before = watching.on, watching.infs
    watch(False, True)
    try:
        yield
    finally:
        watch(*before)


def run_watched(f: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Run f once, on a tape that nobody sweeps, to look at its operations.

    Raises
    ------
    NanError
        What else f raises is left to its plain run.
    """
    leaves, structure = tree.flatten((args, kwargs))
    if any(isinstance(leaf, Tracer) for leaf in leaves):
        return  # they are watched already
    moving = [i for i, leaf in enumerate(leaves) if _is_float(leaf)]

    def flat(*nodes: Any) -> tuple[()]:
        filled = list(leaves)
        for i, node in zip(moving, nodes, strict=True):
            filled[i] = node
        args, kwargs = tree.unflatten(structure, filled)
        f(*args, **kwargs)
        return ()

    try:
        record_function(flat, [np.array(leaves[i])[()] for i in moving])
    except NanError:
        raise
    except Exception:
        return


def is_new(row: Primitive, result: Any, operands: Sequence[Any]) -> bool:
    """Tell whether an element is not finite though all that it was made of is.

    Parameters
    ----------
    row : Primitive
        Of an elementwise one, elements are compared one by one.
    result : array or number
    operands : sequence
        All that the result was computed from; other objects than numbers do not count.
    """
    return bool(_new(isinstance(row, Elementwise), result, operands, np.isfinite))


def _new(
    is_elementwise: bool, result: Any, operands: Sequence[Any], is_good: Any
) -> bool:
    if not _is_number(result, "fc"):
        return False
    bad = ~is_good(result)
    if not bad.any():
        return False
    clean = [is_good(v) for v in operands if _is_number(v, "fciub")]
    if is_elementwise:
        # Summed over axes along which it was broadcast, it has another shape.
        with suppress(ValueError):
            spread = np.broadcast_arrays(bad, *clean)
            if spread[0].shape == bad.shape:
                return bool(np.logical_and.reduce(spread).any())
    return all(np.all(part) for part in clean)


def _is_number(x: Any, kinds: str) -> bool:
    if not isinstance(x, np.ndarray | np.generic | float | complex | int):
        return False
    return np.asarray(x).dtype.kind in kinds


def _is_float(leaf: Any) -> bool:
    return isinstance(leaf, float | complex | np.ndarray | np.generic) and (
        np.asarray(leaf).dtype.kind in "fc"
    )


def _plain(x: Any) -> Any:
    """Take the value out of all Tracers, and what has come together out of a Buffer."""
    if type(x) is Buffer:
        x = x.finished()
    while isinstance(x, Tracer):
        x = x.settled().value if x.is_mutable else x.value
    return x


# ----- the levels -----


class WatchedTape(Tape):
    """A tape that looks at what it records, and remembers where."""

    __slots__ = ("notes",)
    kind: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.notes: dict[int, Note] = {}

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Record, and look at the result."""
        self.check_open()
        start = len(self.entries)
        with watching.within(self.number):
            y = super().bind(row, inputs, params)
        note = _noted(self, row, inputs, y)
        for k in range(start, len(self.entries)):
            self.notes[k] = note
        _look("primal", note, _values(y), note.x)
        return y

    def attach(self, values: Any, parents: Any, pull: Any) -> list[Any]:
        """Put values on the tape that a rule of the user's computed."""
        start = len(self.entries)
        y = super().attach(values, parents, pull)
        x = [_plain(v) for v in parents]
        note = Note(
            self.number, "a custom rule", x, _values(tuple(y)), user_source(), False
        )
        for k in range(start, len(self.entries)):
            self.notes[k] = note
        _look("primal", note, note.y, x)
        return y

    def read(self, node: Any, key: Any) -> Any:  # noqa: ARG002
        """Leave slices to `bind`."""
        return None

    def put(self, node: Any, key: Any, value: Any) -> bool:  # noqa: ARG002
        """Leave writes to `write`."""
        return False

    def pullback(self, *parts: Any) -> Pullback:
        """Make a pullback that looks at each cotangent."""
        entries, *others = parts
        notes = self.notes
        watched = [
            (_pull_watched, entry, notes[k]) if k in notes else entry
            for k, entry in enumerate(entries)
        ]
        return WatchedPullback(watched, *others)


class WatchedNode(Tracer):
    """A value on a watched tape: it takes no short cuts."""

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)
    index: Any = vars(Node)["index"]


install_operators(WatchedNode)
WatchedTape.kind = WatchedNode


class WatchedPullback(Pullback):
    """A sweep in which zero wins from the start: a branch not taken is no finding."""

    def __call__(self, y_bars: Sequence[Any]) -> list[Any]:
        """Sweep back."""
        self._captured.check()
        with np.errstate(all="ignore"):
            return self._sweep(y_bars, scale if staging.depth else rescue)


class WatchedForward(Forward):
    """A forward run that looks at values and tangents."""

    __slots__ = ()
    kind: ClassVar[Any]

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Compute, and look at values and tangents."""
        with watching.within(self.number):
            y = super().bind(row, inputs, params)
        note = _noted(self, row, inputs, y)
        _look("primal", note, _values(y), note.x)
        ours = [v for v in inputs if type(v) is self.kind and v.level is self]
        operands = [*note.x, *_values(y)]
        operands += [_plain(dot) for v in ours for dot in v.tangents]
        dots = [
            _plain(dot)
            for part in (y if row.is_tuple else (y,))
            if type(part) is self.kind and part.level is self
            for dot in part.tangents
        ]
        _look("tangent", note, dots, operands)
        return y


class WatchedDual(Dual):
    """A value and its tangents in a watched run."""

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)


install_operators(WatchedDual)
WatchedForward.kind = WatchedDual


# ----- looking -----


class _Bars:
    """The cotangents of a sweep, with those that an entry has set."""

    def __init__(self, bars: Any) -> None:
        self.bars = bars
        self.before: dict[int, Any] = {}

    def __getitem__(self, i: int) -> Any:
        return self.bars[i]

    def __setitem__(self, i: int, bar: Any) -> None:
        self.before.setdefault(i, _plain(self.bars[i]))
        self.bars[i] = bar


def _pull_watched(bars: Any, y_bar: Any, entry: Any, product: Any) -> None:
    _, inner, note = entry
    given = [_plain(part) for part in _parts(y_bar)]
    proxy = _Bars(bars)
    with watching.within(note.level):
        inner[0](proxy, y_bar, inner, product)
    for i, before in proxy.before.items():
        x_bars = [_plain(part) for part in _parts(bars[i])]
        # A tuple's slot is filled with what is looked at already.
        operands = [*note.x, *note.y, *given, *_parts(before)]
        _look("adjoint", note, x_bars, operands, given)


def _parts(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list | tuple) else [x]


def _values(y: Any) -> list[Any]:
    return [_plain(part) for part in _parts(y)]


def _noted(level: Level, row: Primitive, inputs: Sequence[Any], y: Any) -> Note:
    x = [_plain(v) for v in inputs]
    is_elementwise = isinstance(row, Elementwise)
    return Note(level.number, row.name, x, _values(y), user_source(), is_elementwise)


def _look(
    sweep: str,
    note: Note,
    results: Sequence[Any],
    operands: Sequence[Any],
    seeds: Sequence[Any] = (),
) -> None:
    """Raise NanError if one of the results is bad, and what it was made of is not."""
    is_good = np.isfinite if watching.infs else _is_no_nan
    for result in results if note.level >= watching.newest else ():
        if _new(note.is_elementwise, result, operands, is_good):
            raise _error(sweep, note, result, seeds)


def _is_no_nan(x: Any) -> Any:
    return ~np.isnan(x)


def _error(sweep: str, note: Note, result: Any, seeds: Sequence[Any]) -> NanError:
    kind = "nan" if np.isnan(result).any() else "inf"
    lines = [
        f"{note.name} made {'an inf' if kind == 'inf' else 'a nan'} in the {sweep} "
        f"sweep, of numbers without one (at {note.source}):"
    ]
    names = "x" if len(note.x) == 1 else "xyzuvw"
    lines += [f"  {name} = {_shown(v)}" for name, v in zip(names, note.x, strict=False)]
    lines += [f"  cotangent {_shown(v)}" for v in seeds if _is_number(v, "fc")]
    gives = {"primal": "result", "tangent": "tangent", "adjoint": "gives"}[sweep]
    lines.append(f"  {gives} {_shown(result)}{_where(result)}")
    lines.append(
        "Keep the arguments where the operation and its derivative are finite; "
        "explain(f)(x) shows every line."
    )
    error = NanError("\n".join(lines))
    error.primitive, error.sweep, error.kind = note.name, sweep, kind
    error.source = note.source
    return error


def _shown(value: Any) -> str:
    if np.ndim(value) == 0:
        return str(value)
    text = np.array2string(np.asarray(value), threshold=8, precision=6)
    return f"{' '.join(text.split())}, shape {np.shape(value)}"


def _where(result: Any) -> str:
    if np.ndim(result) == 0:
        return ""
    bad = np.argwhere(~np.isfinite(result))
    return f", first at {bad[0].tolist()}" if len(bad) else ""
