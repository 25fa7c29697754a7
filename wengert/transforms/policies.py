"""Policies: which values a checkpointed call keeps for its pullback.

"nothing"      none: only what the call was given
"everything"   all, as if there were no checkpoint
"products"     results of contractions, linear algebra and transcendental functions;
               sums, products of elements, and moves of data are done once more
a callable     (primitive_name, input_types, params) → whether to keep the result
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wengert.graph.equations import Equation, Literal
from wengert.graph.types import ArrayType
from wengert.primitives.light import LIGHT, MOVES

__all__ = ["POLICIES", "Policy", "SaveOnly", "keeps"]

Rule = Callable[[str, Sequence[ArrayType], Mapping[str, Any]], bool]
Policy = str | Rule

POLICIES: Mapping[str, Rule] = {
    "nothing": lambda name, types, params: False,  # noqa: ARG005
    "everything": lambda name, types, params: True,  # noqa: ARG005
    "products": lambda name, types, params: name not in LIGHT | MOVES,  # noqa: ARG005
}


@dataclass(frozen=True)
class SaveOnly:
    """The policy that keeps values of these names, and no others."""

    names: frozenset[str]

    def __call__(
        self,
        name: str,
        types: Sequence[ArrayType],  # noqa: ARG002
        params: Mapping[str, Any],
    ) -> bool:
        """Tell whether an operation gives a value of one of the names."""
        return name == "checkpoint_name" and params["name"] in self.names


def keeps(policy: Policy, equation: Equation) -> bool:
    """Ask a policy whether to keep what an equation gives."""
    rule = POLICIES[policy] if isinstance(policy, str) else policy
    types = tuple(
        ArrayType.of(atom.value) if isinstance(atom, Literal) else atom.type
        for atom in equation.inputs
    )
    return bool(rule(equation.primitive.name, types, equation.params))
