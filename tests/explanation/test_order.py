"""Sums wait until they are used; all else keeps its place."""

import numpy as np

from wengert.explanation import Sweeps
from wengert.explanation.order import lecture_order
from wengert.graph.parse import parse


def order(f, *args):
    graph = Sweeps.of(f, args).graph
    return [equation.primitive.name for equation in graph.equations]


def test_sums_stand_after_the_operations_that_they_join():
    f = lambda x, y: np.log(x) + x * y - np.sin(y)
    assert order(f, 2.0, 5.0) == ["log", "multiply", "sin", "add", "subtract"]


def test_a_sum_stands_just_before_its_first_use():
    f = lambda x: np.exp(x + 1) + np.sin(x)
    assert order(f, 2.0) == ["add", "exp", "sin", "add"]


def test_a_sum_of_sums_keeps_its_inner_order():
    f = lambda x, y: np.exp((x + y) - (x - y))
    assert order(f, 2.0, 3.0) == ["add", "subtract", "subtract", "exp"]


def test_unused_sums_stand_last():
    def f(x):
        unused = x + 1
        del unused
        return np.sin(x)

    assert order(f, 2.0) == ["sin", "add"]


def test_a_long_chain_of_sums_is_no_recursion():
    terms = "\n".join(f"  s{k + 1} = add s{k} x" for k in range(20_000))
    graph = parse(f"graph(x: f64[]) {{\n  s0 = square x\n{terms}\n  return s20000\n}}")
    ordered = lecture_order(graph)
    assert list(ordered.equations) == list(graph.equations)
