"""The values of variables, as written after `--at`: `x1=2,x2=pi/2,v=[1,2,3]`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from wengert.errors import ExpressionError
from wengert.expression.program import Number
from wengert.expression.reader import Reader
from wengert.expression.vocabulary import (
    CONSTANTS,
    FUNCTIONS,
    MAX_POINT,
    refuse,
    suggest,
)

__all__ = ["Value", "parse_point"]

Value = float | npt.NDArray[np.float64]


def parse_point(text: str, names: Sequence[str] | None = None) -> dict[str, Value]:
    """Read the values of variables.

    Parameters
    ----------
    text : str
        `name=value` with commas between. A value is a number, arithmetic on numbers
        such as `pi/2`, or a list of values in brackets, nested for a matrix.
    names : sequence of str, optional
        The variables that must be given, all of them and no other.

    Returns
    -------
    dict
        From name to float or to array of float64, in the order of `names`, else of the
        text.

    Raises
    ------
    ExpressionError
        With the column, for a value that is none, and for names that are missing,
        unknown or given twice.

    Examples
    --------
    >>> parse_point("x1=2, x2=-pi/2")
    {'x1': 2.0, 'x2': -1.5707963267948966}
    >>> parse_point("A=[[1, 2], [3, 4e-1]]")["A"]
    array([[1. , 2. ],
           [3. , 0.4]])
    >>> parse_point("x1=2", names=("x1", "x2"))
    Traceback (most recent call last):
        ...
    wengert.errors.ExpressionError: no value for x2; write x1=…,x2=…
    """
    if len(text) > MAX_POINT:
        raise ExpressionError(
            f"the point has {len(text):,} characters; at most {MAX_POINT:,} are read"
        )
    point: dict[str, Value] = {}
    for start, part in _split(text):
        name, value_start = _read_name(text, start, part, names)
        if name in point:
            refuse(text, start, f"{name} is given twice")
        value = text[value_start : start + len(part)]
        point[name] = _read_value(value, value_start, text)
    if names is None:
        return point
    if missing := [name for name in names if name not in point]:
        example = ",".join(f"{name}=…" for name in names)
        raise ExpressionError(f"no value for {', '.join(missing)}; write {example}")
    return {name: point[name] for name in names}


def _split(text: str) -> list[tuple[int, str]]:
    """Cut at the commas outside of brackets; keep where each part starts."""
    if not text.strip():
        return []
    cuts, depth = [-1], 0
    for column, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            cuts.append(column)
    parts = []
    for before, after in zip(cuts, [*cuts[1:], len(text)], strict=True):
        part = text[before + 1 : after]
        start = before + 1 + len(part) - len(part.lstrip())
        parts.append((start, part.lstrip()))
    return parts


def _read_name(
    text: str, start: int, part: str, names: Sequence[str] | None
) -> tuple[str, int]:
    match = re.match(r"(\w+)\s*=(?!=)", part)
    if match is None or not match[1].isidentifier():
        refuse(text, start, "write name=value, with commas between, such as x1=2,x2=5")
    name = unicodedata.normalize("NFKC", match[1])  # as Python reads names in formulas
    if name in CONSTANTS or name in FUNCTIONS:
        kind = "constant" if name in CONSTANTS else "function"
        refuse(text, start, f"{name} is a {kind}; choose another name for the variable")
    if names is not None and name not in names:
        known = ", ".join(names) or "none"
        hint = suggest(name, names)
        refuse(text, start, f"{name!r} is no variable here{hint} (variables: {known})")
    return name, start + match.end()


def _read_value(text: str, start: int, whole: str) -> Value:
    (step,) = Reader(text, start, whole, constant=True).translate()
    assert isinstance(step, Number)  # every other step is folded or refused
    if not isinstance(step.value, list):
        return float(step.value)
    try:
        return np.array(step.value, dtype=np.float64)
    except ValueError:
        refuse(whole, start, "the rows of an array must have equal lengths")
