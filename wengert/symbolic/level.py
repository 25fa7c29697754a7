"""The level of symbols: always open, older than every derivative, and without values.

A derivative that runs on symbols has their Tracers inside its own; so all operators
work on symbols as they do on arrays, and what they compute is an expression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from wengert.errors import ArgumentError, ControlFlowError, TracerLeakError, user_source
from wengert.graph import Literal, Primitive
from wengert.primitives.axes import as_array
from wengert.symbolic.minors import cofactors, is_small
from wengert.symbolic.nodes import Input, Nodes
from wengert.trace.bodies import BodyLevel

__all__ = ["LEVEL", "SymbolicLevel"]


class SymbolicLevel(BodyLevel):
    """Where operations on symbols are kept, as nodes."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.builder: Any = Nodes()

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Make the nodes of an operation."""
        if row.name == "cofactor" and is_small(inputs[0].shape):
            return cofactors(inputs[0])
        return super().bind(row, inputs, params)

    def atom(self, x: Any) -> Any:
        """Find the node of a value; an array of symbols becomes one."""
        if self.owns(x):
            return x.variable
        if isinstance(x, np.ndarray) and x.dtype.kind == "O":
            return self.atom(as_one(x))
        return self.builder.constant(x)

    def told(self, staged: Any, answer: Any) -> NoReturn:
        """Refuse the answer: a symbol has none."""
        asked = "whether it is true" if isinstance(answer, bool) else "its value"
        raise ControlFlowError(
            f"Python asks a symbolic expression, {staged}, {asked} (at "
            f"{user_source()}). Write np.where(condition, a, b) for a choice; or "
            "wengert.symbolic.formula(f, x=2.0), which follows f at a point and "
            "states the conditions."
        )

    def no_value(self) -> ControlFlowError:
        """Make the error of who looks at a value."""
        return ControlFlowError(
            f"the value of a symbolic expression is asked for (at {user_source()}), "
            "which has none. Evaluate the function at numbers, or give "
            "wengert.symbolic.formula a point."
        )

    def noted(self, what: str) -> None:
        """Forget it: no Graph is right or wrong for that."""

    def wrap(self, node: Input) -> Any:
        """Make the expression of a node."""
        if isinstance(node, Literal):
            return self.kind(self, np.zeros((), np.asarray(node.value).dtype)[()], node)
        return self.kind(self, np.zeros(node.type.shape, node.type.dtype)[()], node)


LEVEL = SymbolicLevel()


def as_one(array: Any) -> Any:
    """Stack the elements of an array of symbols and numbers."""
    if not array.size:
        raise ArgumentError("an empty list is no symbolic expression")
    parts = [as_array(e) if isinstance(e, list | tuple) else e for e in array.flat]
    if not all(hasattr(e, "dtype") or isinstance(e, int | float) for e in parts):
        raise ArgumentError(
            f"an array of symbols holds {parts[0]!r}, which is neither a symbol nor "
            f"a number (at {user_source()})"
        )
    return np.reshape(np.stack(parts), array.shape)


def leak(staged: Any, target: str, instead: str) -> TracerLeakError:
    """Make the error of a symbol that Python wants a number of."""
    return TracerLeakError(
        f"a symbolic expression, {staged}, would turn into {target} (at "
        f"{user_source()}), and has no value. Use {instead} on it; for numbers, "
        "wengert.symbolic.evaluate(e, x=2.0)."
    )
