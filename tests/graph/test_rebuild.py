"""Copying a Graph, with changes on the way."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.graph.random_graphs import graphs
from wengert.errors import GraphError
from wengert.graph import Literal, lookup
from wengert.graph.parse import parse
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.walk import needed


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_a_copy_differs_at_most_in_what_is_unused(drawn):
    graph, _ = drawn
    copy = rebuild(graph)
    assert str(rebuild(copy)) == str(copy)
    assert len(copy.equations) == len(graph.equations)
    assert copy.inputs == graph.inputs


def test_sources_and_params_are_kept():
    graph = parse("graph(x: f64[3]) {\n y = reshape[shape=(3, 1)] x\n return y\n}")
    assert rebuild(graph).equations[0].params == {"shape": (3, 1)}


def test_captures_stay_the_same_objects():
    array = np.zeros(20)
    text = "graph(x: f64[]) {\n capture c: f64[20]\n y = add x c\n return y\n}"
    assert rebuild(parse(text, {"c": array})).captures[0].value is array


def test_one_equation_may_become_several():
    def doubled(build, equation):
        if equation.primitive.name != "square":
            return copy_equation(build, equation)
        (x,) = equation.inputs
        return build.add(lookup("multiply"), [x, x], {}, equation.source)

    graph = parse("graph(x: f64[]) {\n y = square x\n z = square y\n return z\n}")
    assert str(rebuild(graph, doubled)) == (
        "graph(v0: f64[]) {\n"
        "  v1: f64[] = multiply v0 v0\n"
        "  v2: f64[] = multiply v1 v1\n"
        "  return v2\n}"
    )


def test_a_part_of_a_graph():
    graph = parse("graph(x: f64[]) {\n a = square x\n b = negative a\n return b\n}")
    (a,) = graph.equations[0].outputs
    part = rebuild(graph, equations=needed(graph, [a]), outputs=[a])
    assert len(part.equations) == 1
    with pytest.raises(GraphError, match="whose equation was left out"):
        rebuild(graph, equations=graph.equations[1:])


def test_a_change_of_type_is_refused():
    graph = parse("graph(x: f64[]) {\n y = square x\n return y\n}")
    one = Literal(np.float32(1))
    with pytest.raises(GraphError, match=r"gives f32\[\] for f64\[\]\n  in: v1: f64"):
        rebuild(graph, lambda build, equation: [one])


def test_a_guard_needs_a_var():
    graph = parse("graph(x: f64[]) {\n y = less x 1.0\n guard y is True\n return\n}")
    with pytest.raises(GraphError, match="guard was replaced by a Literal"):
        rebuild(graph, lambda build, equation: [Literal(np.bool_(True))])


def test_equal_guards_are_joined():
    text = """graph(x: f64[]) {
      guard x is True
      guard x is 1
      guard x is True
      return
    }"""
    assert [guard.told for guard in rebuild(parse(text)).guards] == [True, 1]
