"""The reference interpreter: what a Graph means."""

import weakref
from dataclasses import replace

import numpy as np
import pytest

import wengert.primitives  # noqa: F401  (rows are registered by import)
from wengert import grad, hessian, jacobian, trace
from wengert.engines import NumpyEngine
from wengert.errors import GuardError, ShapeError, Source
from wengert.graph import (
    PRIMITIVES,
    ArrayType,
    GraphBuilder,
    Primitive,
    lookup,
    register,
)
from wengert.graph.parse import parse
from wengert.passes import prune, simplify


def compiled(text, **captures):
    return NumpyEngine().compile(parse(text, captures))


def test_values():
    run = compiled("""graph(x1: f64[], x2: f64[]) {
      v1 = reciprocal x1
      v2 = multiply x1 x2
      v3 = subtract v2 v1
      return v3, x2, 2.5
    }""")
    assert run(2.0, 5.0) == (9.5, 5.0, 2.5)
    assert type(run(2.0, 5.0)[0]) is np.float64


def test_a_graph_may_be_empty():
    assert compiled("graph() {\n return\n}")() == ()


def test_captured_arrays_are_read_at_each_call():
    w = np.array([1.0, 2.0])
    run = compiled("graph() {\n capture w: f64[2]\n y = negative w\n return y\n}", w=w)
    np.testing.assert_array_equal(run()[0], [-1, -2])
    w[0] = 7
    np.testing.assert_array_equal(run()[0], [-7, -2])


# ----- inputs -----

IDENTITY = "graph(x: {0}) {{\n y = positive x\n return y\n}}"


