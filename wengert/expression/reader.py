"""From text to a postfix program, by an allow-list of `ast` nodes."""

from __future__ import annotations

import ast
import keyword
import math
import operator
import re
from functools import partial
from typing import Any, NoReturn

import numpy as np

from wengert.errors import ExpressionError
from wengert.expression.program import (
    Apply,
    Expression,
    Number,
    Step,
    Variable,
    numpy_number,
)
from wengert.expression.vocabulary import (
    CONSTANTS,
    FUNCTIONS,
    HINTS,
    MAX_DEPTH,
    MAX_INDEX,
    MAX_INTEGER,
    MAX_TEXT,
    OPERATORS,
    SPELLINGS,
    refuse,
    suggest,
)

__all__ = ["Reader", "parse"]

_FOREIGN = re.compile(r"[^\w\s.,+\-*/%()\[\]<>=!^:&|~@]")
# Atomic, so that 1e5 is never read as 1 followed by the name e5.
_NUMBER = r"(?<![\w.])(?>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)"
_NUMBER_THEN_NAME = re.compile(rf"({_NUMBER})([^\W\d]\w*)")
_FUNCTION_THEN_NAME = re.compile(rf"\b({'|'.join(FUNCTIONS)})\s+(\w+)")
_NAME_THEN_NAME = re.compile(r"\b(\w+)\s+(\w+)")


def parse(text: str) -> Expression:
    """Turn a formula into a function.

    Parameters
    ----------
    text : str
        A formula of numbers, variables, `+ - * / ** %`, one comparison at a time, the
        functions in `FUNCTIONS`, the constants in `CONSTANTS`, and elements of arrays
        with constant indices such as `v[0]` or `A[1, :]`.

    Returns
    -------
    Expression
        A function of the variables, in the order in which they appear.

    Raises
    ------
    ExpressionError
        For anything else, with the column, a caret and the next step.

    Cost
    ----
    Linear in the length of the text, which is bounded.

    Examples
    --------
    >>> f = parse("log(x1) + x1*x2 - sin(x2)")
    >>> f.names
    ('x1', 'x2')
    >>> round(float(f(2.0, 5.0)), 3)
    11.652
    >>> parse("1 + sine(x)")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    wengert.errors.ExpressionError: 'sine' is no known function; did you mean 'sin'? ...
      1 + sine(x)
          ^
    """
    if len(text) > MAX_TEXT:
        raise ExpressionError(
            f"the expression has {len(text):,} characters; at most {MAX_TEXT:,} are "
            "read. Write it as a function in a file instead: path.py:name"
        )
    reader = Reader(text, 0, text)
    steps = reader.translate()
    return Expression(text, tuple(reader.names), tuple(steps))


