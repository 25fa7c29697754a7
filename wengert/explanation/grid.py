"""Tables of short texts and numbers, as plain text, Markdown and HTML."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

__all__ = [
    "STYLE",
    "factor",
    "html_table",
    "markdown_table",
    "plural",
    "text_table",
]

# Colours are those of the page, lines a fainter shade of them: so both grounds will do.
STYLE = """
.wengert-grid table { border-collapse: collapse; margin: 0.3em 0 1em; }
.wengert-grid th { font-weight: normal; opacity: 0.75; }
.wengert-grid th, .wengert-grid td { padding: 0.15em 0.8em; text-align: right;
  color: inherit; background: none; border: 0;
  border-bottom: 1px solid rgba(128, 128, 128, 0.35);
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.wengert-grid th:first-child, .wengert-grid td:first-child { text-align: left;
  padding-left: 0; }
"""


def plural(count: int, noun: str) -> str:
    """Write a number of things: `1 input`, `2,000 inputs`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def factor(value: float) -> str:
    """Write a multiple of f, in a few digits; a dash, where there is none."""
    if math.isnan(value):
        return "–"
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table as plain text, its first column to the left."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for row in (head, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "─" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join(lines)


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    ruler = [":--", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruler, *rows))


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table as an HTML element."""

    def line(cells: Sequence[str], tag: str) -> str:
        inner = "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells)
        return f"<tr>{inner}</tr>\n"

    body = "".join(line(row, "td") for row in rows)
    first = line(head, "th")
    return f"<table>\n<thead>{first}</thead>\n<tbody>{body}</tbody>\n</table>\n"
