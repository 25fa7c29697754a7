"""The plan: which values are kept in memory, and which share a loop.

Equations over arrays of one shape go into one loop nest, a *group*, as long as none has
to wait for a result of that very loop: a sum, or an element at another index. What is
used within its group only is never stored. What is used elsewhere is stored, or, where
that is cheaper, computed again there; so `x[1:] - x[:-1]**2` goes into whatever reads
it. Views are never stored, and pieces (of concatenate, scatter…) only where they must.

All is one pass over the equations, and once more for each round of values that turn out
to need memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wengert.engines.loops.affine import identity, reshaped_index
from wengert.engines.loops.kinds import kind_of, weight_of
from wengert.graph import Equation, Graph, Var
from wengert.graph.walk import producers
from wengert.primitives.indexing import indexed_shape

__all__ = ["Group", "Plan", "make_plan"]

# A loop holds at most this many equations: LLVM takes more than twice as long for a
# function of twice the length.
_FULL = 250
# A value used elsewhere is stored if it costs more than so many additions…
_WORTH_STORING = 12
# …or so many, where it would be computed again for each element of a larger array.
_WORTH_STORING_REPEATED = 3
# Views cost nothing; pieces, that they cut the loop.
_OWN = {"view": 0, "gather": 2, "piecewise": 4}
# Pieces of arrays up to this size are put together in registers.
_SMALL = 32


@dataclass(slots=True, eq=False)
class Group:
    """Equations that share a loop nest over `domain`; None for a step of its own."""

    domain: tuple[int, ...] | None
    equations: list[Equation] = field(default_factory=list)
    weight: int = 0


@dataclass(slots=True, eq=False)
class Plan:
    """Groups, in the order in which they run, and the vars that are kept in memory."""

    graph: Graph
    kinds: dict[Equation, str]
    groups: list[Group]
    group_of: dict[Var, int]
    stored: set[Var]
    givers: dict[Var, Equation]


def make_plan(graph: Graph, forced: set[Var]) -> Plan:
    """Plan a Graph of which every equation is lowered.

    Parameters
    ----------
    graph : Graph
    forced : set of Var
        To be kept in memory whatever the plan would prefer; this function adds to it.
    """
    givers = producers(graph)
    kinds = {equation: kind_of(equation) or "opaque" for equation in graph.equations}
    _force_what_is_asked_for(graph, kinds, givers, forced)
    while True:
        plan = _group(graph, kinds, givers, forced)
        more = _choose_stored(plan, forced)
        if not more:
            return plan
        forced |= more


def is_partial(equation: Equation, givers: dict[Var, Equation]) -> bool:
    """Tell whether an equation changes a small part of a large array: better in place
    than by going through all of it."""
    name = equation.primitive.name
    if name == "update":
        whole = equation.outputs[0].type
        part = indexed_shape(whole.shape, equation.params["index"])
        return whole.size > _SMALL and 4 * _count(part) <= whole.size
    return name == "add" and accumulated(equation, givers) is not None


def accumulated(equation: Equation, givers: dict[Var, Equation]) -> int | None:
    """Find the input of a sum that is a scatter of a small part, if there is one."""
    whole = equation.outputs[0].type
    if whole.size <= _SMALL:
        return None
    for i, atom in enumerate(equation.inputs):
        other = equation.inputs[1 - i]
        giver = givers.get(atom) if isinstance(atom, Var) else None
        if giver is None or giver.primitive.name != "scatter":
            continue
        shapes = (giver.outputs[0].type.shape, getattr(other.type, "shape", None))
        if shapes != (whole.shape, whole.shape):
            continue
        if not isinstance(other, Var) or giver.inputs[0].type.dtype != whole.dtype:
            continue
        if 4 * giver.inputs[0].type.size <= whole.size:
            return i
    return None


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


def root_of(var: Var, kinds: dict[Equation, str], givers: dict[Var, Equation]) -> Var:
    """Follow views to the array that they show."""
    while (giver := givers.get(var)) is not None and kinds[giver] == "view":
        source = giver.inputs[0]
        if not isinstance(source, Var):
            break
        var = source
    return var


def _force_what_is_asked_for(
    graph: Graph,
    kinds: dict[Equation, str],
    givers: dict[Var, Equation],
    forced: set[Var],
) -> None:
    for atom in (*graph.outputs, *(guard.var for guard in graph.guards)):
        if isinstance(atom, Var) and atom in givers:
            forced.add(atom)
    for equation in graph.equations:
        kind = kinds[equation]
        if is_partial(equation, givers):
            forced.add(equation.outputs[0])
        for root in _asked_for(equation, kind, kinds, givers):
            if root in givers:
                forced.add(root)
        if equation.primitive.name == "reshape":
            _force_unless_readable(equation, kinds, givers, forced)


def _asked_for(
    equation: Equation,
    kind: str,
    kinds: dict[Equation, str],
    givers: dict[Var, Equation],
) -> Iterator[Var]:
    """Find the arrays that an equation reads from memory, not element by element."""
    if kind in ("opaque", "gather"):
        for atom in equation.inputs if kind == "opaque" else equation.inputs[:1]:
            if isinstance(atom, Var):
                yield root_of(atom, kinds, givers)


def _force_unless_readable(
    equation: Equation,
    kinds: dict[Equation, str],
    givers: dict[Var, Equation],
    forced: set[Var],
) -> None:
    (source,), (output,) = equation.inputs, equation.outputs
    shape, old = output.type.shape, source.type.shape
    box = tuple((0, n) for n in shape)
    if 0 in shape or reshaped_index(identity(len(shape)), shape, old, box) is not None:
        return
    if isinstance(source, Var) and (root := root_of(source, kinds, givers)) in givers:
        forced.add(root)


def _group(
    graph: Graph,
    kinds: dict[Equation, str],
    givers: dict[Var, Equation],
    forced: set[Var],
) -> Plan:
    groups: list[Group] = []
    by_domain: dict[tuple[int, ...], list[int]] = {}
    group_of: dict[Var, int] = {}
    # From which group on a var can be read at any index.
    ready: dict[Var, int] = {}
    fusable: dict[Var, int] = {}

    def bound(equation: Equation, domain: tuple[int, ...] | None) -> int:
        first = 0
        for atom in equation.inputs:
            if isinstance(atom, Var) and atom in givers:
                same = atom in fusable and atom.type.shape == domain
                first = max(first, fusable[atom] if same else ready[atom])
        return first

    for equation in graph.equations:
        kind, outputs = kinds[equation], equation.outputs
        partial = kind == "elementwise" and is_partial(equation, givers)
        if kind in ("elementwise", "reduction") and not partial:
            domain = _domain(equation, kind)
            first = bound(equation, domain)
            place = _place(groups, by_domain.setdefault(domain, []), first, domain)
            groups[place].equations.append(equation)
            groups[place].weight += 1
            if kind == "elementwise":
                fusable[outputs[0]] = place
            at = place + 1
        elif kind == "opaque" or outputs[0] in forced:
            # It comes after all that is planned so far; no loop can be shared.
            place, at = len(groups), len(groups) + 1
            groups.append(Group(None, [equation]))
        else:
            at = place = bound(equation, None)
        for var in outputs:
            ready[var], group_of[var] = at, place
    return Plan(graph, kinds, groups, group_of, set(), givers)


def _domain(equation: Equation, kind: str) -> tuple[int, ...]:
    if kind == "elementwise":
        return equation.outputs[0].type.shape
    return getattr(equation.inputs[0].type, "shape", ())


def _place(
    groups: list[Group], known: list[int], first: int, domain: tuple[int, ...]
) -> int:
    for place in reversed(known[-8:]):
        if place < first:
            break
        if groups[place].weight < _FULL:
            return place
    groups.append(Group(domain))
    known.append(len(groups) - 1)
    return len(groups) - 1


def _choose_stored(plan: Plan, forced: set[Var]) -> set[Var]:
    """Fill `plan.stored`, and give what must be forced in another round."""
    elsewhere = _used_elsewhere(plan)
    cost: dict[Var, int] = {}
    more: set[Var] = set()
    for equation in plan.graph.equations:
        kind = plan.kinds[equation]
        total = sum(_cost_of(cost, atom) for atom in equation.inputs)
        for var in equation.outputs:
            if kind in ("reduction", "opaque") or var in forced:
                plan.stored.add(var)
                cost[var] = 1
                continue
            own = _OWN[kind] if kind in _OWN else weight_of(equation)
            cost[var] = min(1000, total + own)
            growth = elsewhere.get(var, 0)
            if not growth or kind == "view":
                continue
            limit = _WORTH_STORING_REPEATED if growth > 4 else _WORTH_STORING
            if cost[var] <= limit + (len(equation.inputs) if growth > 4 else 0):
                continue
            if kind in ("piecewise", "gather"):
                if _pieces(plan, var) > 16 or kind == "gather" and growth > 4:
                    more.add(var)
                continue
            plan.stored.add(var)
            cost[var] = 1
    return more


def _pieces(plan: Plan, var: Var) -> int:
    """Estimate into how many pieces reading a var cuts a loop."""
    count, waiting, seen = 1, [var], set()
    while waiting and count <= 16:
        giver = plan.givers.get(waiting.pop())
        if giver is None or giver in seen or giver.outputs[0] in plan.stored:
            continue
        seen.add(giver)
        if plan.kinds[giver] == "piecewise":
            count += len(giver.inputs) + 1
        waiting += [atom for atom in giver.inputs if isinstance(atom, Var)]
    return count


def _cost_of(cost: dict[Var, int], atom: object) -> int:
    if not isinstance(atom, Var):
        return 0
    return cost.get(atom, 1)


def _used_elsewhere(plan: Plan) -> dict[Var, float]:
    """Map each var that is read outside its group, or at another index, to the growth:
    how many times larger than it the array is that it is read for."""
    used: dict[Var, float] = {}
    for equation, atom in _uses(plan.graph):
        kind, shape = plan.kinds[equation], atom.type.shape
        group = plan.group_of[equation.outputs[0]]
        inside = (
            kind in ("elementwise", "reduction")
            and plan.group_of.get(atom) == group
            and shape == plan.groups[group].domain
        )
        if not inside:
            size = equation.outputs[0].type.size
            growth = size / max(1, atom.type.size) if size and shape else 1
            used[atom] = max(used.get(atom, 0), growth, 1)
    for equation in reversed(plan.graph.equations):
        # What is read through a view is read for what reads the view.
        (output, *_), kind = equation.outputs, plan.kinds[equation]
        if kind == "view" and output in used and isinstance(equation.inputs[0], Var):
            source = equation.inputs[0]
            growth = used[output] * output.type.size / max(1, source.type.size)
            used[source] = max(used.get(source, 1), growth if source.type.shape else 1)
    return used


def _uses(graph: Graph) -> Iterator[tuple[Equation, Var]]:
    for equation in graph.equations:
        for atom in equation.inputs:
            if isinstance(atom, Var):
                yield equation, atom
