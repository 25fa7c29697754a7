"""Transposition of linear code: a function of arrays, linear in them, run backwards.

Law: `<transpose(f)(ȳ), ẋ> = <ȳ, f(ẋ)>`.

f is run once, on seeds of zero. Each seed knows that it must be used linearly: a sum of
seeds, or a seed times what holds none, is such a use; `np.clip` of one is not, nor `if`
of one. So a function that is not linear is refused, and never linearised without a
word.

Worked example, `f(ẋ) = cos(3)·ẋ[0] + ẋ[1]`: the run leaves two reads, a product with a
number and a sum on a tape, and the sweep with ȳ gives `(cos(3)·ȳ, ȳ)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import numpy as np

from wengert.errors import user_source
from wengert.graph.dependence import active_inputs, needs
from wengert.graph.primitive import (
    Elementwise,
    General,
    Linear,
    Multilinear,
    Primitive,
)
from wengert.graph.types import is_inexact
from wengert.trace.levels import Level, Target, compute, run
from wengert.trace.mutable import frozen_value, owned_value, write_value
from wengert.trace.tracer import Recorders, Tracer, install_operators, record
from wengert.transforms.reverse import Tape, record_function

__all__ = ["Seed", "transpose"]

Refusal = Callable[[str], Exception]


class LinearLevel(Level):
    """One run of a function that must be linear in its inputs."""

    __slots__ = ("refuse",)

    def __init__(self, refuse: Refusal) -> None:
        super().__init__()
        self.refuse = refuse

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Compute on the values inside, if the operation is linear in the seeds."""
        self.check_open()
        ours = [type(v) is Seed and v.level is self for v in inputs]
        seeds = [i for i, own in enumerate(ours) if own]
        if not _is_affine(row, len(inputs), seeds):
            raise self.refuse(
                f"{row.name} of it is not linear, or not known to be (at "
                f"{user_source()})"
            )
        x = tuple(v.value if own else v for v, own in zip(inputs, ours, strict=True))
        y = compute(row, x, params)
        return tuple(map(self.seed, y)) if row.is_tuple else self.seed(y)

    def lift(self, value: Any) -> Seed:
        """Take a constant: it is linear as long as it is zero, which is seen later."""
        return Seed(self, value)

    def owned(self, seed: Any) -> Seed:
        """Copy the value."""
        return Seed(self, owned_value(seed.value))

    def frozen(self, seed: Any, needed: bool) -> Any:
        """Copy the value if the operation may keep it."""
        return Seed(self, frozen_value(seed.value)) if needed else seed

    def write(self, seed: Any, value: Any, target: Target) -> None:
        """Write into the value inside."""
        self.check_open()
        if type(value) is Seed and value.level is self:
            value = value.value
        seed.value = write_value(seed.value, value, target)

    def seed(self, value: Any) -> Any:
        """Make a Seed of a value that depends on seeds."""
        return Seed(self, value) if is_inexact(value.dtype) else value


class Seed(Tracer):
    """A value that is linear in the inputs of a run."""

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)

    level: LinearLevel

    def __init__(self, level: LinearLevel, value: Any) -> None:
        self.level = level
        self.value = value
        self.own = None

    def _asked(self) -> NoReturn:
        self.level.check_open()
        raise self.level.refuse(f"Python asks for its value (at {user_source()})")

    def __bool__(self) -> bool:
        self._asked()

    def __int__(self) -> int:
        self._asked()


install_operators(Seed)


def transpose(
    f: Callable[..., Sequence[Any]], likes: Sequence[Any], refuse: Refusal
) -> Callable[[Sequence[Any]], list[Any]]:
    """Transpose a linear function of arrays.

    Parameters
    ----------
    f : callable
        Takes as many arrays as there are likes, returns a flat sequence of arrays.
    likes : sequence of arrays or types
        Whose shapes and dtypes, all inexact, are those of the inputs.
    refuse : callable
        Makes the error to raise from what is not linear about f.

    Returns
    -------
    callable
        From a cotangent for each output of f, None for zero, to the list of those of
        the inputs. It may be called many times.
    """

    def on_seeds(*nodes: Any) -> list[Any]:
        level = LinearLevel(refuse)
        outputs = run(level, f, [Seed(level, node) for node in nodes])
        return [y.value if type(y) is Seed else y for y in outputs]

    zeros = [np.zeros(like.shape, like.dtype)[()] for like in likes]
    # A factor may be infinite; at seeds of zero that is no news.
    with np.errstate(all="ignore"):
        outputs, pullback = record_function(on_seeds, zeros, Tape())
        for y in outputs:
            while isinstance(y, Tracer):
                y = y.whole
            # Affine is linear only if zero goes to zero; nan is 0·inf.
            if np.any((y != 0) & np.isfinite(y)):
                raise refuse("where it is zero, the result is not")
    return pullback


def _is_affine(row: Primitive, count: int, seeds: Sequence[int]) -> bool:
    """Tell whether an operation is linear in those inputs, up to a constant."""
    match row:
        case Elementwise():
            partials = [row.partials[i] for i in seeds]
            return not any(
                partial is None or {-1, *seeds} & set(needs(partial))
                for partial in partials
            )
        case Linear():
            return set(seeds) <= set(active_inputs(row, count))
        case Multilinear():
            return len(seeds) == 1
        case General():
            return len(seeds) == 1 and seeds[0] in row.linear_in
        case _:
            return False
