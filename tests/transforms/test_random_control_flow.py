"""Random programs of nested loops and branches: the Graph of the gradient, run by the
NumPy engine as it is and pruned, against the eager gradient."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert import cond, fori_loop, grad, hessian, scan, switch, trace, while_loop
from wengert.engines import NumpyEngine
from wengert.graph.check import check
from wengert.passes import prune, simplify

UNARY = (np.sin, np.cos, np.tanh, lambda a: 0.5 * a, lambda a: a * a * 0.3)
BINARY = (np.add, np.subtract, np.multiply, np.arctan2, lambda a, b: a)

# A program is a nested tuple; `run` gives it a meaning, on a pair of numbers.
plain = st.one_of(
    st.tuples(st.just("unary"), st.integers(0, len(UNARY) - 1)),
    st.tuples(st.just("binary"), st.integers(0, len(BINARY) - 1)),
    st.just(("swap",)),
    st.just(("outer",)),
)


def deeper(programs):
    blocks = st.lists(programs, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.tuples(st.just("cond"), blocks, blocks),
        st.tuples(st.just("switch"), blocks, blocks, blocks),
        st.tuples(st.just("fori"), st.integers(0, 3), blocks),
        st.tuples(st.just("scan"), st.booleans(), st.integers(0, 3), blocks),
        st.tuples(st.just("while"), st.integers(0, 3), blocks),
    )


programs = st.lists(
    st.recursive(plain, deeper, max_leaves=6), min_size=1, max_size=4
).map(tuple)


def block(steps, state, outside):
    for step in steps:
        state = run(step, state, outside)
    return state


def run(step, state, outside):
    a, b = state
    match step:
        case ("unary", k):
            return UNARY[k](a), b
        case ("binary", k):
            return BINARY[k](a, b), a
        case ("swap",):
            return b, a
        case ("outer",):
            return a * outside[0], b + outside[1]
        case ("cond", yes, no):
            return cond(
                a > b, lambda *s: block(yes, s, outside),
                lambda *s: block(no, s, (b, a)), a, b,
            )  # fmt: skip
        case ("switch", *cases):
            branches = [lambda *s, c=c: block(c, s, outside) for c in cases]
            return switch(np.floor(3 * a).astype(int), branches, a, b)
        case ("fori", n, body):
            return fori_loop(0, n, lambda i, s: block(body, s, (b, i * a)), (a, b))
        case ("scan", reverse, n, body):

            def over(s, x):
                after = block(body, s, (x, outside[0]))
                return after, after[0] * x

            xs = np.stack([a * (k + 1) for k in range(n)]) if n else np.zeros(0)
            (c, d), ys = scan(over, (a, b), xs, reverse=reverse)
            return c + ys.sum(), d
        case ("while", n, body):

            def step_(s):
                return s[0] + 1, block(body, s[1], outside)

            return while_loop(lambda s: s[0] < n, step_, (0, (a, b)))[1]
    raise AssertionError(step)


def agree(derivative, program, x, y, rtol):
    def f(x):
        a, b = block(program, (x[0], x[1]), (x[1], y))
        return a + b * x[0]

    point = np.array([x, 0.7])
    with np.errstate(all="ignore"):
        expected = derivative(f)(point)
        graph = check(trace(derivative(f), point))
        small = check(prune(simplify(graph)))
        for some in (graph, small):
            (found,) = NumpyEngine().compile(some)(point)
            np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-9)


numbers = st.floats(-1.5, 1.5).map(lambda v: round(v, 3))


@settings(max_examples=40, deadline=None)
@given(programs, numbers, numbers)
def test_gradient(program, x, y):
    agree(grad, program, x, y, 1e-9)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(programs, numbers, numbers)
def test_gradient_of_many(program, x, y):
    agree(grad, program, x, y, 1e-9)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(programs, numbers, numbers)
def test_second_order(program, x, y):
    agree(hessian, program, x, y, 1e-7)
