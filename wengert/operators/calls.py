"""A call of a function with a rule of the user's own: taken apart, and put together.

Arguments are pytrees. Their arrays and floats are the inputs; all other leaves (ints,
strings, functions) belong to the call, and reach the function as they are. What a rule
returns is checked here: number, structure, shape and dtype, by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import (
    ArgumentError,
    MissingRuleError,
    RuleError,
    ShapeError,
    user_source,
)
from wengert.graph.primitive import General
from wengert.graph.types import ArrayType, is_inexact
from wengert.operators.duality import Slots
from wengert.primitives.batches import looped
from wengert.trace.levels import Level
from wengert.trace.mutable import Mutable, frozen_value
from wengert.trace.staging import Staged
from wengert.trace.tracer import Tracer
from wengert.trace.views import example, has_value
from wengert.transforms.batching import Batched

__all__ = [
    "Call",
    "OwnRow",
    "Result",
    "add_trees",
    "flat_seeds_of",
    "make_row",
    "no_rule",
    "refuse_traced",
    "row_name",
    "shown",
]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class OwnRow(General):
    """The row of one call of a user's function; it is in no registry.

    Attributes
    ----------
    again : callable or None
        `(inputs) → outputs`: makes the call anew where the row meets Tracers, in a
        Graph that is differentiated. Without it, the row is recorded.
    ready : list
        The outputs, if they are known already; taken at the first evaluation.
    """

    again: Callable[[tuple[Any, ...]], Any] | None = None
    ready: list[Any] = field(default_factory=list)

    def __call__(self, /, *inputs: Any, **params: Any) -> Any:
        """Make the call."""
        if self.again is not None and any(isinstance(x, Tracer) for x in inputs):
            return self.again(inputs)
        return super().__call__(*inputs, **params)

    def evaluate(self, inputs: tuple[Any, ...], params: Mapping[str, Any]) -> Any:
        """Run the function on plain values, unless that has been done."""
        return self.ready.pop() if self.ready else super().evaluate(inputs, params)


class Call:
    """The positional arguments of one call.

    Attributes
    ----------
    name : str
        Of the function.
    inputs : list
        The numeric leaves: arrays, NumPy scalars (for floats too) and Tracers.
    active : list of int
        The inputs that are traced and may have a derivative.
    types : list of ArrayType
        Of the inputs.
    level : Level or None
        The newest among the inputs; None if none is traced.
    has_values : bool
        Whether what is traced has values; in the body of a loop it has none.
    """

    def __init__(self, name: str, args: tuple[Any, ...]) -> None:
        self.name, self.count = name, len(args)
        leaves, self._structure = tree.flatten(args)
        self._places = [i for i, v in enumerate(leaves) if _is_number(v)]
        self.inputs = [_as_array(leaves[i]) for i in self._places]
        self.types = [ArrayType.of(x) for x in self.inputs]
        self.has_values = all(map(has_value, self.inputs))
        # A number stands for each input: a row must not keep their values.
        self._leaves = [0.0 if _is_number(v) else v for v in leaves]
        self._args = tuple(tree.unflatten(self._structure, self._leaves))
        # The argument that each input belongs to.
        owners = [n for n, arg in enumerate(args) for _ in tree.flatten(arg)[0]]
        self._owners = [owners[i] for i in self._places]
        traced = [k for k, x in enumerate(self.inputs) if isinstance(x, Tracer)]
        self.active = [k for k in traced if is_inexact(self.inputs[k].dtype)]
        levels = [self.inputs[k].level for k in traced]
        self.level: Level | None = max(levels, key=lambda v: v.number, default=None)

    @property
    def is_differentiated(self) -> bool:
        """Tell whether a derivative, not only a trace, is being computed."""
        for k in self.active:
            x = self.inputs[k]
            while isinstance(x, Tracer):
                if not isinstance(x, Staged | Batched):
                    return True
                x = x.whole
        return False

    def arrange(self, inputs: Sequence[Any]) -> tuple[Any, ...]:
        """Put inputs into the arguments."""
        leaves = list(self._leaves)
        for i, x in zip(self._places, inputs, strict=True):
            leaves[i] = x
        return tuple(tree.unflatten(self._structure, leaves))

    def arrange_axes(self, axes: Sequence[int | None]) -> tuple[Any, ...]:
        """Put axes, None for what is not mapped, into the form of the arguments."""
        leaves: list[Any] = [None] * len(self._leaves)
        for i, axis in zip(self._places, axes, strict=True):
            leaves[i] = axis
        return tuple(tree.unflatten(self._structure, leaves))

    def arrange_seeds(self, seeds: Sequence[Any]) -> tuple[Any, ...]:
        """Put tangents into the form of the arguments: zeros for None, and None for
        what cannot have one."""
        leaves: list[Any] = [None] * len(self._leaves)
        for i, x, seed in zip(self._places, self.types, seeds, strict=True):
            if seed is not None or is_inexact(x.dtype):
                leaves[i] = _zeros(x) if seed is None else seed
        return tuple(tree.unflatten(self._structure, leaves))

    @property
    def slots(self) -> Slots:
        """Where tangents of the inputs stand: at the active ones."""
        return Slots(self.active, self.types)

    def release(self) -> list[Any]:
        """Hand the inputs over, so that what keeps the call does not keep them."""
        inputs, self.inputs, self.level = self.inputs, [], None
        return inputs

    def release_at(self, level: Level) -> list[Any]:
        """Hand over the Tracers of one level, which alone are active from now on."""
        inputs = self.release()
        self.active = [
            k for k in self.active if getattr(inputs[k], "level", None) is level
        ]
        return [inputs[k] for k in self.active]

    def inside(self) -> list[Any]:
        """Give the inputs as the newest level sees them: its own Tracers' values."""
        return [
            x.value if isinstance(x, Tracer) and x.level is self.level else x
            for x in self.inputs
        ]

    def plain(self) -> list[Any]:
        """Give the inputs without any Tracer: ones, where they have no values yet."""
        return [example(x) for x in self.inputs]

    def trial(self) -> AbstractContextManager[Any]:
        """Stand around a run on plain inputs; on ones, infinities are no news."""
        return nullcontext() if self.has_values else np.errstate(all="ignore")

    def arguments_with(self, active: Iterable[int]) -> list[int]:
        """Give the positions of the arguments that hold some of the inputs."""
        return sorted({self._owners[k] for k in active})

    def inputs_of(self, positions: Sequence[int]) -> tuple[int, ...]:
        """Give the inputs that these arguments hold."""
        return tuple(k for k, n in enumerate(self._owners) if n in positions)

    def take_cotangents(self, rule: str, x_bars: Any) -> list[Any]:
        """Flatten what a pullback returned: a cotangent for each input or None.

        Raises
        ------
        RuleError
            If it is no tuple of one cotangent for each argument, or one does not fit.
        """
        if not isinstance(x_bars, tuple | list) or len(x_bars) != self.count:
            found = f"{len(x_bars)}" if isinstance(x_bars, tuple | list) else "no tuple"
            hint = "(x_bar,)" if self.count == 1 else "None stands for zero"
            raise RuleError(
                f"{rule} must return a tuple of {self.count} cotangent"
                f"{'s' * (self.count != 1)}, one for each argument ({hint}), but "
                f"returned {found}: {shown(x_bars)}."
            )
        leaves = flat_seeds_of(tuple(x_bars), self._args, rule, "cotangent")
        paths = tree.paths(self._args)
        return [
            fit_seed(leaves[i], x, rule, f"the cotangent of {paths[i]}")
            for i, x in zip(self._places, self.types, strict=True)
        ]


