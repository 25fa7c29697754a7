"""Where the levels of both modes ask for the derivative of a branch or a loop.

The rules stand in `branching.py`, `scans.py` and `while_loops.py`, above both modes,
since they differentiate the Graphs that such a row holds; each is entered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from wengert.graph.primitive import Structured

__all__ = [
    "Recorded",
    "enter_rules",
    "push_structured",
    "record_structured",
]

Tangents = Sequence[Sequence[Any]]


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

_RULES: dict[Structured, tuple[Rule, Rule]] = {}


def enter_rules(row: Structured, push: Rule, record: Rule) -> None:
    """State the derivative of a row.

    Parameters
    ----------
    row : Structured
    push : callable
        `(x, x_dots, series, **params) → (y, y_dots)`, as `push_structured`.
    record : callable
        `(x, moving, **params) → Recorded`, as `record_structured`.
    """
    _RULES[row] = push, record


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
    push, _ = _RULES[row]
    y, y_dots = push(x, x_dots, series, **params)
    return y, y_dots


def record_structured(
    row: Structured, x: Sequence[Any], moving: Sequence[bool], params: Mapping[str, Any]
) -> Recorded:
    """Run a branch or loop, and keep what its pullback to the moving inputs needs."""
    _, record = _RULES[row]
    recorded: Recorded = record(x, moving, **params)
    return recorded
