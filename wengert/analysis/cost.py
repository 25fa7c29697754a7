"""What one run of a Graph costs: operations, flops, bytes, and memory by liveness.

The flops of an equation are those that its primitive's row states for these shapes. The
bytes are those of its inputs, read once, and of its outputs, written once, as NumPy
does it, operation by operation; an operation of no flops only moves data, and so reads
no more than it writes. A `scan` costs its body, once for each step; a `switch` the
dearest of its branches. The steps of a `while_loop` only a run can count: `loop_steps`
does; without it, and for a loop inside a loop, one step is taken.

Worked example, `f(x) = (x * np.sin(x)).sum()` for 1000 doubles:

    v1 = sin v0            1000 flops   reads 8 kB    writes 8 kB    lives: v1
    v2 = multiply v0 v1    1000 flops   reads 16 kB   writes 8 kB    lives: v1 v2
    v3 = sum v2            1000 flops   reads 8 kB    writes 8 B     lives: v2 v3

The peak is 16 kB, while v2 is made of v1; inputs and captured arrays are the caller's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wengert.graph.equations import Atom, Equation, Graph, Var
from wengert.graph.evaluate import run_equation, runner, value_of
from wengert.graph.types import ArrayType
from wengert.graph.walk import consumers, inner_graphs, producers, releases

__all__ = [
    "VIEWS",
    "Work",
    "held_bytes",
    "loop_steps",
    "measure",
    "owners",
    "peak_memory",
]

# What NumPy answers by a view of the input's memory, if the answer is an array.
VIEWS = frozenset(
    {
        "broadcast_to", "flip", "getitem", "imag", "real", "reshape",
        "transpose",
    }
)  # fmt: skip

_SCATTERS = ("scatter", "scatter_add")


@dataclass(frozen=True)
class Work:
    """What one run of a Graph does.

    Attributes
    ----------
    operations : dict
        Number of equations by the name of their primitive, most flops first.
    flops_by : dict
        Floating-point operations by the name of the primitive, in the same order.
    bytes_read, bytes_written : int
    peak : int
        Bytes of all intermediate values and outputs at the worst moment.
    """

    operations: Mapping[str, int]
    flops_by: Mapping[str, int]
    bytes_read: int
    bytes_written: int
    peak: int

    @property
    def flops(self) -> int:
        """The number of floating-point operations."""
        return sum(self.flops_by.values())

    @property
    def equations(self) -> int:
        """The number of equations."""
        return sum(self.operations.values())

    @property
    def bytes(self) -> int:
        """The number of bytes that are moved."""
        return self.bytes_read + self.bytes_written


def measure(
    graph: Graph,
    copies: Mapping[Var, int] | None = None,
    steps: Mapping[Equation, int] | None = None,
) -> Work:
    """Add up what one run of a Graph costs, without running it.

    Parameters
    ----------
    graph : Graph
    copies : mapping, optional
        How many of a var are computed; 1, if it is not there. So a Graph with one
        tangent tells the cost of many.
    steps : mapping, optional
        How many steps loops take, from `loop_steps`; 1, if one is not there.

    Returns
    -------
    Work

    Notes
    -----
    A slice's adjoint is added in place, as the reverse sweep does it: `v̄[2:4] += …`
    costs two additions and not the length of v.

    Examples
    --------
    >>> import wengert.primitives
    >>> from wengert.graph.parse import parse
    >>> work = measure(parse('''graph(x: f64[1000]) {
    ...     s = sin x
    ...     y = multiply x s
    ...     return y
    ... }'''))
    >>> work.flops, work.bytes_read, work.bytes_written, work.peak
    (2000, 24000, 16000, 16000)
    """
    copies, steps = copies or {}, steps or {}
    in_place = _in_place(graph)
    skipped = set(in_place.values())
    counts: Counter[str] = Counter()
    flops: Counter[str] = Counter()
    read = written = 0
    for equation in graph.equations:
        if equation in skipped:
            continue
        name, times = equation.primitive.name, copies.get(equation.outputs[0], 1)
        counts[name] += times
        scattered = in_place.get(equation)
        if scattered is not None:
            part = _type(scattered.inputs[0])
            flops[name] += times * part.size
            read += times * 2 * part.nbytes
            written += times * part.nbytes
            continue
        times *= steps.get(equation, 1)
        work = _flops(equation)
        flops[name] += times * work
        inner = _inner(equation)
        if inner is not None:
            read += times * inner.bytes_read
            written += times * inner.bytes_written
            continue
        into = _bytes(equation.inputs)
        out = _bytes(equation.outputs)
        if _is_view(equation):
            continue
        read += times * (into if work else min(into, out))
        written += times * out
    order = sorted(counts, key=lambda name: (-flops[name], -counts[name], name))
    return Work(
        {name: counts[name] for name in order},
        {name: flops[name] for name in order},
        read,
        written,
        peak_memory(graph, copies),
    )


def loop_steps(graph: Graph, inputs: Sequence[Any]) -> dict[Equation, int]:
    """Run a Graph, and count the steps of each `while_loop` and `while_back`.

    Parameters
    ----------
    graph : Graph
        Without guards.
    inputs : sequence of arrays

    Returns
    -------
    dict
        Empty, and nothing is run, if there is no such loop. Loops inside of other
        loops and branches are not counted.
    """
    if not any("cond" in equation.params for equation in graph.equations):
        return {}
    values: dict[Any, Any] = {c.var: c.value for c in graph.captures}
    values.update(zip(graph.inputs, inputs, strict=True))
    found: dict[Equation, int] = {}
    for equation in graph.equations:
        if "cond" in equation.params:
            found[equation] = _steps(equation, values)
        results = run_equation(graph, equation, values)
        values.update(zip(equation.outputs, results, strict=True))
    return found


def _steps(equation: Equation, values: Mapping[Any, Any]) -> int:
    params = equation.params
    ask, run = runner(params["cond"]), runner(params["body"])
    x = [value_of(atom, values) for atom in equation.inputs]
    asked, rest = x[: params["cond_consts"]], x[params["cond_consts"] :]
    fixed, rest = rest[: params["body_consts"]], rest[params["body_consts"] :]
    start = params.get("back_consts", 0)
    carry = rest[start : start + len(params["body"].outputs)]
    count = 0
    while ask(*asked, *carry)[0]:
        carry, count = run(*fixed, *carry), count + 1
    return count


def peak_memory(graph: Graph, copies: Mapping[Var, int] | None = None) -> int:
    """Find the most bytes that intermediate values and outputs take at one time.

    Parameters
    ----------
    graph : Graph
    copies : mapping, optional
        How many of a var there are; 1, if it is not there.

    Returns
    -------
    int
        Each value counts from where it is computed to its last use, a view as what it
        is a view of. Inputs and captured arrays, which the caller holds, do not count.
    """
    copies = copies or {}
    owner = owners(graph)
    given = {*graph.inputs, *(capture.var for capture in graph.captures)}
    waiting = Counter(owner.values())
    dead = releases(graph)
    live = peak = 0
    for equation, released in zip(graph.equations, dead, strict=True):
        before = live
        for var in equation.outputs:
            if owner[var] is var:
                live += var.type.nbytes * copies.get(var, 1)
        inner = _inner(equation)
        if inner is None:
            peak = max(peak, live)
        elif "length" in equation.params:
            peak = max(peak, live + inner.peak)
        else:  # the outputs of the Graph inside are those of the equation
            peak = max(peak, live, before + inner.peak)
        for var in released:
            root = owner[var]
            waiting[root] -= 1
            if not waiting[root] and root not in given:
                live -= root.type.nbytes * copies.get(root, 1)
    return peak


def owners(graph: Graph) -> dict[Var, Var]:
    """Map each var to the var whose memory it uses: itself, unless it is a view."""
    owner: dict[Var, Var] = {var: var for var in graph.inputs}
    owner.update((capture.var, capture.var) for capture in graph.captures)
    in_place = _in_place(graph)
    skipped = set(in_place.values())
    for equation in graph.equations:
        source = equation.inputs[0] if equation.inputs else None
        shares = _is_view(equation) or equation in in_place
        for var in equation.outputs:
            if shares and isinstance(source, Var):
                owner[var] = owner[source]
            elif equation in skipped:  # never made: its elements are added in place
                part = equation.inputs[0]
                owner[var] = owner[part] if isinstance(part, Var) else var
            else:
                owner[var] = var
    return owner


def held_bytes(graph: Graph, vars: Iterable[Var]) -> int:
    """Count the bytes of the distinct arrays that holding these vars keeps alive."""
    owner = owners(graph)
    return sum(root.type.nbytes for root in {owner[var] for var in vars})


def _in_place(graph: Graph) -> dict[Equation, Equation]:
    """Find additions of a scattered part to a sum that nothing else uses, with what
    scatters: in the reverse sweep they happen in the sum's own memory."""
    made, used = producers(graph), consumers(graph)
    outputs = set(graph.outputs)
    found: dict[Equation, Equation] = {}
    for equation in graph.equations:
        if equation.primitive.name != "add":
            continue
        total, part = equation.inputs
        if not isinstance(total, Var) or not isinstance(part, Var):
            continue
        scatters = made.get(part)
        if (
            scatters is not None
            and _scatters(scatters)
            and (_scatters(made.get(total)) or made.get(total) in found)
            and total.type == equation.outputs[0].type
            and all(len(used[v]) == 1 and v not in outputs for v in (total, part))
        ):
            found[equation] = scatters
    return found


