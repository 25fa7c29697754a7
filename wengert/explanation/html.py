"""Tables in HTML: self-contained, no scripts, readable on light and dark ground."""

from __future__ import annotations

import html as escaping
from collections.abc import Sequence

from wengert.explanation.notation import PLAIN
from wengert.explanation.tables import Line, Table
from wengert.explanation.text import seeds_text
from wengert.explanation.values import show_value

__all__ = ["html"]

# Colours are those of the page, lines a fainter shade of them: so both grounds will do.
_STYLE = """
.wengert-explain > div { display: flex; flex-wrap: wrap; gap: 0.5em 3em;
  align-items: flex-start; }
.wengert-explain table { border-collapse: collapse; margin: 0.3em 0 1.2em; }
.wengert-explain caption { text-align: left; font-weight: bold; padding: 0.3em 0;
  white-space: nowrap; }
.wengert-explain caption span { font-weight: normal; opacity: 0.75; }
.wengert-explain th { text-align: left; font-weight: normal; opacity: 0.75; }
.wengert-explain th, .wengert-explain td { padding: 0.15em 0.6em; text-align: left;
  color: inherit; background: none; border: 0;
  border-bottom: 1px solid rgba(128, 128, 128, 0.35);
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.wengert-explain td.relation { text-align: right; padding: 0.15em 0; }
.wengert-explain td.value { padding-left: 2em; }
""".strip()


def html(heading: str, tables: Sequence[Table], digits: int, limit: int | None) -> str:
    """Write tables as one HTML element; see `text` for the parameters."""
    parts = [
        '<div class="wengert-explain">',
        f"<style>\n{_STYLE}\n</style>",
        f"<p><strong>{_escaped(heading)}</strong></p>",
        "<div>",
    ]
    for table in tables:
        seeds = seeds_text(table, digits)
        seeds = f" <span>seed {_escaped(seeds)}</span>" if seeds else ""
        parts += [
            "<table>",
            f"<caption>{_escaped(table.title)}{seeds}</caption>",
            '<thead><tr><th colspan="3" scope="col">line</th>'
            '<th scope="col" style="padding-left: 2em">value</th></tr></thead>',
            "<tbody>",
            *(_row(line, digits) for line in table.shown(limit)),
            "</tbody>",
            "</table>",
        ]
    return "\n".join([*parts, "</div>", "</div>", ""])


def _row(line: Line | int, digits: int) -> str:
    if isinstance(line, int):
        return f'<tr><td colspan="4">⋮ ({line} more lines)</td></tr>'
    formula = "" if line.formula is None else PLAIN.write(line.formula)
    return (
        f"<tr><td>{_escaped(line.name)}</td>"
        f'<td class="relation">{line.relation}</td>'
        f"<td>{_escaped(formula)}</td>"
        f'<td class="value">{_escaped(show_value(line.value, digits))}</td></tr>'
    )


def _escaped(written: str) -> str:
    return escaping.escape(written, quote=True)
