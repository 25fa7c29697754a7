"""Colouring: which columns, or rows, of a matrix one sweep computes at once."""

from wengert.analysis.coloring.columns import color_columns
from wengert.analysis.coloring.star import color_star
from wengert.analysis.coloring.two_sided import TwoSided, color_two_sided

__all__ = [
    "TwoSided",
    "color_columns",
    "color_star",
    "color_two_sided",
]
