"""SymPy: Graphs run on symbols, and SymPy's expressions read as NumPy code."""

from wengert.engines.sympy.arrays import array_of
from wengert.engines.sympy.convert import symbols_of, values_of
from wengert.engines.sympy.numbers import exact, number
from wengert.engines.sympy.reading import read
from wengert.engines.sympy.table import lowering, names, truth

__all__ = [
    "array_of",
    "exact",
    "lowering",
    "names",
    "number",
    "read",
    "symbols_of",
    "truth",
    "values_of",
]
