"""A picture as SVG: one text, no scripts, no fonts of its own, readable light and dark.

Colours stand in a style sheet whose rules begin with `.wengert-graph`, so that a page
may hold many drawings beside its own styles. It shows dark colours where the reader
prefers them. Arrowheads are plain paths, since the names of markers would meet those of
the page."""

from __future__ import annotations

import re
from html import escape

from wengert.explanation.captions import Caption, place_captions
from wengert.explanation.lettering import (
    LEADING,
    LINE,
    NUMBER,
    SYMBOL,
    TITLE,
    text_width,
)
from wengert.explanation.picture import Picture
from wengert.explanation.placement import (
    GAP,
    Arrow,
    Box,
    Curve,
    Placement,
    Point,
    beside,
    place,
)

__all__ = ["to_svg"]

_MARGIN = 24.0
_HEAD = (8.0, 3.2)
_FONT = (
    "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Arial, "
    "sans-serif"
)

# What the legend calls kinds of nodes.
_KINDS = {
    "input": "input",
    "input again": "the same, once more",
    "captured": "captured array",
    "captured again": "the same, once more",
    "output": "output",
}

# name of the class → (light, dark)
_COLOURS = {
    "page": ("fill:#ffffff", "fill:#16181d"),
    "box": ("fill:#f6f7f9;stroke:#9aa3b2", "fill:#23262e;stroke:#6b7484"),
    "input": ("fill:#e7f0fd;stroke:#5b8bd6", "fill:#1b2b45;stroke:#5b8bd6"),
    "captured": ("fill:#f1eee4;stroke:#a3997b", "fill:#302c20;stroke:#8d8467"),
    "output": ("fill:#e6f4ea;stroke:#4f9d69", "fill:#1a3324;stroke:#4f9d69"),
    "rule": ("stroke:#c9ced8", "stroke:#444b58"),
    "ink": ("fill:#1c2330", "fill:#e8eaee"),
    "quiet": ("fill:#5a6475", "fill:#a5adba"),
    "forward": ("fill:#1d5fc4", "fill:#86b6ff"),
    "backward": ("fill:#c0420c", "fill:#ff9d66"),
    "to": ("stroke:#1d5fc4", "stroke:#86b6ff"),
    "back": ("stroke:#c0420c", "stroke:#ff9d66"),
    "halo": ("stroke:#ffffff", "stroke:#16181d"),
}


def to_svg(picture: Picture) -> str:
    """Draw a picture as SVG.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    str
        An `<svg>` element, which is valid in a file of its own and inside HTML.

    Raises
    ------
    ImportError
        If the library for layouts is not installed.
    """
    return _Writer(picture).write()


