"""Tables: of any text, and of libraries one below the other with their ratios."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.timing import Timing

__all__ = ["NONE", "Table", "cell", "compared", "number", "ratio", "verdict"]

NONE = "–"


@dataclass
class Table:
    """A table with what must be said about it.

    Attributes
    ----------
    title : str
    head : sequence of str
    rows : list of sequences of str
    notes : list of str
        What stands below the table, a paragraph each.
    """

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Write the table in Markdown, padded so that it reads as plain text too."""
        lines = [list(self.head), *map(list, self.rows)]
        widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        head, *body = [_padded(line, widths) for line in lines]
        table = "\n".join([head, "| " + " | ".join(rule) + " |", *body])
        return "\n\n".join([f"## {self.title}", table, *self.notes]) + "\n"


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(line, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
    return "| " + " | ".join(cells) + " |"


def compared(
    title: str,
    titles: Mapping[str, str],
    times: Mapping[str, Mapping[str, Timing]],
    unit: float,
    goals: Mapping[str, float] | None = None,
    ours: str = "wengert",
    goal_for: str = "wengert",
) -> Table:
    """Set libraries one below the other: their times, and as multiples of ours.

    Parameters
    ----------
    title : str
        With the unit.
    titles : mapping
        Row → what it is called, in order.
    times : mapping
        Column → row → Timing.
    unit : float
        Seconds in the unit: 1e-6 for µs.
    goals : mapping, optional
        Column → the most that `goal_for` may take, in the unit.
    ours : str
        The row that is 1: wengert, eager or compiled.
    goal_for : str
        The row that has the goals.
    """
    table = Table(title, ["", *(head for label in times for head in (label, "ratio"))])
    for row, name in titles.items():
        cells = [
            text
            for found in times.values()
            for text in (cell(found[row], unit), ratio(found[row], found[ours]))
        ]
        table.rows.append([name, *cells])
    if goals:
        verdicts = [
            text
            for label, found in times.items()
            for text in (verdict(found[goal_for].best / unit, goals.get(label)), "")
        ]
        table.rows.append([f"goal for {titles[goal_for]}", *verdicts])
    return table


def cell(found: Timing, unit: float) -> str:
    """Write a time with its spread, or why there is none."""
    if found.why:
        return found.why
    if math.isnan(found.spread):
        return f"{number(found.best / unit)} once"
    return f"{number(found.best / unit)} +{100 * found.spread:.0f}%"


def ratio(above: Timing, below: Timing) -> str:
    """Write how many times one time the other is."""
    return NONE if above.why or below.why else number(above.best / below.best)


def verdict(found: float, goal: float | None) -> str:
    """Say what the goal is and whether it is reached; both in the table's unit."""
    if goal is None:
        return ""
    return f"≤ {goal:g}: {'reached' if found <= goal else 'missed'}"


def number(value: float) -> str:
    """Write a number with three digits, and no exponent: 0.123, 1.23, 12.3, 1230."""
    if value == 0:
        return "0"
    value = float(f"{value:.2e}")  # first, since 0.9996 is 1.00
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
