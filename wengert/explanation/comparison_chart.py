"""A comparison as a picture: for each method two bars, its error and its time.

Both axes are logarithmic: a digit of accuracy, and a factor ten of time, are as long
everywhere. An error of zero has no bar, but a word.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from wengert.explanation.lettering import NUMBER, TITLE, text_width

__all__ = ["Bar", "draw_bars"]

_MARGIN, _ROW, _PANEL, _GAP = 20.0, 20.0, 260.0, 70.0
_STYLE = """
.wengert-compare-chart .page { fill: #ffffff }
.wengert-compare-chart .ink { fill: #1c2330 }
.wengert-compare-chart .quiet { fill: #5a6475 }
.wengert-compare-chart .grid { stroke: #dfe3ea; stroke-width: 1 }
.wengert-compare-chart .error { fill: #c0420c }
.wengert-compare-chart .time { fill: #1d5fc4 }
@media (prefers-color-scheme: dark) {
.wengert-compare-chart .page { fill: #16181d }
.wengert-compare-chart .ink { fill: #e8eaee }
.wengert-compare-chart .quiet { fill: #a5adba }
.wengert-compare-chart .grid { stroke: #353b47 }
.wengert-compare-chart .error { fill: #ff9d66 }
.wengert-compare-chart .time { fill: #86b6ff }
}
""".strip()


@dataclass(frozen=True)
class Bar:
    """What is drawn of one method.

    Attributes
    ----------
    name : str
    error, seconds : float or None
        None where the method has no derivative.
    note : str
        Shown where there is none; else when one points at the name.
    """

    name: str
    error: float | None
    seconds: float | None
    note: str = ""


@dataclass(frozen=True)
class _Axis:
    """A logarithmic axis over whole decades, from `left` to the right."""

    left: float
    low: int
    high: int

    def at(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.left + _PANEL * min(max(share, 0.0), 1.0)

    def ticks(self) -> Iterator[tuple[float, int]]:
        every = max(1, math.ceil((self.high - self.low) / 6))
        for power in range(self.high, self.low - 1, -every):
            yield self.at(10.0**power), power


def draw_bars(title: str, bars: Sequence[Bar], error_title: str) -> str:
    """Draw errors and times as SVG.

    Parameters
    ----------
    title, error_title : str
        Above all, and above the errors.
    bars : sequence of Bar
        From the top.

    Returns
    -------
    str
        An `<svg>` element, valid in a file of its own and inside HTML.

    Examples
    --------
    >>> svg = draw_bars("f", [Bar("forward", 1e-8, 1e-5)], "error")
    >>> svg.startswith("<svg") and svg.rstrip().endswith("</svg>")
    True
    """
    names = max((text_width(bar.name, NUMBER) for bar in bars), default=0.0)
    left = _MARGIN + names + 12
    error = _axis(left, [bar.error for bar in bars])
    time = _axis(left + _PANEL + _GAP, [bar.seconds for bar in bars])
    top = _MARGIN + 2.2 * TITLE + 22
    bottom = top + _ROW * len(bars)
    width, height = time.left + _PANEL + _GAP, bottom + 26 + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="wengert-compare-chart" '
        f'role="img" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" '
        "font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif\">",
        f"<title>{escape(title)}</title>",
        f"<style>\n{_STYLE}\n</style>",
        f'<rect width="{width:.0f}" height="{height:.0f}" rx="8" class="page"/>',
        _text(_MARGIN, _MARGIN + TITLE, title, "ink", TITLE, bold=True),
        _text(error.left, top - 12, error_title, "error", NUMBER),
        _text(time.left, top - 12, "time of a call / s", "time", NUMBER),
        *_grid(error, top, bottom),
        *_grid(time, top, bottom),
    ]
    for number, bar in enumerate(bars):
        parts += _row(bar, top + _ROW * number, left, error, time)
    return "\n".join([*parts, "</svg>", ""])


def _axis(left: float, values: Sequence[float | None]) -> _Axis:
    shown = [v for v in values if v is not None and 0 < v < math.inf]
    low = math.floor(math.log10(min(shown, default=0.1))) - 1
    high = math.ceil(math.log10(max(shown, default=1.0)))
    return _Axis(left, low, max(high, low + 2))


def _grid(axis: _Axis, top: float, bottom: float) -> Iterator[str]:
    for x, power in axis.ticks():
        yield (f'<path d="M{x:.1f} {top:.1f}V{bottom:.1f}" class="grid" fill="none"/>')
        label = f"1e{power:+03d}" if power else "1"
        yield _text(x, bottom + 16, label, "quiet", NUMBER - 1, "middle")


def _row(bar: Bar, y: float, left: float, error: _Axis, time: _Axis) -> Iterator[str]:
    middle = y + _ROW / 2 + NUMBER * 0.36
    tip = f"<title>{escape(bar.note)}</title>" if bar.note else ""
    name = _text(left - 10, middle, bar.name, "ink", NUMBER, "end")
    yield f"<g>{tip}{name}</g>"
    if bar.error is None or bar.seconds is None:
        room = 2 * _PANEL + _GAP
        yield _text(left + 4, middle, _fitted(bar.note, room), "quiet", NUMBER)
        return
    for axis, value, kind in ((error, bar.error, "error"), (time, bar.seconds, "time")):
        end = axis.left
        if 0 < value < math.inf:
            end = max(axis.at(value), axis.left + 1)
            yield (
                f'<rect x="{axis.left:.1f}" y="{y + 4:.1f}" '
                f'width="{end - axis.left:.1f}" height="{_ROW - 8:.1f}" rx="2" '
                f'class="{kind}"/>'
            )
        label = f"{value:.1e}" if value else "0"
        yield _text(end + 5, middle, label, "quiet", NUMBER - 1)


def _fitted(text: str, room: float) -> str:
    """Shorten a text to what a row has room for."""
    if text_width(text, NUMBER) <= room:
        return text
    while text_width(text + "…", NUMBER) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _text(
    x: float,
    y: float,
    text: str,
    kind: str,
    size: float,
    anchor: str = "start",
    bold: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" font-size="{size:.0f}" '
        f'text-anchor="{anchor}"{weight}>{escape(text)}</text>'
    )
