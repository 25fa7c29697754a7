"""Numbers and dtypes as text, exactly: what is printed reads back as the same bits.

A Python number is written as Python writes it: `3`, `0.1`, `1.0-0.0j`, `True`. A NumPy
scalar carries its dtype: `f32(0.1)`, `i64(3)`, `bool(True)`. Inside an array the dtype
is known, and the elements are written bare.

Law: `read_scalar(element_text(x), x.dtype)` has the bits of `x`, and `read_number`
those of a Python number, except that of a NaN only the sign is kept:
`nan`, `-nan`.

Examples
--------
>>> scalar_text(np.float32(0.1)), scalar_text(0.1), scalar_text(complex(1, -0.0))
('f32(0.1)', '0.1', '1.0-0.0j')
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.graph.types import dtype_name

__all__ = [
    "NUMBER",
    "element_text",
    "is_scalar",
    "read_dtype",
    "read_number",
    "read_scalar",
    "scalar_text",
    "strong",
]

_REAL = r"(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|inf|nan)"
NUMBER = rf"[-+]?{_REAL}(?:[-+]{_REAL}j|j)?(?![\w.])"
_COMPLEX = re.compile(rf"(?P<re>[-+]?{_REAL})??(?P<im>[-+]?{_REAL})j")
_SHORT_DTYPE = re.compile(r"([fciu])(\d+)")
_KINDS = {"f": "float", "c": "complex", "i": "int", "u": "uint"}
_NUMERIC = "fciub"


def is_scalar(value: Any) -> bool:
    """Tell whether a value is a number that a Graph may hold as a Literal."""
    if isinstance(value, np.generic):
        return value.dtype.kind in _NUMERIC
    return type(value) in (bool, int, float, complex)


def strong(values: Sequence[Any]) -> Sequence[Any]:
    """Turn Python numbers into NumPy's, unless one of the values has a dtype already.

    Among themselves Python numbers follow Python: 1/0 raises. What is written into a
    Graph means what NumPy's functions do with it.

    Examples
    --------
    >>> strong([1, 0.5]), strong([1, np.float32(0.5)])
    ([np.int64(1), np.float64(0.5)], [1, np.float32(0.5)])
    """
    if any(hasattr(value, "dtype") for value in values):
        return values
    return [np.asarray(value)[()] for value in values]


def scalar_text(value: Any) -> str:
    """Write a Python number bare and a NumPy scalar with its dtype."""
    if isinstance(value, np.generic):
        return f"{dtype_name(value.dtype)}({element_text(value)})"
    return _plain(value)


def element_text(value: Any) -> str:
    """Write a NumPy scalar bare, as an element of an array whose dtype is known."""
    if value.dtype.kind in "biu":
        return _plain(value.item())
    if value.dtype.kind == "c":
        imag = element_text(value.imag)
        sign = "" if imag.startswith("-") else "+"
        return f"{element_text(value.real)}{sign}{imag}j"
    if value != value or value.dtype == np.float64:
        return _plain(float(value))
    text = str(value)
    # Shortest digits, read through float64, could round twice; all digits cannot.
    return text if value.dtype.type(text) == value else repr(float(value))


def read_number(text: str) -> int | float | complex:
    """Read a Python number: int, float or complex by its form.

    Examples
    --------
    >>> read_number("-0.0"), read_number("3"), read_number("1.0-infj")
    (-0.0, 3, (1-infj))
    """
    if text.endswith("j"):
        match = _COMPLEX.fullmatch(text)
        if match is None:
            raise ValueError(f"not a complex number: {text!r}")
        return complex(float(match["re"] or "0"), float(match["im"]))
    return float(text) if re.search(r"[.eEnf]", text) else int(text)


def read_scalar(text: str, dtype: np.dtype[Any]) -> Any:
    """Read a NumPy scalar of a dtype; ValueError or OverflowError if it does not fit.

    Examples
    --------
    >>> read_scalar("0.1", np.dtype("f4"))
    np.float32(0.1)
    """
    if dtype.kind == "b":
        return np.bool_({"True": True, "False": False}[text])
    if dtype.kind in "iu":
        return dtype.type(int(text))
    if dtype.kind == "f":
        return dtype.type(text)
    # Arithmetic like re + im*1j would lose signs of zero and make NaN of infinity.
    match = _COMPLEX.fullmatch(text)
    real, imag = (match["re"] or "0", match["im"]) if match else (text, "0")
    part = np.dtype(f"f{dtype.itemsize // 2}")
    return np.array([part.type(real), part.type(imag)], part).view(dtype)[0]


def read_dtype(name: str) -> np.dtype[Any] | None:
    """Find the dtype that `dtype_name` abbreviates so; None if there is none.

    Examples
    --------
    >>> read_dtype("c64"), read_dtype("bool"), read_dtype("f7")
    (dtype('complex64'), dtype('bool'), None)
    """
    short = _SHORT_DTYPE.fullmatch(name)
    if short:
        name = _KINDS[short[1]] + short[2]
    elif name != "bool":
        return None
    try:
        return np.dtype(name)
    except TypeError:
        return None


def _plain(value: Any) -> str:
    if isinstance(value, complex):
        imag = _plain(value.imag)
        return f"{_plain(value.real)}{'' if imag[0] == '-' else '+'}{imag}j"
    if value != value:
        return "-nan" if math.copysign(1.0, value) < 0 else "nan"
    return repr(value)
