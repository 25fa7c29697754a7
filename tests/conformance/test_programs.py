"""The corpus of small programs through every mode, order and engine.

Each program is compared with finite differences to second order, its modes with each
other, and its Graph, run by the NumPy interpreter, with the program itself.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import wengert.engines
from tests.cases import CASES, RNG
from wengert import tree
from wengert.engines import open_engine
from wengert.operators import (
    check_grads,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    trace,
    value_and_grad,
    vjp,
)

NAMES = [case.name for case in CASES]
BY_NAME = {case.name: case for case in CASES}


def is_real(leaf):
    return isinstance(leaf, float) or getattr(leaf, "dtype", np.dtype(int)).kind == "f"


class Flat:
    """A program as a function of its floating leaves, to a vector or to one number."""

    def __init__(self, case):
        self.f = case.f
        self.leaves, self.structure = tree.flatten(case.args)
        self.moved = [i for i, leaf in enumerate(self.leaves) if is_real(leaf)]
        self.x = [self.leaves[i] for i in self.moved]

    def result(self, *xs):
        leaves = list(self.leaves)
        for i, x in zip(self.moved, xs, strict=True):
            leaves[i] = x
        return self.f(*tree.unflatten(self.structure, leaves))

    def outputs(self, *xs):
        return tree.flatten(self.result(*xs))[0]

    def vector(self, v):
        """Map the vector of all leaves to the vector of all outputs."""
        xs, start = [], 0
        for x in self.x:
            size = np.size(x)
            xs.append(np.reshape(v[start : start + size], np.shape(x)))
            start += size
        return np.concatenate([np.ravel(y) for y in self.outputs(*xs)])

    def scalar(self, v):
        y = self.vector(v)
        return np.sum(y * np.cos(np.arange(y.size)))

    @property
    def point(self):
        return np.concatenate([np.ravel(x) for x in self.x])


@pytest.fixture(params=NAMES)
def program(request):
    return Flat(BY_NAME[request.param])


def directions(parts, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=np.shape(x))[()] for x in parts]


def same_bits(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def test_the_corpus_is_large_and_its_names_are_unique():
    assert len(CASES) >= 100
    assert len(set(NAMES)) == len(NAMES)


def test_first_and_second_derivatives_agree_with_differences(program):
    check_grads(program.result, *program.x, order=2).raise_if_failed()


def test_values_under_derivatives_are_the_plain_ones(program):
    plain = program.outputs(*program.x)
    pushed = jvp(program.outputs, program.x, directions(program.x, 0))[0]
    pulled = vjp(program.outputs, *program.x)[0]
    for y, by_forward, by_reverse in zip(plain, pushed, pulled, strict=True):
        np.testing.assert_array_equal(by_forward, y)
        np.testing.assert_array_equal(by_reverse, y)


def test_pushforward_and_pullback_are_adjoint(program):
    x_dot = directions(program.x, 1)
    y, y_dot = jvp(program.outputs, program.x, x_dot)
    y_bar = directions(y, 2)
    x_bar = vjp(program.outputs, *program.x)[1](y_bar)
    left = sum(np.sum(a * b) for a, b in zip(y_bar, y_dot, strict=True))
    right = sum(np.sum(a * b) for a, b in zip(x_bar, x_dot, strict=True))
    scale = sum(np.sum(abs(a * b)) for a, b in zip(x_bar, x_dot, strict=True))
    assert abs(left - right) <= 1e-11 * (1 + scale)


def test_hessians_are_symmetric_and_every_mixture_gives_them(program):
    x = program.point
    H = hessian(program.scalar)(x)
    size = 1e-9 * (1 + np.abs(H).max())
    np.testing.assert_allclose(H, H.T, rtol=0, atol=size)
    for outer, inner in itertools.product((jacfwd, jacrev), repeat=2):
        np.testing.assert_allclose(
            outer(inner(program.scalar))(x), H, rtol=0, atol=size
        )
    p = directions([x], 3)[0]
    np.testing.assert_allclose(hvp(program.scalar)(x, p), H @ p, rtol=0, atol=10 * size)


def test_jacobians_by_rows_and_by_columns_agree(program):
    x = program.point
    by_columns, by_rows = jacfwd(program.vector)(x), jacrev(program.vector)(x)
    scale = 1 + np.abs(by_rows).max()
    np.testing.assert_allclose(by_columns, by_rows, rtol=0, atol=1e-11 * scale)


def test_the_interpreted_graph_gives_the_program_bit_for_bit(program):
    graph = trace(program.outputs, *program.x)
    run = open_engine("numpy").compile(graph)
    expected = program.outputs(*map(np.asarray, program.x))
    for got, y in zip(run(*map(np.asarray, program.x)), expected, strict=True):
        assert same_bits(got, y)


def test_the_interpreted_graph_of_a_gradient_is_the_gradient(program):
    x = program.point
    y, expected = value_and_grad(program.scalar)(x)
    run = open_engine("numpy").compile(trace(value_and_grad(program.scalar), x))
    got = run(x)
    np.testing.assert_allclose(got[0], y, rtol=1e-14)
    scale = 1 + np.abs(expected).max()
    np.testing.assert_allclose(got[1], expected, rtol=0, atol=1e-13 * scale)


def test_an_interpreted_graph_can_be_differentiated(program):
    x = program.point
    run = open_engine("numpy").compile(trace(program.scalar, x))
    expected = grad(program.scalar)(x)
    scale = 1 + np.abs(expected).max()
    got = grad(lambda v: run(v)[0])(x)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12 * scale)


def test_the_graph_holds_at_other_inputs_or_says_that_it_does_not(program):
    x = program.point
    moved = x * (1 + 1e-3 * RNG.normal(size=x.shape))
    run = open_engine("numpy").compile(trace(program.scalar, x))
    try:
        (y,) = run(moved)
    except wengert.errors.GuardError:
        return
    np.testing.assert_allclose(y, program.scalar(moved), rtol=1e-13, atol=1e-13)
