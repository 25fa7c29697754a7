"""Graphs made of parts of a Graph."""

import numpy as np

import wengert.primitives  # noqa: F401  (fills the registry)
from wengert.graph.evaluate import runner
from wengert.graph.extract import Closed, close, extract, share
from wengert.graph.parse import parse

TEXT = """graph(x: f64[], y: f64[]) {
  a = multiply x y
  b = sin a
  c = add b x
  return c
}"""


def test_extract_cuts_where_inputs_are_given():
    graph = parse(TEXT)
    a, b, c = (e.outputs[0] for e in graph.equations)
    part = extract(graph, [b, graph.inputs[0]], [c, b])
    assert [e.primitive.name for e in part.equations] == ["add"]
    assert runner(part)(2.0, 3.0) == [5.0, 2.0]
    assert len(extract(graph, [a], [a]).equations) == 0


def test_close_keeps_the_meaning():
    w = np.array([1.0, 2.0])
    graph = parse(
        "graph(x: f64[2]) {\n capture c: f64[2]\n y = add x c\n return y\n}", {"c": w}
    )
    closed, values = close(graph)
    assert values == (w,) and not closed.captures
    np.testing.assert_array_equal(runner(closed)(*values, w), runner(graph)(w))


def test_share_takes_each_value_once():
    w, u = np.ones(2), np.zeros(2)
    one = parse("graph(a: f64[2], x: f64[2]) {\n y = add a x\n return y\n}")
    two = parse(
        "graph(a: f64[2], b: f64[2], x: f64[2]) {\n"
        " y = add b x\n z = subtract y a\n return z\n}"
    )
    values, (first, second) = share([Closed(one, (w,)), Closed(two, (u, w))])
    assert [id(v) for v in values] == [id(w), id(u)]
    x = np.array([3.0, 4.0])
    np.testing.assert_array_equal(runner(first)(*values, x)[0], w + x)
    np.testing.assert_array_equal(runner(second)(*values, x)[0], w + x - u)
