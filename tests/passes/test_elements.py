"""Elements are what was written, and nothing else changes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import trace
from wengert.engines.numpy import NumpyEngine
from wengert.graph.parse import parse
from wengert.graph.walk import count
from wengert.passes import prune
from wengert.passes.elements import forward_reads
from wengert.passes.rereading import reread

LINES = st.one_of(
    st.tuples(st.integers(-4, 3), st.integers(-4, 3)).map(
        lambda t: f"y[{t[0]}] = np.sin(y[{t[1]}])"
    ),
    st.tuples(st.integers(-4, 3), st.integers(0, 3)).map(
        lambda t: f"y[{t[0]}] += x[{t[1]}]"
    ),
    st.integers(0, 3).map(lambda k: f"y = y + np.eye(4)[{k}] * x[{k}]"),
    st.sampled_from(
        [
            "z = y.copy()",
            "y[1:3] = y[2]",
            "y = z + y",
            "z[2] = y[1]",
            "y = np.sin(y)",
            "y[3] = 0.5",
        ]
    ),
)


@settings(deadline=None)
@given(st.lists(LINES, min_size=1, max_size=12))
def test_values_stay(lines):
    text = "".join(f"    {line}\n" for line in lines)
    names = {"np": np}
    exec(f"def f(x):\n    y = x * 2\n    z = y + 1\n{text}    return y, z\n", names)
    x = np.array([0.3, -0.5, 0.7, 1.1])
    graph = trace(names["f"], x)
    for other in (forward_reads(graph), reread(graph), reread(forward_reads(graph))):
        found = NumpyEngine().compile(other)(x)
        for y, expected in zip(found, names["f"](x), strict=True):
            np.testing.assert_allclose(y, expected, rtol=1e-14, atol=1e-15)


def left(text):
    return count(prune(forward_reads(parse(text))))


def test_what_was_written_is_read():
    names = left("""graph(x: f64[4], v: f64[]) {
      a = update[index=(1,), unique=True] x v
      b = update[index=(2,), unique=True] a f64(0.0)
      c = getitem[index=(-3,)] b
      d = getitem[index=(0,)] b
      return c, d
    }""")
    assert names == {"getitem": 1}


def test_what_was_added_is_added_to_an_element():
    names = left("""graph(x: f64[4], v: f64[]) {
      s = scatter[index=(1,), shape=(4,)] v
      a = add x s
      t = scatter[index=(2,), shape=(4,)] v
      b = add t a
      c = getitem[index=(1,)] b
      return c
    }""")
    assert names == {"getitem": 1, "add": 1}


def test_an_array_that_two_arrays_go_on_from():
    names = left("""graph(x: f64[4], v: f64[], w: f64[]) {
      a = update[index=(1,), unique=True] x v
      b = update[index=(1,), unique=True] x w
      c = getitem[index=(1,)] a
      d = getitem[index=(1,)] b
      e = getitem[index=(1,)] x
      return c, d, e
    }""")
    assert names == {"getitem": 1}


def test_other_places_are_left_alone():
    names = left("""graph(x: f64[4,3], v: f64[3]) {
      a = update[index=(1,), unique=True] x v
      b = update[index=(0:2,), unique=True] a v
      c = getitem[index=(1,)] b
      return c
    }""")
    assert names["update"] == 2


def test_a_read_for_a_guard_stays():
    graph = parse("""graph(x: f64[4]) {
      a = update[index=(1,), unique=True] x f64(1.0)
      b = getitem[index=(1,)] a
      guard b is True
      return
    }""")
    assert len(forward_reads(graph).guards) == 1


def test_elements_are_read_again_where_they_are_used():
    def f(x):
        return sum(np.sin(x[i]) * x[i + 1] for i in range(20))

    graph = prune(trace(f, np.ones(21)))
    assert count(graph)["getitem"] == 21
    assert count(reread(graph))["getitem"] > 40
    assert str(prune(reread(graph))) == str(prune(prune(reread(graph))))
