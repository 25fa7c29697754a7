"""A Graph as numbers, in which equal steps are looked for.

Every var has a number, in the order in which the vars are given; a Literal has a
negative one, the same for the same number. An equation has a sign: equal signs mean the
same primitive, the same params but for where indices start, the same types of outputs,
and guards that were told the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.graph import Atom, Equation, Graph, Guard, Literal, Var
from wengert.passes.exact import exact_key
from wengert.passes.rolling.places import Form, Spread, is_told, place_of, spread
from wengert.primitives.indexing import Index

__all__ = ["INDEXED", "Listing"]

# Primitives with an index of which the integers may differ from step to step, and where
# the shape of what it is an index of is found: the input of this number, or a param.
INDEXED: dict[str, int | str] = {"getitem": 0, "update": 0, "scatter": "shape"}

Ints = np.ndarray[Any, Any]


class Listing:
    """A Graph, its vars and Literals numbered.

    Attributes
    ----------
    atoms : list of Var
        By their numbers.
    literals : list of Literal
        That of the number -1 comes first.
    signs : array of int
        One for each equation.
    given : array of int
        For each equation the number of its first output, and the end of all.
    slots : array of int
        The numbers of all inputs of all equations, one after the other.
    first_slot : array of int
        For each equation, where its inputs begin in `slots`, and the end of all.
    places : dict
        Of the equation numbers whose index may differ: form and integers.
    guards : dict
        Of the equation numbers with guards on outputs, those guards.
    types : array of int
        For each var number, a number for its type.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.atoms: list[Var] = []
        self.literals: list[Literal] = []
        self.places: dict[int, tuple[Form, tuple[int, ...]]] = {}
        self.guards: dict[int, list[Guard]] = {}
        self._numbers: dict[Var, int] = {}
        self._literal_keys: dict[Any, int] = {}
        self._type_keys: dict[Any, int] = {}
        self._known: dict[Any, tuple[Form, tuple[int, ...]]] = {}
        for var in (*graph.inputs, *(capture.var for capture in graph.captures)):
            self._give(var)
        self.before = len(self.atoms)
        self._list()

    def _give(self, var: Var) -> None:
        self._numbers[var] = len(self.atoms)
        self.atoms.append(var)

    def _list(self) -> None:
        guards: dict[Var, list[Guard]] = {}
        for guard in self.graph.guards:
            guards.setdefault(guard.var, []).append(guard)
        sign_keys: dict[Any, int] = {}
        signs: list[int] = []
        given: list[int] = []
        slots: list[int] = []
        first_slot: list[int] = []
        for i, equation in enumerate(self.graph.equations):
            first_slot.append(len(slots))
            slots += [self.number(atom) for atom in equation.inputs]
            given.append(len(self.atoms))
            for var in equation.outputs:
                self._give(var)
            key = self._sign(i, equation)
            if guards:
                asked = [g for var in equation.outputs for g in guards.get(var, ())]
                if asked:
                    self.guards[i] = asked
                    key = key, _told(i, equation, asked)
            signs.append(sign_keys.setdefault(key, len(sign_keys)))
        self.signs: Ints = np.array(signs, np.int64)
        self.given: Ints = np.array([*given, len(self.atoms)], np.int64)
        self.slots: Ints = np.array(slots, np.int64)
        self.first_slot: Ints = np.array([*first_slot, len(slots)], np.int64)
        self.types: Ints = np.array([self._type(var.type) for var in self.atoms])

    def _type(self, type: Any) -> int:
        return self._type_keys.setdefault(type, len(self._type_keys))

    def number(self, atom: Atom) -> int:
        """Give the number of a var or of a Literal."""
        if isinstance(atom, Var):
            return self._numbers[atom]
        key = exact_key(atom.value)
        number = self._literal_keys.get(key)
        if number is None:
            self.literals.append(atom)
            number = self._literal_keys[key] = -len(self.literals)
        return number

    def atom(self, number: int) -> Atom:
        """Give the var or the Literal of a number."""
        return self.atoms[number] if number >= 0 else self.literals[-number - 1]

    def reads(self, numbers: Sequence[int]) -> tuple[int, Spread] | None:
        """Find the one var that some vars are read from, and where, or None."""
        equations = np.searchsorted(self.given, np.asarray(numbers), side="right") - 1
        if len(numbers) < 2 or equations.min() < 0:
            return None
        places = [self.places.get(i) for i in equations.tolist()]
        sources = {int(self.slots[self.first_slot[i]]) for i in equations}
        if len({self.signs[i] for i in equations}) > 1 or len(sources) > 1:
            return None
        if places[0] is None or self.name(int(equations[0])) != "getitem":
            return None
        starts = np.array([place[1] for place in places if place], np.int64)
        form = places[0][0]
        if not np.ptp(starts, axis=0).any() or not is_told(form, starts):
            return None
        return sources.pop(), spread(form, starts)

    def captured(self, numbers: Sequence[int]) -> list[Any]:
        """Give the arrays that vars stand for, if all of them are captures."""
        first = len(self.graph.inputs)
        if not first <= min(numbers) <= max(numbers) < self.before:
            return []
        return [self.graph.captures[n - first].value for n in numbers]

    def name(self, i: int) -> str:
        """Give the name of the primitive of an equation."""
        return self.graph.equations[i].primitive.name

    def literal(self, number: int) -> Literal:
        """Give the Literal of a number."""
        return self.literals[-number - 1]

    def _sign(self, i: int, equation: Equation) -> Any:
        row = equation.primitive
        types = tuple(var.type for var in equation.outputs)
        params: Any = ()
        if equation.params:
            params = self._params(i, equation)
        return row, len(equation.inputs), types, params

    def _params(self, i: int, equation: Equation) -> Any:
        params = equation.params
        where = INDEXED.get(equation.primitive.name)
        form = None
        if where is not None and (
            where == "shape" or isinstance(equation.inputs[0], Var)
        ):
            if not (equation.primitive.name == "update" and len(equation.inputs) > 2):
                form = self._place(i, equation, where)
        return form, tuple(
            (name, exact_key(params[name]))
            for name in sorted(params)
            if form is None or name != "index"
        )

    def _place(self, i: int, equation: Equation, where: int | str) -> Form:
        shape = (
            equation.params[where]
            if isinstance(where, str)
            else equation.inputs[where].type.shape
        )
        index = equation.params["index"]
        key = Index(index), shape
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = place_of(index, shape)
        self.places[i] = place
        return place[0]


def _told(i: int, equation: Equation, guards: Sequence[Guard]) -> Any:
    """Say what guards were told; what a loop could not ask is like nothing else."""
    for guard in guards:
        whole = type(guard.told) is bool or guard.var.type.dtype.kind in "iub"
        if not whole or len(equation.outputs) != 1:
            return i
    return tuple((type(guard.told), guard.told) for guard in guards)
