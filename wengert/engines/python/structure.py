"""Branches and loops as Python's own: `if`, `for`, `while`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wengert.engines.python.body import Body
from wengert.engines.python.fragments import Fragment, value
from wengert.graph import Equation, Graph, Var

__all__ = ["STRUCTURES", "Writer"]

Writer = Callable[[Body, Equation], None]


def _names_of(body: Body, variables: Sequence[Var], wanted: str = "v") -> list[str]:
    """Name variables that statements will bind."""
    names = [body.names.fresh(wanted) for _ in variables]
    for var, name in zip(variables, names, strict=True):
        body.written[var] = Fragment(name)
    return names


def _run(
    outer: Body, equation: Equation, graph: Graph, inputs: Sequence[str]
) -> tuple[Body, list[str]]:
    """Write a Graph as the block of a statement; its outputs are returned."""
    block = outer.inner()
    for var, text in zip(graph.inputs, inputs, strict=True):
        block.written[var] = Fragment(text)
    finite = outer.is_finite(equation)
    return block, [fragment.text for fragment in block.run(graph, finite)]


def _scan(body: Body, equation: Equation) -> None:
    p = equation.params
    consts, carries, length = p["consts"], p["carries"], p["length"]
    given = [body.name(atom) for atom in equation.inputs]
    fixed, start, over = (
        given[:consts], given[consts : consts + carries], given[consts + carries :],
    )  # fmt: skip
    carried = _names_of(body, equation.outputs[:carries])
    stacked = _names_of(body, equation.outputs[carries:])
    body.assign(carried, start)
    for name, var in zip(stacked, equation.outputs[carries:], strict=True):
        body.say(f"{name} = np.empty({var.type.shape}, {value(var.type.dtype).text})")
    k = body.names.fresh("k")
    steps = f"range({length})"
    body.say(f"for {k} in {f'reversed({steps})' if p['reverse'] else steps}:")
    inputs = [*fixed, *carried, *(f"{x}[{k}]" for x in over)]
    block, outputs = _run(body, equation, p["body"], inputs)
    for name, output in zip(stacked, outputs[carries:], strict=True):
        block.say(f"{name}[{k}] = {output}")
    block.assign(carried, outputs[:carries])
    body.take(block)


def _while(body: Body, equation: Equation) -> None:
    p = equation.params
    given = [body.name(atom) for atom in equation.inputs]
    first, second = p["cond_consts"], p["cond_consts"] + p["body_consts"]
    carried = _names_of(body, equation.outputs)
    body.assign(carried, given[second:])
    _loop(body, equation, given[:first], given[first:second], carried, note="")


def _loop(
    body: Body,
    equation: Equation,
    asked: list[str],
    fixed: list[str],
    carried: list[str],
    note: str,
) -> None:
    """Write the loop; `note` is said at the start of each step."""
    p = equation.params
    question, (answer,) = _run(body, equation, p["cond"], [*asked, *carried])
    if question.lines:
        body.say("while True:")
        question.say(f"if not {answer}:")
        question.say("    break")
        body.take(question)
    else:
        body.say(f"while {answer}:")
    if note:
        body.say(f"    {note}")
    block, outputs = _run(body, equation, p["body"], [*fixed, *carried])
    block.assign(carried, outputs)
    body.take(block)


def _while_back(body: Body, equation: Equation) -> None:
    p = equation.params
    given = [body.name(atom) for atom in equation.inputs]
    first = p["cond_consts"]
    second = first + p["body_consts"]
    third = second + p["back_consts"]
    asked, fixed, also = given[:first], given[first:second], given[second:third]
    moving = p["moving"]
    seeds = sum(moving[p["body_consts"] :])
    start, seeded = given[third : len(given) - seeds], given[len(given) - seeds :]

    carried = [body.names.fresh("v") for _ in start]
    body.assign(carried, start)
    kept = body.names.fresh("steps")
    body.say(f"{kept} = []")
    note = f"{kept}.append(({', '.join(carried)},))"
    _loop(body, equation, asked, fixed, carried, note)

    bars = _names_of(body, equation.outputs)
    for name, var in zip(bars[: len(bars) - seeds], equation.outputs, strict=False):
        shape, dtype = var.type.shape, value(var.type.dtype).text
        body.say(f"{name} = np.zeros({shape}, {dtype})[()]")
    body.assign(bars[len(bars) - seeds :], seeded)
    body.say(f"for {', '.join(carried)}, in reversed({kept}):")
    block, outputs = _run(body, equation, p["back"], [*also, *fixed, *carried, *bars])
    block.assign(bars, outputs)
    body.take(block)


def _switch(body: Body, equation: Equation) -> None:
    index, *operands = (body.name(atom) for atom in equation.inputs)
    branches = equation.params["branches"]
    results = _names_of(body, equation.outputs)
    is_bool = equation.inputs[0].type.dtype.kind == "b"
    # The first test that holds decides; the index is clipped to the branches there are.
    tests = [f"if {index} <= 0:"]
    tests += [f"elif {index} == {k}:" for k in range(1, len(branches) - 1)]
    order = list(branches)
    if is_bool and len(branches) > 1:
        tests, order = [f"if {index}:"], [branches[1], branches[0]]
    tests = [*tests[: len(order) - 1], "else:"] if len(order) > 1 else ["if True:"]
    for test, branch in zip(tests, order, strict=True):
        body.say(test)
        block, outputs = _run(body, equation, branch, operands)
        block.assign(results, outputs)
        body.take(block)


STRUCTURES: dict[str, Writer] = {
    "scan": _scan,
    "switch": _switch,
    "while_loop": _while,
    "while_back": _while_back,
}
