"""Primitives of the user's own: opaque functions with rules that the user states.

Law: where a pushforward and a pullback are both given or derived,
`<ȳ, push(ẋ)> = <pull(ȳ), ẋ>`. Of the two, one is enough: both are linear in the seed,
so each is the other's transpose.

Worked example: a compiled routine `solve(A, b)` with the rule
`vjp(y, x, y_bar) = (-outer(w, y), w)` for `w = solve(A.T, y_bar)`. The rule is plain
NumPy and calls of primitives: `solve` itself among them. So second derivatives need no
more: the rule is differentiated as any other code is.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, MissingRuleError, RuleError, user_source
from wengert.graph.primitive import Missing
from wengert.operators.arguments import check_callable, name_of
from wengert.operators.batching import spread_axes
from wengert.operators.calls import (
    Call,
    Result,
    make_row,
    no_rule,
    refuse_traced,
    shown,
)
from wengert.operators.duality import nonlinear, transposed
from wengert.operators.native import Written
from wengert.primitives.batches import length, looped, spread
from wengert.trace.levels import bind
from wengert.trace.tracer import Tracer
from wengert.transforms.rules import or_zeros

__all__ = ["Batch", "ByArgument", "Rules", "primitive"]

Rule = Callable[..., Any]


@dataclass
class Rules:
    """The rules of one primitive; one that is not given says so.

    Attributes
    ----------
    jvp, vjp : callable or Missing
        Pushforward and pullback; see `primitive`.
    vmap : callable or Missing
        The function of a batch.
    taylor : callable or Missing
        For Taylor series.
    native : callable or Missing
        The function in plain NumPy, for compiled code.
    """

    jvp: Rule | ByArgument | Missing = Missing("no jvp")
    vjp: Rule | ByArgument | Missing = Missing("no vjp")
    vmap: Rule | Missing = Missing("no vmap")
    taylor: Rule | Missing = Missing("no taylor")
    native: Rule | Missing = Missing("no native code")


class primitive:
    """Make a function opaque, with derivatives by rules that you state.

    The function always runs on plain arrays and numbers, so it may call compiled code,
    SciPy, or anything else. Its rules are plain NumPy, or call other primitives; they
    run on traced values too, which gives second derivatives.

    Parameters
    ----------
    fun : callable
        `(*x, **params) → y`. Positional arguments and y are pytrees of arrays and
        floats; leaves of other kinds (ints, strings) are constants. Keyword arguments
        are constants, handed to the rules as they are.
    linear_in : sequence of int
        Positions of arguments in each of which fun is linear, as a solver is in its
        right-hand side. It matters where the rule of another primitive, or fun's own,
        calls fun on a seed and is to be transposed; fun's vjp must then be stated.
    like : callable, optional
        `(*x, **params) → y` in the form of what fun returns, with any values. It is
        called for fun where the inputs have no values yet, in the body of a loop that
        is compiled. Without it, fun is called on ones, which not every solver survives.

    Attributes
    ----------
    rules : Rules

    Raises
    ------
    MissingRuleError
        When differentiated without a jvp and a vjp, or if the rule to derive one from
        is not linear in its seed.
    RuleError
        When a rule returns something of the wrong number, structure, shape or dtype.

    Notes
    -----
    Cost: that of fun and of its rules. A pushforward derived from the vjp, or a
    pullback derived from the jvp, costs a small multiple of the rule it is made from.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> @cube.vjp
    ... def _(y, x, y_bar):
    ...     return (3 * x[0] ** 2 * y_bar,)
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (12.0, 12.0)
    """

    __name__: str

    def __init__(
        self,
        fun: Callable[..., Any],
        linear_in: Sequence[int] = (),
        like: Callable[..., Any] | None = None,
    ) -> None:
        check_callable("primitive", fun)
        functools.update_wrapper(self, fun, updated=())
        self.__name__ = name_of(fun)
        self.fun, self.rules, self.linear_in = fun, Rules(), tuple(linear_in)
        self._like = fun if like is None else like

    def __repr__(self) -> str:
        return f"<primitive {self.__name__}>"

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    # ----- rules -----

    def jvp(self, rule: Rule) -> Rule:
        """State the pushforward: `(y, x, x_dot, **params) → y_dot`.

        Parameters
        ----------
        rule : callable
            `y` is what fun returned, `x` the tuple of its positional arguments,
            `x_dot` the tuple of their tangents, of the same form: zeros where an
            argument does not vary, None where it cannot (ints, strings). Returns a
            tangent of the form of y, or None for zero.
        """
        self.rules.jvp = rule
        return rule

    def vjp(self, rule: Rule) -> Rule:
        """State the pullback: `(y, x, y_bar, **params) → x_bar`.

        Parameters
        ----------
        rule : callable
            `y`, `x` as for `jvp`; `y_bar` is a cotangent of the form of y. Returns a
            tuple with a cotangent for each positional argument, of its form; None for
            zero, or for an argument that has no derivative. Cotangents are not
            conjugated: Re Σ x_bar·x_dot = Re Σ y_bar·y_dot.
        """
        self.rules.vjp = rule
        return rule

    def vmap(self, rule: Rule) -> Rule:
        """State how fun works on a batch: `(x, axes, **params) → (y, y_axes)`.

        Where it is not stated, `vmap` calls fun for one member after the other; also
        where a derivative is taken of a batch, since rules are those of one member.

        Parameters
        ----------
        rule : callable
            `x` is the tuple of fun's positional arguments, with one axis more where
            they are mapped. `axes` has their form, with 0, the position of that axis,
            for each array that is mapped, and None for all else. Returns the outputs of
            all members, and the position of their axis, or None: one for all, or a
            pytree of such.
        """
        self.rules.vmap = rule
        return rule

    def taylor(self, rule: Rule) -> Rule:
        """State how series propagate: `(y, x, coefficients, **params) → list`.

        Without it they follow from the pushforward (`wengert.taylor`).

        Parameters
        ----------
        rule : callable
            `y` is what fun returned, `x` the tuple of its positional arguments.
            `coefficients` has, for each argument, the list of its Taylor coefficients
            of order 1, 2, …, each of its form. Returns the list of those of y.
        """
        self.rules.taylor = rule
        return rule

    def native(self, rule: Rule) -> Rule:
        """State what fun computes in plain NumPy: `(*x, **params) → y`.

        Compiled functions (`jit`) then run that as native code, instead of calling fun.

        Parameters
        ----------
        rule : callable
            Takes what fun takes and returns what fun returns, in structure, shapes and
            dtypes. It is written down from types alone: Python cannot ask for values in
            it. That its values are those of fun is for you to test, with
            `jit(fun)(*x)` beside `fun(*x)`.

        Examples
        --------
        >>> import numpy as np
        >>> @primitive
        ... def logistic(x):
        ...     return np.array([1 / (1 + np.exp(-v)) for v in x])
        >>> @logistic.native
        ... def _(x):
        ...     return 1 / (1 + np.exp(-x))
        """
        self.rules.native = rule
        return rule

    # ----- calls -----

    def __call__(self, *args: Any, **params: Any) -> Any:
        """Run the function; where an argument is traced, record the call."""
        name = self.__name__
        for key, value in params.items():
            if any(isinstance(leaf, Tracer) for leaf in tree.flatten(value)[0]):
                raise ArgumentError(
                    f"the keyword argument {key!r} of {name} is traced (at "
                    f"{user_source()}), but keyword arguments of a primitive are "
                    "constants. Pass it by position."
                )
        call = Call(name, args)
        if call.level is None:
            return refuse_traced(name, self.fun(*args, **params))
        if not self.rules.jvp and not self.rules.vjp and call.is_differentiated:
            raise self._without_rules()
        run = self.fun if call.has_values else self._like
        with call.trial():
            result = Result(name, run(*call.arrange(call.plain()), **params))
        if not result.values:
            return result.arrange([])
        inputs = call.release()
        push, pull = self._pushforward(call, result), self._pullback(call, result)
        # Transposed by its own pushforward, a linear call would lead to itself.
        linear = call.inputs_of(self.linear_in) if self.rules.vjp else ()
        native = self.rules.native
        written = (
            None if isinstance(native, Missing) else Written(self, native, call, result)
        )
        row = make_row(
            name, call, result, self.fun, push, pull, linear_in=linear, written=written,
            batch=looped if isinstance(self.rules.vmap, Missing) else Batch(self, call),
        )  # fmt: skip
        row = dataclasses.replace(row, taylor=self._series(call, result))
        y = bind(row, inputs, params)
        return result.arrange(y if row.is_tuple else [y])

    def _pushforward(self, call: Call, result: Result) -> Rule:
        what = f"the jvp of {self.__name__}"

        def stated(y: Any, x: Any, x_dot: Any, /, **params: Any) -> list[Any]:
            rule = _limited(self.rules.jvp, call)
            seeds = call.arrange_seeds(x_dot)
            y_dot = rule(result.arrange(y), call.arrange(x), seeds, **params)
            return result.take_tangents(what, y_dot)

        def derived(y: Any, x: Any, x_dot: Any, /, **params: Any) -> list[Any]:
            pull = self._pullback(call, result)
            push = transposed(
                lambda y_bar: pull(y, x, y_bar, **params),
                result.slots, call.slots, nonlinear(self.__name__, "vjp", "jvp"),
            )  # fmt: skip
            return push(x_dot)

        if self.rules.jvp:
            return stated
        return derived if self.rules.vjp else self._refuse

    def _pullback(self, call: Call, result: Result) -> Rule:
        what = f"the vjp of {self.__name__}"

        def stated(y: Any, x: Any, y_bar: Any, /, **params: Any) -> list[Any]:
            rule = _limited(self.rules.vjp, call)
            seeds = result.arrange_seeds(y_bar)
            x_bar = rule(result.arrange(y), call.arrange(x), seeds, **params)
            return call.take_cotangents(what, x_bar)

        def derived(y: Any, x: Any, y_bar: Any, /, **params: Any) -> list[Any]:
            push = self._pushforward(call, result)
            pull = transposed(
                lambda x_dot: push(y, x, x_dot, **params),
                call.slots, result.slots, nonlinear(self.__name__, "jvp", "vjp"),
            )  # fmt: skip
            return pull(y_bar)

        if self.rules.vjp:
            return stated
        return derived if self.rules.jvp else self._refuse

    def _series(self, call: Call, result: Result) -> Rule | None:
        rule, what = self.rules.taylor, f"the taylor of {self.__name__}"
        if isinstance(rule, Missing):
            return None

        def series(y: Any, x: Any, order: int, /, **params: Any) -> Iterator[Any]:
            several = len(result.types) > 1
            orders = range(1, order + 1)
            given = [call.arrange_seeds([s[k] for s in x]) for k in orders]
            each = [list(argument) for argument in zip(*given, strict=True)]
            values = call.arrange([s.value for s in x])
            y_values = y.value if several else [y.value]
            found = rule(result.arrange(y_values), values, each, **params)
            if not isinstance(found, list | tuple) or len(found) != order:
                raise RuleError(
                    f"{what} must return a list of {order} coefficients, of order 1 to "
                    f"{order}, not {shown(found)}."
                )
            for coefficient in found:
                dots = result.take_tangents(what, coefficient)
                filled = tuple(map(or_zeros, dots, result.types))
                yield filled if several else filled[0]

        return series

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise self._without_rules()

    def _without_rules(self) -> MissingRuleError:
        return no_rule(
            self.__name__, "no jvp and no vjp",
            f"State one of them, with @{self.__name__}.vjp or @{self.__name__}.jvp.",
        )  # fmt: skip


class Batch:
    """The batch rule of one call's row: the rule of the user's.

    Parameters
    ----------
    function : primitive
    call : Call
    """

    def __init__(self, function: primitive, call: Call) -> None:
        self._function, self._call = function, call

    def __call__(
        self, row: Any, x: Sequence[Any], mapped: Sequence[bool], **params: Any
    ) -> Any:
        """Run the rule on arrays; of what is traced, take the members one by one."""
        if any(isinstance(v, Tracer) for v in x):
            return looped(row, x, mapped, **params)
        name, rule = f"the vmap of {self._function.__name__}", self._function.rules.vmap
        axes = self._call.arrange_axes([0 if m else None for m in mapped])
        pair = rule(self._call.arrange(x), axes, **params)  # type: ignore[operator]
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise RuleError(
                f"{name} must return a pair (y, y_axes), not {shown(pair)}."
            )
        size = length(x, mapped)
        y, _ = tree.flatten(pair[0])
        y_axes = spread_axes(f"the y_axes of {name}", pair[1], pair[0])
        stacks = [
            np.moveaxis(v, axis, 0) if axis is not None else spread(v, False, size)
            for v, axis in zip(map(np.asarray, y), y_axes, strict=True)
        ]
        return tuple(stacks) if row.is_tuple else stacks[0]


class ByArgument:
    """A rule made of one maker for each argument, as in HIPS autograd.

    Parameters
    ----------
    name : str
        Of the function, and the kind of rule: "the vjp of f".
    makers : dict
        From positions to makers; None for a derivative of zero.
    combine : callable
        `(makers, y, x, seed, **params)`: the rule, for those makers that are needed.
    """

    def __init__(self, name: str, makers: dict[int, Any], combine: Rule) -> None:
        self._name, self._makers, self._combine = name, makers, combine

    def for_arguments(self, positions: Sequence[int]) -> Rule:
        """Make the rule for those arguments alone.

        Raises
        ------
        MissingRuleError
            If one of them has no maker.
        """
        for position in positions:
            if position not in self._makers:
                raise MissingRuleError(
                    f"{self._name} has no rule for argument {position} (at "
                    f"{user_source()}). Give its maker, or None for a derivative "
                    "of zero."
                )
        makers = {p: self._makers[p] for p in positions if self._makers[p] is not None}
        return functools.partial(self._combine, makers)


def _limited(rule: Any, call: Call) -> Any:
    if isinstance(rule, ByArgument):
        return rule.for_arguments(call.arguments_with(call.active))
    return rule
