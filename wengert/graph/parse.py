"""Read a Graph from text: the other half of `show`, whose docstring has the grammar.

Law: `str(parse(str(graph))) == str(graph)` for every Graph of which all params have a
text and all captures are small or given.

Text written by hand may be looser than printed text: vars may have any names, types of
equations may be left out (the primitives give them), and guards may stand anywhere
after their var. Nothing is evaluated: the text is taken apart token by token.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from wengert.graph.build import GraphBuilder
from wengert.graph.equations import Atom, Graph, Literal, Var
from wengert.graph.literals import read_dtype, read_number, read_scalar
from wengert.graph.primitive import PRIMITIVES, Primitive
from wengert.graph.tokens import Token, syntax_error, tokenize
from wengert.graph.types import ArrayType

__all__ = ["parse"]

_CONSTANTS = {"None": None, "True": True, "False": False}


def parse(text: str, captures: Mapping[str, Any] | None = None) -> Graph:
    """Read a Graph from text.

    Parameters
    ----------
    text : str
        As `str(graph)` gives it, or written by hand.
    captures : mapping of str to array, optional
        Captured arrays by their names in the text. They are kept by reference, and go
        before data that the text shows.

    Returns
    -------
    Graph

    Raises
    ------
    GraphError
        Where the text is no Graph: with line, column and, where one is known, a hint.

    Examples
    --------
    >>> import wengert.primitives.arithmetic
    >>> print(parse('''graph(x: f64[], y: f64[3]) {
    ...     product = multiply x y       # types are derived
    ...     return product
    ... }'''))
    graph(v-1: f64[], v0: f64[3]) {
      v1: f64[3] = multiply v-1 v0
      return v1
    }
    """
    reader = _Reader(text, dict(captures or {}))
    graph = reader.graph()
    reader.finish()
    return graph


class _Reader:
    """Walk over the tokens, once, from left to right."""

    def __init__(self, text: str, captures: dict[str, Any]) -> None:
        self.text = text
        self.captures = captures
        self.unused = set(captures)
        self.tokens = tokenize(text)
        self.position = 0
        self.build = GraphBuilder()
        self.vars: dict[str, Var] = {}

    # ----- tokens -----

    @property
    def next(self) -> Token:
        return self.tokens[self.position]

    def take(self, *kinds: str, what: str = "") -> Token:
        token = self.next
        if kinds and token.kind not in kinds:
            wanted = what or " or ".join(repr(kind) for kind in kinds)
            found = {"newline": "the end of the line", "end": "the end of the text"}
            self.fail(
                f"expected {wanted}, found {found.get(token.kind, repr(token.text))}"
            )
        self.position += 1
        return token

    def accept(self, kind: str) -> bool:
        if self.next.kind != kind:
            return False
        self.position += 1
        return True

    def fail(self, problem: str, hint: str = "", at: Token | None = None) -> NoReturn:
        raise syntax_error(self.text, (at or self.next).start, problem, hint)

    def skip_lines(self) -> None:
        while self.accept("newline"):
            pass

    def separated(self, closing: str) -> Iterator[None]:
        """Yield once for each item of a list with commas, and take its closing mark."""
        while not self.accept(closing):
            yield
            if self.next.kind != closing:
                self.take(",")

    # ----- statements -----

    def graph(self) -> Graph:
        outer = self.build, self.vars
        self.build, self.vars = GraphBuilder(), {}
        self.skip_lines()
        self.word("graph")
        self.take("(")
        for _ in self.separated(")"):
            token, stated = self.target()
            if stated is None:
                self.fail(f"input {token.text} needs a type, as in x: f64[3]", at=token)
            self.define(token, self.build.input(stated))
        self.skip_lines()
        self.take("{")
        outputs = None
        self.skip_lines()
        while outputs is None:
            outputs = self.statement()
        self.skip_lines()
        self.take("}", what="'}' after the return")
        graph = self.build.finish(outputs)
        self.build, self.vars = outer
        return graph

    def finish(self) -> None:
        self.skip_lines()
        if self.next.kind != "end" or not self.unused:
            self.take("end", what="the end of the text")
            return
        names = ", ".join(sorted(self.unused))
        self.fail(f"captures were given that the text does not name: {names}")

    def statement(self) -> list[Atom] | None:
        """Read a statement; give the outputs if it is the return."""
        token = self.next
        if token.kind == "}":
            self.fail("the graph ends without a return", "Write return y before }.")
        follows = self.tokens[self.position + 1].kind
        keyword = token.text if follows not in (":", "=", ",") else ""
        outputs = None
        if keyword == "capture":
            self.capture()
        elif keyword == "guard":
            self.guard()
        elif keyword == "return":
            outputs = self.returned()
        else:
            self.equation()
        if self.next.kind != "}":
            self.take("newline", what="the end of the line")
            self.skip_lines()
        return outputs

    def capture(self) -> None:
        self.word("capture")
        token, stated = self.target()
        name = token.text
        if stated is None:
            self.fail(f"capture {name} needs a type, as in c0: f64[3]", at=token)
        data = None
        if self.accept("="):
            data = self.array(stated.dtype)
        if name in self.captures:
            data = self.captures[name]
            self.unused.discard(name)
        elif data is None:
            self.fail(
                f"the text does not hold the array {name}",
                f"Give it to parse: captures={{{name!r}: array}}.",
                token,
            )
        elif data.shape != stated.shape:
            if data.size != stated.size:
                problem = f"{name} is {stated}, but {data.size} elements are given"
                self.fail(problem, at=token)
            # Brackets do not show the axes inside an axis of length 0.
            data = data.reshape(stated.shape)
        if ArrayType.of(data) != stated:
            problem = f"{name} is {stated}, but the array is {ArrayType.of(data)}"
            self.fail(problem, at=token)
        self.define(token, self.build.capture(data))

    def guard(self) -> None:
        self.word("guard")
        at = self.take("name", what="a var")
        var = self.known(at)
        if var.type.size != 1:
            self.fail(f"a guard is on one element, not on {var.type}", at=at)
        self.word("is")
        told = self.scalar()
        if type(told) not in (bool, int):
            self.fail("a guard is True, False or an int", at=self.tokens[-2])
        self.build.guard(var, told)

    def returned(self) -> list[Atom]:
        self.word("return")
        outputs: list[Atom] = []
        while self.next.kind not in ("newline", "}"):
            if outputs:
                self.take(",", what="',' or the end of the line")
            outputs.append(self.atom())
        return outputs

    def equation(self) -> None:
        targets = [self.target()]
        while self.accept(","):
            targets.append(self.target())
        self.take("=")
        at = self.take("name", what="the name of a primitive")
        primitive = self.primitive(at)
        params = self.params() if self.accept("[") else {}
        inputs = []
        while self.next.kind not in ("newline", "}"):
            inputs.append(self.atom())
        try:
            outputs = self.build.add(primitive, inputs, params)
        except Exception as error:
            types = ", ".join(repr(atom.type) for atom in inputs)
            self.fail(f"{primitive.name} does not take ({types}): {error}", at=at)
        if len(outputs) != len(targets):
            found = f"{len(outputs)} outputs, not {len(targets)}"
            self.fail(f"{primitive.name} gives {found}", at=at)
        for (token, stated), var in zip(targets, outputs, strict=True):
            if stated is not None and stated != var.type:
                self.fail(
                    f"{token.text} is written as {stated}, but {primitive.name} "
                    f"gives {var.type}",
                    "Types may be left out: they are derived.",
                    token,
                )
            self.define(token, var)

    def params(self) -> dict[str, Any]:
        params: dict[str, Any] = {}
        for _ in self.separated("]"):
            name = self.take("name", what="the name of a param")
            if name.text in params:
                self.fail(f"param {name.text} is given twice", at=name)
            self.take("=")
            params[name.text] = self.value()
        return params

    # ----- names -----

    def word(self, word: str) -> None:
        if self.next.text != word:
            self.take(word)
        self.position += 1

    def target(self) -> tuple[Token, ArrayType | None]:
        token = self.take("name", what="the name of a var")
        return token, self.array_type() if self.accept(":") else None

    def array_type(self) -> ArrayType:
        dtype = self.dtype(self.take("name", what="a type such as f64[3]"))
        self.take("[")
        shape = []
        for _ in self.separated("]"):
            length = self.take("number", what="a length")
            if not length.text.isdigit():
                self.fail(f"{length.text} is no length of an axis", at=length)
            shape.append(int(length.text))
        return ArrayType(tuple(shape), dtype)

    def dtype(self, token: Token) -> np.dtype[Any]:
        dtype = read_dtype(token.text)
        if dtype is None:
            self.fail(
                f"unknown dtype {token.text!r}",
                "Dtypes are f32 f64 c64 c128 i64 u8 bool and so on; a string stands "
                "in double quotes.",
                token,
            )
        return dtype

    def define(self, token: Token, var: Var) -> None:
        if token.text in self.vars:
            self.fail(
                f"{token.text} is given twice", "Every var is given once.", at=token
            )
        self.vars[token.text] = var

    def known(self, token: Token) -> Var:
        var = self.vars.get(token.text)
        if var is None:
            self.fail(
                f"{token.text} is used before it is given",
                _perhaps(token.text, self.vars),
                token,
            )
        return var

    def primitive(self, token: Token) -> Primitive:
        primitive = PRIMITIVES.get(token.text)
        if primitive is None:
            hint = _perhaps(token.text, PRIMITIVES)
            if token.text.startswith("user."):
                hint = "It is a function of the user's own, which has no text."
            self.fail(f"there is no primitive {token.text!r}", hint, token)
        return primitive

    # ----- values -----

    def atom(self) -> Atom:
        token = self.next
        if token.kind == "number" or token.text in _CONSTANTS or self.is_call():
            return Literal(self.scalar())
        return self.known(self.take("name", what="a var or a number"))

    def is_call(self) -> bool:
        after = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        return self.next.kind == "name" and after.kind == "("

    def scalar(self) -> Any:
        """Read a number: of Python if bare, of NumPy as in `f32(0.1)`."""
        token = self.take("number", "name", what="a number")
        if token.kind == "number":
            return read_number(token.text)
        if token.text in ("True", "False"):
            return token.text == "True"
        dtype = self.dtype(token)
        self.take("(")
        value = self.element(dtype)
        self.take(")")
        return value

    def element(self, dtype: np.dtype[Any]) -> Any:
        token = self.take("number", "name", what=f"an element of dtype {dtype}")
        try:
            return read_scalar(token.text, dtype)
        except (ValueError, OverflowError, KeyError):
            self.fail(f"{token.text} is no element of dtype {dtype}", at=token)

    def array(self, dtype: np.dtype[Any]) -> Any:
        at = self.next
        if not self.accept("["):
            return np.array(self.element(dtype))
        parts = [self.array(dtype) for _ in self.separated("]")]
        if len({part.shape for part in parts}) > 1:
            self.fail("the rows of the array differ in length", at=at)
        return np.stack(parts) if parts else np.zeros(0, dtype)

    def value(self) -> Any:
        """Read the value of a param."""
        token = self.next
        if token.kind == ":":
            return self.slice_value(None)
        if token.kind == "number":
            value = self.scalar()
            return self.slice_value(value) if self.next.kind == ":" else value
        if self.accept("..."):
            return Ellipsis
        if token.kind == "string":
            return json.loads(self.take().text)
        if self.accept("("):
            return tuple(self.value() for _ in self.separated(")"))
        return self.named_value(token)

    def named_value(self, token: Token) -> Any:
        if token.text == "graph":
            return self.graph()
        if token.text in ("True", "False") or self.is_call():
            return self.scalar()
        self.take("name", what="the value of a param")
        if token.text == "None":
            return None
        dtype = self.dtype(token)
        return self.array(dtype) if self.next.kind == "[" else dtype

    def slice_value(self, start: Any) -> slice:
        at = self.next
        parts = [start]
        while len(parts) < 3 and self.accept(":"):
            number = self.next.kind == "number"
            parts.append(read_number(self.take().text) if number else None)
        if not all(part is None or type(part) is int for part in parts):
            self.fail("the bounds of a slice are ints", at=at)
        return slice(*parts)


def _perhaps(name: str, names: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f"Perhaps you meant {close[0]}?" if close else ""
