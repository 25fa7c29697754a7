"""Whole programs as C: the corpus, loops and branches, and derivatives of both."""

import numpy as np
import pytest

from tests.cases import CASES
from tests.engines.c.compiling import Batch, check_close, needs_cc
from tests.operators.test_loops import PROGRAMS, X
from wengert import cond, grad, hessian, scan, switch, trace, tree, while_loop
from wengert.errors import EngineError

pytestmark = needs_cc

# Reading a row at a computed place has no native code.
LOWERED = [f for f in PROGRAMS if f.__name__ != "rows_written_into"]


def is_real(leaf):
    return isinstance(leaf, float) or getattr(leaf, "dtype", np.dtype(int)).kind == "f"


def weighted(case):
    """Give a program of the corpus as a function of arrays, to one number."""
    leaves, structure = tree.flatten(case.args)
    moved = [i for i, leaf in enumerate(leaves) if is_real(leaf)]

    def f(*xs):
        filled = list(leaves)
        for i, x in zip(moved, xs, strict=True):
            filled[i] = x
        outputs = tree.flatten(case.f(*tree.unflatten(structure, filled)))[0]
        weights = [np.cos(np.arange(np.size(y)).reshape(np.shape(y))) for y in outputs]
        return sum(np.sum(y * w) for y, w in zip(outputs, weights, strict=True))

    return f, [np.asarray(leaves[i])[()] for i in moved]


def compare(batch, *flags, rtol=1e-11):
    for label, results, expected in batch.run(*flags):
        check_close(label, results, expected, rtol)


def corpus(batch, order):
    """Enter the derivatives of this order of the programs that have native code."""
    refused = []
    for case in CASES:
        f, xs = weighted(case)
        wrt = tuple(range(len(xs)))
        made = (f, grad(f, argnums=wrt), hessian(f))[order]
        try:
            batch.add(trace(made, *xs), xs, case.name)
        except EngineError as error:
            assert "has no native code" in str(error) or "made of float64" in str(error)
            refused.append(case.name)
    return refused


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("order", [0, 1, pytest.param(2, marks=pytest.mark.slow)])
def test_corpus(order, tmp_path):
    batch = Batch(tmp_path)
    refused = corpus(batch, order)
    assert len(batch) > 85
    assert {"boolean_mask", "solved"} <= set(refused)
    compare(batch)


def test_loops_and_their_gradients(tmp_path):
    batch = Batch(tmp_path)
    for f in LOWERED:
        for made in (f, grad(f)):
            batch.add(trace(made, X), [X], f.__name__)
    compare(batch)


@pytest.mark.slow
def test_second_derivatives_of_loops(tmp_path):
    batch = Batch(tmp_path)
    for f in LOWERED:
        batch.add(trace(hessian(f), X), [X], f.__name__)
    compare(batch, rtol=1e-10)


@pytest.mark.parametrize("length", [0, 1, 2, 7])
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_carried_to_and_fro_ends_at_its_place(length, reverse, tmp_path):
    def f(x, a, b):
        def step(c, v):
            p, q = c
            return (q, p @ q + v), (p[0], q * v)

        return scan(step, (a, b), x, reverse=reverse)

    batch, square = Batch(tmp_path), np.array([[0.3, -0.5], [0.2, 0.9]])
    args = [np.linspace(-1, 1, length), square, square.T + 0.1]
    batch.add(trace(f, *args), args)
    compare(batch)


def test_one_code_serves_all_branches_and_numbers_of_steps(tmp_path):
    def collatz(n):
        def step(p):
            n, count = p
            n = cond(n % 2 == 0, lambda n: n // 2, lambda n: 3 * n + 1, n)
            return n, count + 1

        return while_loop(lambda p: p[0] > 1, step, (n, 0))[1]

    def chosen(k, x):
        return switch(k, [np.sin, lambda v: v[::-1] * 2, lambda v: v**3], x)

    batch, x = Batch(tmp_path), np.array([0.3, -0.5, 2.0])
    for n in (1, 27, 97):
        batch.add(trace(collatz, np.int64(27)), [np.int64(n)], ("collatz", n))
    for k in (-5, 0, 1, 2, 9):
        batch.add(trace(chosen, np.int64(1), x), [np.int64(k), x], ("chosen", k))
    compare(batch)


@pytest.mark.parametrize("steps", [0, 1, 2, 40])
def test_the_gradient_of_a_while_loop_keeps_its_states(steps, tmp_path):
    def f(x, n):
        def step(p):
            k, v = p
            return k + 1, np.sin(v) * x[0] + v[::-1] * 0.3

        return np.sum(while_loop(lambda p: p[0] < n, step, (0, x))[1])

    x, batch = np.array([0.9, 0.4, 1.3]), Batch(tmp_path)
    graph = trace(grad(f), x, np.int64(3))
    batch.add(graph, [x, np.int64(steps)])
    compare(batch)


# ----- large enough for partial sums, and for products of their own -----


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_long_sums_and_products(dtype, tmp_path):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(37, 43)).astype(dtype)
    y = rng.normal(size=(43, 39)).astype(dtype)
    v = rng.normal(size=1003).astype(dtype)

    def sums(x, v):
        return np.sum(v * v), v.max(), v.min(), x.sum(0), x.sum(1), x.max(1), x.min(0)

    def products(x, y):
        z = x @ y
        return z, x.T @ x, y @ y.T, (z.T @ x) @ y, x @ y[:, 3], y[:, 5] @ y, x.T @ z

    def stacked(x, y):
        return np.stack([x, 2 * x]) @ np.stack([y, y + 1]), np.stack([x, x * x]) @ y

    batch = Batch(tmp_path)
    batch.add(trace(sums, x, v), [x, v])
    batch.add(trace(products, x, y), [x, y])
    batch.add(trace(stacked, x, y), [x, y])
    batch.add(trace(grad(lambda x, y: np.sum(products(x, y)[3])), x, y), [x, y])
    w = v.copy()
    w[[3, 500]] = np.nan, np.inf
    batch.add(trace(sums, x, v), [x, w], "nan wins")
    compare(batch, "-O2", rtol=1e-12 if dtype is np.float64 else 1e-4)
