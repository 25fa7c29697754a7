"""What a formula may contain, and what is said about the rest."""

from __future__ import annotations

import ast
import difflib
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

import numpy as np

from wengert.errors import ExpressionError

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "HINTS",
    "MAX_DEPTH",
    "MAX_INDEX",
    "MAX_INTEGER",
    "MAX_POINT",
    "MAX_TEXT",
    "OPERATORS",
    "SPELLINGS",
    "Function",
    "refuse",
    "suggest",
]

MAX_TEXT = 4_000  # characters of a formula
MAX_POINT = 200_000  # characters of a point: its arrays are written out
MAX_DEPTH = 200  # parentheses, calls and powers inside each other
MAX_INTEGER = 2**53  # beyond it, float64 no longer holds every whole number
MAX_INDEX = 2**31

# What people paste from papers, and blank space: one character for one, so that columns
# stay where they are.
SPELLINGS = str.maketrans("−·×÷\u00a0\t\r\n\f\v", "-**/      ")

CONSTANTS: Mapping[str, float] = {
    "e": math.e,
    "inf": math.inf,
    "pi": math.pi,
    "π": math.pi,
}


class Function(NamedTuple):
    """A NumPy function that a formula may call."""

    call: Callable[..., Any]
    arity: int = 1
    reduces: bool = False  # takes `axis=` with a whole number


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(np.abs),
    "acos": Function(np.arccos),
    "acosh": Function(np.arccosh),
    "arccos": Function(np.arccos),
    "arccosh": Function(np.arccosh),
    "arcsin": Function(np.arcsin),
    "arcsinh": Function(np.arcsinh),
    "arctan": Function(np.arctan),
    "arctan2": Function(np.arctan2, 2),
    "arctanh": Function(np.arctanh),
    "asin": Function(np.arcsin),
    "asinh": Function(np.arcsinh),
    "atan": Function(np.arctan),
    "atan2": Function(np.arctan2, 2),
    "atanh": Function(np.arctanh),
    "cbrt": Function(np.cbrt),
    "ceil": Function(np.ceil),
    "cos": Function(np.cos),
    "cosh": Function(np.cosh),
    "degrees": Function(np.degrees),
    "dot": Function(np.dot, 2),
    "exp": Function(np.exp),
    "exp2": Function(np.exp2),
    "expm1": Function(np.expm1),
    "floor": Function(np.floor),
    "hypot": Function(np.hypot, 2),
    "ln": Function(np.log),
    "log": Function(np.log),
    "log10": Function(np.log10),
    "log1p": Function(np.log1p),
    "log2": Function(np.log2),
    "logaddexp": Function(np.logaddexp, 2),
    "max": Function(np.max, reduces=True),
    "maximum": Function(np.maximum, 2),
    "mean": Function(np.mean, reduces=True),
    "min": Function(np.min, reduces=True),
    "minimum": Function(np.minimum, 2),
    "norm": Function(np.linalg.norm, reduces=True),
    "prod": Function(np.prod, reduces=True),
    "radians": Function(np.radians),
    "sign": Function(np.sign),
    "sin": Function(np.sin),
    "sinh": Function(np.sinh),
    "sqrt": Function(np.sqrt),
    "square": Function(np.square),
    "sum": Function(np.sum, reduces=True),
    "tan": Function(np.tan),
    "tanh": Function(np.tanh),
    "trunc": Function(np.trunc),
    "where": Function(np.where, 3),
}

OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

_WHERE = "write where(condition, value_if_true, value_if_false)"
HINTS: Mapping[type[ast.AST], str] = {
    ast.And: f"`and` is not allowed; {_WHERE}, one inside the other",
    ast.Attribute: "a dot after a name is not allowed; write sin(x), not np.sin(x)",
    ast.BitAnd: f"`&` is not allowed; {_WHERE}, one inside the other",
    ast.BitOr: "`|` is not allowed; use abs(x) for an absolute value",
    ast.BitXor: "`^` is not allowed; use ** for powers",
    ast.FloorDiv: "`//` is not allowed; use floor(a / b)",
    ast.IfExp: f"`if` is not allowed; {_WHERE}",
    ast.In: "`in` is not allowed",
    ast.Invert: "`~` is not allowed",
    ast.List: "a list is not allowed here; give arrays as values of variables",
    ast.MatMult: "`@` is not allowed; use dot(a, b)",
    ast.NamedExpr: "`:=` is not allowed",
    ast.Not: f"`not` is not allowed; {_WHERE}",
    ast.Or: f"`or` is not allowed; {_WHERE}, one inside the other",
    ast.Starred: "`*` before an argument is not allowed",
    ast.Tuple: "a comma stands only between arguments, and between values in [ ]",
}


def refuse(text: str, column: int, message: str) -> NoReturn:
    """Raise `ExpressionError` with a caret under the character at `column`, from 0."""
    column = max(0, min(column, len(text)))
    start = max(0, column - 50)
    shown = "".join(c if c.isprintable() else "?" for c in text[start : start + 70])
    caret = " " * (column - start) + "^"
    raise ExpressionError(f"{message} (column {column + 1})\n  {shown}\n  {caret}")


def suggest(name: str, known: Iterable[str]) -> str:
    """Name the known word that looks most like `name`, as the end of a message."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
