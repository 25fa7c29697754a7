"""Branches: Python's `if`, and in a Graph one equation that holds them all."""

import numpy as np
import pytest

from tests.operators.recorded import agrees, recorded
from wengert import cond, grad, hessian, switch, trace, value_and_grad
from wengert.engines import NumpyEngine
from wengert.errors import ArgumentError, ControlFlowError, ShapeError

X = np.array([0.3, 1.2, -0.7])


def either(x):
    return cond(
        x[0] > x[1],
        lambda a, b: {"y": a * b.sum(), "n": 1},
        lambda a, b: {"y": np.exp(a) * b[0] * x[2], "n": 2},
        x[0] * x[1],
        x**2,
    )["y"]


def one_of(x):
    index = (x[0] * 2).astype(int)
    branches = [lambda v: v.sum(), lambda v: (v * v).sum() * x[1], lambda v: v[0] ** 3]
    return switch(index, branches, np.sin(x))


@pytest.mark.parametrize("f", [either, one_of])
@pytest.mark.parametrize("start", [-4.0, 0.0, 0.7, 3.0])
def test_each_branch_in_every_mode(f, start):
    x = X + start * np.array([1.0, 0.0, 0.0])
    for g in (f, grad(f), hessian(f)):
        agrees(g, x)


def test_one_graph_serves_all_branches():
    for f in (either, one_of):
        run = NumpyEngine().compile(trace(value_and_grad(f), X))
        for start in (-4.0, 0.0, 0.7, 3.0):
            x = X + start * np.array([1.0, 0.0, 0.0])
            value, gradient = run(x)
            np.testing.assert_allclose(value, f(x))
            np.testing.assert_allclose(gradient, grad(f)(x))


def test_the_index_is_clamped():
    branches = [lambda: 1.0, lambda: 2.0]
    for k, expected in ((-5, 1.0), (0, 1.0), (1, 2.0), (9, 2.0)):
        assert switch(k, branches) == expected
        assert recorded(lambda k: switch(k, branches), np.int64(k))[0] == expected


def test_what_cannot_be_computed_is_not():
    """The branch that is not taken is written down from types alone."""
    f = lambda a: cond(a[0, 0] > 0, np.linalg.inv, lambda m: m, a)  # noqa: E731
    singular = np.zeros((2, 2))
    np.testing.assert_array_equal(recorded(f, singular)[0], singular)


def test_any_number_is_a_predicate():
    for p in (0.0, 2.5, -1.0):
        agrees(lambda p: cond(p, lambda: 1.0, lambda: 0.0), p)


@pytest.mark.parametrize(
    "words,error,f",
    [
        ("np.where", ArgumentError, lambda x: cond(x > 0, lambda: 1.0, lambda: 2.0)),
        (r"output of .* is i64\[\] and f64\[\]", ShapeError,
         lambda x: cond(x[0] > 0, lambda: 1.0, lambda: 2)),
        ("different structures", ShapeError,
         lambda x: cond(x[0] > 0, lambda: (1.0,), lambda: 2.0)),
        (r"output\['a'\] of .* is f64\[2\] and f64\[3\]", ShapeError,
         lambda x: cond(x[0] > 0, lambda: {"a": x}, lambda: {"a": x[:2]})),
        ("must be an integer", ArgumentError,
         lambda x: switch(x[0], [lambda: 1.0])),
        ("one branch at least", ArgumentError, lambda x: switch(0, [])),
        ("np.where", ControlFlowError,
         lambda x: cond(x[0] > 0, lambda v: v if v[1] > 0 else -v, np.sin, x)),
        ("operands.* is a str", ArgumentError,
         lambda x: cond(x[0] > 0, lambda s: 1.0, lambda s: 2.0, "a")),
    ],
)  # fmt: skip
def test_refusals(words, error, f):
    with pytest.raises(error, match=words):
        trace(f, X)
