"""Vertices: what a tensor that requires a gradient was made by.

An entry is that of a tape (transforms/reverse.py), but names its parents by themselves
instead of by their place on a list. So a graph lives as long as something refers to it:
what no tensor leads to any more is freed by Python, one reference count at a time.
Parents are born before their children, so births in falling order are an order in which
to sweep back.

Worked example, `y = x * sin(x)` at 2. The leaf x has a vertex without entry, and then

    sin       (pull of sin, x, 2, None)
    multiply  (pull of multiply, x, 2, sin 2, None, sin, None, None)
"""

from __future__ import annotations

import itertools
from typing import Any
from weakref import ref

from wengert.imperative.recording import recording
from wengert.transforms.recorders import SIDES
from wengert.transforms.writing import pull_write

__all__ = ["FREED", "LEAF", "Vertex", "leaf", "parents", "place"]

Entry = tuple[Any, ...]

LEAF: Entry = ()
FREED: Entry = (None,)

# `next` on a count is atomic, so threads may make vertices.
_births = itertools.count()


class Notes:
    """What few vertices have beside their entry.

    Attributes
    ----------
    grad : Tensor or None
        What has come to a leaf, or to one that retains it.
    retains : bool
        Whether `grad` is kept.
    hooks : dict
        Number → function of the cotangent.
    label : str or None
        The name that the user gave.
    parts : dict
        Of an operation with several outputs, weakly, their vertices by number.
    """

    __slots__ = ("grad", "hooks", "label", "parts", "retains")

    def __init__(self) -> None:
        self.grad: Any = None
        self.retains = False
        self.hooks: dict[int, Any] = {}
        self.label: str | None = None
        self.parts: dict[int, ref[Vertex]] = {}


_NOTHING = Notes()


class Vertex:
    """Be one vertex of a graph, and what `x.grad_fn` gives.

    Attributes
    ----------
    birth : int
    entry : tuple
        LEAF of a leaf, FREED of a vertex that a sweep has gone through.
    notes : Notes or None
    """

    __slots__ = ("__weakref__", "birth", "entry", "notes")

    birth: int
    entry: Entry
    notes: Notes | None

    @property
    def known(self) -> Notes:
        """The notes, to be read."""
        return self.notes or _NOTHING

    @property
    def noted(self) -> Notes:
        """The notes, to be written."""
        if self.notes is None:
            self.notes = Notes()
        return self.notes

    @property
    def name(self) -> str:
        """The operation: "sin", "matmul"; "leaf"; "freed"."""
        if self.entry is LEAF or self.entry is FREED:
            return "leaf" if self.entry is LEAF else "freed"
        for part in self.entry[1:4]:
            if hasattr(part, "numpy") and hasattr(part, "name"):  # a row
                return str(part.name)
        pull = self.entry[0]
        return str(_NAMES.get(pull.__name__, pull.__name__))

    @property
    def next_functions(self) -> tuple[Vertex, ...]:
        """The vertices that it was made of."""
        return tuple(parents(self.entry))

    def __repr__(self) -> str:
        return f"<{self.name}>"


# Pulls that are not a row's own.
_NAMES = {
    "pull_slice": "getitem", "_pull_total": "sum", "pull_write": "write",
    "pull_slot": "part", "pull_attached": "custom", "pull_structured": "control",
}  # fmt: skip


def leaf() -> Vertex:
    """Make the vertex of a leaf."""
    return _vertex(LEAF)


def _vertex(entry: Entry) -> Vertex:
    vertex = Vertex.__new__(Vertex)
    vertex.birth = next(_births)
    vertex.entry = entry
    vertex.notes = None
    return vertex


def place(tape: Any, entry: Entry) -> Vertex | None:
    """Make the vertex of an entry; None where nothing is recorded of it."""
    if recording.on and type(entry[1]) is Vertex:
        if len(entry) == 8 and entry[5] is None:
            entry = _left(entry)
        vertex = Vertex.__new__(Vertex)
        vertex.birth = next(_births)
        vertex.entry = entry
        vertex.notes = None
        return vertex
    return _placed(entry) if recording.on else None


def _placed(entry: Entry) -> Vertex | None:
    """Make the vertex of an entry whose first parent is a constant, or several are.

    Where a constant must have a place, it has a leaf that nobody knows.
    """
    first = entry[1]
    if type(first) is list:
        if all(p is None for p in first):
            return None
        return _vertex((entry[0], [p or leaf() for p in first], *entry[2:]))
    if len(entry) == 8:
        return None if entry[5] is None else _vertex(_right(entry))
    if entry[0] is pull_write and entry[2] is not None:
        return _vertex((pull_write, leaf(), *entry[2:]))
    return None


def _left(entry: Entry) -> Entry:
    pull, i, a, b, z, _, like, _ = entry
    return SIDES[pull][0], i, a, b, z, like


def _right(entry: Entry) -> Entry:
    pull, _, a, b, z, j, _, like = entry
    return SIDES[pull][1], j, a, b, z, like


def parents(entry: Entry) -> list[Vertex]:
    """List the vertices that an entry names."""
    if len(entry) > 1 and type(entry[1]) is list:
        return entry[1]
    return [part for part in entry if type(part) is Vertex]
