"""Tables in Markdown, as GitHub, notebooks and Sphinx read it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wengert.explanation.notation import PLAIN
from wengert.explanation.tables import Line, Table
from wengert.explanation.text import seeds_text
from wengert.explanation.values import show_value

__all__ = ["escaped", "markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]|<>#])")


def markdown(
    heading: str, tables: Sequence[Table], digits: int, limit: int | None
) -> str:
    """Write tables in Markdown, each below a heading; see `text` for the parameters."""
    blocks = [f"**{escaped(heading)}**"]
    for table in tables:
        seeds = seeds_text(table, digits)
        title = f"{table.title}, seed {seeds}" if seeds else table.title
        rows = ["|   |   |   | value |", "|:--|--:|:--|:--|"]
        rows += [_row(line, digits) for line in table.shown(limit)]
        blocks += [f"### {escaped(title)}", "\n".join(rows)]
    return "\n\n".join(blocks) + "\n"


def _row(line: Line | int, digits: int) -> str:
    if isinstance(line, int):
        cells = ["⋮", "", f"({line} more lines)", ""]
    else:
        formula = "" if line.formula is None else PLAIN.write(line.formula)
        cells = [line.name, line.relation, formula, show_value(line.value, digits)]
    return f"| {' | '.join(map(escaped, cells))} |"


def escaped(written: str) -> str:
    """Keep what Markdown would take for its own signs."""
    return _SPECIAL.sub(r"\\\1", written)
