"""Graphs are printed as text, and the text is read back."""

import numpy as np
import pytest
from hypothesis import given, settings

from tests.graph.random_graphs import graphs, run, same_bits
from wengert.errors import GraphError
from wengert.graph import (
    PRIMITIVES,
    ArrayType,
    GraphBuilder,
    Primitive,
    lookup,
    name_vars,
    register,
)
from wengert.graph.check import check
from wengert.graph.parse import parse

F64 = np.dtype(np.float64)


@pytest.fixture
def anything():
    """Register a primitive that takes any inputs and params and gives one number."""
    row = register(
        Primitive(
            name="anything",
            numpy=(),
            impl=lambda *x, **params: np.float64(len(x)),
            type=lambda *x, **params: ArrayType((), F64),
            cost=lambda types, y, **params: 0,
            samples=lambda rng, dtype: (),
            ref="",
        )
    )
    yield row
    del PRIMITIVES[row.name]


def lecture_graph():
    """f(x1, x2) = ln x1 + x1·x2 - sin x2, as far as rows of arithmetic go."""
    build = GraphBuilder()
    x1, x2 = build.input(ArrayType((), F64)), build.input(ArrayType((), F64))
    (v1,) = build.add(lookup("reciprocal"), [x1], {})
    (v2,) = build.add(lookup("multiply"), [x1, x2], {})
    (v3,) = build.add(lookup("square"), [x2], {})
    (v4,) = build.add(lookup("add"), [v1, v2], {})
    (v5,) = build.add(lookup("subtract"), [v4, v3], {})
    return build.finish([v5])


# ----- printing -----


def test_names_are_those_of_the_lectures():
    assert (
        str(lecture_graph())
        == """\
graph(v-1: f64[], v0: f64[]) {
  v1: f64[] = reciprocal v-1
  v2: f64[] = multiply v-1 v0
  v3: f64[] = square v0
  v4: f64[] = add v1 v2
  v5: f64[] = subtract v4 v3
  return v5
}"""
    )


def test_a_graph_of_nothing():
    text = "graph() {\n  return\n}"
    assert str(GraphBuilder().finish([])) == text == str(parse(text))


def test_captures_guards_and_literals_are_shown():
    build = GraphBuilder()
    x = build.input(ArrayType((2,), F64))
    big, small = np.zeros((17,)), np.array([1.0, -0.0])
    (y,) = build.add(lookup("add"), [build.constant(small), x], {})
    build.add(lookup("negative"), [build.constant(big)], {})
    (n,) = build.add(lookup("sum"), [y], {"axes": (0,), "keepdims": False})
    (p,) = build.add(lookup("less"), [n, build.constant(np.float32(0.1))], {})
    build.guard(p, True)
    text = """\
graph(v0: f64[2]) {
  capture c0: f64[2] = [1.0, -0.0]
  capture c1: f64[17]
  v1: f64[2] = add c0 v0
  v2: f64[17] = negative c1
  v3: f64[] = sum[axes=(0,), keepdims=False] v1
  v4: bool[] = less v3 f32(0.1)
  guard v4 is True
  return v4, 2.5
}"""
    graph = build.finish([p, build.constant(2.5)])
    assert str(graph) == text
    again = parse(text, captures={"c1": big})
    assert str(again) == text
    assert again.captures[1].value is big


def test_a_var_that_nothing_gives_is_shown_as_such():
    build = GraphBuilder()
    stranger = GraphBuilder().input(ArrayType((), F64))
    (y,) = build.add(lookup("negative"), [stranger], {})
    graph = build.finish([y])
    assert "v1: f64[] = negative ?" in str(graph)
    assert stranger not in name_vars(graph)


# ----- params -----

VALUES = {
    "None": None,
    "True": True,
    "...": Ellipsis,
    "3": 3,
    "-1.5": -1.5,
    "nan": float("nan"),
    "f32(0.1)": np.float32(0.1),
    "f64": np.dtype(float),
    "bool": np.dtype(bool),
    '"ij,jk->ik"': "ij,jk->ik",
    r'"a \" b \\ \n"': 'a " b \\ \n',
    "()": (),
    "(0,)": (0,),
    "(2, (3, None), f32)": (2, (3, None), np.dtype("f4")),
    ":": slice(None),
    "1:": slice(1, None),
    ":-1:2": slice(None, -1, 2),
    "(1:3, None, ..., ::-1)": (slice(1, 3), None, ..., slice(None, None, -1)),
    "i64[0, 2, 1]": np.array([0, 2, 1]),
    "bool[[True, False], [False, True]]": np.eye(2, dtype=bool),
    "i64[]": np.array([], dtype=np.int64),
    "c64[1.0-0.0j]": np.array([complex(1, -0.0)], np.complex64),
}


