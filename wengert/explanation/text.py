"""Tables as plain text for a terminal, aligned in columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from wengert.explanation.notation import PLAIN
from wengert.explanation.tables import Line, Table
from wengert.explanation.values import is_always, show_number, show_value

__all__ = ["seeds_text", "show_seed", "text"]


def text(heading: str, tables: Sequence[Table], digits: int, limit: int | None) -> str:
    """Write tables below each other, each with its title.

    Parameters
    ----------
    heading : str
        The first line.
    tables : sequence of Table
    digits : int
        Significant digits of numbers.
    limit : int or None
        Lines of a table that are shown at most.
    """
    blocks = [heading]
    for table in tables:
        seeds = seeds_text(table, digits)
        title = f"{table.title}, seed {seeds}" if seeds else table.title
        rows = list(_rows(table.shown(limit), digits))
        blocks.append("\n".join([title, *_aligned(rows)]))
    return "\n\n".join(blocks)


def seeds_text(table: Table, digits: int) -> str:
    """Write the seeds of a table: `ẋ1 = 1, ẋ2 = 0`."""
    seeds, others = table.shown_seeds()
    written = [
        f"{PLAIN.write(name)} = {show_seed(seed, digits)}" for name, seed in seeds
    ]
    return ", ".join([*written, "…"] if others else written)


def show_seed(seed: Any, digits: int) -> str:
    """Write the value of a seed: `1 everywhere`, if all elements are the same.

    Examples
    --------
    >>> show_seed(np.ones((3, 3)), 4), show_seed(np.float64(0.5), 4)
    ('1 everywhere', '0.5')
    """
    if np.size(seed) > 1 and is_always(seed, seed.flat[0]):
        return f"{show_number(seed.flat[0], digits)} everywhere"
    return show_value(seed, digits)


def _rows(lines: Iterable[Line | int], digits: int) -> Iterable[Sequence[str]]:
    for line in lines:
        if isinstance(line, int):
            yield ("⋮", "", f"({line} more lines)", "")
            continue
        formula = "" if line.formula is None else PLAIN.write(line.formula)
        value = show_value(line.value, digits)
        if line.formula is None:
            formula, value = value, ""
        yield (line.name, line.relation, formula, value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(_width, column), default=0) for column in zip(*rows, strict=True)]
    lines = []
    for name, relation, formula, value in rows:
        lines.append(
            f"  {_padded(name, widths[0])} {relation:>{widths[1]}} "
            f"{_padded(formula, widths[2])}   {value}".rstrip()
        )
    return lines


def _width(written: str) -> int:
    """Count the columns of a terminal that a text takes: accents take none."""
    return sum(not unicodedata.combining(character) for character in written)


def _padded(written: str, width: int) -> str:
    return written + " " * (width - _width(written))
