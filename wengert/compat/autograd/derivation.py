"""`make_vjp` and `make_jvp`: one run of a function of one argument, which may be any
container of floats and arrays. All operators of autograd are made of these two."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.compat.autograd.boxes import Box, as_numbers, is_opaque, isbox
from wengert.compat.autograd.errors import not_differentiable
from wengert.compat.autograd.opaque import Opaque, revealed
from wengert.compat.autograd.spaces import vspace
from wengert.compat.autograd.traces import (
    ForwardTrace,
    JVPNode,
    ReverseTrace,
    VJPNode,
    new_box,
    trace_stack,
)
from wengert.graph.types import ArrayType
from wengert.primitives.axes import unbroadcast
from wengert.transforms.forward import push_function
from wengert.transforms.pullback import Pullback
from wengert.transforms.reverse import record_function

__all__ = [
    "backward_pass",
    "conformed",
    "make_jvp",
    "make_vjp",
    "trace",
]


def make_vjp(fun: Callable[[Any], Any], x: Any) -> tuple[Callable[[Any], Any], Any]:
    """Run a function, and give its pullback and value.

    Parameters
    ----------
    fun : callable
    x : float, array or container of them

    Returns
    -------
    vjp : callable
        From a cotangent of the value to one of x; it may be called many times.
    value : any
    """
    leaves, form = tree.flatten(x)
    inputs = [Opaque(v) if is_opaque(v) else _input(v) for v in leaves]
    tape, output = ReverseTrace(), _Output()
    values, pullback = record_function(
        lambda *boxes: output.take(fun(tree.unflatten(form, boxes))), inputs, tape
    )
    types = [ArrayType.of(v) if hasattr(v, "dtype") else None for v in values]
    output.check(pullback._outputs)

    def vjp(g: Any) -> Any:
        gs, _ = tree.flatten(g)
        y_bars = [
            None if t is None or seed is None else conformed(seed, t)
            for seed, t in zip(gs, types, strict=True)
        ]
        x_bars = pullback(y_bars)
        return tree.unflatten(form, map(_own, x_bars, inputs))

    return vjp, output.restore(values)


def make_jvp(fun: Callable[[Any], Any], x: Any) -> Callable[[Any], tuple[Any, Any]]:
    """Make the pushforward of a function at x: from a tangent of x to (value, tangent).

    Parameters
    ----------
    fun : callable
    x : float, array or container of them
    """
    leaves, form = tree.flatten(x)
    inputs = [_input(leaf) for leaf in leaves]
    types = [ArrayType.of(v) for v in inputs]

    def jvp(g: Any) -> tuple[Any, Any]:
        output = _Output()
        tangents = list(map(conformed, tree.flatten(g)[0], types))
        values, (y_dots,) = push_function(
            lambda *boxes: output.take(fun(tree.unflatten(form, boxes))),
            inputs, [tangents], ForwardTrace(1),
        )  # fmt: skip
        dots = [
            vspace(y).zeros() if y_dot is None else y_dot
            for y, y_dot in zip(values, y_dots, strict=True)
        ]
        output.check([-1 if y_dot is None else 0 for y_dot in y_dots])
        return output.restore(values), output.restore(dots)

    return jvp


class _Output:
    """What a function returned, taken apart."""

    form: Any = None

    def take(self, y: Any) -> list[Any]:
        leaves, self.form = tree.flatten(y)
        for leaf in leaves:
            if isbox(leaf) and is_opaque(leaf):
                raise not_differentiable(leaf._value)
        return [as_numbers(leaf) for leaf in leaves]

    def restore(self, leaves: Any) -> Any:
        return tree.unflatten(self.form, leaves)

    def check(self, indices: list[int]) -> None:
        if all(k < 0 for k in indices):
            warnings.warn("Output seems independent of input.", stacklevel=3)


def _input(leaf: Any) -> Any:
    """Give a number or array as the tape takes it.

    Raises
    ------
    TypeError
        If it is neither, nor of a registered type.
    """
    if isbox(leaf):
        return leaf
    if type(leaf) is np.ndarray or isinstance(leaf, np.generic):
        if leaf.dtype.kind in "fc":
            return leaf
        if leaf.dtype.kind in "iub":
            return leaf.astype(float)
    if isinstance(leaf, np.ndarray) and type(leaf) in Box.type_mappings:
        return _input(leaf.view(np.ndarray))
    if isinstance(leaf, int | float | complex) and not isinstance(leaf, bool):
        return np.asarray(leaf, None if isinstance(leaf, complex) else float)[()]
    raise not_differentiable(leaf)


def conformed(seed: Any, like: ArrayType) -> Any:
    """Bring a cotangent or tangent that a client made to the shape and dtype of its
    primal: what is promoted or broadcast is brought back."""
    if not isbox(seed):
        seed = as_numbers(np.asarray(seed))[()]
    if seed.shape != like.shape:
        if len(seed.shape) < len(like.shape) or seed.size < np.prod(like.shape):
            seed = np.broadcast_to(seed, like.shape)
        else:
            seed = unbroadcast(seed, like.shape)
    if seed.dtype != like.dtype:
        if seed.dtype.kind == "c" and like.dtype.kind != "c":
            seed = seed.real
        seed = seed.astype(like.dtype)
    return seed


def _own(x_bar: Any, like: Any) -> Any:
    """Hand a cotangent out: an array of its own for an array."""
    if isinstance(like, Opaque):
        return revealed(x_bar, vspace(like.value))
    if isbox(x_bar):
        return x_bar
    if isinstance(like, np.ndarray) or like.shape:
        return np.array(x_bar)
    return x_bar[()] if isinstance(x_bar, np.ndarray) else x_bar


# ----- traces with nodes of a client's -----


def trace(start_node: Any, fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Run a function on a box with this node; give the value and node of the output.

    The node is None, with a warning, where the output does not depend on x.
    """
    if isinstance(start_node, JVPNode):
        value, g = make_jvp(fun, x)(start_node.g)
        return value, JVPNode(g)
    with trace_stack.new_trace() as number:
        end = fun(new_box(x, number, start_node))
        if isbox(end) and end._trace == number:
            return end._value, end._node
    warnings.warn("Output seems independent of input.", stacklevel=2)
    return end, None


def backward_pass(g: Any, end_node: VJPNode) -> Any:
    """Sweep back from a node of a tape to its one input."""
    tape = end_node.tape
    pullback = Pullback(tape.entries, tape.captured, tape.inputs, [end_node.index])
    (x_bar,) = pullback([g if isbox(g) else np.asarray(g)[()]])
    return x_bar
