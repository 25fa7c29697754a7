"""Descriptions of arguments and results."""

import numpy as np
import pytest

from wengert.engines.signature import (
    Array,
    Bool,
    Complex,
    Constant,
    Dict,
    Float,
    Int,
    List,
    NumpyScalar,
    Static,
    Tuple,
    leaf_type,
    traced_leaves,
)


@pytest.mark.parametrize(
    ("leaf", "text"),
    [
        (Array((3, 4), np.dtype("f4")), "f32[3,4]"),
        (NumpyScalar(np.dtype("?")), "bool[]"),
        (Float(), "f64[]"),
        (Complex(), "c128[]"),
        (Int(), "i64[]"),
        (Bool(), "bool[]"),
    ],
)
def test_types_of_leaves(leaf, text):
    assert repr(leaf_type(leaf)) == text


def test_leaves_are_in_the_order_of_the_graph():
    a, b, c, d = (Array((i,), np.dtype(float)) for i in range(4))
    trees = (
        Dict(("x", "y"), (List((a, Static(1), Tuple((b,)))), c)),
        Tuple(()),
        Constant(2),
        d,
    )
    assert list(traced_leaves(trees)) == [a, b, c, d]


def test_static_values_differ_by_type():
    values = [1, True, 1.0, "1", b"1", None, (1,)]
    assert len({Static(value) for value in values}) == len(values)
    assert Static("ab") == Static("".join(["a", "b"]))
    assert Static(10**20) == Static(10**20 + 0)
    assert Static([1]) != Static([1])
    assert hash(Static([1])) is not None


def test_descriptions_are_keys():
    def description():
        return (Tuple((Array((3,), np.dtype("f8")), Static("x"))), Float())

    assert {description(): 1}[description()] == 1
