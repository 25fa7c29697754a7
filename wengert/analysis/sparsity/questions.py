"""What is asked of a rule: how an output of an equation depends on an input."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Protocol

from wengert.graph import Equation

__all__ = ["Known", "Question"]


class Known(Protocol):
    """What is known of the inputs of an equation that do not vary."""

    def value(self, i: int) -> Any:
        """Give the value of input i, and rely on it; None if it is not known."""

    def nonzero(self, i: int) -> Any:
        """Give where input i is not zero, and rely on that; None if it has no zeros, or
        is not known."""


class Question(NamedTuple):
    """Ask how output k of an equation depends on input i."""

    equation: Equation
    i: int
    k: int
    known: Known

    @property
    def params(self) -> Any:
        """The params of the equation."""
        return self.equation.params

    @property
    def arity(self) -> int:
        """The number of inputs."""
        return len(self.equation.inputs)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the input."""
        return self.shape_of(self.i)

    @property
    def size(self) -> int:
        """The number of elements of the input."""
        return math.prod(self.shape)

    @property
    def y_shape(self) -> tuple[int, ...]:
        """The shape of the output."""
        return self.equation.outputs[self.k].type.shape

    @property
    def y_size(self) -> int:
        """The number of elements of the output."""
        return math.prod(self.y_shape)

    def shape_of(self, j: int) -> tuple[int, ...]:
        """Give the shape of any input."""
        return tuple(getattr(self.equation.inputs[j].type, "shape", ()))

    @property
    def other(self) -> Any:
        """Where the other factor of a product is not zero; see `Known.nonzero`."""
        first, second, *more = self.equation.inputs
        if more or first is second:
            return None
        return self.known.nonzero(1 - self.i)
