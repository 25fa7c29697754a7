"""Jacobians array by array: blocks, their structure, and what their products cost.

Law: along a chain the Jacobian is J_k ⋯ J_2·J_1, and every order of elimination of the
arrays between is a way to set the brackets (matrix chains: Griewank & Walther, 2008,
ch. 9–10).

Worked example, `L(θ) = f(K(D(θ)))` with θ of P elements, D(θ) of N×N, K elementwise and
f a scalar. Written out densely the blocks have N²P, N⁴ and N² entries. From the right,
K·D first, as forward mode does it, they take N⁴P + N²P multiplications; from the left,
as reverse mode does it, N⁴ + N²P. K's block is diagonal: with that known it is N²P +
N²P and N² + N²P.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wengert.graph.dependence import active_inputs, varying
from wengert.graph.equations import Equation, Graph, Var
from wengert.graph.primitive import Elementwise
from wengert.transforms.elimination import Elimination

__all__ = ["Block", "Blocks", "Bracketing", "Chain", "Stage", "find_chain"]

# Stages of which the best bracketing is looked for, in time cubic in their number.
_CHAIN = 60
# Linear rows that give the elements as they are, in another shape or not.
_SAME = {"reshape", "copy", "cast", "positive"}
# Linear rows that move elements, or add and subtract them: entries 0 and ±1.
_MOVES = {
    "broadcast_to", "concatenate", "cumsum", "flip", "gather", "getitem", "roll",
    "scatter", "scatter_add", "stack", "sum", "transpose", "update",
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """The Jacobian of one array in another.

    Attributes
    ----------
    rows, columns : int
    kind : str
        "identity" (or minus it); "diagonal"; "ones": whole numbers, 0 and ±1 mostly,
        so that a product takes sums alone; "spread": one entry in each row; "dense".
    """

    rows: int
    columns: int
    kind: str

    @property
    def size(self) -> int:
        """The number of entries, written out densely."""
        return self.rows * self.columns

    @property
    def entries(self) -> int:
        """The number of entries that have to be kept."""
        if self.kind in ("identity", "ones"):
            return 0
        return self.rows if self.kind in ("diagonal", "spread") else self.size


class Blocks:
    """The algebra of Blocks: with their structure, or as if they were dense."""

    def __init__(self, structured: bool) -> None:
        self.structured = structured
        self.multiplications = self.additions = 0

    def times(self, later: Block, earlier: Block) -> Block:
        """Multiply."""
        rows, inner, columns = later.rows, later.columns, earlier.columns
        kind, count = "dense", rows * inner * columns
        if self.structured:
            kind, count = _product(later, earlier)
        self.multiplications += count
        if not self.structured:
            self.additions += rows * (inner - 1) * columns
        return Block(rows, columns, kind)

    def plus(self, one: Block, other: Block) -> Block:
        """Add."""
        kinds, kind = {one.kind, other.kind}, "dense"
        if self.structured and kinds <= {"identity", "diagonal"}:
            kind = "diagonal"
        elif self.structured and kinds <= {"identity", "ones"}:
            kind = "ones"
        total = Block(one.rows, one.columns, kind)
        self.additions += total.entries
        return total


def _product(later: Block, earlier: Block) -> tuple[str, int]:
    """Give kind and multiplications of a product, by the structure of its factors."""
    kinds = later.kind, earlier.kind
    if "identity" in kinds:
        return kinds[kinds[0] == "identity"], 0
    if "ones" in kinds:
        return "ones" if kinds == ("ones", "ones") else "dense", 0
    if kinds == ("diagonal", "diagonal"):
        return "diagonal", later.rows
    if kinds[0] in ("diagonal", "spread"):
        kind = "dense" if kinds[1] == "dense" else "spread"
        return kind, later.rows * (earlier.columns if kind == "dense" else 1)
    if kinds[1] in ("diagonal", "spread"):
        return "dense", later.rows * later.columns
    return "dense", later.rows * later.columns * earlier.columns


@dataclass(frozen=True)
class Stage:
    """A part of the program between two arrays that all paths lead through.

    Attributes
    ----------
    operations : tuple of str
        The names of its primitives, in order.
    block : Block
        Its Jacobian.
    """

    operations: tuple[str, ...]
    block: Block


@dataclass(frozen=True)
class Bracketing:
    """An order of the products, and its cost.

    Attributes
    ----------
    name : str
        "forward", "reverse", "best, written out", "best, with structure".
    text : str
        `J3·(J2·J1)`.
    dense, structured : int
        Multiplications, with all blocks written out, and with their structure.
    """

    name: str
    text: str
    dense: int
    structured: int


@dataclass(frozen=True)
class Chain:
    """A program as a chain of stages, first to last.

    Attributes
    ----------
    stages : tuple of Stage
    brackets : tuple of Bracketing
        Forward, reverse, and the best with and without structure.
    """

    stages: tuple[Stage, ...]
    brackets: tuple[Bracketing, ...]

    @property
    def entries(self) -> int:
        """The number of entries of all blocks, written out densely."""
        return sum(stage.block.size for stage in self.stages)

    @property
    def best(self) -> Bracketing:
        """The bracketing of the fewest multiplications, structure known."""
        return min(self.brackets, key=lambda b: (b.structured, b.dense))


def find_chain(graph: Graph, wanted: Sequence[int] | None = None) -> Chain:
    """Cut a program into stages, and tell what each way to multiply them costs.

    Parameters
    ----------
    graph : Graph
    wanted : sequence of int, optional
        The inputs that are differentiated; all by default.

    Returns
    -------
    Chain
        Of one stage, if no array between inputs and outputs is on all paths; without
        any, if no output varies.
    """
    arrays = _Arrays(graph, wanted)
    stages = _joined(arrays.stages())
    return Chain(tuple(stages), tuple(_brackets(stages)))


class _Arrays:
    """Arrays as vertices, in order: the inputs as one, what varies, outputs as one."""

    def __init__(self, graph: Graph, wanted: Sequence[int] | None) -> None:
        picked = range(len(graph.inputs)) if wanted is None else wanted
        inputs = [graph.inputs[i] for i in picked]
        moving = varying(graph, inputs)
        self.edges: list[dict[int, Block]] = [{}]
        self.names: list[str] = [""]
        self.number: dict[Var, int] = {}
        n = sum(var.type.size for var in inputs)
        for var in inputs:
            alone = Block(var.type.size, n, "identity" if len(inputs) == 1 else "ones")
            self.number[var] = self.vertex("", {0: alone})
        for equation in graph.equations:
            self.equation(equation, moving)
        outputs = [v for v in graph.outputs if isinstance(v, Var) and v in moving]
        m, last = sum(var.type.size for var in outputs), {}
        for var in outputs:
            kind = "identity" if len(outputs) == 1 else "ones"
            last[self.number[var]] = Block(m, var.type.size, kind)
        self.sink = self.vertex("", last)

    def vertex(self, name: str, edges: dict[int, Block]) -> int:
        self.edges.append(edges)
        self.names.append(name)
        return len(self.edges) - 1

    def equation(self, equation: Equation, moving: set[Any]) -> None:
        sources = [
            i
            for i in active_inputs(equation.primitive, len(equation.inputs))
            if equation.inputs[i] in moving
        ]
        for var in equation.outputs:
            if var not in moving:
                continue
            edges: dict[int, Block] = {}
            for i in sources:
                atom = equation.inputs[i]
                assert isinstance(atom, Var)
                source = self.number[atom]
                block = Block(var.type.size, atom.type.size, _kind(equation, i, var))
                if source in edges:
                    block = _structured().plus(edges[source], block)
                edges[source] = block
            self.number[var] = self.vertex(equation.primitive.name, edges)

    def stages(self) -> Iterator[Stage]:
        """Cut where one array is on all paths from the inputs to the outputs."""
        whole = Elimination(self.edges, [self.sink], _structured(), _self_edge(self))
        kept = sorted(v for v in whole.before if v <= self.sink)
        if 0 not in kept:
            return
        cuts, reach = [], 0
        for v in kept:
            if reach <= v:
                cuts.append(v)
            reach = max([reach, *(w for w in whole.after[v] if w <= self.sink)])
        for start, stop in zip(cuts, cuts[1:], strict=False):
            inside = [v for v in kept if start < v < stop]
            part: list[dict[int, Block]] = [
                {u: b for u, b in whole.before[v].items() if u >= start}
                if start < v <= stop and v in whole.before
                else {}
                for v in range(stop + 1)
            ]
            reduced = Elimination(part, [stop], _structured(), _self_edge(self))
            reduced.eliminate_all(reversed(inside))
            block = reduced.before[stop][start]
            names = [self.names[v] for v in [*inside, stop] if self.names[v]]
            yield Stage(tuple(names), block)


def _structured() -> Blocks:
    return Blocks(structured=True)


def _self_edge(arrays: _Arrays) -> Callable[[int], Block]:
    def one(vertex: int) -> Block:
        into = arrays.edges[vertex]
        rows = next(iter(into.values())).rows if into else 1
        return Block(rows, rows, "identity")

    return one


def _kind(equation: Equation, i: int, var: Var) -> str:
    """Give the structure of the Jacobian of an output in an input."""
    row, shape = equation.primitive, equation.inputs[i].type.shape
    partial = row.partials[i] if isinstance(row, Elementwise) else None
    is_one = isinstance(partial, int | float) and abs(partial) == 1
    if isinstance(row, Elementwise) or row.name == "where":
        if shape == var.type.shape:
            return "identity" if is_one else "diagonal"
        return "ones" if is_one else "spread"
    if row.name in _SAME:
        return "identity"
    return "ones" if row.name in _MOVES else "dense"


def _joined(stages: Iterator[Stage]) -> list[Stage]:
    """Join stages that are multiplied without work: by the identity, or elementwise."""
    joined: list[Stage] = []
    for stage in stages:
        if joined:
            kinds = {stage.block.kind, joined[-1].block.kind}
            if "identity" in kinds or kinds == {"diagonal"}:
                last = joined.pop()
                block = _structured().times(stage.block, last.block)
                stage = Stage(last.operations + stage.operations, block)
        joined.append(stage)
    return joined


# Multiplications, product and order of a part of a chain.
_Way = tuple[int, Block, tuple[int, ...]]


def _brackets(stages: Sequence[Stage]) -> Iterator[Bracketing]:
    """Cost the orders in which a chain may be multiplied; the best of each reading."""
    blocks = [stage.block for stage in stages]
    if not blocks:
        return
    between = tuple(range(1, len(blocks)))
    named = {"forward": between, "reverse": between[::-1]}
    if len(blocks) <= _CHAIN:
        named["best, written out"] = _cheapest(blocks, structured=False)
        named["best, with structure"] = _cheapest(blocks, structured=True)
    written: set[str] = set()
    for name, vertices in named.items():
        text = _bracketed(len(blocks), vertices)
        if text not in written:
            written.add(text)
            dense, known = (_cost(blocks, s, vertices) for s in (False, True))
            yield Bracketing(name, text, dense, known)


def _cheapest(blocks: Sequence[Block], structured: bool) -> tuple[int, ...]:
    """Find the best order for a chain: that of each part, from those of shorter ones
    (Godbole, 1973, IEEE Trans. Comput. C-22)."""
    best: dict[tuple[int, int], _Way] = {
        (k, k + 1): (0, block, ()) for k, block in enumerate(blocks)
    }
    for length in range(2, len(blocks) + 1):
        for start in range(len(blocks) - length + 1):
            stop = start + length
            ways = (
                _split(best[start, k], best[k, stop], k, structured)
                for k in range(start + 1, stop)
            )
            best[start, stop] = min(ways, key=lambda way: way[0])
    return best[0, len(blocks)][2]


def _split(first: _Way, second: _Way, at: int, structured: bool) -> _Way:
    algebra = Blocks(structured)
    block = algebra.times(second[1], first[1])
    cost = first[0] + second[0] + algebra.multiplications
    return cost, block, (*first[2], *second[2], at)


def _cost(blocks: Sequence[Block], structured: bool, order: Sequence[int]) -> int:
    """Count the multiplications of eliminating the arrays between in this order."""
    algebra = Blocks(structured)
    edges: list[dict[int, Block]] = [{}, *({k: b} for k, b in enumerate(blocks))]
    rows = blocks[-1].rows
    chain = Elimination(
        edges, [len(blocks)], algebra, lambda _: Block(rows, rows, "identity")
    )
    chain.eliminate_all(order)
    return algebra.multiplications


def _bracketed(count: int, vertices: Sequence[int]) -> str:
    """Write an order of elimination as brackets: `J3·(J2·J1)`."""
    texts = {k: f"J{k}" for k in range(1, count + 1)}  # by the array each starts after
    ends = {k: k for k in texts}
    for v in vertices:
        left = next(k for k in ends if ends[k] == v)
        texts[left] = f"({texts.pop(v + 1)}·{texts[left]})"
        ends[left] = ends.pop(v + 1)
    text = "·".join(texts[k] for k in sorted(texts, reverse=True))
    return text[1:-1] if text.startswith("(") and len(texts) == 1 else text
