"""Equal equations are merged, dead ones dropped, and nothing else changes."""

import numpy as np
import pytest
from hypothesis import assume, given, settings

from tests.graph.random_graphs import graphs, run, same_bits
from wengert.graph.parse import parse
from wengert.graph.walk import count
from wengert.passes import drop_dead, merge_equal, prune


def merged(body):
    """Count the equations that are left of some lines, of scalars x and y."""
    graph = parse(f"graph(x: f64[], y: f64[], a: f64[2,3]) {{\n{body}\nreturn\n}}")
    return len(merge_equal(graph).equations)


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_values_stay_bit_for_bit(drawn):
    graph, inputs = drawn
    # What raises may stop doing so, where it was dead.
    assume(run(graph, inputs) not in (ArithmeticError, ValueError))
    pruned = prune(graph)
    assert same_bits(run(pruned, inputs), run(graph, inputs))
    assert str(prune(pruned)) == str(pruned)
    assert len(pruned.inputs) == len(graph.inputs)


def test_chains_of_equal_equations_collapse():
    assert merged("b = square x\nc = square x\nd = negative b\ne = negative c") == 2


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("add x y", "add y x"),
        ("add x 0.0", "add x -0.0"),
        ("add x 1", "add x 1.0"),
        ("add x 1", "add x True"),
        ("add x 1.0", "add x f64(1.0)"),
        ("multiply x f32(1.0)", "multiply x f64(1.0)"),
        ("add x 0.0+0.0j", "add x 0.0-0.0j"),
        ("sum[axes=(0,), keepdims=False] a", "sum[axes=(1,), keepdims=False] a"),
        ("sum[axes=(0,), keepdims=False] a", "sum[axes=(0,), keepdims=True] a"),
        ("sum[axes=(0,), keepdims=False] a", "sum[axes=(False,), keepdims=0] a"),
    ],
)
def test_what_only_looks_equal_is_not_merged(left, right):
    assert merged(f"l = {left}\nr = {right}") == 2
    assert merged(f"l = {left}\nr = {left}") == 1


def test_nan_is_merged_with_nan():
    assert merged("l = add x nan\nr = add x nan") == 1


def test_params_are_compared_without_regard_to_order():
    left = "l = sum[axes=(0,), keepdims=False] a"
    assert merged(f"{left}\nr = sum[keepdims=False, axes=(0,)] a") == 1


def test_captures_are_merged_by_identity():
    text = """graph() {
      capture a: f64[2]
      capture b: f64[2]
      capture c: f64[2]
      x = negative a
      y = negative b
      z = negative c
      return x, y, z
    }"""
    one, other = np.ones(2), np.ones(2)
    pruned = prune(parse(text, {"a": one, "b": other, "c": one}))
    assert len(pruned.captures) == len(pruned.equations) == 2
    assert pruned.outputs[0] is pruned.outputs[2]


def test_what_guards_and_outputs_need_stays():
    graph = parse("""graph(x: f64[]) {
      capture unused: f64[2] = [1.0, 2.0]
      a = square x
      b = less a 4.0
      guard b is True
      c = negative x
      d = negative c
      e = square c
      f = multiply unused d
      return e
    }""")
    kept = drop_dead(graph)
    assert count(kept) == {"square": 2, "less": 1, "negative": 1}
    assert len(kept.guards) == 1 and not kept.captures


def test_inputs_stay_even_if_nothing_uses_them():
    graph = parse("graph(x: f64[], y: f64[]) {\n return y\n}")
    assert len(prune(graph).inputs) == 2
