"""Arrays as C constants, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.engines.c.text import MEMORY, constant
from wengert.engines.loops.expressions import type_of

__all__ = ["define_array"]


def define_array(name: str, array: Any) -> str:
    """Write the definition of a constant array, in C order.

    Examples
    --------
    >>> print(define_array("a", np.array([1.0, 0.1])))
    static const double a[2] = {
        1.0, 0.1
    };
    """
    array = np.asarray(array)
    type = type_of(array.dtype)
    assert type is not None
    # An array of C has one element at least.
    flat = array.ravel().tolist() if type != "f32" else list(array.ravel())
    numbers = [_bare(constant(value, type)) for value in flat] or ["0"]
    body = ",\n".join(_lines(numbers))
    return f"static const {MEMORY[type]} {name}[{len(numbers)}] = {{\n{body}\n}};"


def _lines(numbers: list[str]) -> Iterator[str]:
    """Put as many numbers on a line as it holds."""
    line = "    " + numbers[0]
    for number in numbers[1:]:
        if len(line) + len(number) > 84:
            yield line
            line = "    " + number
        else:
            line += ", " + number
    yield line


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith("(-") else text
