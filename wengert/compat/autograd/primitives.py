"""`primitive`: functions that run on what is in the boxes, with rules of the client's.

A call with boxes runs the function on the values of the newest trace among them; those
may be boxes of older traces, at which it arrives in turn. Then it is recorded: on a
tape, as an entry that calls what the client's maker returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.compat.autograd.boxes import as_numbers, getval, is_opaque
from wengert.compat.autograd.derivation import conformed
from wengert.compat.autograd.errors import not_defined, not_differentiable
from wengert.compat.autograd.opaque import Cotangent, pull_opaque
from wengert.compat.autograd.rules import (
    deprecated_defgrad,
    deprecated_defvjp,
    deprecated_defvjp_is_zero,
    primitive_jvps,
    primitive_vjps,
)
from wengert.compat.autograd.spaces import vspace
from wengert.compat.autograd.traces import NodeTrace, ReverseTrace
from wengert.compat.autograd.wrapping import wraps
from wengert.graph.types import ArrayType
from wengert.trace.tracer import Tracer
from wengert.transforms.forward import Forward
from wengert.transforms.reverse import Tape

__all__ = [
    "has_rule",
    "notrace_primitive",
    "notrace_primitives",
    "primitive",
    "primitive_with_methods",
    "register_notrace",
    "run_by_rules",
    "trace_primitives_map",
]

trace_primitives_map: dict[Any, Any] = {}
# Class of node → primitives of which traces with such nodes shall not know.
notrace_primitives: dict[Any, set[Any]] = {}


def primitive(f_raw: Callable[..., Any]) -> Any:
    """Make a function opaque; its derivatives are stated by `defvjp` and `defjvp`.

    Parameters
    ----------
    f_raw : callable
        Sees no boxes among its positional arguments, nor in lists, tuples and
        dictionaries there. It returns a float, an array, or a container of them.
    """

    @wraps(f_raw)
    def f_wrapped(*args: Any, **kwargs: Any) -> Any:
        for arg in args:
            if isinstance(arg, Tracer) or (
                isinstance(arg, list | tuple | dict) and _newest([arg]) is not None
            ):
                return run_by_rules(f_wrapped, args, kwargs)
        return f_raw(*args, **kwargs)

    f_wrapped.fun = f_raw
    f_wrapped._is_autograd_primitive = True
    try:
        trace_primitives_map[f_raw] = f_wrapped
    except TypeError:  # not hashable
        pass
    return f_wrapped


def primitive_with_methods(f_raw: Callable[..., Any]) -> Any:
    """Make a primitive with the methods of autograd 1.1, which warn."""
    f_wrapped = primitive(f_raw)
    f_wrapped.defvjp = deprecated_defvjp(f_wrapped)
    f_wrapped.defvjp_is_zero = deprecated_defvjp_is_zero(f_wrapped)
    f_wrapped.defgrad = deprecated_defgrad(f_wrapped)
    return f_wrapped


def notrace_primitive(f_raw: Callable[..., Any]) -> Any:
    """Make a function that runs on what is in the boxes, and has no derivative."""

    @wraps(f_raw)
    def f_wrapped(*args: Any, **kwargs: Any) -> Any:
        return f_raw(*map(getval, args), **kwargs)

    f_wrapped._is_primitive = True
    return f_wrapped


def register_notrace(node_type: Any, fun: Any) -> None:
    """Say that traces with nodes of a class need not know of calls of a primitive."""
    notrace_primitives.setdefault(node_type, set()).add(fun)


def has_rule(fun: Any) -> bool:
    """Tell whether a client has stated a rule for a function."""
    return fun in primitive_vjps or fun in primitive_jvps


# ----- one call -----


def run_by_rules(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Run a primitive where some arguments are boxes, and record it."""
    args = tuple(map(as_numbers, args))
    level = _newest(args)
    if level is None:
        return fun.fun(*args, **kwargs)
    argnums = tuple(i for i, arg in enumerate(args) if _boxes_in(arg, level))
    inside = tuple(_inside(arg, level) for arg in args)
    ans = fun(*inside, **kwargs)
    if isinstance(level, NodeTrace):
        if fun in notrace_primitives.get(level.constructor, ()):
            return ans
        return level.apply(ans, fun, args, kwargs)
    if isinstance(level, Forward):
        return _push(fun, level, argnums, ans, args, inside, kwargs)
    if isinstance(level, Tape):
        return _record(fun, level, argnums, ans, args, inside, kwargs)
    raise not_defined("VJP", fun.__name__, argnums)


