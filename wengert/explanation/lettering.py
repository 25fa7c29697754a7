"""How large the letters of a drawing are, and how wide a text is about.

A drawing is written without asking any font, so widths are estimated: those of DejaVu
Sans, which is broader than most.
"""

from __future__ import annotations

import unicodedata

__all__ = ["LEADING", "LINE", "NUMBER", "SYMBOL", "TITLE", "text_width"]

# Sizes of the title, of symbols, of a node's lines, and of the numbers at arrows.
TITLE, SYMBOL, LINE, NUMBER = 15, 17, 12, 11
# From line to line within a node.
LEADING = 17

# In multiples of the size.
_WIDTHS = {
    char: width
    for width, chars in {
        0.3: "'ijlIJ",
        0.36: ",. ·/:;\\|f-",
        0.4: 't()[]!r"₀₁₂₃₄₅₆₇₈₉¹²³⁴⁵⁶⁷⁸⁹⁰',
        0.53: "*_`‖sz∂?₋⁻cL",
        0.84: "w#+<=>^~−×M",
        1.0: "%mW@…",
    }.items()
    for char in chars
}
_BOLD = 1.12


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Estimate how wide a text is, in pixels.

    Examples
    --------
    >>> text_width("ill", 10) < text_width("www", 10)
    True
    """
    width = size * sum(map(_width, text))
    return _BOLD * width if bold else width


def _width(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if char in _WIDTHS:
        return _WIDTHS[char]
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    return 0.72 if char.isupper() else 0.63
