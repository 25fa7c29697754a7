"""Tables: of any text, and of libraries side by side with their ratios."""

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
        Sentences that stand below the table.
    """

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_column(self, head: str, cells: Sequence[str]) -> None:
        """Put a column at the right end."""
        self.head = [*self.head, head]
        self.rows = [
            [*row, cell] for row, cell in zip(self.rows, cells, strict=True)
        ]

    def markdown(self) -> str:
        """Write the table in Markdown, padded so that it reads as plain text too."""
        lines = [list(self.head), *map(list, self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        padded = [_padded(line, widths) for line in lines]
        body = [padded[0], "| " + " | ".join(rule) + " |", *padded[1:]]
        notes = "".join(f"\n{note}\n" for note in self.notes)
        return f"## {self.title}\n\n" + "\n".join(body) + "\n" + notes


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(line, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
    return "| " + " | ".join(cells) + " |"


def compared(
    title: str,
    titles: Mapping[str, str],
    times: Mapping[str, Mapping[str, Timing | str]],
    unit: float,
) -> Table:
    """Set libraries side by side: their times, then each as a multiple of wengert's.

    Parameters
    ----------
    title : str
        With the unit.
    titles : mapping
        Column → its head, in order. What comes after "wengert" gets a ratio.
    times : mapping
        Row → column → Timing, or why there is none.
    unit : float
        Seconds in the unit: 1e-6 for µs.
    """
    keys = list(titles)
    peers = keys[keys.index("wengert") + 1 :]
    ratios = [f"{titles[peer]} ÷ wengert" for peer in peers]
    table = Table(title, ["", *titles.values(), *ratios])
    for label, found in times.items():
        ours = found["wengert"]
        row = [label, *(cell(found[key], unit) for key in keys)]
        table.rows.append([*row, *(ratio(found[peer], ours) for peer in peers)])
    return table


def cell(found: Timing | str, unit: float) -> str:
    """Write a time with its spread, or why there is none."""
    if isinstance(found, str):
        return found
    return f"{number(found.best / unit)} +{100 * found.spread:.0f}%"


def ratio(above: Timing | str, below: Timing | str) -> str:
    """Write how many times one time the other is."""
    if isinstance(above, str) or isinstance(below, str):
        return NONE
    return number(above.best / below.best)


def verdict(found: float, goal: float) -> str:
    """Say what the goal is and whether it is reached; both in the table's unit."""
    return f"≤ {goal:g}: {'reached' if found <= goal else 'missed'}"


def number(value: float) -> str:
    """Write a number to three digits, without exponent: 0.123, 1.23, 12.3, 1230."""
    if value == 0:
        return "0"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