class Result:
    """What a user's function returned, flattened.

    Attributes
    ----------
    values : list of arrays and NumPy scalars
        Copies, since the function may write to its own arrays again; and Tracers, of
        levels older than the call's.
    """

    def __init__(self, name: str, y: Any, level: Level | None = None) -> None:
        self.name = name
        leaves, self.structure = tree.flatten(y)
        self._form = tree.unflatten(self.structure, [0.0] * len(leaves))
        self._level = level
        self.values = [_own_number(name, self.older(leaf)) for leaf in leaves]
        self.types = [ArrayType.of(v) for v in self.values]

    def older(self, leaf: Any) -> Any:
        """Return a leaf, unless it is a Tracer that the call was not given: of its own
        level or a newer one."""
        if isinstance(leaf, Tracer):
            leaf = leaf.settled()  # an array that was written to may be a plain one
        if isinstance(leaf, Tracer):
            if self._level is None or leaf.level.number >= self._level.number:
                raise _captured(self.name)
        return leaf

    @property
    def slots(self) -> Slots:
        """Where tangents of the values stand: at the inexact ones."""
        places = [j for j, t in enumerate(self.types) if is_inexact(t.dtype)]
        return Slots(places, self.types)

    def release(self) -> list[Any]:
        """Hand the values over, so that what keeps the form does not keep them."""
        values, self.values = self.values, []
        return values

    def arrange(self, values: Iterable[Any]) -> Any:
        """Put values, tangents or cotangents into the form of the result."""
        return tree.unflatten(self.structure, values)

    def arrange_seeds(self, seeds: Sequence[Any]) -> Any:
        """Put cotangents into the form of the result, with zeros for None."""
        return self.arrange(
            _zeros(t) if seed is None else seed
            for seed, t in zip(seeds, self.types, strict=True)
        )

    def take_tangents(self, rule: str, y_dot: Any) -> list[Any]:
        """Flatten what a pushforward returned: a tangent for each value or None.

        Raises
        ------
        RuleError
            If it has not the form of the result.
        """
        leaves = flat_seeds_of(y_dot, self._form, rule, "tangent")
        paths = tree.paths(self._form, "y")
        return [
            fit_seed(leaf, t, rule, f"the tangent of {path}")
            for leaf, t, path in zip(leaves, self.types, paths, strict=True)
        ]

    def check_same(self, other: Result) -> None:
        """Refuse a call that returns another form than when it was recorded."""
        if other.structure != self.structure or other.types != self.types:
            raise ShapeError(
                f"{self.name} returned {other.types} in the structure "
                f"{other.structure}, but {self.types} in {self.structure} when it was "
                "recorded. Trace again with these inputs."
            )


