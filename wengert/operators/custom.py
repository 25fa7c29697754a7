"""A function with a custom rule: what `custom_jvp` and `custom_vjp` have in common.

Law: what is differentiated is the rule. At each level of nested derivatives, the rule
takes the function's place: its code runs on the values of the older levels, which
differentiate it in turn.

A level of reverse mode runs the rule at once, and keeps what will pull cotangents back;
a level of forward mode runs it at once too. In a Graph the call is one equation, whose
row runs the rule when the Graph is differentiated.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, RuleError, user_source
from wengert.operators.arguments import check_callable, name_of
from wengert.operators.calls import (
    Call,
    Result,
    make_row,
    no_rule,
    refuse_traced,
    shown,
)
from wengert.operators.duality import LinearMap
from wengert.operators.native import Written
from wengert.primitives.batches import spread
from wengert.trace.levels import Level, bind
from wengert.trace.tracer import Tracer
from wengert.transforms.batching import Batched, Batching, batch_function
from wengert.transforms.forward import Forward
from wengert.transforms.reverse import Tape

__all__ = ["Custom", "Members", "Site", "check_pair", "refuse_symbolic_zeros"]

Rule = Callable[..., Any]


class Custom:
    """Be the base of both kinds: arguments, and what becomes of a call."""

    __name__: str

    def __init__(
        self, fun: Callable[..., Any], nondiff_argnums: Sequence[int] = ()
    ) -> None:
        check_callable(type(self).__name__, fun)
        functools.update_wrapper(self, fun, updated=())
        self.__name__ = name_of(fun)
        self.fun = fun
        self.nondiff_argnums = (
            (nondiff_argnums,)
            if isinstance(nondiff_argnums, int)
            else tuple(nondiff_argnums)
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__name__}>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the function; where an argument is traced, its rule."""
        args = self._by_position(args, kwargs)
        site = Site(self, args)
        call, level = site.call, site.call.level
        if level is None:
            return refuse_traced(self.__name__, self.fun(*args))
        if not self._has_rule() and call.is_differentiated:
            raise no_rule(self.__name__, *self._missing())
        if isinstance(level, Tape):
            return self._on_tape(site, level)
        if isinstance(level, Forward):
            return self._on_duals(site, level)
        if isinstance(level, Batching):
            return self._on_batch(site, level)
        return self._as_row(site)

    def _on_tape(self, site: Site, tape: Tape) -> Any:
        call = site.call
        inside, nodes = call.inside(), call.release_at(tape)
        result, pull = self._reverse(site, inside, tape)
        y = tape.attach(
            result.release(),
            nodes,
            lambda y_bar: [pull(y_bar)[k] for k in call.active],
        )
        return result.arrange(y)

    def _on_duals(self, site: Site, level: Forward) -> Any:
        call = site.call
        inside, duals = call.inside(), call.release_at(level)
        x_dots = [
            call.slots.fill([dual.tangents[d] for dual in duals])
            for d in range(level.directions)
        ]
        result, y_dots = self._forward(site, inside, x_dots, level)
        tangents = zip(*y_dots, strict=True)
        return result.arrange(map(level.pair, result.release(), tangents))

    def _on_batch(self, site: Site, level: Batching) -> Any:
        """Call the function of all members, whose rule is this one for each."""
        inputs = site.call.release()
        mapped = list(map(level.owns, inputs))
        stacks = [x.stack if m else x for x, m in zip(inputs, mapped, strict=True)]
        batch = Members(self, site, mapped, level.size)
        function = type(self)(batch)
        if self._has_rule():
            self._state(function, batch)
        y = function(*stacks)
        return tree.unflatten(batch.structure, [Batched(level, v) for v in y])

    def _as_row(self, site: Site) -> Any:
        """Record the call as one equation, whose row has the rule for later."""
        name, call = self.__name__, site.call
        with call.trial():
            result = Result(name, self.fun(*site.args(call.plain())))
        if not result.values:
            return result.arrange([])
        inputs = call.release()

        def again(inputs: tuple[Any, ...]) -> Any:
            leaves, _ = tree.flatten(self(*site.args(inputs)))
            y = [v if hasattr(v, "dtype") else np.asarray(v)[()] for v in leaves]
            return tuple(y) if len(y) > 1 else y[0]

        def run(*diff: Any) -> Any:
            return self.fun(*site.merge(diff))

        row = make_row(
            name, call, result, run,
            self._pushforward(site, result), self._pullback(site, result), again,
            written=Written(self, run, call, result, stated=False),
        )  # fmt: skip
        y = bind(row, inputs, {})
        return result.arrange(y if row.is_tuple else [y])

    def _by_position(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, ...]:
        """Bring arguments given by name, and defaults, to their positions."""
        try:
            if isinstance(self.fun, np.ufunc):
                raise TypeError  # its out=None is no argument that a rule could use
            signature = inspect.signature(self.fun)
        except (TypeError, ValueError):
            if not kwargs:
                return args
            raise ArgumentError(
                f"{self.__name__} does not name its arguments: pass all by position."
            ) from None
        bound = signature.bind(*args, **kwargs)
        if bound.kwargs:
            names = ", ".join(bound.kwargs)
            raise ArgumentError(
                f"{self.__name__} takes {names} by keyword only (at {user_source()}), "
                "and rules are told arguments by position."
            )
        bound.apply_defaults()
        return bound.args

    # ----- what each kind says for itself -----

    def _state(self, function: Any, batch: Members) -> None:
        """State the rule of the function of all members."""
        raise NotImplementedError

    def _has_rule(self) -> bool:
        raise NotImplementedError

    def _missing(self) -> tuple[str, str]:
        """Say which rule is missing, and how to give it."""
        raise NotImplementedError

    def _reverse(
        self, site: Site, inside: Sequence[Any], tape: Tape
    ) -> tuple[Result, LinearMap]:
        """Run the rule at a level: the result, and the pullback."""
        raise NotImplementedError

    def _forward(
        self, site: Site, inside: Sequence[Any], x_dots: Any, level: Level
    ) -> tuple[Result, list[list[Any]]]:
        """Run the rule at a level: the result, and a tangent for each direction."""
        raise NotImplementedError

    def _pushforward(self, site: Site, result: Result) -> Rule:
        """Make the pushforward of a row: `(y, x, x_dot) → y_dot`."""
        raise NotImplementedError

    def _pullback(self, site: Site, result: Result) -> Rule:
        """Make the pullback of a row: `(y, x, y_bar) → x_bar`."""
        raise NotImplementedError


