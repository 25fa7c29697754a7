"""Forward mode: carry tangents beside each value.

Law: `push(f)(x, ẋ) = (f(x), J ẋ)`, at a small multiple of the cost of f for a
direction, storing nothing (Griewank & Walther, 2008, ch. 3).

Worked example, `f(x) = x * sin(x)` at 2 with ẋ = 1: (2, 1) ↦ sin: (sin 2, cos 2)
↦ product: (2·sin 2, 1·sin 2 + 2·cos 2).

Several directions may travel together, so that a Jacobian runs f once.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.graph.primitive import Primitive, Structured
from wengert.primitives.arithmetic import scale
from wengert.trace.levels import compute, run
from wengert.trace.tracer import Tracer, install_operators
from wengert.transforms.batching import Batched
from wengert.transforms.carried import Carrier, Carrying
from wengert.transforms.pullback import has_nan
from wengert.transforms.rules import pushforward
from wengert.transforms.structured import push_structured

__all__ = ["Dual", "Forward", "opening", "push_function"]


class Forward(Carrying):
    """One forward-mode run, along a number of directions."""

    __slots__ = ()

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Compute on the values inside, and push the tangents through."""
        self.check_open()
        ours = [type(v) is self.kind and v.level is self for v in inputs]
        x = tuple(v.value if own else v for v, own in zip(inputs, ours, strict=True))
        if isinstance(row, Structured):
            return self._structured(row, x, inputs, params)
        y = compute(row, x, params)
        product = functools.partial(_product, y)
        y_dots: list[Any] = []
        slopes: dict[int, Any] = {}
        # Partials may be infinite where a tangent is zero; that is no news. Warnings of
        # f itself are, and come from `bind` above.
        with np.errstate(all="ignore"):
            for d in range(self.directions):
                x_dot = [
                    v.tangents[d] if own else None
                    for v, own in zip(inputs, ours, strict=True)
                ]
                y_dots.append(pushforward(row, x, y, x_dot, params, product, slopes))
        if row.is_tuple:
            slots = [
                [None if dot is None else dot[j] for dot in y_dots]
                for j in range(len(y))
            ]
            return tuple(map(self.pair, y, slots))
        return self.pair(y, y_dots)

    def _structured(
        self, row: Structured, x: Sequence[Any], duals: Sequence[Any], params: Any
    ) -> tuple[Any, ...]:
        # Values and tangents of all directions go through one branch or loop.
        x_dots = [
            [
                v.tangents[d] if type(v) is self.kind and v.level is self else None
                for v in duals
            ]
            for d in range(self.directions)
        ]
        y, y_dots = push_structured(row, x, x_dots, params)
        return tuple(map(self.pair, y, zip(*y_dots, strict=True)))


def _product(y: Any, seed: Any, partial: Any) -> Any:
    """Multiply; where a NaN comes out, in the product in which a zero wins: a zero of
    the seed always, one of the partial derivative where the output y is finite."""
    if not (_is_plain(seed) and _is_plain(partial)):
        return scale(seed, partial)
    y_dot = seed * partial
    if not has_nan(y_dot):
        return y_dot
    overflowed = ~np.isfinite(y) & (seed != 0)
    return np.where(overflowed, y_dot, scale(seed, partial))[()]


def _is_plain(x: Any) -> bool:
    """Tell whether a value is no Tracer, nor any of the values of a batch."""
    while type(x) is Batched:
        x = x.stack
    return not isinstance(x, Tracer)


class Dual(Carrier):
    """A value and its tangents, one for each direction; None is zero."""

    __slots__ = ()


install_operators(Dual)
Forward.kind = Dual


class Opening(threading.local):
    """The kind of level that runs begin with, in this thread; see watching.py."""

    kind: type[Forward] = Forward


opening = Opening()


def push_function(
    f: Callable[..., Sequence[Any]],
    inputs: Sequence[Any],
    directions: Sequence[Sequence[Any]],
    level: Carrying | None = None,
) -> tuple[list[Any], list[list[Any]]]:
    """Run f once, on values with tangents.

    Parameters
    ----------
    f : callable
        Takes as many Tracers as there are inputs, returns a flat sequence of outputs.
    inputs : sequence of inexact arrays, NumPy scalars or Tracers
    directions : sequence
        Each a sequence of tangents, of the inputs' shapes and dtypes, or None for zero.
    level : Carrying, optional
        For as many directions, whose Tracers are of another class than Dual.

    Returns
    -------
    outputs : list
    tangents : list
        For each direction a list of the outputs' tangents; None is zero.
    """
    level = opening.kind(len(directions)) if level is None else level
    duals = [
        level.pair(x, [tangents[i] for tangents in directions])
        for i, x in enumerate(inputs)
    ]
    outputs = run(level, f, duals)
    ours = [type(y) is level.kind and y.level is level for y in outputs]
    values = [y.value if own else y for y, own in zip(outputs, ours, strict=True)]
    dots = [
        [y.tangents[d] if own else None for y, own in zip(outputs, ours, strict=True)]
        for d in range(len(directions))
    ]
    return values, dots
