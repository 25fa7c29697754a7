"""Python's own control flow under jit: each branch as plain Python takes it."""

from __future__ import annotations

import itertools
import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from tests.operators.jit.calling import assert_same, check_calls, paths, refusals
from wengert import grad, jit
from wengert.errors import PathWarning
from wengert.operators.compilation.states import MOST_PATHS

X = np.array([0.5, -1.0, 2.0, 3.0])
Y = np.array([-0.5, 1.0, -2.0, 0.1])
Z = np.array([1.0, 1.0, 2.0, 2.0])


def counted_loop(x):
    n, x = 0, np.abs(x).sum()
    while x > 0.1:
        x, n = x / 2, n + 1
    return x, n


def early_return(x):
    for v in x:
        if v < 0:
            return v * 2
    return x.sum()


def raising(x):
    if x[0] < 0:
        raise ValueError("negative")
    return x * 2


def table(x):
    return {0: 1.0, 1: 10.0}.get(int(x[0]), 5.0) * x


def filled(x):
    y = np.zeros(4)
    for i in range(4):
        y[i] = x[i] ** 2 if x[i] > 0 else -x[i]
    return y


def masked(x):
    y = x.copy()
    y[y < 0] = 0
    return y, x[x > 0], len(x[x > 1])


def bisected(x):
    lo, hi = -10.0, 10.0
    while hi - lo > 0.5:
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if mid < x[0] else (lo, mid)
    return lo


PROGRAMS = [
    counted_loop,
    early_return,
    raising,
    table,
    filled,
    masked,
    bisected,
    lambda x: (float(x[0]) * 2, int(x[1]), x.tolist(), bool(x[0] > 0)),
    lambda x: (math.exp(x[0]), math.floor(x[1])),
    lambda x: math.sqrt(x[0]),
    lambda x: math.exp(x[0] * 500),
    lambda x: (sorted(x), min(list(x)), max(x), 1.0 in x),
    lambda x: np.unique(x),
    lambda x: (np.nonzero(x > 0), np.argsort(x), np.argmax(x)),
    lambda x: np.linspace(0, 1, int(abs(x[0]) * 4) + 2) * x[1],
    lambda x: [v * k for k, v in enumerate(x) if v > 0],
    lambda x: x[int(np.argmax(x)) :],
    lambda x: np.linalg.inv(np.diag(x - 0.5)),
    lambda x: (x if x.sum() > 1 else 2 * x) if x[0] > 0 else None,
    lambda x: "up" if x[-1] > x[0] else "down",
    lambda x: [1, 2, 3][int(x[0])],
    lambda x: all(v > 0 for v in x) or any(v > 1 for v in x),
]


@pytest.mark.parametrize("f", PROGRAMS)
def test_each_branch_in_turn(f):
    jitted = check_calls(f, *((v,) for v in (X, X, X, Y, Y, Z, X, Y, Z, X)))
    assert sum(paths(jitted)) >= 1


@pytest.mark.parametrize("signs", list(itertools.permutations([1.0, -1.0, 0.0])))
def test_branches_flipped_in_any_order(signs):
    f = lambda x: x * 3 if x > 0 else (-x if x < 0 else x + 1)
    jitted = check_calls(f, *((s * k,) for k in (1.0, 2.0, 3.0) for s in signs))
    # The first call is a plain run, and each branch is met twice more.
    assert paths(jitted) == [3]


def test_f_runs_no_more_once_its_paths_are_known():
    runs = []

    def f(x):
        runs.append(1)
        return np.sin(x) if x[0] > 0 else np.cos(x)

    jitted = jit(f)
    for v in (X, X, Y, Y):
        jitted(v)
    # A plain run; a plain and a traced one for each path.
    assert len(runs) == 5
    for v in (X, Y, X, Y, Y):
        np.testing.assert_array_equal(jitted(v), np.sin(v) if v is X else np.cos(v))
    assert len(runs) == 5


