"""From a pushforward to the pullback, and back: each is the other's transpose.

Law: `<ȳ, push(ẋ)> = <pull(ȳ), ẋ>`. Only inexact inputs and outputs have seeds; a flat
list of seeds has None for the others, and where a seed is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from wengert.errors import MissingRuleError
from wengert.graph.types import ArrayType
from wengert.transforms.linearity import transpose
from wengert.transforms.rules import or_zeros

__all__ = ["LinearMap", "Slots", "nonlinear", "transposed"]

LinearMap = Callable[[Sequence[Any]], list[Any]]


class Slots(NamedTuple):
    """Where seeds may stand among inputs or outputs of the given types."""

    places: Sequence[int]
    types: Sequence[ArrayType]

    def fill(self, seeds: Sequence[Any]) -> list[Any]:
        """Put a seed into each place, and None elsewhere."""
        filled: list[Any] = [None] * len(self.types)
        for place, seed in zip(self.places, seeds, strict=True):
            filled[place] = seed
        return filled

    def take(self, seeds: Sequence[Any]) -> list[Any]:
        """Take the seeds of the places, zeros for None."""
        return [or_zeros(seeds[k], self.types[k]) for k in self.places]


def transposed(
    linear: LinearMap,
    sources: Slots,
    targets: Slots,
    refuse: Callable[[str], Exception],
) -> LinearMap:
    """Transpose a rule that is linear in its seeds.

    Parameters
    ----------
    linear : callable
        From seeds in the slots `sources` to seeds in the slots `targets`.
    refuse : callable
        Makes the error to raise from what is not linear about the rule.

    Returns
    -------
    callable
        From seeds in `targets` to seeds in `sources`.
    """
    back = transpose(
        lambda *seeds: targets.take(linear(sources.fill(seeds))),
        [sources.types[k] for k in sources.places],
        refuse,
    )
    return lambda seeds: sources.fill(back([seeds[k] for k in targets.places]))


def nonlinear(name: str, given: str, wanted: str) -> Callable[[str], MissingRuleError]:
    """Make what makes the error of a rule that cannot be transposed.

    Parameters
    ----------
    name : str
        Of the function.
    given, wanted : str
        The rule that there is, and what was to be derived from it: "bwd", "forward
        mode".
    """

    def refuse(problem: str) -> MissingRuleError:
        return MissingRuleError(
            f"{name} has no rule for {wanted}, and none can be derived from its "
            f"{given}, which is not linear in its seed: {problem}. State "
            "the rule, or use the other mode."
        )

    return refuse