class _Writer:
    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.parts: list[str] = []

    def write(self) -> str:
        placement = place(self.picture)
        captions = place_captions(placement)
        left, top, right, bottom = _bounds(placement, captions)
        legend = self.legend(placement)
        width = max(right - left, _legend_width(legend), self.title_width())
        head, foot = 2.2 * TITLE, 34.0
        size = (width + 2 * _MARGIN, bottom - top + head + foot + 2 * _MARGIN)
        self.open(size)
        self.text(_MARGIN, _MARGIN + TITLE - 2, self.picture.title, "t ink", "start")
        inset = (width - (right - left)) / 2
        self.add(f'<g transform="translate({_n(_MARGIN + inset - left)} ', end="")
        self.add(f'{_n(_MARGIN + head - top)})">')
        self.arrows(placement)
        for box in placement.boxes:
            self.box(box)
        for caption in captions:
            self.caption(caption)
        self.add("</g>")
        self.draw_legend(legend, size[1] - _MARGIN + 4)
        self.add("</svg>")
        return "".join(self.parts)

    def add(self, text: str, end: str = "\n") -> None:
        self.parts.append(text + end)

    def text(
        self, x: float, y: float, text: str, classes: str, anchor: str = "middle"
    ) -> None:
        shown = _escaped(text)
        self.add(
            f'<text x="{_n(x)}" y="{_n(y)}" class="{classes}" '
            f'text-anchor="{anchor}">{shown}</text>'
        )

    # ----- the whole -----

    def open(self, size: Point) -> None:
        width, height = map(_n, size)
        title = _escaped(self.picture.title)
        self.add(
            f'<svg xmlns="http://www.w3.org/2000/svg" class="wengert-graph" role="img" '
            f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'font-family="{_FONT}">'
        )
        way = "values forward, adjoints back"
        if not self.picture.has_adjoints:
            way = f"{self.picture.along}s forward"
        self.add(f"<title>{title}</title>\n<desc>Graph of {title}: {way}.</desc>")
        self.add(f"<style>\n{_style()}</style>")
        self.add(f'<rect width="{width}" height="{height}" rx="8" class="page"/>')

    def title_width(self) -> float:
        return text_width(self.picture.title, TITLE, bold=True)

    def legend(self, placement: Placement) -> list[tuple[str, str]]:
        """List what the legend shows: kinds of marks, and what they mean."""
        entries = [("to", f"{self.picture.along}, forward")]
        if self.picture.has_adjoints:
            entries.append(("back", "share of the adjoint, back"))
        kinds = {box.node.kind for box in placement.boxes}
        entries += [(kind, name) for kind, name in _KINDS.items() if kind in kinds]
        if self.picture.has_arrays:
            entries.append(("", "arrays: [shape] ‖norm‖"))
        return entries

    def draw_legend(self, entries: list[tuple[str, str]], y: float) -> None:
        x = _MARGIN
        for mark, meaning in entries:
            start, middle = x, y - 4
            x += 34 if mark else 0
            if mark in ("to", "back"):
                ends = ((start, middle), (start + 28, middle))
                self.line(_straight(*ends), mark, mark == "back")
            elif mark:
                self.add(
                    f'<rect x="{_n(start + 4)}" y="{_n(middle - 6)}" width="22" '
                    f'height="12" rx="{6 if mark == "output" else 3}" class="{mark}"/>'
                )
            self.text(x, y, meaning, "n quiet", "start")
            x += text_width(meaning, NUMBER) + 18

    # ----- nodes -----

    def box(self, box: Box) -> None:
        node = box.node
        kind = "box" if node.kind == "operation" else node.kind  # "input again"
        radius = box.height / 2 if node.kind == "output" else 6
        self.add(f"<g><title>{_escaped(node.tip)}</title>")
        self.add(
            f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" '
            f'height="{_n(box.height)}" rx="{_n(radius)}" class="{kind}"/>'
        )
        middle, split = box.y + box.height / 2, box.x + box.divide
        self.text(box.x + box.divide / 2, middle + SYMBOL * 0.35, node.symbol, "s ink")
        if node.lines:
            self.lines(box, split, middle)
        self.add("</g>")

    def lines(self, box: Box, split: float, middle: float) -> None:
        self.add(
            f'<path d="M{_n(split)} {_n(box.y + 6)}V{_n(box.y + box.height - 6)}" '
            'class="rule"/>'
        )
        texts = [
            (text, way)
            for line in box.node.lines
            for text, way in ((line.forward, "forward"), (line.backward, "backward"))
            if text
        ]
        y = middle - (len(texts) - 1) / 2 * LEADING + LINE * 0.36
        for text, way in texts:
            self.text(split + 10, y, text, f"l {way}", "start")
            y += LEADING

    # ----- arrows -----

    def arrows(self, placement: Placement) -> None:
        for arrow in placement.arrows:
            if arrow.edge.tip:
                self.add(f"<g><title>{_escaped(arrow.edge.tip)}</title>")
            if arrow.edge.backward is None:
                self.line(arrow.curves, "to", False)
            else:
                self.line(_moved(arrow, -GAP), "to", False)
                self.line(_moved(arrow, GAP), "back", True)
            if arrow.edge.tip:
                self.add("</g>")

    def line(self, curves: list[Curve], way: str, reverse: bool) -> None:
        """Draw one arrow; in reverse, its head is at the start of the curves."""
        if reverse:
            curves = [(d, c, b, a) for a, b, c, d in reversed(curves)]
        tip, before = curves[-1][3], curves[-1][2]
        head, base = _head(before, tip)
        last = curves[-1]
        curves = [*curves[:-1], (last[0], last[1], last[2], base)]
        path = f"M{_at(curves[0][0])}" + "".join(
            f"C{_at(b)} {_at(c)} {_at(d)}" for _, b, c, d in curves
        )
        self.add(f'<path d="{path}" class="e {way}"/>')
        filled = "forward" if way == "to" else "backward"
        self.add(f'<path d="{head}" class="{filled}"/>')

    def caption(self, caption: Caption) -> None:
        way = "backward" if caption.backward else "forward"
        y = caption.y + NUMBER * 0.36
        self.text(caption.x, y, caption.text, "n halo")
        self.text(caption.x, y, caption.text, f"n {way}")


