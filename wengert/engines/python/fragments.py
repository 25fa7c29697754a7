"""Pieces of Python expressions, each with how strongly it binds.

A fragment is put in parentheses where what stands around it binds more strongly, and
nowhere else: `(a + b) * c`, but `a * b + c`.

Examples
--------
>>> total = infix("+", Fragment("a"), Fragment("b"))
>>> infix("*", total, Fragment("c")).text
'(a + b) * c'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["ATOM", "Fragment", "call", "index", "infix", "literal", "prefix", "value"]

ATOM = 100
_POWER, _SIGN = 90, 80
_INFIX = {
    "*": 70, "/": 70, "//": 70, "%": 70, "@": 70, "+": 60, "-": 60, "<<": 50, ">>": 50,
    "&": 45, "^": 44, "|": 43, "<": 40, "<=": 40, ">": 40, ">=": 40, "==": 40,
    "!=": 40,
}  # fmt: skip


@dataclass(frozen=True)
class Fragment:
    """The text of an expression, and the strength of its outermost operator."""

    text: str
    strength: int = ATOM

    def within(self, strength: int) -> str:
        """Write it where operators of this strength, or a stronger one, are around."""
        return self.text if self.strength >= strength else f"({self.text})"


def infix(operator: str, left: Fragment, right: Fragment) -> Fragment:
    """Write `left operator right`."""
    if operator == "**":
        # -a ** b is -(a ** b), and ** goes from right to left.
        return Fragment(f"{left.within(_POWER + 1)}**{right.within(_SIGN)}", _POWER)
    strength = _INFIX[operator]
    # Comparisons in a row would be a chain; a + (b + c) rounds unlike a + b + c.
    after = right.within(strength + 1)
    before = left.within(strength + 1 if strength == _INFIX["<"] else strength)
    return Fragment(f"{before} {operator} {after}", strength)


def prefix(operator: str, operand: Fragment) -> Fragment:
    """Write `-a`, `+a` or `~a`."""
    return Fragment(f"{operator}{operand.within(_SIGN)}", _SIGN)


def call(
    function: str, arguments: Sequence[Fragment], **keywords: Fragment
) -> Fragment:
    """Write `function(a, b, key=c)`."""
    parts = [argument.text for argument in arguments]
    parts += [f"{key}={argument.text}" for key, argument in keywords.items()]
    return Fragment(f"{function}({', '.join(parts)})")


def index(of: Fragment, key: str) -> Fragment:
    """Write `of[key]`."""
    return Fragment(f"{of.within(ATOM)}[{key}]")


def literal(number: Any, bare: bool) -> Fragment:
    """Write a number, `bare` or with NumPy's dtype: `2.0`, `np.float32(2.0)`."""
    if isinstance(number, np.generic):
        plain = _number(number.item())
        if bare:
            return plain
        return call(f"np.{type(number).__name__}", [plain])
    return _number(number)


def value(of: Any) -> Fragment:
    """Write a parameter: a number, a tuple, a slice, a dtype, a string or None.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if of is None or isinstance(of, str | bool):
        return Fragment(repr(of))
    if of is Ellipsis:
        return Fragment("...")
    if isinstance(of, np.dtype):
        return Fragment(f"np.{of.type.__name__}")
    if isinstance(of, np.generic | int | float | complex):
        return literal(of, bare=True)
    if isinstance(of, slice):
        parts = ", ".join(value(part).text for part in (of.start, of.stop, of.step))
        return Fragment(f"slice({parts})")
    if isinstance(of, tuple):
        parts = ", ".join(value(part).text for part in of)
        return Fragment(f"({parts},)" if len(of) == 1 else f"({parts})")
    raise ValueError(f"no text stands for {of!r}")


def _number(number: Any) -> Fragment:
    if isinstance(number, complex):
        return call("complex", [_number(number.real), _number(number.imag)])
    if isinstance(number, float) and number != number:
        return Fragment("np.nan")
    if isinstance(number, float) and number in (float("inf"), float("-inf")):
        return Fragment("np.inf") if number > 0 else Fragment("-np.inf", _SIGN)
    text = repr(number)
    return Fragment(text, _SIGN if text.startswith("-") else ATOM)