def _record(
    fun: Any, tape: Tape, argnums: Any, ans: Any, args: Any, inside: Any, kwargs: Any
) -> Any:
    maker = primitive_vjps.get(fun)
    if maker is None:
        raise not_defined("VJP", fun.__name__, argnums)
    pull_each = maker(argnums, ans, inside, kwargs)
    parents: list[Any] = []
    owners: list[tuple[int, int]] = []
    for n, argnum in enumerate(argnums):
        for place, leaf in enumerate(tree.flatten(args[argnum])[0]):
            if isinstance(leaf, Tracer) and leaf.level is tape:
                parents.append(leaf)
                owners.append((n, place))
    likes = [
        vspace(node) if is_opaque(node) else ArrayType.of(node) for node in parents
    ]

    def pull(y_bars: Sequence[Any]) -> list[Any]:
        gs = tuple(pull_each(tree.unflatten(form, y_bars)))
        leaves = [None if g is None else tree.flatten(g)[0] for g in gs]
        x_bars: list[Any] = []
        for (n, place), like in zip(owners, likes, strict=True):
            found = leaves[n]
            x_bar = None if found is None else found[place]
            if x_bar is not None:
                opaque = not isinstance(like, ArrayType)
                x_bar = Cotangent(x_bar, like) if opaque else conformed(x_bar, like)
            x_bars.append(x_bar)
        return x_bars

    if is_opaque(ans) and isinstance(tape, ReverseTrace):
        form = tree.LEAF
        return tape.opaque(ans, (pull_opaque, [v.index for v in parents], pull))
    values, form = _numbers(ans)
    return tree.unflatten(form, tape.attach(values, parents, pull))


def _push(
    fun: Any,
    level: Forward,
    argnums: Any,
    ans: Any,
    args: Any,
    inside: Any,
    kwargs: Any,
) -> Any:
    maker = primitive_jvps.get(fun)
    if maker is None:
        raise not_defined("JVP", fun.__name__, argnums)
    values, form = _numbers(ans)
    columns = []
    for d in range(level.directions):
        gs = [_tangent(args[n], level, d) for n in argnums]
        y_dot = maker(argnums, gs, ans, inside, kwargs)
        dots, _ = tree.flatten(y_dot)
        columns.append(
            [conformed(v, ArrayType.of(y)) for v, y in zip(dots, values, strict=True)]
        )
    rows = zip(*columns, strict=True)
    return tree.unflatten(form, map(level.pair, values, map(list, rows)))


def _tangent(arg: Any, level: Forward, d: int) -> Any:
    def tangent(leaf: Any) -> Any:
        if isinstance(leaf, Tracer) and leaf.level is level:
            dot = leaf.own[d]
            return np.zeros(leaf.shape, leaf.dtype)[()] if dot is None else dot
        return np.zeros(np.shape(leaf)) if hasattr(leaf, "dtype") else 0.0

    return tree.map_leaves(tangent, arg)


def _numbers(ans: Any) -> tuple[list[Any], Any]:
    """Take apart what a primitive returned.

    Raises
    ------
    TypeError
        If it holds anything but floats and arrays.
    """
    leaves, form = tree.flatten(ans)
    values = []
    for leaf in leaves:
        leaf = as_numbers(leaf)
        if not hasattr(leaf, "dtype"):
            if not isinstance(leaf, int | float | complex):
                raise not_differentiable(leaf)
            leaf = np.asarray(leaf)[()]
        values.append(leaf)
    return values, form


def _newest(args: Sequence[Any]) -> Any:
    newest = None
    for arg in args:
        leaves = [arg] if isinstance(arg, Tracer) else _leaves(arg)
        for leaf in leaves:
            if isinstance(leaf, Tracer) and (
                newest is None or leaf.level.number > newest.number
            ):
                newest = leaf.level
    return newest


def _leaves(arg: Any) -> list[Any]:
    if isinstance(arg, list | tuple | dict):
        leaves: list[Any] = tree.flatten(arg)[0]
        return leaves
    return []


def _boxes_in(arg: Any, level: Any) -> bool:
    leaves = [arg] if isinstance(arg, Tracer) else _leaves(arg)
    return any(isinstance(v, Tracer) and v.level is level for v in leaves)


def _inside(arg: Any, level: Any) -> Any:
    if not _boxes_in(arg, level):
        return arg
    return tree.map_leaves(
        lambda v: v.value if isinstance(v, Tracer) and v.level is level else v, arg
    )