def _moved(arrow: Arrow, distance: float) -> list[Curve]:
    return [beside(curve, distance) for curve in arrow.curves]


def _head(before: Point, tip: Point) -> tuple[str, Point]:
    """Make an arrowhead, and give the point where its line ends."""
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    back, half = _HEAD
    base = (tip[0] - back * dx, tip[1] - back * dy)
    left = (base[0] - half * dy, base[1] + half * dx)
    right = (base[0] + half * dy, base[1] - half * dx)
    return f"M{_at(left)}L{_at(tip)}L{_at(right)}Z", base


def _straight(a: Point, b: Point) -> list[Curve]:
    third = ((b[0] - a[0]) / 3, (b[1] - a[1]) / 3)
    return [(a, (a[0] + third[0], a[1] + third[1]), (b[0] - third[0], b[1]), b)]


def _bounds(
    placement: Placement, captions: list[Caption]
) -> tuple[float, float, float, float]:
    left, top, right, bottom = 0.0, 0.0, placement.width, placement.height
    for caption in captions:
        half = text_width(caption.text, NUMBER) / 2
        left, right = min(left, caption.x - half), max(right, caption.x + half)
        top, bottom = min(top, caption.y - 8), max(bottom, caption.y + 8)
    return left, top, right, bottom


def _legend_width(entries: list[tuple[str, str]]) -> float:
    return sum((34 if m else 0) + text_width(t, NUMBER) + 18 for m, t in entries) - 18


def _style() -> str:
    def rules(shade: int) -> str:
        return "".join(
            f".wengert-graph .{name}{{{shades[shade]}}}\n"
            for name, shades in _COLOURS.items()
        )

    return (
        # Within @media, since some converters take the height for nothing.
        "@media screen{.wengert-graph{max-width:100%;height:auto}}\n"
        + rules(0)
        + f".wengert-graph .t{{font-size:{TITLE}px;font-weight:600}}\n"
        + f".wengert-graph .s{{font-size:{SYMBOL}px;font-weight:600}}\n"
        + f".wengert-graph .l{{font-size:{LINE}px}}\n"
        + f".wengert-graph .n{{font-size:{NUMBER}px}}\n"
        + ".wengert-graph .e{fill:none;stroke-width:1.4}\n"
        + ".wengert-graph .back{stroke-dasharray:5 3}\n"
        + ".wengert-graph .halo{fill:none;stroke-width:3.5;stroke-linejoin:round}\n"
        + ".wengert-graph .again{stroke-dasharray:3 2}\n"
        + "@media (prefers-color-scheme:dark){\n"
        + rules(1)
        + "}\n"
    )


# Characters that no XML text may hold.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _escaped(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))


def _at(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _n(value: float) -> str:
    return f"{value + 0.0:.1f}".removesuffix(".0")