class Reader:
    """Translate one formula, the part of `whole` that starts at `offset`.

    Parameters
    ----------
    text : str
        The formula.
    offset, whole : int, str
        Where it was taken from, for messages.
    constant : bool
        Whether to read a value: numbers and lists of numbers, no variables.
    """

    def __init__(
        self, text: str, offset: int, whole: str, constant: bool = False
    ) -> None:
        spelled = text.translate(SPELLINGS)
        self.text = spelled.lstrip()
        self.offset = offset + len(spelled) - len(self.text)
        self.whole = whole
        self.constant = constant
        self.names: dict[str, None] = {}  # in reading order, as nodes are visited
        self.steps: list[Step] = []

    def translate(self) -> list[Step]:
        """Walk the tree depth first, on a list of what is left to do."""
        agenda: list[Step | tuple[ast.expr, int]] = [(self._tree(), 0)]
        while agenda:
            task = agenda.pop()
            if isinstance(task, Apply):
                self._emit(task)
            elif isinstance(task, (Number, Variable)):
                self.steps.append(task)
            else:
                node, depth = task
                if depth > MAX_DEPTH:
                    self._too_deep(node)
                step, operands = self._visit(node)
                agenda.append(step)
                # a + b + c + … leans to the left, and is as flat as it looks.
                leaning = node.left if isinstance(node, ast.BinOp) else None
                agenda.extend(
                    (operand, depth + (operand is not leaning))
                    for operand in reversed(operands)
                )
        return self.steps

    def _refuse(self, place: ast.AST | int, message: str) -> NoReturn:
        column = place if isinstance(place, int) else self._column(place)
        refuse(self.whole, self.offset + column, message)

    def _too_deep(self, place: ast.AST | int) -> NoReturn:
        self._refuse(place, f"nested more than {MAX_DEPTH} levels deep")

    def _column(self, node: ast.AST) -> int:
        """Find the character that a message about a node points at."""
        match node:
            case ast.BinOp(left=first) | ast.Compare(left=first):
                return self._sign_after(first)
            case ast.BoolOp(values=[first, *_]) | ast.Attribute(value=first):
                return self._sign_after(first)
        return self._characters(getattr(node, "col_offset", 0))

    def _sign_after(self, operand: ast.expr) -> int:
        column = self._characters(operand.end_col_offset or 0)
        while self.text[column : column + 1] in (" ", ")"):
            column += 1
        return column

    def _characters(self, offset: int) -> int:
        # ast counts bytes of UTF-8, people count characters.
        if self.text.isascii():
            return offset
        return len(self.text.encode()[:offset].decode(errors="ignore"))

    # ----- from text to nodes -----

    def _tree(self) -> ast.expr:
        if not self.text:
            example = "a value such as 2.5" if self.constant else "one such as x**2 + 1"
            self._refuse(0, f"nothing is written here; write {example}")
        if foreign := _FOREIGN.search(self.text):
            what = f"the character {foreign[0]!r} has no meaning in a formula"
            self._refuse(foreign.start(), what)
        if pair := _NUMBER_THEN_NAME.search(self.text):
            self._refuse(pair.start(2), f"write {pair[1]}*{pair[2]}, not {pair[0]}")
        try:
            return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            self._explain(error)
        except (MemoryError, RecursionError):  # how Python's parser gives up
            self._too_deep(0)
        except ValueError:
            self._refuse(0, "this text is no valid Unicode")

    def _explain(self, error: SyntaxError) -> NoReturn:
        """Say in terms of formulas what Python's parser disliked."""
        end = len(self.text.rstrip())
        column = (error.offset or end + 1) - 1  # 0 stands for the end of the text
        if pair := _FUNCTION_THEN_NAME.search(self.text):
            self._refuse(pair.start(2), f"write {pair[1]}({pair[2]}), not {pair[0]}")
        for word in re.finditer(r"\w+", self.text):
            if keyword.iskeyword(word[0]):
                what = (
                    f"{word[0]!r} is a word of Python's own and no name for a variable"
                )
                self._refuse(word.start(), what)
        if pair := _NAME_THEN_NAME.search(self.text):
            what = f"write {pair[1]}*{pair[2]}, not {pair[0]}"
            if self.constant:
                what = f"put a comma between {pair[1]} and {pair[2]}"
            self._refuse(pair.start(2), what)
        if self.text[column : column + 1] == "=":
            self._refuse(column, "`=` is not allowed; compare with ==")
        if "|" in self.text:
            self._refuse(self.text.index("|"), HINTS[ast.BitOr])
        if "too many nested" in error.msg:
            self._too_deep(column)
        if "digits" in error.msg:
            self._refuse(column, "this number is too long; write it as 1e300")
        if "leading zeros" in error.msg:
            self._refuse(column, "a number must not start with 0")
        # Only the first sentence: the second guesses at Python, not at formulas.
        said = re.split(r"[.;] ", error.msg)[0].removesuffix(" (<unknown>, line 1)")
        if said == "invalid syntax":
            said = (
                "the formula stops too early" if column >= end else "not expected here"
            )
        self._refuse(column, said)

    # ----- from nodes to steps -----

    def _visit(self, node: ast.expr) -> tuple[Step, list[ast.expr]]:
        """Give the step that a node ends with, and the nodes that it needs first."""
        match node:
            case ast.Constant():
                return self._number(node), []
            case ast.Name():
                return self._name(node), []
            case ast.UnaryOp():
                return self._operation(node, node.op), [node.operand]
            case ast.BinOp():
                return self._operation(node, node.op), [node.left, node.right]
            case ast.Compare():
                if len(node.ops) > 1:
                    what = "comparisons in a row are not allowed; compare two at a time"
                    self._refuse(node, f"{what}, and put one where(…) inside another")
                step = self._operation(node, node.ops[0])
                return step, [node.left, *node.comparators]
            case ast.Call():
                return self._call(node), node.args
            case ast.Subscript():
                return self._subscript(node), [node.value]
            case ast.List() if self.constant:
                return Apply(_gather, len(node.elts), self._column(node)), node.elts
            case ast.BoolOp():
                self._refuse(node, HINTS[type(node.op)])
        what = f"{type(node).__name__} is not allowed in a formula"
        self._refuse(node, HINTS.get(type(node), what))

    def _number(self, node: ast.Constant) -> Number:
        value = node.value
        if type(value) is not int and type(value) is not float:
            self._refuse(node, f"{value!r} is no real number")
        try:
            rounded = float(value)
        except OverflowError:
            rounded = math.inf
        if math.isinf(rounded):
            self._refuse(node, "this number is too large for float64")
        # A whole number stays one: x**2 is a square, x**2.0 a general power.
        return Number(value if rounded <= MAX_INTEGER else rounded)

    def _name(self, node: ast.Name) -> Step:
        name = node.id
        if name in CONSTANTS:
            return Number(CONSTANTS[name])
        if name in FUNCTIONS:
            self._refuse(node, f"{name} is a function; write {name}(…)")
        if self.constant:
            self._refuse(node, f"{name!r} is no number")
        if name.startswith("_"):
            self._refuse(node, f"{name!r} starts with _, which no variable may")
        self.names[name] = None
        return Variable(name)

    def _operation(self, node: ast.expr, sign: ast.AST) -> Apply:
        if type(sign) not in OPERATORS:
            what = f"`{type(sign).__name__}` is not allowed in a formula"
            self._refuse(node, HINTS.get(type(sign), what))
        arity = 1 if isinstance(sign, ast.unaryop) else 2
        return Apply(OPERATORS[type(sign)], arity, self._column(node))

    def _call(self, node: ast.Call) -> Apply:
        if not isinstance(node.func, ast.Name):
            what = (
                "only the name of a function stands before ( ); write * for a product"
            )
            self._refuse(node.func, HINTS.get(type(node.func), what))
        name = node.func.id
        function = FUNCTIONS.get(name)
        if function is None:
            hint = suggest(name, FUNCTIONS) or f"; for a product write {name}*(…)"
            self._refuse(node, f"{name!r} is no known function{hint}")
        if len(node.args) != function.arity:
            many = (
                "1 argument" if function.arity == 1 else f"{function.arity} arguments"
            )
            what = f"{name} takes {many}, not {len(node.args)}"
            if name in ("max", "min") and len(node.args) == 2:
                what += f"; for the {name} of two values write {name}imum(a, b)"
            self._refuse(node, what)
        call = function.call
        for word in node.keywords:
            if word.arg != "axis" or not function.reduces or len(node.keywords) > 1:
                self._refuse(
                    word, f"{name} takes no argument {word.arg or '**'!r} here"
                )
            call = partial(call, axis=self._integer(word.value))
        return Apply(call, function.arity, self._column(node))

    def _subscript(self, node: ast.Subscript) -> Apply:
        target: ast.expr = node
        while isinstance(target, ast.Subscript):
            target = target.value
        if not isinstance(target, ast.Name) or self.constant or target.id in CONSTANTS:
            self._refuse(node, "brackets stand only after a variable, as in v[0]")
        if isinstance(node.slice, ast.Tuple):
            key: Any = tuple(map(self._index, node.slice.elts))
        else:
            key = self._index(node.slice)
        return Apply(operator.itemgetter(key), 1, self._column(node))

    def _index(self, node: ast.expr) -> int | slice:
        if not isinstance(node, ast.Slice):
            return self._integer(node)
        ends = (node.lower, node.upper, node.step)
        return slice(*(None if end is None else self._integer(end) for end in ends))

    def _integer(self, node: ast.expr) -> int:
        sign, digits = 1, node
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, digits = -1, node.operand
        if not isinstance(digits, ast.Constant) or type(digits.value) is not int:
            self._refuse(node, "only a whole number stands here, as in v[0] or axis=0")
        if digits.value > MAX_INDEX:
            self._refuse(node, "this number is too large")
        return sign * digits.value

    # ----- arithmetic on numbers alone -----

    def _emit(self, step: Apply) -> None:
        """Append a step, or its value where every operand is known."""
        count = len(self.steps) - step.arity
        operands = [s.value for s in self.steps[count:] if isinstance(s, Number)]
        if len(operands) == step.arity:
            self.steps[count:] = [Number(self._fold(step, operands))]
        else:
            self.steps.append(step._replace(column=self.offset + step.column))

    def _fold(self, step: Apply, operands: list[Any]) -> Any:
        if step.function is _gather:
            return operands
        if any(isinstance(operand, list) for operand in operands):
            self._refuse(step.column, "lists take no part in arithmetic; write it out")
        if step.function is operator.neg and type(operands[0]) is int:
            return -operands[0]
        try:
            with np.errstate(all="ignore"):
                result = step.function(*map(numpy_number, operands))
        except (TypeError, ValueError) as error:
            self._refuse(step.column, str(error))
        if isinstance(result, (bool, np.bool_)):
            return bool(result)
        if not math.isfinite(result) and all(map(math.isfinite, operands)):
            self._refuse(
                step.column, f"this comes to {float(result)}, no finite number"
            )
        return float(result)


def _gather(*values: Any) -> NoReturn:
    """Stand for a list in a point; lists are built while reading, never at run time."""
    raise AssertionError(values)
