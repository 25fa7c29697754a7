"""Where levels ask for the derivative of a branch or a loop, or for a batch of them.

The rules stand in `branching.py`, `scans.py` and `while_loops.py`, above both modes,
since they differentiate the Graphs that such a row holds; each is entered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from wengert.graph.primitive import Structured

__all__ = [
    "Recorded",
    "batch_structured",
    "enter_rules",
    "push_structured",
    "record_structured",
]

Tangents = Sequence[Sequence[Any]]
Mask = Sequence[bool]


class Recorded(NamedTuple):
    """A branch or loop that has run, and what pulls cotangents back through it.

    Attributes
    ----------
    outputs : tuple
    moved : tuple of bool
        Which outputs depend, with a derivative, on the moving inputs.
    pull : callable
        From a cotangent for each output to one for each input; None for zero.
    """

    outputs: tuple[Any, ...]
    moved: tuple[bool, ...]
    pull: Callable[[Sequence[Any]], Sequence[Any]]


Rule = Callable[..., Any]

_RULES: dict[Structured, tuple[Rule, Rule, Rule]] = {}


def enter_rules(row: Structured, push: Rule, record: Rule, batch: Rule) -> None:
    """State the derivative of a row, and what it is for the members of a batch.

    Parameters
    ----------
    row : Structured
    push : callable
        `(x, x_dots, series, **params) → (y, y_dots)`, as `push_structured`.
    record : callable
        `(x, moving, **params) → Recorded`, as `record_structured`.
    batch : callable
        `(x, mapped, size, **params) → (y, mapped)`, as `batch_structured`.
    """
    _RULES[row] = push, record, batch


def push_structured(
    row: Structured,
    x: Sequence[Any],
    x_dots: Tangents,
    params: Mapping[str, Any],
    series: bool = False,
) -> tuple[Sequence[Any], Tangents]:
    """Push tangents through a branch or loop.

    Parameters
    ----------
    x_dots : sequence
        For each direction, a tangent for each input, or None for zero.
    series : bool
        Whether these are the coefficients of power series instead: the first, the
        second, …

    Returns
    -------
    y, y_dots : the outputs, and for each direction their tangents or None
    """
    push, _, _ = _RULES[row]
    y, y_dots = push(x, x_dots, series, **params)
    return y, y_dots


def record_structured(
    row: Structured, x: Sequence[Any], moving: Sequence[bool], params: Mapping[str, Any]
) -> Recorded:
    """Run a branch or loop, and keep what its pullback to the moving inputs needs."""
    _, record, _ = _RULES[row]
    recorded: Recorded = record(x, moving, **params)
    return recorded


def batch_structured(
    row: Structured,
    x: Sequence[Any],
    mapped: Mask,
    size: int,
    params: Mapping[str, Any],
) -> tuple[Sequence[Any], Mask]:
    """Run a branch or loop for all members of a batch.

    Parameters
    ----------
    mapped : sequence of bool
        Which inputs have the batch as their first axis.
    size : int
        The number of members.

    Returns
    -------
    y, mapped : the outputs, and which of them have the batch as their first axis
    """
    _, _, batch = _RULES[row]
    y, are_mapped = batch(x, mapped, size, **params)
    return y, are_mapped
