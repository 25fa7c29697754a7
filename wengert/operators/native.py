"""The native code of a user's function: the same, in plain NumPy.

Engines that make native code do not know what an opaque function does. What the user
states in NumPy instead is written down as a Graph, from types alone, and put in the
place of the call (`passes/expand.py`). A function with a custom rule is plain NumPy
itself, as a rule: it is written down if it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import RuleError
from wengert.graph.equations import Equation
from wengert.graph.extract import Closed
from wengert.graph.types import ArrayType
from wengert.operators.calls import Call, Result
from wengert.trace.bodies import stage_body
from wengert.trace.tracer import Tracer

__all__ = ["Written"]


@dataclass(frozen=True, eq=False)
class Written:
    """What writes one call of a primitive down; see `written` of `graph.Primitive`.

    Attributes
    ----------
    function : object
        The primitive, or function with a custom rule.
    native : callable
        Takes and returns what that does.
    call, result : Call, Result
        What it was called with, and the form of what it returned.
    stated : bool
        Whether the user has stated it as native code: then it is an error if it cannot
        be written down.
    """

    function: Any
    native: Callable[..., Any]
    call: Call
    result: Result
    stated: bool = True

    def __call__(
        self, types: Sequence[ArrayType], params: Mapping[str, Any]
    ) -> Closed | None:
        """Write the call down; None if that cannot be and need not.

        Raises
        ------
        RuleError
            If the native code returns something else than the primitive, or calls it.
        ControlFlowError
            If it asks for a value.
        """

        def flat(*inputs: Any) -> list[Any]:
            return self._flat(self.native(*self.call.arrange(inputs), **params))

        try:
            return self._checked(stage_body(flat, types))
        except Exception:
            # What NumPy runs as it stands may well ask for values.
            if self.stated:
                raise
            return None

    def _checked(self, closed: Closed) -> Closed:
        name = self.function.__name__
        if any(map(self._is_own, closed.graph.equations)):
            raise RuleError(
                f"the native code of {name} calls {name}, which it is to stand for. "
                "Write it in NumPy."
            )
        return closed

    def _flat(self, y: Any) -> list[Any]:
        leaves, structure = tree.flatten(y)
        arrays = [_as_array(leaf) for leaf in leaves]
        types, wanted = [ArrayType.of(x) for x in arrays], self.result
        name = self.function.__name__
        if structure != wanted.structure or types != wanted.types:
            raise RuleError(
                f"the native code of {name} gives {types} in the structure "
                f"{structure}, but {name} returned {wanted.types} in "
                f"{wanted.structure}. Return what {name} returns."
            )
        return arrays

    def _is_own(self, equation: Equation) -> bool:
        written = equation.primitive.written
        return isinstance(written, Written) and written.function is self.function


def _as_array(leaf: Any) -> Any:
    return leaf if isinstance(leaf, Tracer) else np.asarray(leaf)[()]
