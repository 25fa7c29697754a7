"""The registries of rules that clients state: primitive_vjps and primitive_jvps.

A maker of pullbacks is `(argnums, ans, args, kwargs) → (g → x_bars)`, with a cotangent
for each of argnums; a maker of pushforwards `(argnums, gs, ans, args, kwargs) → y_dot`.
Rules of wengert's own are not in the registries: what stands there goes before them.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from wengert.compat.autograd.errors import not_defined
from wengert.compat.autograd.spaces import vspace
from wengert.errors import ArgumentError

__all__ = [
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "deprecated_defgrad",
    "deprecated_defvjp",
    "deprecated_defvjp_is_zero",
    "primitive_jvps",
    "primitive_vjps",
    "subval",
    "subvals",
    "sum_outgrads",
]

Rule = Callable[..., Any]
primitive_vjps: dict[Any, Rule] = {}
primitive_jvps: dict[Any, Rule] = {}


def subvals(x: Iterable[Any], pairs: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    """Put values into places of a tuple."""
    parts = list(x)
    for i, value in pairs:
        parts[i] = value
    return tuple(parts)


def subval(x: Iterable[Any], i: int, value: Any) -> tuple[Any, ...]:
    """Put a value into one place of a tuple."""
    return subvals(x, [(i, value)])


def sum_outgrads(gs: Iterable[Any]) -> Any:
    """Add tangents or cotangents of one space."""
    first, *others = gs
    for g in others:
        first = vspace(g).add(first, g)
    return first


# ----- pullbacks -----


def defvjp_argnums(fun: Any, vjpmaker: Rule) -> None:
    """State the pullback of a function for all arguments at once."""
    primitive_vjps[fun] = vjpmaker


def defvjp_argnum(fun: Any, vjpmaker: Rule) -> None:
    """State the pullback of a function by one maker that is told the argument."""

    def maker(argnums: Any, *call: Any) -> Rule:
        pulls = [vjpmaker(argnum, *call) for argnum in argnums]
        return lambda g: tuple(pull(g) for pull in pulls)

    defvjp_argnums(fun, maker)


def defvjp(
    fun: Any, *vjpmakers: Rule | None, argnums: Iterable[int] | None = None
) -> None:
    """State the pullback of a function argument by argument.

    Parameters
    ----------
    fun : function made by `primitive`, or of autograd.numpy
    *vjpmakers : callable or None
        `(ans, *args, **kwargs) → (g → x_bar)`; None for a derivative of zero.
    argnums : iterable of int, optional
        Which arguments they are for; 0, 1, … if not given.
    """
    by_argument = dict(
        zip(itertools.count() if argnums is None else argnums, vjpmakers, strict=False)
    )
    _check_makers(fun, "VJP", by_argument)

    def maker(argnums: Any, ans: Any, args: Any, kwargs: Any) -> Rule:
        pulls = []
        for n in argnums:
            if n not in by_argument:
                raise not_defined("VJP", _name(fun), n)
            rule = by_argument[n]
            if rule is None:
                pulls.append(_zero_of(args[n]))
            else:
                pulls.append(rule(ans, *args, **kwargs))
        return lambda g: tuple(pull(g) for pull in pulls)

    defvjp_argnums(fun, maker)


def _zero_of(x: Any) -> Rule:
    return lambda g: vspace(x).zeros()


# ----- pushforwards -----


def defjvp_argnums(fun: Any, jvpmaker: Rule) -> None:
    """State the pushforward of a function for all arguments at once."""
    primitive_jvps[fun] = jvpmaker


def defjvp_argnum(fun: Any, jvpmaker: Rule) -> None:
    """State the pushforward of a function by one maker that is told the argument."""

    def maker(argnums: Any, gs: Any, ans: Any, args: Any, kwargs: Any) -> Any:
        return sum_outgrads(
            jvpmaker(n, g, ans, args, kwargs) for n, g in zip(argnums, gs, strict=True)
        )

    defjvp_argnums(fun, maker)


def defjvp(
    fun: Any, *jvpfuns: Rule | str | None, argnums: Iterable[int] | None = None
) -> None:
    """State the pushforward of a function argument by argument.

    Parameters
    ----------
    fun : function made by `primitive`, or of autograd.numpy
    *jvpfuns : callable, "same" or None
        `(g, ans, *args, **kwargs) → tangent`; "same" where fun is linear in that
        argument, None for a derivative of zero.
    argnums : iterable of int, optional
        Which arguments they are for; 0, 1, … if not given.
    """
    by_argument = dict(
        zip(itertools.count() if argnums is None else argnums, jvpfuns, strict=False)
    )
    _check_makers(fun, "JVP", by_argument)

    def one(n: int, g: Any, ans: Any, args: Any, kwargs: Any) -> Any:
        if n not in by_argument:
            raise not_defined("JVP", _name(fun), n)
        rule = by_argument[n]
        if rule is None:
            return vspace(ans).zeros()
        if rule == "same":
            return fun(*subval(args, n, g), **kwargs)
        return rule(g, ans, *args, **kwargs)  # type: ignore[operator]

    defjvp_argnum(fun, one)


def def_linear(fun: Any) -> None:
    """State that a function is linear in each of its arguments."""
    defjvp_argnum(
        fun, lambda n, g, ans, args, kwargs: fun(*subval(args, n, g), **kwargs)
    )


def _check_makers(fun: Any, kind: str, makers: dict[int, Any]) -> None:
    for rule in makers.values():
        if rule is not None and not callable(rule) and (kind, rule) != ("JVP", "same"):
            raise ArgumentError(f"Bad {kind} '{rule}' for '{_name(fun)}'")


def _name(fun: Any) -> str:
    return getattr(fun, "__name__", repr(fun))


# ----- the forms of autograd 1.1, which warn -----


def _warn(method: str) -> None:
    warnings.warn(
        f"The {method} method is deprecated: use autograd.extend.defvjp.", stacklevel=3
    )


def deprecated_defvjp(fun: Any) -> Rule:
    """Make the method `fun.defvjp`: rules `(g, ans, vs, gvs, *args)`."""
    rules: dict[int, Rule] = {}

    def state(rule: Rule, argnum: int = 0) -> None:
        _warn("defvjp")

        def maker(ans: Any, *args: Any, **kwargs: Any) -> Rule:
            vs = vspace(args[argnum])
            return lambda g: rule(g, ans, vs, vspace(g), *args, **kwargs)

        rules[argnum] = maker
        defvjp(fun, *rules.values(), argnums=rules)

    return state


def deprecated_defgrad(fun: Any) -> Rule:
    """Make the method `fun.defgrad`, for one argument."""
    rules: dict[int, Rule] = {}

    def state(rule: Rule, argnum: int = 0) -> None:
        _warn("defgrad")
        rules[argnum] = rule
        defvjp(fun, *rules.values(), argnums=rules)

    return state


def deprecated_defvjp_is_zero(fun: Any) -> Rule:
    """Make the method `fun.defvjp_is_zero`, for arguments that do not matter."""
    zero: dict[int, None] = {}

    def state(argnums: Iterable[int] = (0,)) -> None:
        _warn("defvjp_is_zero")
        zero.update(dict.fromkeys(argnums))
        defvjp(fun, *zero.values(), argnums=zero)

    return state