def _inner(equation: Equation) -> Work | None:
    """Measure what the Graphs inside a branch or loop do; None for other equations."""
    works = [measure(graph) for graph in inner_graphs(equation)]
    if not works:
        return None
    if equation.primitive.name == "switch":
        return max(works, key=lambda work: (work.flops, work.bytes))
    steps = equation.params.get("length", 1)
    return Work(
        {},
        {},
        steps * sum(work.bytes_read for work in works),
        steps * sum(work.bytes_written for work in works),
        max(work.peak for work in works),
    )


def _is_view(equation: Equation) -> bool:
    # x[0] of a vector is a new NumPy scalar.
    return equation.primitive.name in VIEWS and equation.outputs[0].type.shape != ()


def _scatters(equation: Equation | None) -> bool:
    return equation is not None and equation.primitive.name in _SCATTERS


def _flops(equation: Equation) -> int:
    types = tuple(_type(atom) for atom in equation.inputs)
    y = tuple(var.type for var in equation.outputs)
    row = equation.primitive
    return int(row.cost(types, y if row.is_tuple else y[0], **equation.params))


def _bytes(atoms: Iterable[Atom]) -> int:
    return sum(
        atom.type.nbytes for atom in dict.fromkeys(atoms) if isinstance(atom, Var)
    )


def _type(atom: Any) -> ArrayType:
    return atom.type if isinstance(atom, Var) else ArrayType.of(atom.value)
