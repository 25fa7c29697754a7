"""Values of a client's own types on a tape: a function as an argument, say.

What a client has registered, `MyBox.register(My)` and `MySpace.register(My)`, can be
differentiated in, by its own primitives and in reverse mode, to first order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

__all__ = ["Cotangent", "Opaque", "pull_opaque", "revealed"]


class Opaque:
    """Stand for such a value among the inputs of a run.

    Attributes
    ----------
    value : any
    shape, dtype
        Those of a number, for a tape that asks.
    """

    __slots__ = ("value",)
    shape: ClassVar[tuple[int, ...]] = ()
    dtype = np.dtype(float)

    def __init__(self, value: Any) -> None:
        self.value = value


class Cotangent:
    """The cotangent of such a value, which adds as its space says.

    Attributes
    ----------
    value : any
    space : VSpace
    """

    __slots__ = ("space", "value")

    def __init__(self, value: Any, space: Any) -> None:
        self.value, self.space = value, space

    def __add__(self, other: Cotangent) -> Cotangent:
        return Cotangent(self.space.add(self.value, other.value), self.space)

    def __array_function__(self, *_: Any) -> float:
        # The sweep asks whether there is a NaN in it, by np.vdot: there is none.
        return 0.0


def revealed(x_bar: Any, space: Any) -> Any:
    """Give what a sweep left for such a value; zero, where it left nothing."""
    return x_bar.value if isinstance(x_bar, Cotangent) else space.zeros()


def pull_opaque(
    bars: list[Any], y_bar: Any, entry: Sequence[Any], product: Any
) -> None:
    """Pull through an operation whose result is such a value."""
    del product
    _, parents, pull = entry
    for i, x_bar in zip(parents, pull((y_bar.value,)), strict=True):
        if x_bar is not None:
            bars[i] = x_bar if bars[i] is None else bars[i] + x_bar