@pytest.mark.parametrize(
    ("type", "x"),
    [
        ("f64[]", 2),
        ("f64[]", True),
        ("f32[]", 2.5),
        ("c128[]", 2.5),
        ("i64[]", 3),
        ("f64[2]", np.ones(2)),
        ("f64[]", np.array(2.0)),
    ],
)
def test_inputs_that_fit(type, x):
    (y,) = compiled(IDENTITY.format(type))(x)
    assert repr(ArrayType.of(y)) == type
    np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize(
    ("type", "x", "found"),
    [
        ("f64[2]", np.ones(3), "f64[3]"),
        ("f64[2]", 1.0, "1.0"),
        ("f64[]", np.float32(1), "f32[]"),
        ("f32[]", np.float64(1), "f64[]"),
        ("i64[]", 2.0, "2.0"),
        ("f64[]", 2j, "2j"),
        ("f64[2]", [1.0, 2.0], "[1.0, 2.0]"),
        ("f64[]", None, "None"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(type, x, found):
    with pytest.raises(ShapeError) as caught:
        compiled(IDENTITY.format(type))(x)
    assert f"input v0 of the Graph is {type}, but was given {found}" in str(
        caught.value
    )


def test_the_number_of_inputs():
    with pytest.raises(ShapeError, match="has 1 inputs, but was given 2"):
        compiled(IDENTITY.format("f64[]"))(1.0, 2.0)


def test_python_numbers_in_a_graph_mean_what_numpy_makes_of_them():
    (y,) = compiled("graph() {\n y = subtract 1 3\n return y\n}")()
    assert type(y) is np.int64
    with np.errstate(all="ignore"):
        assert compiled("graph() {\n y = divide 1 0\n return y\n}")() == (np.inf,)


# ----- guards -----

BRANCH = """graph(x: f64[], y: f64[]) {
  p = greater x y
  guard p is True
  n = floor x
  guard n is 2
  z = multiply x y
  return z
}"""


def test_guards_that_hold():
    assert compiled(BRANCH)(2.5, 1.0) == (2.5,)


def test_a_guard_that_fails_names_the_line():
    graph = parse(BRANCH)
    first = replace(graph.guards[0], source=Source("model.py", 12, "loss"))
    run = NumpyEngine().compile(replace(graph, guards=(first, graph.guards[1])))
    with pytest.raises(GuardError) as caught:
        run(2.5, 3.0)
    assert str(caught.value) == (
        "v1 was True when the function was traced at model.py:12 in loss, and is False "
        "now: another branch is taken. Trace the function again with these inputs"
    )
    with pytest.raises(GuardError, match="v2 was 2 when .* and is 3 now"):
        run(3.5, 3.0)


def test_a_guard_is_checked_before_what_it_protects():
    run = compiled("""graph(x: f64[3], i: i64[1]) {
      ok = less i 3
      guard ok is True
      y = gather[index=("array",), unique=True] x i
      return y
    }""")
    assert run(np.arange(3.0), np.array([2]))[0] == [2.0]
    with pytest.raises(GuardError):
        run(np.arange(3.0), np.array([3]))


def test_guards_on_inputs_and_captures():
    w = np.array([1.0])
    run = compiled(
        """graph(x: f64[]) {
          capture w: f64[1]
          guard x is True
          guard w is True
          return
        }""",
        w=w,
    )
    assert run(3.0) == ()
    with pytest.raises(GuardError, match="v0 was True"):
        run(0.0)
    w[:] = 0
    with pytest.raises(GuardError, match="c0 was True"):
        run(3.0)


# ----- errors inside -----


def test_an_error_inside_names_the_equation_and_the_line():
    graph = parse("""graph(x: f64[3], i: i64[1]) {
      y = gather[index=("array",), unique=True] x i
      return y
    }""")
    first = replace(graph.equations[0], source=Source("model.py", 3, "pick"))
    run = NumpyEngine().compile(replace(graph, equations=(first,)))
    with pytest.raises(IndexError) as caught:
        run(np.ones(3), np.array([5]))
    assert caught.value.__notes__ == [
        'in: v1: f64[1] = gather[index=("array",), unique=True] v-1 v0',
        "at: model.py:3 in pick",
    ]


# ----- memory -----


class Watched(np.ndarray):
    """An array that can be watched: a plain one takes no weak references."""


@pytest.fixture
def step():
    """Register a primitive that notes how many of its results live at once."""
    alive = weakref.WeakSet()
    most = [0]

    def impl(x):
        y = np.array(x).view(Watched)
        alive.add(y)
        most[0] = max(most[0], len(alive))
        return y

    row = register(
        Primitive(
            name="step",
            numpy=(),
            impl=impl,
            type=lambda x: x,
            cost=lambda types, y: 0,
            samples=lambda rng, dtype: (),
            ref="",
        )
    )
    Watched.__hash__ = object.__hash__
    Watched.__eq__ = object.__eq__
    yield row, most
    del PRIMITIVES[row.name]


def test_a_value_is_freed_after_its_last_use(step):
    row, most = step
    build = GraphBuilder()
    y = build.input(ArrayType((3,), np.dtype(float)))
    for _ in range(20):
        (y,) = build.add(row, [y], {})
    NumpyEngine().compile(build.finish([y]))(np.ones(3))
    assert most[0] == 2


def test_a_long_chain_runs():
    build = GraphBuilder()
    y = build.input(ArrayType((), np.dtype(float)))
    for _ in range(20_000):
        (y,) = build.add(lookup("negative"), [y], {})
    assert NumpyEngine().compile(build.finish([y]))(1.0) == (1.0,)


@pytest.mark.parametrize(
    "body",
    [
        "return x",
        "return w",
        "y = reshape[shape=(3, 1)] x\n return y",
        "y = transpose[axes=(0,)] w\n z = flip[axis=(0,)] y\n return z",
        "y = negative x\n return y, y",
        "y = negative x\n z = reshape[shape=(1, 3)] y\n return y, z",
        "y = broadcast_to[shape=(2000, 3)] x\n return y",
    ],
)
def test_outputs_are_arrays_of_their_own(body):
    x, w = np.ones(3), np.ones(3)
    run = compiled(f"graph(x: f64[3]) {{\n capture w: f64[3]\n {body}\n}}", w=w)
    outputs = run(x)
    for i, y in enumerate(outputs):
        assert y.flags.writeable
        assert not any(np.shares_memory(y, other) for other in (x, w, *outputs[:i]))


# ----- Tracers -----


class Recorder:
    """The least Tracer there is: it computes on the value inside and takes notes."""

    notes: list = []

    def __init__(self, value):
        self.value = value
        self.shape, self.dtype = value.shape, value.dtype

    def __bool__(self):
        self.notes.append("bool")
        return bool(self.value)

    @staticmethod
    def __wengert_bind__(primitive, inputs, params):
        Recorder.notes.append(primitive.name)
        plain = [x.value if isinstance(x, Recorder) else x for x in inputs]
        return Recorder(primitive(*plain, **params))


def test_tracers_record_what_is_interpreted():
    run = compiled("""graph(x: f64[], y: f64[]) {
      p = less x y
      guard p is True
      z = multiply x 2.0
      w = square y
      return z, w
    }""")
    Recorder.notes.clear()
    z, w = run(Recorder(np.float64(1.5)), 2.0)
    assert Recorder.notes == ["less", "bool", "multiply"]
    assert z.value == 3.0 and w == 4.0


def program(x):
    """Use rows of several families, nested and branching."""
    y = np.where(x > 0, np.sqrt(abs(x)), 0).sum() * x[1:].prod()
    return y * x[0] if y > 1 else y + np.tanh(x @ x)


def test_a_graph_can_be_differentiated_again():
    x = np.array([4.0, 2.0, 3.0])
    slope = NumpyEngine().compile(trace(grad(program), x))
    np.testing.assert_array_equal(slope(x)[0], grad(program)(x))
    np.testing.assert_allclose(
        jacobian(lambda x: slope(x)[0])(x), hessian(program)(x), rtol=1e-13
    )


def test_a_graph_that_is_traced_comes_out_as_it_went_in():
    x = np.array([4.0, 2.0, 3.0])
    graph = prune(simplify(trace(grad(program), x)))
    run = NumpyEngine().compile(graph)
    again = trace(lambda x: run(x)[0], x)
    assert str(again) == str(graph)
    assert [guard.told for guard in again.guards] == [True]
