"""Constructors of rows: what a kind of primitive has in common is filled in here.

A row calls one of `elementwise`, `linear`, `multilinear`, `general`, `constant`; each
registers what it makes. Nothing that matters has a silent default.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.graph.primitive import (
    Constant,
    Elementwise,
    General,
    Kink,
    Linear,
    Missing,
    Multilinear,
    register,
)
from wengert.graph.types import ArrayType, broadcast
from wengert.primitives.batches import aligned
from wengert.primitives.samplers import Sampler

__all__ = ["constant", "elementwise", "general", "linear", "multilinear", "ufunc_type"]

Rule = Callable[..., Any]
Callables = Callable[..., Any] | tuple[Callable[..., Any], ...]


def elementwise(
    name: str,
    numpy: Callables,
    *,
    partials: Sequence[Any],
    sample: Sampler,
    ref: str,
    impl: Rule | None = None,
    type: Rule | None = None,
    kinks: Sequence[Kink] = (),
    dtypes: str = "fc",
    symbol: str = "",
    flops: int = 1,
    taylor: Rule | None = None,
) -> Elementwise:
    """Make the row of an operation on each element, from its partial derivatives."""
    callables = _as_tuple(numpy)
    return register(
        Elementwise(
            name=name,
            numpy=callables,
            impl=impl or callables[0],
            type=type or ufunc_type(callables[0]),
            cost=lambda types, y, **_: flops * y.size,
            samples=sample,
            ref=ref,
            kinks=tuple(kinks),
            dtypes=dtypes,
            symbol=symbol,
            batch=aligned,
            taylor=taylor,
            partials=tuple(partials),
        )
    )


def linear(
    name: str,
    numpy: Callables,
    *,
    impl: Rule,
    type: Rule,
    transpose: Rule,
    batch: Rule | Missing,
    sample: Sampler,
    ref: str,
    linear_in: tuple[int, ...] | None = None,
    cost: Rule | None = None,
    outputs: int = 1,
    dtypes: str = "fc",
    symbol: str = "",
) -> Linear:
    """Make the row of a linear operation, from its transpose.

    By default it moves data: its cost in flops is zero unless given.
    """
    return register(
        Linear(
            name=name,
            numpy=_as_tuple(numpy),
            impl=impl,
            type=type,
            cost=cost or _no_flops,
            samples=sample,
            ref=ref,
            dtypes=dtypes,
            symbol=symbol,
            outputs=outputs,
            batch=batch,
            transpose=transpose,
            linear_in=linear_in,
        )
    )


def multilinear(
    name: str,
    numpy: Callables,
    *,
    impl: Rule,
    type: Rule,
    transpose: Rule,
    batch: Rule | Missing,
    sample: Sampler,
    ref: str,
    cost: Rule,
    symbol: str = "",
) -> Multilinear:
    """Make the row of an operation linear in each input apart, such as a product."""
    return register(
        Multilinear(
            name=name,
            numpy=_as_tuple(numpy),
            impl=impl,
            type=type,
            cost=cost,
            samples=sample,
            ref=ref,
            symbol=symbol,
            batch=batch,
            transpose=transpose,
        )
    )


def general(
    name: str,
    numpy: Callables,
    *,
    impl: Rule,
    type: Rule,
    jvp: Rule,
    vjp: Rule | Missing,
    batch: Rule | Missing,
    sample: Sampler,
    ref: str,
    cost: Rule,
    active: tuple[int, ...] = (0,),
    linear_in: tuple[int, ...] = (),
    kinks: Sequence[Kink] = (),
    outputs: int = 1,
    dtypes: str = "fc",
    symbol: str = "",
    taylor: Rule | None = None,
) -> General:
    """Make the row of an operation with a pushforward (and pullback) of its own."""
    return register(
        General(
            name=name,
            numpy=_as_tuple(numpy),
            impl=impl,
            type=type,
            cost=cost,
            samples=sample,
            ref=ref,
            kinks=tuple(kinks),
            dtypes=dtypes,
            symbol=symbol,
            outputs=outputs,
            batch=batch,
            taylor=taylor,
            jvp=jvp,
            vjp=vjp,
            active=active,
            linear_in=linear_in,
        )
    )


def constant(
    name: str,
    numpy: Callables,
    *,
    sample: Sampler,
    why: str = "piecewise constant",
    impl: Rule | None = None,
    type: Rule | None = None,
    batch: Rule | Missing = aligned,
    symbol: str = "",
) -> Constant:
    """Make the row of an operation whose derivative is zero wherever it exists.

    By default it works on each element.
    """
    callables = _as_tuple(numpy)
    function = impl or callables[0]
    return register(
        Constant(
            name=name,
            numpy=callables,
            impl=function,
            type=type or ufunc_type(function),
            cost=lambda types, y, **_: y.size,
            samples=sample,
            ref="",
            symbol=symbol,
            batch=batch,
            why=why,
        )
    )


def ufunc_type(ufunc: Any) -> Rule:
    """Make the type rule of a ufunc: shapes broadcast, dtypes by its own loops."""

    def rule(*types: Any) -> ArrayType:
        # resolve_dtypes knows weak Python numbers by their class.
        dtypes = [t.dtype if isinstance(t, ArrayType) else t.__class__ for t in types]
        dtypes = [np.dtype(bool) if d is bool else d for d in dtypes]
        outputs = (None,) * ufunc.nout
        dtype = ufunc.resolve_dtypes((*dtypes, *outputs))[ufunc.nin]
        return ArrayType(broadcast(*types), dtype)

    return rule


def _no_flops(types: Any, y: Any, **_: Any) -> int:
    return 0


def _as_tuple(numpy: Callables) -> tuple[Callable[..., Any], ...]:
    return numpy if isinstance(numpy, tuple) else (numpy,)
