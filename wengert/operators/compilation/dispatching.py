"""Which path a call takes: a known one that fits, or a plain run that records it."""

from __future__ import annotations

import functools
import threading
import warnings
import weakref
from collections.abc import Callable
from typing import Any

from wengert.engines import Engine
from wengert.errors import ArgumentError, PathWarning, user_source
from wengert.operators.arguments import name_of
from wengert.operators.compilation.calls import Call, Statics
from wengert.operators.compilation.entering import make_entry
from wengert.operators.compilation.paths import Path
from wengert.operators.compilation.recording import Refusal, record
from wengert.operators.compilation.states import MOST_PATHS, State
from wengert.operators.compilation.traced import Traced
from wengert.transforms.watching import run_watched, watching

__all__ = ["MOST_SIGNATURES", "Dispatcher", "take_back"]

# With more, something that changes at each call is static: a counter, say.
MOST_SIGNATURES = 128


_all: weakref.WeakSet[Dispatcher] = weakref.WeakSet()


class Dispatcher:
    """All that is known of the calls of one function.

    Parameters
    ----------
    f : callable
    statics : Statics
    opener : callable
        Opens the engine, when the first path is compiled.
    aim : callable
        Told what calls shall go to from now on: native code, or `call`.
    make : callable
        `jit`, for the derivatives of f.

    Attributes
    ----------
    states : dict
        Signature → State.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        statics: Statics,
        opener: Callable[[], Engine],
        aim: Callable[[Callable[..., Any]], None],
        make: Callable[..., Any],
    ) -> None:
        self.f, self.statics, self._opener = f, statics, opener
        self.states: dict[Any, State] = {}
        self._aim, self._make = aim, make
        self._warned: set[str] = set()
        self._recording = threading.Lock()
        self._traced: Traced | None = None
        # What is aimed at must live as long as the function: it may be running while
        # another takes its place.
        self._plainly = self.call
        self._entries: list[Any] = []
        aim(self._plainly)
        _all.add(self)

    @functools.cached_property
    def engine(self) -> Engine:
        """The engine."""
        return self._opener()

    def call(self, /, *args: Any, **kwargs: Any) -> Any:
        """Be f, for calls that no native code takes."""
        if watching.on:
            run_watched(self.f, args, kwargs)
            return self.f(*args, **kwargs)
        call = Call(args, kwargs, self.statics)
        if call.has_tracers:
            return self._on_tracers(call)
        state = self.state(call)
        if state is None or state.refusal:
            if call.odd:
                self._warn(call.odd)
            return self.f(*args, **kwargs)
        try:
            found = state.fitting(call)
        except Exception:
            # Whatever it is: f itself may catch it, or raises it with its own lines.
            return self.f(*args, **kwargs)
        if found is not None:
            path, outputs = found
            if path.entry is not None:
                self._aim(path.entry)
            return path.outline.restore(outputs)
        if not state.calls:
            state.calls = 1
            return self.f(*args, **kwargs)
        return self._record(call, state)

    def aim_plainly(self) -> None:
        """Let the next call come to `call`, which may aim at native code again."""
        self._aim(self._plainly)

    def path(self, call: Call) -> Path | None:
        """Find the path of a call, recording it if it is not known; None if it runs
        plainly."""
        state = self.state(call)
        if state is None or state.refusal:
            return None
        found = state.fitting(call)
        if found is not None:
            return found[0]
        self._record(call, state)
        if state.by_floats:
            return self.path(call)
        return state.paths[0] if state.paths else None

    def known_path(self, call: Call) -> Path:
        """Find or record the path of a call.

        Raises
        ------
        ArgumentError
            If it runs plainly.
        """
        path = self.path(call)
        if path is None:
            raise ArgumentError(
                f"jit({name_of(self.f)}) has no Graph for these arguments: "
                f"{self.refusal(call) or 'f is being recorded at the moment'}."
            )
        return path

    def refusal(self, call: Call) -> str | None:
        """Say why calls like this one run plainly, if they do."""
        if call.odd:
            return call.odd
        if call.has_tracers:
            return "an argument is a traced value"
        state = self.state(call)
        return state.refusal if state else _TOO_MANY_SIGNATURES

    def state(self, call: Call) -> State | None:
        """Find or make what is known of a signature; None where there is nothing to
        know, or are too many."""
        state = self._state_of(call, floats_too=False)
        if state is not None and state.by_floats:
            return self._state_of(call, floats_too=True)
        return state

    def _state_of(self, call: Call, floats_too: bool) -> State | None:
        if call.odd or call.has_tracers:
            return None
        key, states = call.signature(floats_too), self.states
        state = states.get(key)
        if state is None:
            if len(states) >= MOST_SIGNATURES:
                self._warn(_TOO_MANY_SIGNATURES)
                return None
            forget = functools.partial(_forget, states, key)
            state = states.setdefault(key, State(call, floats_too, forget))
        return state

    def _record(self, call: Call, state: State) -> Any:
        """Run f plainly, and record its path, unless another thread is at it, or the
        function itself, further up."""
        args, kwargs = call.arguments(call.leaves)
        if len(state.paths) >= MOST_PATHS:
            self._refuse(state, _too_many_paths(state))
            return self.f(*args, **kwargs)
        if not self._recording.acquire(blocking=False):
            return self.f(*args, **kwargs)
        try:
            result, path = record(self.f, call, self.engine, state.floats_too)
            if isinstance(path, Path):
                self._keep(call, state, path)
        finally:
            self._recording.release()
        if isinstance(path, Refusal) and not path.passing:
            if path.by_floats:
                state.by_floats = True
            else:
                self._refuse(state, path.reason)
        return result

    def _keep(self, call: Call, state: State, path: Path) -> None:
        state.paths = (path, *state.paths)
        if not state.floats_too:
            path.entry = make_entry(self.engine, call, path, _slow(self))
        if path.entry is not None:
            self._entries.append(path.entry)
            self._aim(path.entry)

    def _refuse(self, state: State, reason: str) -> None:
        state.refusal, state.paths = reason, ()
        self.aim_plainly()
        self._warn(reason)

    def _warn(self, reason: str) -> None:
        if reason in self._warned:
            return
        self._warned.add(reason)
        source = user_source()
        message = (
            f"jit({name_of(self.f)}) runs as plain Python from now on, for arguments "
            f"like these (called at {source}): {reason}."
        )
        where = (source.file, source.line) if source else (__file__, 1)
        warnings.warn_explicit(message, PathWarning, *where)

    # ----- traced arguments -----

    def _on_tracers(self, call: Call) -> Any:
        if self._traced is None:
            self._traced = Traced(
                self.f, self.statics, self._ready, self._learn, self._make
            )
        return self._traced.call(call)

    def _ready(self, call: Call) -> tuple[Path, tuple[Any, ...]] | None:
        """Run a known path on plain arguments; None if none fits."""
        state = self.state(call)
        if state is None or state.refusal:
            return None
        return state.fitting(call)

    def _learn(self, call: Call) -> None:
        """Record the path of plain arguments that are nobody else's."""
        state = self.state(call)
        if state is None or state.refusal:
            return
        if state.calls:
            self._record(call, state)
        state.calls = 1


def take_back() -> None:
    """Let calls of all compiled functions go by Python once more, to be looked at."""
    for dispatcher in list(_all):
        dispatcher.aim_plainly()


_TOO_MANY_SIGNATURES = (
    f"it was called with more than {MOST_SIGNATURES} kinds of arguments. Perhaps an "
    "int, a string or an object changes at each call: pass a float or an array"
)


def _too_many_paths(state: State) -> str:
    where = state.parting()
    return (
        f"it takes more than {MOST_PATHS} paths, which part"
        f"{f' at {where}' if where else ''}. Use np.where there, or wengert.cond, "
        "while_loop or scan, which record all of them at once"
    )


def _slow(dispatcher: Dispatcher) -> Callable[..., Any]:
    """Give what an entry calls; it does not keep alive what keeps the entry."""
    reference = weakref.ref(dispatcher)

    def slow(*args: Any, **kwargs: Any) -> Any:
        alive: Any = reference()
        return alive.call(*args, **kwargs)

    return slow


def _forget(states: dict[Any, State], key: Any, _: Any) -> None:
    states.pop(key, None)
