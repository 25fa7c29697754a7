"""A march: many steps in a row, whose derivative is taken a step at a time.

Law: derivatives are those of the program that runs the steps one after the other, with
lengths of steps as constants. With (yₙ₊₁, eₙ) = Sₙ(yₙ, θ), where eₙ is what the step
emits, the sweep is

    ȳₙ, θ̄ += (∂Sₙ/∂(yₙ, θ))ᵀ · (ȳₙ₊₁, ēₙ)    for n = N − 1, …, 0.

Each step is run again on a tape of its own, from its yₙ. These are kept, or some of
them (checkpoints.py). Since that is a program of plain operations too, it is
differentiated like any other: to any order, by both modes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.ode.checkpoints import backwards, kept_positions
from wengert.ode.state import newest
from wengert.operators.custom_vjp import custom_vjp
from wengert.operators.products import vjp
from wengert.trace.tracer import Tracer
from wengert.transforms.reverse import Tape

__all__ = ["Active", "Plan", "march"]


class Active:
    """The Tracers of a pytree, apart from its constants."""

    def __init__(self, values: Any) -> None:
        self._leaves, self._structure = tree.flatten(values)
        traced = enumerate(self._leaves)
        self._places = [i for i, x in traced if isinstance(x, Tracer)]
        self.leaves = [self._leaves[i] for i in self._places]

    def fill(self, leaves: Sequence[Any]) -> Any:
        """Give the pytree with these in the place of its Tracers."""
        filled = list(self._leaves)
        for i, x in zip(self._places, leaves, strict=True):
            filled[i] = x
        return tree.unflatten(self._structure, filled)


class Plan:
    """The steps of a march, by number.

    Attributes
    ----------
    ends : sequence of int
        How many rows are emitted by all steps up to each.
    kept : list of int
        Steps before which the state is kept for the sweep.
    checkpoints : int or None
    known : pair of arrays, or None
        What is emitted and kept where no value is traced, if that is known already.
    """

    def __init__(self, ends: Sequence[int], checkpoints: int | None) -> None:
        self.ends, self.checkpoints = ends, checkpoints
        self.kept = kept_positions(len(ends), checkpoints)
        self.known: tuple[Any, Any] | None = None

    def emitted(self, n: int) -> slice:
        """Tell which rows step n emits."""
        return slice(self.ends[n - 1] if n else 0, self.ends[n])

    def rows(self, n: int) -> tuple[int, int]:
        """Tell which of the rows of times step n depends on."""
        at = self.emitted(n)
        return at.start, at.stop

    def advance(
        self, n: int, y: Any, rows: Any, shared: Sequence[Any], emit: bool = True
    ) -> tuple[Any, Any]:
        """Do step n: give the next state and what is emitted, or None.

        Parameters
        ----------
        rows : array, or None
            The step's own rows of times; None if times are constants.
        shared : sequence
            What all steps depend on.
        emit : bool
            Whether anything but the state is asked for.
        """
        raise NotImplementedError


def march(plan: Plan, y: Any, rows: Any, shared: Sequence[Any]) -> tuple[Any, Any]:
    """Run all steps.

    Returns
    -------
    emitted : array (k, …)
    kept : array (c, n)
        The states before the steps of `plan.kept`.
    """
    level = newest((y, rows, shared))
    if isinstance(level, Tape):
        emitted, kept = _with_sweep(plan)(y, rows, list(shared))
        return emitted, kept
    if level is None and plan.known is not None:
        return plan.known
    return run(plan, y, rows, shared)


def run(plan: Plan, y: Any, rows: Any, shared: Sequence[Any]) -> tuple[Any, Any]:
    """Run all steps, one after the other, on whatever the values are."""
    places, kept, emitted = set(plan.kept), [], []
    for n in range(len(plan.ends)):
        if n in places:
            kept.append(y)
        y, emission = plan.advance(n, y, _own(plan, rows, n), shared)
        if emission is not None:
            emitted.append(emission)
    return np.concatenate(emitted), np.stack(kept)


def _own(plan: Plan, rows: Any, n: int) -> Any:
    return None if rows is None else rows[slice(*plan.rows(n))]


# ----- the sweep -----


def _with_sweep(plan: Plan) -> custom_vjp:
    def ode_march(y: Any, rows: Any, shared: Any) -> Any:
        return march(plan, y, rows, shared)

    def forward(y: Any, rows: Any, shared: Any) -> Any:
        emitted, kept = march(plan, y, rows, shared)
        return (emitted, kept), (kept, rows, shared)

    marched = custom_vjp(ode_march)
    marched.defvjp(forward, lambda residuals, bars: _sweep(plan, *residuals, *bars))
    return marched


def _sweep(
    plan: Plan, kept: Any, rows: Any, shared: Any, emitted_bar: Any, kept_bar: Any
) -> tuple[Any, Any, Any]:
    """Pull cotangents of what is emitted and kept back through all steps."""
    y_bar: Any = np.zeros(kept.shape[1:], kept.dtype)
    shared_bar: list[Any] = [0.0] * len(shared)
    rows_bar: dict[tuple[int, int], Any] = {}
    places = {n: i for i, n in enumerate(plan.kept)}
    for n, y in _states(plan, kept, rows, shared):
        at = plan.emitted(n)
        emission_bar = emitted_bar[at] if at.stop > at.start else None
        _, pull = vjp(
            lambda y, rows, shared, n=n: plan.advance(n, y, rows, shared),
            y, _own(plan, rows, n), shared,
        )  # fmt: skip
        y_bar, own_bar, more = pull((y_bar, emission_bar))
        shared_bar = [a + b for a, b in zip(shared_bar, more, strict=True)]
        if own_bar is not None:
            key = plan.rows(n)
            rows_bar[key] = rows_bar[key] + own_bar if key in rows_bar else own_bar
        if n in places:
            y_bar = y_bar + kept_bar[places[n]]
    return y_bar, _assembled(rows_bar), shared_bar


def _states(plan: Plan, kept: Any, rows: Any, shared: Any) -> Iterator[tuple[int, Any]]:
    """Give n and the state before step n, from the last step to the first."""

    def advance(n: int, y: Any) -> Any:
        return plan.advance(n, y, _own(plan, rows, n), shared, emit=False)[0]

    high, total = len(plan.ends), plan.checkpoints or len(plan.ends)
    for i in reversed(range(len(plan.kept))):
        # Places of the states that the sweep has left behind are free again.
        yield from backwards(advance, plan.kept[i], high, kept[i], total - i)
        high = plan.kept[i]


def _assembled(rows_bar: dict[tuple[int, int], Any]) -> Any:
    """Join cotangents of rows, which were found from the last to the first."""
    parts = [bar for (low, high), bar in sorted(rows_bar.items()) if high > low]
    return np.concatenate(parts) if parts else None
