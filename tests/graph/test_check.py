"""A Graph that breaks a law is refused, and the message names the equation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.random_graphs import graphs
from wengert.errors import GraphError, Source
from wengert.graph import (
    PRIMITIVES,
    ArrayType,
    Capture,
    Equation,
    Graph,
    Guard,
    Literal,
    Primitive,
    Var,
    lookup,
    register,
)
from wengert.graph.check import check

F64 = np.dtype(np.float64)
SOURCE = Source("model.py", 12, "loss")


def var(*shape, dtype=F64):
    return Var(ArrayType(shape, np.dtype(dtype)))


def graph(inputs=(), equations=(), outputs=(), captures=(), guards=()):
    return Graph(
        tuple(inputs), tuple(captures), tuple(equations), tuple(guards), tuple(outputs)
    )


def equation(name, inputs, output, **params):
    outputs = output if isinstance(output, tuple) else (output,)
    return Equation(lookup(name), tuple(inputs), params, outputs, SOURCE)


def refused(malformed):
    with pytest.raises(GraphError) as caught:
        check(malformed)
    return str(caught.value)


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_what_a_builder_makes_is_well_formed(drawn):
    assert check(drawn[0]) is drawn[0]


@settings(max_examples=40, deadline=None)
@given(graphs(), st.data())
def test_a_changed_type_is_seen(drawn, data):
    (right, _) = drawn
    if not right.equations:
        return
    i = data.draw(st.integers(0, len(right.equations) - 1))
    old = right.equations[i]
    equations = list(right.equations)
    equations[i] = replace(old, outputs=(var(7, 7),))
    message = refused(replace(right, equations=tuple(equations)))
    assert "is written as f64[7,7], but" in message


@settings(max_examples=40, deadline=None)
@given(graphs(), st.data())
def test_a_dropped_equation_is_seen_where_its_var_is_used(drawn, data):
    (right, _) = drawn
    used = {a for e in right.equations for a in e.inputs} | set(right.outputs)
    used |= {guard.var for guard in right.guards}
    droppable = [e for e in right.equations if used & set(e.outputs)]
    if droppable:
        dropped = data.draw(st.sampled_from(droppable))
        rest = tuple(e for e in right.equations if e is not dropped)
        message = refused(replace(right, equations=rest))
        assert "? is used before" in message or "that nothing gives" in message


def test_a_type_that_the_primitive_does_not_give():
    x, y = var(3), var(2)
    message = refused(graph([x], [equation("square", [x], y)], [y]))
    assert message == (
        "v1 is written as f64[2], but square gives f64[3]\n"
        "  in: v1: f64[2] = square v0\n"
        "  at: model.py:12 in loss"
    )


def test_types_that_the_primitive_does_not_take():
    x, y, z = var(3), var(2), var(3)
    message = refused(graph([x, y], [equation("add", [x, y], z)], [z]))
    assert message.startswith("add does not take (f64[3], f64[2]): ")
    assert "in: v1: f64[3] = add v-1 v0" in message


def test_params_that_the_primitive_does_not_take():
    x, y = var(3), var(3)
    message = refused(graph([x], [equation("square", [x], y, axis=0)], [y]))
    assert message.startswith("square does not take (f64[3]): ")


def test_a_var_given_twice():
    x, y = var(), var()
    message = refused(graph([x], [equation("square", [x], y)] * 2, [y]))
    assert message.startswith("v1 is given twice\n")
    assert "given twice" in refused(graph([x, x]))
    assert "given twice" in refused(graph([x], [equation("square", [x], x)]))
    array = np.ones(3)
    captured = Capture(Var(ArrayType.of(array)), array)
    assert "given twice" in refused(graph(captures=[captured, captured]))


def test_a_var_used_before_it_is_given():
    x, y, z = var(), var(), var()
    swapped = [equation("square", [y], z), equation("square", [x], y)]
    message = refused(graph([x], swapped, [z]))
    assert message.startswith("v2 is used before it is given\n  in: v1: f64[] = ")


def test_an_output_that_nothing_gives():
    message = refused(graph(outputs=[var()]))
    assert message == "? is used before it is given\n  in: return ?"


def test_the_wrong_number_of_outputs():
    x = var()
    message = refused(graph([x], [equation("square", [x], (var(), var()))]))
    assert message.startswith("square gives 1 outputs, not 2\n")


def test_a_type_that_is_none():
    message = refused(graph([Var(3)]))
    assert message.startswith("the type of v0 is 3, no ArrayType")


@pytest.mark.parametrize("value", ["3", None, np.array(1.0), [1.0]], ids=repr)
def test_a_literal_that_is_no_number(value):
    assert "is no number" in refused(graph(outputs=[Literal(value)]))
    y = var()
    try:
        used = graph([], [equation("square", [Literal(value)], y)], [y])
    except TypeError:
        return
    assert "is no number\n  in: v1: f64[] = square <" in refused(used)


def test_an_atom_that_is_none():
    assert "neither a Var nor a Literal" in refused(graph(outputs=[3.0]))


def test_a_capture_of_another_type():
    captured = Capture(var(3), np.ones(2))
    message = refused(graph(captures=[captured]))
    assert message == "the captured array is f64[2]\n  in: capture c0: f64[3]"


def test_guards():
    x, many, stranger = var(), var(3), var()
    assert check(graph([x], guards=[Guard(x, True), Guard(x, 2)]))
    assert "nothing gives" in refused(graph([x], guards=[Guard(stranger, True)]))
    message = refused(graph([x], guards=[Guard(x, 0.5, SOURCE)]))
    assert message == (
        "a guard was told neither bool nor int\n"
        "  in: guard v0 is 0.5\n"
        "  at: model.py:12 in loss"
    )
    assert "which is no single element" in refused(
        graph([many], guards=[Guard(many, True)])
    )


def test_graphs_in_params_are_checked_too():
    row = register(
        Primitive(
            name="call",
            numpy=(),
            impl=lambda **params: 0.0,
            type=lambda **params: ArrayType((), F64),
            cost=lambda types, y, **params: 0,
            samples=lambda rng, dtype: (),
            ref="",
        )
    )
    try:
        body = graph(outputs=[var()])
        outer = graph([], [equation("call", [], var(), bodies=(1, (body,)))])
        assert refused(outer) == "? is used before it is given\n  in: return ?"
    finally:
        del PRIMITIVES[row.name]
