"""The report of smoothness: findings, and the same as text for people."""

from __future__ import annotations

import html
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wengert.errors import Source
from wengert.explanation.markdown import escaped
from wengert.explanation.values import show_number, show_value

__all__ = ["Finding", "SmoothnessReport"]


@dataclass(frozen=True, eq=False)
class Finding:
    """An operation at a point where it is not smooth, or near one.

    Attributes
    ----------
    operation : str
        The primitive; "bool" or "int" where Python asked for the value itself.
    kind : str
        "kink", "bend" (a kink of the derivative), "jump", "pole", "infinite
        slope", "branch point", "tie", "singular" or "branch cut".
    place : str
        Where that is, in the operation's arguments x, y: `x = 0`.
    values : tuple
        The operands, at the nearest element where they have one.
    distance : float
        From there; for matrices relative to the largest value.
    derivative : str
        What wengert gives exactly there.
    index : tuple of int
        The nearest element; empty for a number.
    count : int
        How many elements are near, in all runs of the line.
    decides : tuple of str
        What a comparison or a jump decides: primitives such as "where", or "if".
    source : Source or None
        The user's own line.
    """

    operation: str
    kind: str
    place: str
    values: tuple[Any, ...]
    distance: float
    derivative: str
    index: tuple[int, ...] = ()
    count: int = 1
    decides: tuple[str, ...] = ()
    source: Source | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the point is exactly there, not only near."""
        return self.distance == 0

    @property
    def heading(self) -> str:
        """The finding in a few words."""
        near = "at" if self.is_exact else "near"
        return f"{self.kind} of {self.operation} {near} {self.place}"

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """The rest, as pairs of a name and a text."""
        names = "x" if len(self.values) == 1 else "xyzw"
        pairs = [
            (name, show_value(value))
            for name, value in zip(names, self.values, strict=False)
        ]
        pairs.append(("distance", show_number(self.distance)))
        if self.count > 1 or self.index:
            where = f", the nearest at {list(self.index)}" if self.index else ""
            pairs.append(("elements", f"{self.count}{where}"))
        if self.decides:
            pairs.append(("decides", ", ".join(self.decides)))
        pairs.append(("derivative", self.derivative))
        if self.source:
            pairs.append(("at", str(self.source)))
        return tuple(pairs)

    @property
    def code(self) -> str:
        """The user's line of Python, where it can be read."""
        if self.source is None:
            return ""
        return linecache.getline(self.source.file, self.source.line).strip()

    def __str__(self) -> str:
        lines = [self.heading]
        lines += [f"  {name:<10}  {text}" for name, text in self.details]
        if self.code:
            lines.append(" " * 14 + self.code)
        return "\n".join(lines)


@dataclass(frozen=True, eq=False)
class SmoothnessReport:
    """Where f is not smooth at a point, or nearly so. Prints as a list; true if empty.

    Attributes
    ----------
    title : str
        The call: `f(x1, x2)`.
    findings : tuple of Finding
        In the order of the run.
    tolerance : float
    operations : int
        How many were looked at.
    """

    title: str
    findings: tuple[Finding, ...]
    tolerance: float
    operations: int

    @property
    def is_smooth(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __bool__(self) -> bool:
        return self.is_smooth

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def text(self) -> str:
        """Write the report as plain text."""
        return "\n\n".join([self._heading(), *map(str, self.findings)])

    def markdown(self) -> str:
        """Write the report in Markdown."""
        blocks = [f"**{escaped(self._heading())}**"]
        for finding in self.findings:
            lines = [f"* **{escaped(finding.heading)}**"]
            lines += [f"  * {name}: {escaped(text)}" for name, text in finding.details]
            if finding.code:
                lines.append(f"  * `{finding.code}`")
            blocks.append("\n".join(lines))
        return "\n\n".join(blocks) + "\n"

    def html(self) -> str:
        """Write the report as an HTML element."""
        parts = [
            f'<div class="wengert-smoothness">\n<style>{_STYLE}</style>',
            f"<p><strong>{html.escape(self._heading())}</strong></p>",
        ]
        for finding in self.findings:
            rows = [*finding.details]
            parts.append(
                f"<table>\n<caption>{html.escape(finding.heading)}</caption>\n<tbody>"
            )
            parts += [_row(name, html.escape(text)) for name, text in rows]
            if finding.code:
                parts.append(_row("", f"<code>{html.escape(finding.code)}</code>"))
            parts.append("</tbody>\n</table>")
        return "\n".join([*parts, "</div>", ""])

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<SmoothnessReport of {self._heading()}>"

    def _repr_html_(self) -> str:
        return self.html()

    def _heading(self) -> str:
        tolerance = f"tolerance {show_number(self.tolerance)}"
        if self.is_smooth:
            return (
                f"{self.title} is smooth here: none of {_plural(self.operations)} is "
                f"at or near a kink, a jump or a pole ({tolerance})"
            )
        exact = any(finding.is_exact for finding in self.findings)
        said = "may not be smooth here" if exact else "is close to not being smooth"
        found = f"{len(self.findings)} finding{'s' * (len(self.findings) != 1)}"
        return f"{self.title} {said}: {found} ({tolerance})"


def _plural(count: int) -> str:
    return f"{count:,} operation{'s' * (count != 1)}"


def _row(name: str, cell: str) -> str:
    return f'<tr><th scope="row">{name}</th><td>{cell}</td></tr>'


# Colours are those of the page, lines a fainter shade of them: so both grounds will do.
_STYLE = """
.wengert-smoothness table { border-collapse: collapse; margin: 0.3em 0 1em; }
.wengert-smoothness caption { text-align: left; font-weight: bold; padding: 0.3em 0; }
.wengert-smoothness th { font-weight: normal; opacity: 0.75; }
.wengert-smoothness th, .wengert-smoothness td { padding: 0.15em 0.8em 0.15em 0;
  text-align: left; color: inherit; background: none; border: 0;
  border-bottom: 1px solid rgba(128, 128, 128, 0.35); }
"""
