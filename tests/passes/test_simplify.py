"""Each rule applies where it should, nowhere else, and changes no bit."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.graph.random_graphs import SPECIAL, arrays, graphs, run, same_bits
from wengert.errors import GuardError
from wengert.graph import PRIMITIVES
from wengert.graph.parse import parse
from wengert.passes import prune, simplify
from wengert.passes.rules import RULES

HEAD = "graph(x: {0}, y: {0}) {{\n"


def lines(body, type="f64[3]", result="z"):
    """Simplify some lines of text in x and y, and give what is left of them."""
    graph = prune(simplify(parse(f"{HEAD.format(type)}{body}\nreturn {result}\n}}")))
    text = str(graph).splitlines()[1:-1]
    return [line.partition(" = ")[2] or line.strip() for line in text]


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_values_stay_bit_for_bit(drawn):
    graph, inputs = drawn
    # What raises may stop doing so, where it was dead.
    assume(run(graph, inputs) not in (ArithmeticError, ValueError))
    simple = simplify(graph)
    assert same_bits(run(simple, inputs), run(graph, inputs))
    both = prune(simple)
    assert same_bits(run(both, inputs), run(graph, inputs))
    assert len(both.equations) <= len(prune(graph).equations)


# What stands for x and y is written v-1 and v0.
UNCHANGED = ["return v-1"]
APPLIES = [
    ("z = add x -0.0", UNCHANGED),
    ("z = add -0.0 x", UNCHANGED),
    ("z = subtract x 0.0", UNCHANGED),
    ("z = subtract x 0", UNCHANGED),
    ("n = negative y\nz = add x n", ["subtract v-1 v0", "return v1"]),
    ("n = negative y\nz = add n x", ["subtract v-1 v0", "return v1"]),
    ("n = negative y\nz = subtract x n", ["add v-1 v0", "return v1"]),
    ("n = negative x\nz = negative n", UNCHANGED),
    ("z = positive x", UNCHANGED),
    ("z = copy x", UNCHANGED),
    ("z = multiply x 1", UNCHANGED),
    ("z = multiply 1.0 x", UNCHANGED),
    ("z = multiply x True", UNCHANGED),
    ("z = multiply x -1", ["negative v-1", "return v1"]),
    ("z = multiply -1.0 x", ["negative v-1", "return v1"]),
    ("m = multiply x -1\nz = multiply m -1", UNCHANGED),
    ("z = divide x 1", UNCHANGED),
    ("z = divide x -1.0", ["negative v-1", "return v1"]),
    (
        "a = negative x\nb = negative y\nz = multiply a b",
        ["multiply v-1 v0", "return v1"],
    ),
    ("a = negative x\nb = negative y\nz = divide a b", ["divide v-1 v0", "return v1"]),
    ("z = scale x 1.0", UNCHANGED),
    ("z = scale 1 x", UNCHANGED),
    ("z = scale x -1", ["negative v-1", "return v1"]),
    ("z = scale x 2.5", ["multiply v-1 2.5", "return v1"]),
    ("z = power x 1", UNCHANGED),
    ("z = power x 2", ["square v-1", "return v1"]),
    ("z = power x 2.0", ["square v-1", "return v1"]),
    ("z = reshape[shape=(3,)] x", UNCHANGED),
    ("r = reshape[shape=(3, 1)] x\nz = reshape[shape=(3,)] r", UNCHANGED),
    ("z = broadcast_to[shape=(3,)] x", UNCHANGED),
    ("z = transpose[axes=(0,)] x", UNCHANGED),
    ("f = flip[axis=(0,)] x\nz = flip[axis=(0,)] f", UNCHANGED),
    ("z = cast[dtype=f64] x", UNCHANGED),
    ("w = cast[dtype=c128] x\nz = cast[dtype=f64] w", UNCHANGED),
    ("z = conjugate x", UNCHANGED),
    ("z = real x", UNCHANGED),
    ("z = concatenate[axis=0] x", UNCHANGED),
    ("z = stack[axis=0] x", ["reshape[shape=(1, 3)] v-1", "return v1"]),
    (
        "b = broadcast_to[shape=(2, 3)] x\nz = broadcast_to[shape=(4, 2, 3)] b",
        ["broadcast_to[shape=(4, 2, 3)] v-1", "return v1"],
    ),
    (
        "p = scatter[index=(1:4,), shape=(5,)] x\nz = getitem[index=(1:4,)] p",
        UNCHANGED,
    ),
]


@pytest.mark.parametrize(("body", "left"), APPLIES, ids=[a for a, _ in APPLIES])
def test_rules_apply(body, left):
    assert lines(body) == left


STAYS = [
    "z = add x 0.0",
    "z = add x 0",
    "z = subtract x -0.0",
    "z = subtract 0.0 x",
    "z = subtract x x",
    "z = multiply x 0.0",
    "z = divide 1.0 x",
    "z = divide x x",
    "z = scale x 0.0",
    "z = scale x inf",
    "z = scale x nan",
    "z = power x 0",
    "z = power x 0.5",
    "z = power 2 x",
    "d = subtract x y\nz = negative d",
    "d = add x y\nz = subtract d y",
    "n = negative x\nz = multiply n y",
    "f = flip[axis=(0,)] x\ng = add f y\nz = flip[axis=(0,)] g",
    "h = cast[dtype=f32] x\nz = cast[dtype=f64] h",
]


@pytest.mark.parametrize("body", STAYS)
def test_what_would_change_a_value_stays(body):
    graph = parse(f"{HEAD.format('f64[3]')}{body}\nreturn z\n}}")
    assert str(prune(simplify(graph))) == str(prune(graph))


@pytest.mark.parametrize(
    "body",
    [
        "z = multiply x 1",
        "z = divide x 1",
        "z = multiply x -1",
        "z = scale x 1.0",
        "z = power x 1",
        "z = power x 2",
        "z = add x -0.0",
        "z = conjugate x",
        "z = real x",
    ],
)
def test_complex_numbers_keep_the_signs_of_their_zeros(body):
    graph = parse(f"{HEAD.format('c128[3]')}{body}\nreturn z\n}}")
    parts = [complex(a, b) for a in SPECIAL for b in SPECIAL]
    simple = simplify(graph)
    for i in range(0, len(parts) - 2, 3):
        inputs = np.array(parts[i : i + 3]), np.zeros(3, complex)
        assert same_bits(run(simple, inputs), run(graph, inputs))


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("z = add x -0.0-0.0j", UNCHANGED),
        ("z = subtract x 0.0", UNCHANGED),
        ("c = conjugate x\nz = conjugate c", UNCHANGED),
        ("n = negative y\nz = add x n", ["subtract v-1 v0", "return v1"]),
    ],
)
def test_rules_for_complex_numbers(body, left):
    assert lines(body, "c128[3]") == left


@pytest.mark.parametrize(
    "body",
    [
        "z = multiply x f64(1.0)",
        "z = add x f64(-0.0)",
        "z = power x f64(2.0)",
        "z = divide x f64(1.0)",
        "z = scale x f64(1.0)",
    ],
)
def test_a_wider_number_widens_the_result(body):
    graph = simplify(parse(f"{HEAD.format('f32[3]')}{body}\nreturn z\n}}"))
    assert repr(graph.outputs[0].type) == "f64[3]"
    narrow = body.replace("f64(", "f32(").replace("power x", "multiply x")
    assert repr(parse(f"{HEAD.format('f32[3]')}{narrow}\nreturn z\n}}").outputs[0].type)


def test_integers_are_not_widened_on_the_way():
    text = """graph(x: i8[1], y: i64[1]) {
      n = negative x
      z = subtract y n
      return z
    }"""
    graph = parse(text)
    inputs = np.array([-128], np.int8), np.array([5])
    assert same_bits(run(simplify(graph), inputs), run(graph, inputs))
    assert str(simplify(graph)) == str(graph)
    same = parse(text.replace("i64", "i8"))
    assert "add" in str(simplify(same))


def test_a_square_of_one_number_is_left_to_the_power():
    assert lines("z = power x 2", "f64[]") == ["power v-1 2", "return v1"]


@settings(deadline=None)
@given(arrays(np.dtype("f8"), (3,)), st.floats(-4, 4))
def test_scale_by_a_number(x, c):
    assume(np.isfinite(x).all())
    text = (
        f"graph(x: f64[3]) {{\n z = scale x {c!r}\n w = scale {c!r} x\n return z, w\n}}"
    )
    graph = parse(text)
    assert same_bits(run(simplify(graph), [x]), run(graph, [x]))


def test_a_broadcast_that_arithmetic_does_by_itself_is_dropped():
    text = """graph(x: f64[], y: f64[3]) {
      a = broadcast_to[shape=(3,)] x
      b = reshape[shape=(3, 1)] a
      c = reshape[shape=(3,)] b
      d = multiply c y
      e = add y a
      f = subtract a 1.0
      g = reshape[shape=(1,)] x
      h = scale g y
      i = broadcast_to[shape=(3,)] g
      p = less y 0.0
      j = where p y i
      return d, e, f, h, j
    }"""
    assert str(prune(simplify(parse(text)))).splitlines()[1:] == [
        "  v1: f64[3] = broadcast_to[shape=(3,)] v-1",
        "  v2: f64[3] = multiply v-1 v0",
        "  v3: f64[3] = add v0 v-1",
        "  v4: f64[3] = subtract v1 1.0",
        "  v5: f64[3] = scale v-1 v0",
        "  v6: bool[3] = less v0 0.0",
        "  v7: f64[3] = where v6 v0 v-1",
        "  return v2, v3, v4, v5, v7",
        "}",
    ]


def test_transposes_compose():
    text = """graph(x: f64[2,3,4]) {
      a = transpose[axes=(2, 0, 1)] x
      b = transpose[axes=(1, 0, 2)] a
      c = transpose[axes=(1, 2, 0)] a
      return b, c
    }"""
    graph = prune(simplify(parse(text)))
    (b,) = graph.equations
    assert b.params["axes"] == (0, 2, 1)
    assert graph.outputs[1] is graph.inputs[0]


# ----- constant folding -----


def test_constants_are_folded_with_their_types():
    text = """graph() {
      a = add 2 3
      b = multiply a f32(0.5)
      c = less b 3.0
      d = divide 1.0 f64(0.0)
      return a, b, c, d
    }"""
    graph = simplify(parse(text))
    assert not graph.equations
    assert str(graph).splitlines()[1] == (
        "  return i64(5), f64(2.5), bool(True), f64(inf)"
    )


def test_what_fails_is_not_folded():
    text = "graph() {\n a = power 2 -1\n return a\n}"
    graph = simplify(parse(text))
    assert len(graph.equations) == 1
    assert run(graph, []) is ValueError


def test_a_var_with_a_guard_is_not_folded():
    text = "graph() {{\n a = less 1 2\n guard a is {}\n return a\n}}"
    right = simplify(parse(text.format(True)))
    assert len(right.guards) == len(right.equations) == 1
    assert run(simplify(parse(text.format(False))), []) is GuardError


def test_arrays_are_not_folded():
    text = "graph() {\n a = broadcast_to[shape=(9,)] f64(1.0)\n return a\n}"
    assert len(simplify(parse(text)).equations) == 1


# ----- the table itself -----


@pytest.mark.parametrize("name", RULES)
def test_rules_are_of_known_primitives_and_state_their_law(name):
    assert name in PRIMITIVES
    assert all(rule.__doc__ for rule in RULES[name])