class Members:
    """One call for all members of a batch: a function of the stacks of its inputs.

    Attributes
    ----------
    structure : object
        Of what the function returns for one member.
    """

    def __init__(
        self, custom: Custom, site: Site, mapped: Sequence[bool], size: int
    ) -> None:
        self._custom, self.site = custom, site
        self.mapped, self.size = mapped, size
        self.structure: Any = None
        self.__name__ = custom.__name__

    def __call__(self, *stacks: Any) -> tuple[Any, ...]:
        """Give the outputs of all members."""

        def one(*inputs: Any) -> list[Any]:
            return self.flat(self._custom.fun(*self.site.args(inputs)))

        return tuple(self.stacked(one, stacks, self.mapped))

    def flat(self, y: Any) -> list[Any]:
        """Flatten what one member gives."""
        leaves, self.structure = tree.flatten(y)
        return [v if hasattr(v, "dtype") else np.asarray(v)[()] for v in leaves]

    def stacked(
        self, f: Rule, values: Sequence[Any], mapped: Sequence[bool]
    ) -> list[Any]:
        """Run a flat function for all members; each output has the batch first."""
        y, ours = batch_function(f, values, mapped, self.size)
        return [spread(v, own, self.size) for v, own in zip(y, ours, strict=True)]


class Site:
    """The arguments of one call: differentiated ones, and the others."""

    def __init__(self, custom: Custom, args: tuple[Any, ...]) -> None:
        name, count = custom.__name__, len(args)
        for n in custom.nondiff_argnums:
            if not -count <= n < count:
                raise ArgumentError(
                    f"nondiff_argnums={custom.nondiff_argnums} of {name}, which was "
                    f"called with {count} argument{'s' * (count != 1)}."
                )
        apart = [n % count for n in custom.nondiff_argnums]
        for n in apart:
            if any(isinstance(v, Tracer) for v in tree.flatten(args[n])[0]):
                raise ArgumentError(
                    f"argument {n} of {name} is traced (at {user_source()}), but "
                    "stands in nondiff_argnums: its rule has no derivative for it. "
                    "Take it out of nondiff_argnums, or keep it from the derivative "
                    "with wengert.stop_gradient(x)."
                )
        self.fixed = tuple(args[n] for n in apart)
        self._places = [n for n in range(count) if n not in apart]
        self._all = [arg if n in apart else None for n, arg in enumerate(args)]
        self.call = Call(name, tuple(args[n] for n in self._places))

    def merge(self, diff: Sequence[Any]) -> list[Any]:
        """Put the differentiated arguments among the others."""
        merged = list(self._all)
        for n, arg in zip(self._places, diff, strict=True):
            merged[n] = arg
        return merged

    def args(self, inputs: Sequence[Any]) -> list[Any]:
        """Give all arguments, with these inputs."""
        return self.merge(self.call.arrange(inputs))


def check_pair(rule: str, pair: Any, form: str) -> None:
    """Raise RuleError if a rule did not return a pair."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise RuleError(f"{rule} must return a pair {form}, not {shown(pair)}.")


def refuse_symbolic_zeros(operator: str, symbolic_zeros: bool) -> None:
    """Raise ArgumentError for an option that there is not."""
    if symbolic_zeros:
        raise ArgumentError(
            f"{operator}: symbolic_zeros=True is not supported. Zero seeds are arrays "
            "of zeros; leave it out."
        )