@pytest.mark.parametrize("text", VALUES)
def test_params_are_read_back(text, anything):
    value = VALUES[text]
    build = GraphBuilder()
    (y,) = build.add(anything, [], {"p": value})
    printed = str(build.finish([y]))
    assert f"v1: f64[] = anything[p={text}]\n" in printed
    graph = parse(printed)
    assert str(graph) == printed
    back = graph.equations[0].params["p"]
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)


def test_numpy_integers_in_slices_become_ints(anything):
    build = GraphBuilder()
    build.add(anything, [], {"p": slice(np.int64(1), None)})
    assert "[p=1:]" in str(build.finish([]))


def test_nested_graphs_have_names_of_their_own(anything):
    inner = GraphBuilder()
    x = inner.input(ArrayType((), F64))
    shared = np.array([1.0, 2.0])
    (y,) = inner.add(lookup("multiply"), [x, inner.constant(shared)], {})
    body = inner.finish([y])
    build = GraphBuilder()
    z = build.input(ArrayType((), F64))
    (w,) = build.add(lookup("add"), [z, build.constant(shared)], {})
    (u,) = build.add(anything, [w], {"true": body, "false": (body, 2)})
    text = str(check(build.finish([u])))
    assert (
        text
        == """\
graph(v0: f64[]) {
  capture c0: f64[2] = [1.0, 2.0]
  v1: f64[2] = add v0 c0
  v2: f64[] = anything[true=graph(v0: f64[]) {
    capture c1: f64[2] = [1.0, 2.0]
    v1: f64[2] = multiply v0 c1
    return v1
  }, false=(graph(v0: f64[]) {
    capture c2: f64[2] = [1.0, 2.0]
    v1: f64[2] = multiply v0 c2
    return v1
  }, 2)] v1
  return v2
}"""
    )
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "value",
    [object(), len, slice(0.5), np.zeros((0, 3)), np.dtype("O"), np.array(["a"])],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_text_is_shown_and_not_read(value, anything):
    build = GraphBuilder()
    build.add(anything, [], {"p": value})
    text = str(build.finish([]))
    assert "[p=<" in text
    with pytest.raises(GraphError, match="a value without a text"):
        parse(text)


def test_primitives_with_several_outputs():
    pair = register(
        Primitive(
            name="pair",
            numpy=(),
            impl=lambda x: (x, x),
            type=lambda x: (x, x),
            cost=lambda types, y: 0,
            samples=lambda rng, dtype: (),
            ref="",
            outputs=2,
        )
    )
    try:
        text = """\
graph(v0: f64[3]) {
  v1: f64[3], v2: f64[3] = pair v0
  v3: f64[3] = add v1 v2
  return v3
}"""
        assert str(check(parse(text))) == text
    finally:
        del PRIMITIVES[pair.name]


# ----- the round trip -----


@settings(max_examples=100, deadline=None)
@given(graphs())
def test_text_comes_back_as_the_same_graph(drawn):
    graph, inputs = drawn
    again = check(parse(str(graph)))
    assert str(again) == str(graph)
    assert same_bits(run(again, inputs), run(graph, inputs))


def test_a_long_graph_is_no_deep_recursion():
    build = GraphBuilder()
    y = build.input(ArrayType((), F64))
    for _ in range(5000):
        (y,) = build.add(lookup("negative"), [y], {})
    text = str(build.finish([y]))
    assert str(check(parse(text))) == text


# ----- reading -----


def test_text_by_hand_may_be_loose():
    graph = parse(
        """

        graph(x: f64[],          # a comment
              y: f64[3],)
        {
            capture w: f64[3] = [1, 2,
                                 inf]
            p = multiply x y
            small = less x 0.5
            guard small is False
            q = add w p
            return q, x
        }
        """
    )
    assert len(graph.equations) == 3
    assert graph.guards[0].told is False
    np.testing.assert_array_equal(graph.captures[0].value, [1, 2, np.inf])


def test_given_captures_go_before_data_and_are_kept_by_reference():
    text = "graph() {\n capture c0: f64[2] = [1.0, 2.0]\n return c0\n}"
    array = np.array([3.0, 4.0])
    assert parse(text, {"c0": array}).captures[0].value is array