# ----- rows -----


def make_row(
    name: str,
    call: Call,
    result: Result,
    run: Callable[..., Any],
    jvp: Callable[..., Any],
    vjp: Callable[..., Any],
    again: Callable[[tuple[Any, ...]], Any] | None = None,
    linear_in: tuple[int, ...] = (),
    written: Callable[..., Any] | None = None,
    batch: Callable[..., Any] = looped,
) -> OwnRow:
    """Make the row of a call.

    Parameters
    ----------
    name : str
        Of the function.
    call, result : Call, Result
        What it was called with, on plain values, and what it returned.
    run : callable
        `(*args, **params) → y`: the function on plain values.
    jvp, vjp : callable
        `(y, x, seed, **params)`, all flat lists; a list, with None for zero.
    again, linear_in, written, batch
        See `OwnRow`.
    """
    several, values = len(result.types) > 1, result.release()

    def form(values: Sequence[Any]) -> Any:
        return tuple(values) if several else values[0]

    def as_list(y: Any) -> list[Any]:
        return list(y) if several else [y]

    def impl(*x: Any, **params: Any) -> Any:
        found = Result(name, run(*call.arrange(x), **params))
        result.check_same(found)
        return form(found.values)

    def push(y: Any, x: Any, x_dot: Any, /, **params: Any) -> Any:
        return form(jvp(as_list(y), list(x), list(x_dot), **params))

    def pull(y: Any, x: Any, y_bar: Any, /, **params: Any) -> tuple[Any, ...]:
        x_bars = vjp(as_list(y), list(x), as_list(y_bar), **params)
        return tuple(x_bars[k] for k in call.active)

    return OwnRow(
        name=row_name(name),
        numpy=(),
        impl=impl,
        type=lambda *_, **__: form(result.types),
        # What it computes is unknown: that it gives its output is counted.
        cost=lambda types, y, /, **_: sum(t.size for t in result.types),
        samples=lambda *_: (),
        ref="",
        symbol=re.sub(r"^[^a-zA-Z]+", "", name),
        outputs=len(result.types),
        written=written,
        batch=batch,
        jvp=push,
        vjp=pull,
        active=tuple(call.active),
        linear_in=linear_in,
        again=again,
        ready=[form(values)] if call.has_values else [],
    )


def row_name(name: str) -> str:
    """Name the row of a user's function: `user.f`, which is no primitive's name."""
    return "user." + re.sub(r"[^\w.]", "", name)


# ----- checks, and sums -----


def add_trees(name: str, a: Any, b: Any) -> Any:
    """Add tangents of one form."""
    (x, structure), (y, other) = tree.flatten(a), tree.flatten(b)
    if structure != other:
        raise RuleError(
            f"the rules of {name} return tangents of two structures: {structure} and "
            f"{other}."
        )
    return tree.unflatten(structure, [p + q for p, q in zip(x, y, strict=True)])


