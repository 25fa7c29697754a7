"""Branches and loops without what nobody asks for."""

import numpy as np
import pytest

from wengert import cond, grad, scan, trace, while_loop
from wengert.engines import NumpyEngine
from wengert.graph.walk import count
from wengert.passes import prune, simplify

X = np.array([0.5, 1.5, -0.5])


def pruned(f, *args):
    graph = trace(f, *args)
    small = prune(graph)
    for a, b in zip(
        NumpyEngine().compile(graph)(*args),
        NumpyEngine().compile(small)(*args),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    assert str(prune(small)) == str(small)
    return small


def only(graph, name):
    (equation,) = [e for e in graph.equations if e.primitive.name == name]
    return equation


def test_dead_outputs_carries_slices_and_constants_of_a_scan_go():
    def f(x):
        def step(c, v):
            used, dead = c
            return (used * v[0], dead * np.exp(v[1]) * x[0]), np.sin(dead)

        return scan(step, (x[1], x[2]), (x, x * 2.0))[0][0]

    graph = pruned(f, X)
    equation = only(graph, "scan")
    assert (len(equation.inputs), len(equation.outputs)) == (2, 1)
    assert (equation.params["carries"], equation.params["consts"]) == (1, 0)
    assert not {"exp", "sin"} & set(count(graph))


def test_a_carry_that_another_needs_stays():
    def f(x):
        return scan(lambda c, v: ((c[0] + c[1], c[1] * v), None), (x[0], x[1]), x)[0][0]

    assert only(pruned(f, X), "scan").params["carries"] == 2


def test_a_stack_is_kept_where_it_is_all_that_is_wanted():
    def f(x):
        return scan(lambda c, v: (c * v, (c, np.exp(c))), x[0], x)[1][0]

    equation = only(pruned(f, X), "scan")
    assert len(equation.outputs) == 2  # the carry, which the stack needs


def test_operands_that_no_branch_needs_go():
    def f(x):
        g = cond(
            x[0] > 0, lambda a, b, c: (a, b * c), lambda a, b, c: (a * a, c), *x * 2.0
        )
        return g[0]

    equation = only(pruned(f, X), "switch")
    assert (len(equation.inputs), len(equation.outputs)) == (2, 1)


def test_what_a_condition_looks_at_stays():
    def f(x):
        loop = while_loop(
            lambda s: s[0] < 4,
            lambda s: (s[0] + 1, s[1] * x[0], s[2] * x[1]),
            (0, x[0], x[2]),
        )
        return loop[1]

    equation = only(pruned(f, X), "while_loop")
    assert len(equation.outputs) == 2
    assert equation.params["body_consts"] == 1


def test_the_primal_loop_of_a_gradient_goes():
    f = lambda x: while_loop(lambda c: c < 9.0, lambda c: c * c, x)  # noqa: E731
    assert count(pruned(grad(f), np.float64(1.5)))["while_loop"] == 0


@pytest.mark.parametrize("name", ["scan", "switch", "while_loop"])
def test_bodies_are_simplified(name):
    def f(x):
        if name == "switch":
            return cond(x[0] > 0, lambda a: a * 1.0, lambda a: np.negative(-a), x)
        if name == "scan":
            return scan(lambda c, v: (c * 1.0 + v, None), x[0], x)[0]
        return while_loop(lambda c: c[0] < 9.0, lambda c: c * 1.0 + 2.0, x)

    graph = prune(simplify(trace(f, X)))
    names = count(graph)
    assert not {"multiply", "negative"} & set(names)
