"""Cut the text of a Graph into tokens, each with its place for error messages.

A newline ends a statement, except inside `(…)` and `[…]`, as in Python. `#` starts a
comment that runs to the end of the line.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wengert.errors import GraphError
from wengert.graph.literals import NUMBER

__all__ = ["Token", "syntax_error", "tokenize"]

# In this order: ... starts no number, and inf is a number, not a name.
_PATTERN = re.compile(
    rf"""
    (?P<blank>[ \t\r]+|\#[^\n]*)
  | (?P<newline>\n)
  | (?P<dots>\.\.\.)
  | (?P<number>{NUMBER})
  | (?P<name>v-\d+(?![\w.])|[^\W\d][\w.]*)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<mark>[][(){{}}:,=])
    """,
    re.VERBOSE,
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


class Token(NamedTuple):
    """A piece of text: its kind, the text, and the offset where it starts.

    Kinds are `name` (of vars too), `number`, `string`, `newline` and `end`; the kind of
    a mark is the mark itself.
    """

    kind: str
    text: str
    start: int


def tokenize(text: str) -> list[Token]:
    """Cut text into tokens, the last of which is `end`.

    Raises
    ------
    GraphError
        Where a character starts no token, or a bracket does not match.

    Examples
    --------
    >>> [token.text for token in tokenize("v1: f64[] = log v-1")]
    ['v1', ':', 'f64', '[', ']', '=', 'log', 'v-1', '']
    """
    tokens: list[Token] = []
    open_brackets: list[Token] = []
    position = 0
    while position < len(text):
        match = _PATTERN.match(text, position)
        if match is None:
            raise syntax_error(text, position, *_unknown(text[position]))
        kind = str(match.lastgroup)
        token = Token(_mark_kind(kind, match[0]), match[0], position)
        position = match.end()
        if kind == "mark":
            _follow_brackets(text, token, open_brackets)
        inside = bool(open_brackets) and open_brackets[-1].text != "{"
        if kind != "blank" and not (kind == "newline" and inside):
            tokens.append(token)
    if open_brackets:
        last = open_brackets[-1]
        raise syntax_error(text, last.start, f"{last.text!r} is never closed")
    tokens.append(Token("end", "", len(text)))
    return tokens


def syntax_error(text: str, position: int, problem: str, hint: str = "") -> GraphError:
    """Make the error of a text that is no Graph: line, column, the line itself, a hint.

    Examples
    --------
    >>> print(syntax_error("graph() {\\n  retrun\\n}", 12, "unknown word"))
    line 2, column 3: unknown word
        retrun
        ^
    """
    line_start = text.rfind("\n", 0, position) + 1
    line = text[line_start:].partition("\n")[0]
    row, column = text.count("\n", 0, position) + 1, position - line_start + 1
    bare = line.lstrip()
    caret = " " * max(0, column - 1 - (len(line) - len(bare))) + "^"
    message = f"line {row}, column {column}: {problem}\n    {bare}\n    {caret}"
    return GraphError(f"{message}\n{hint}" if hint else message)


def _mark_kind(kind: str, text: str) -> str:
    return text if kind in ("mark", "dots") else kind


def _follow_brackets(text: str, token: Token, open_brackets: list[Token]) -> None:
    if token.text in _CLOSING:
        open_brackets.append(token)
    elif token.text in _CLOSING.values():
        opening = open_brackets.pop() if open_brackets else None
        if opening is None or _CLOSING[opening.text] != token.text:
            problem = f"{token.text!r} closes nothing"
            if opening is not None:
                problem = f"{token.text!r} does not close {opening.text!r}"
            raise syntax_error(text, token.start, problem)


def _unknown(character: str) -> tuple[str, str]:
    if character == "<":
        hint = (
            "What is printed as <…> has no text of its own; a Graph that holds it "
            "cannot be read back."
        )
        return "a value without a text", hint
    if character == '"':
        return "a string that does not end on its line", ""
    return f"unexpected character {character!r}", ""