def no_rule(name: str, what: str, hint: str) -> MissingRuleError:
    """Make the error of a function that has not the rule which is asked for."""
    return MissingRuleError(f"{name} has {what} (at {user_source()}). {hint}")


def refuse_traced(name: str, y: Any) -> Any:
    """Return y, unless there is a Tracer in it: then f has captured one."""
    for leaf in tree.flatten(y)[0]:
        if isinstance(leaf, Tracer) and isinstance(leaf.settled(), Tracer):
            raise _captured(name)
    return y


def flat_seeds_of(seeds: Any, like: Any, rule: str, what: str) -> list[Any]:
    """Flatten seeds, in which None may stand for a part that is zero.

    Raises
    ------
    RuleError
        If the structure is not that of `like`.
    """
    leaves, structure = tree.flatten(like)
    if seeds is None:
        return [None] * len(leaves)
    found, found_structure = tree.flatten(seeds)
    if found_structure == structure:
        return found
    if type(seeds) is type(like) and len(seeds) == len(like):
        if isinstance(like, tuple | list):
            pairs = list(zip(seeds, like, strict=True))
            return [v for s, x in pairs for v in flat_seeds_of(s, x, rule, what)]
        if isinstance(like, dict) and seeds.keys() == like.keys():
            # A dict of positions tells in which order its leaves come.
            order = tree.flatten({key: key for key in like})[0]
            return [
                v for k in order for v in flat_seeds_of(seeds[k], like[k], rule, what)
            ]
    if structure is tree.LEAF and not _is_number(like):
        return [None]
    raise RuleError(
        f"{rule} returned a {what} of the structure {found_structure} where "
        f"{structure} is needed: {shown(seeds)}."
    )


def fit_seed(seed: Any, like: Any, rule: str, what: str) -> Any:
    """Check a tangent or cotangent against its primal; None is zero.

    Raises
    ------
    RuleError
        If shape or dtype do not fit.
    """
    if seed is None or not is_inexact(like.dtype):
        return None
    if not isinstance(seed, Tracer):
        if not _is_number(seed) and not isinstance(seed, int):
            raise RuleError(f"{rule} returned for {what} no numbers: {shown(seed)}.")
        seed = np.asarray(seed)[()]
    if seed.shape != like.shape:
        raise RuleError(
            f"{rule} returned for {what} the shape {seed.shape}, but it must be "
            f"{like.shape}."
        )
    if seed.dtype == like.dtype:
        return seed
    kind, needed = seed.dtype.kind, like.dtype.kind
    if kind in "fc" and kind != needed:
        hint = (
            "Take its .real." if kind == "c" else "A part that is 0 counts too: + 0j."
        )
        raise RuleError(
            f"{rule} returned for {what} the dtype {seed.dtype}, but it must be "
            f"{like.dtype}. {hint}"
        )
    return seed.astype(like.dtype)


def _is_number(leaf: Any) -> bool:
    if isinstance(leaf, Tracer | np.ndarray | np.generic):
        return leaf.dtype.kind in "fciub"
    return isinstance(leaf, float | complex)


def _as_array(leaf: Any) -> Any:
    if isinstance(leaf, Mutable):
        return frozen_value(leaf)  # it may be written to after the call
    return leaf if hasattr(leaf, "dtype") else np.asarray(leaf)[()]


def _own_number(name: str, leaf: Any) -> Any:
    if isinstance(leaf, Tracer):
        return leaf
    if isinstance(leaf, np.ndarray | np.generic):
        if leaf.dtype.kind in "fciub":
            return np.array(leaf)[()]
    elif isinstance(leaf, int | float | complex):
        return np.asarray(leaf)[()]
    raise RuleError(
        f"{name} returned {shown(leaf)}; its output must be numbers, arrays of "
        "numbers, or containers of them."
    )


def _captured(name: str) -> ArgumentError:
    return ArgumentError(
        f"{name} returned a traced value that is not one of its arguments (at "
        f"{user_source()}): it uses a variable from outside that is being "
        "differentiated or traced, for which its rules say nothing. Pass that "
        "variable as an argument."
    )


def _zeros(like: Any) -> Any:
    return np.zeros(like.shape, like.dtype)[()]


def shown(value: Any) -> str:
    """Show a value in a message, cut short, with its class."""
    text = " ".join(repr(value).split())
    return f"{text if len(text) < 60 else text[:57] + '...'} ({type(value).__name__})"