HEAD = "graph(x: f64[3], y: f64[2]) {\n"


# The mark ‸ stands before the place that the error is to name.
@pytest.mark.parametrize(
    ("marked", "problem"),
    [
        ("‸", "expected 'graph'"),
        ("graph(‸x) {\n return x\n}", "input x needs a type"),
        ("graph(x: f64[3]) ‸{\n return x\n", "'{' is never closed"),
        ("graph(x: f64[3]‸] {", "']' does not close '('"),
        ("graph‸) {}", "')' closes nothing"),
        ("graph() {\n‸}", "ends without a return"),
        ("graph() {\n return\n ‸return\n}", "expected '}'"),
        ("graph() {\n return\n}\n‸graph() {}", "expected the end of the text"),
        ("graph(x: ‸float[3]) {}", "unknown dtype 'float'"),
        ("graph(x: f64[‸-3]) {}", "-3 is no length"),
        ("graph(x: f64[3], ‸x: f64[3]) {}", "x is given twice"),
        (HEAD + " z = ‸sine x\n}", "there is no primitive 'sine'"),
        (HEAD + " z = ‸squar x\n}", "Perhaps you meant square?"),
        (HEAD + " z = square ‸w\n}", "w is used before it is given"),
        (HEAD + " z = ‸add x y\n}", "add does not take (f64[3], f64[2])"),
        (HEAD + " ‸z: f64[2] = square x\n}", "z is written as f64[2], but"),
        (HEAD + " z, w = ‸square x\n}", "gives 1 outputs, not 2"),
        (HEAD + " z = square x ‸= 1\n}", "expected a var or a number"),
        (HEAD + " ‸x = square x\n}", "x is given twice"),
        (HEAD + " z = square ‸$x\n}", "unexpected character '$'"),
        (HEAD + ' z = square[p=‸"a] x\n}', "a string that does not end"),
        (HEAD + " z = square[p=1 ‸q=2] x\n}", "expected ','"),
        (HEAD + " z = square[p=1, ‸p=2] x\n}", "param p is given twice"),
        (HEAD + " z = square[p=1.5‸:] x\n}", "bounds of a slice are ints"),
        (HEAD + " z = square[p=i8[‸300]] x\n}", "300 is no element of"),
        (HEAD + " z = square[p=i8‸[[1], 2]] x\n}", "rows of the array differ"),
        (HEAD + " z = square[p=‸+] x\n}", "unexpected character '+'"),
        (HEAD + " z = square[p=‸=] x\n}", "expected"),
        (HEAD + " z = square[p=‸nought] x\n}", "unknown dtype 'nought'"),
        (HEAD + " z = add x f32(‸1.5j)\n}", "1.5j is no element of"),
        (HEAD + " guard ‸x is True\n}", "a guard is on one element"),
        (HEAD + " capture ‸c: f64[17]\n}", "does not hold the array c"),
        (HEAD + " capture ‸c: f64[2] = [1]\n}", "but 1 elements are given"),
        (HEAD + " capture ‸c = [1]\n}", "capture c needs a type"),
    ],
)
def test_what_is_no_graph_is_refused_with_its_place(marked, problem):
    before, after = marked.split("‸")
    with pytest.raises(GraphError) as caught:
        parse(before + after)
    row, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    message = str(caught.value)
    assert problem in message
    assert message.startswith(f"line {row}, column {column}: ")


def test_guards_are_told_bools_and_ints():
    text = "graph(x: f64[]) {{\n guard x is {}\n return x\n}}"
    assert type(parse(text.format("2")).guards[0].told) is int
    with pytest.raises(GraphError, match="a guard is True, False or an int"):
        parse(text.format("0.5"))


def test_captures_that_do_not_fit_are_refused():
    text = "graph() {\n capture c0: f64[20]\n return c0\n}"
    with pytest.raises(GraphError, match=r"c0 is f64\[20\], but the array is f64\[2\]"):
        parse(text, {"c0": np.zeros(2)})
    with pytest.raises(GraphError, match="the text does not name: c1"):
        parse(text, {"c0": np.zeros(20), "c1": np.zeros(2)})


def test_the_line_of_an_error_is_shown():
    with pytest.raises(GraphError) as caught:
        parse(HEAD + "   z = multiply x q\n}")
    assert str(caught.value) == (
        "line 2, column 19: q is used before it is given\n"
        "    z = multiply x q\n"
        "                   ^"
    )