def test_too_many_paths_end_in_plain_python_with_one_warning():
    def f(x):
        return sum(x * k for k in range(int(x)))  # the line

    jitted = jit(f)
    calls = [(float(k),) for k in range(3 * MOST_PATHS)]
    (message,) = refusals(jitted, *calls)
    line = f.__code__.co_firstlineno + 1
    assert f"test_paths.py:{line}" in message and "while_loop" in message
    check_calls(f, *calls, jitted=jitted)
    assert paths(jitted) == [0]


def test_an_exception_leaves_no_path():
    jitted = jit(raising)
    for _ in range(3):
        with pytest.raises(ValueError, match="negative"):
            jitted(Y)
    assert paths(jitted) == [0]
    check_calls(raising, (X,), (Y,), (X,), (Y,), jitted=jitted)


def test_an_exception_after_the_path_is_known_is_that_of_plain_python():
    f = lambda x: np.linalg.inv(np.diag(x))
    jitted = jit(f).compile(X)
    with pytest.raises(np.linalg.LinAlgError):
        jitted(np.zeros(4))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: _caught(lambda: np.linalg.inv(np.diag(x - 0.5))),
        lambda x: _caught(lambda: math.sqrt(x[0])),
        lambda x: _caught(lambda: math.log(x[0])),
        lambda x: _caught(lambda: math.exp(x[0] * 2000)),
        lambda x: _caught(lambda: int(1e400 * x[0]) if x[0] > 0 else 1),
    ],
)
@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
@pytest.mark.parametrize("order", list(itertools.permutations([X, Y, Z])))
def test_an_exception_that_f_catches_is_a_branch(f, order):
    check_calls(f, *((v,) for v in (*order, *order, *order)))


def _caught(f):
    try:
        return f()
    except (ValueError, OverflowError, np.linalg.LinAlgError):
        return -1.0


# ----- random programs -----

STEPS = {
    "branch": lambda k, v: v * 2 if v[k] > 0 else v - 1,
    "compare": lambda k, v: np.sin(v) if v[k] < v[k - 1] else v + v[::-1],
    "mask": lambda k, v: np.where(v > k / 4, v * v, v / 2),
    "count": lambda k, v: v * len(v[v > 0]),
    "loop": lambda k, v: _halved(v, k),
    "index": lambda k, v: np.roll(v, int(np.argmax(v)) - k),
    "sort": lambda k, v: np.sort(v) if np.max(v) > 1 else v,
    "write": lambda k, v: _written(v, k),
    "smooth": lambda k, v: np.tanh(v) * (k + 1),
}


def _halved(v, k):
    for _ in range(k):
        if np.abs(v).max() < 0.25:
            break
        v = v / 2
    return v


def _written(v, k):
    y = v.copy()
    y[k] = 1.0 if y[0] > 0 else y[1]
    return y


programs = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 3)), min_size=1, max_size=5
)
vectors = st.lists(
    st.lists(st.integers(-12, 12), min_size=4, max_size=4), min_size=3, max_size=10
)


def program(steps):
    def f(x):
        for name, k in steps:
            x = STEPS[name](k, x)
        return x

    return f


@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
@settings(max_examples=60, deadline=None)
@given(programs, vectors)
def test_random_programs_on_random_arguments(steps, points):
    check_calls(program(steps), *((np.array(p) / 4,) for p in points))


@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
@settings(max_examples=30, deadline=None)
@given(programs, vectors)
def test_gradients_of_random_programs(steps, points):
    f = lambda x: np.sum(program(steps)(x) ** 2)
    first, second, plain = jit(grad(f)), grad(jit(f)), grad(f)
    for point in points:
        x = np.array(point) / 4
        for jitted in (first, second):
            np.testing.assert_allclose(jitted(x), plain(x), rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
@settings(max_examples=2000, deadline=None)
@given(programs, vectors)
def test_many_random_programs(steps, points):
    check_calls(program(steps), *((np.array(p) / 4,) for p in points))


def test_the_warning_is_given_once():
    jitted = jit(lambda x: f"{x:.1f}")
    jitted(1.0)
    with pytest.warns(PathWarning, match="test_paths.py"):
        jitted(1.0)
    assert_same(jitted(2.0), "2.0")  # warnings are errors here
