"""What f does besides computing is never dropped: then it runs as plain Python."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from tests.operators.jit.calling import check_calls, paths, refusals
from wengert import jit

X = np.array([0.5, -1.0, 2.0])
STORE = np.zeros(3)
RNG = np.random.default_rng(1)
BOX = {"rng": random.Random(1), "sums": [np.zeros(2)]}


def writes_to_an_argument(x):
    x[0] = 7.0
    return x.sum()


def adds_to_an_argument(x):
    x += 1
    return x


def writes_through_a_view(x):
    x[1:][0] *= 2
    return x.sum()


def sorts_an_argument(x):
    x.sort()
    return x[0]


def counts_outside(x):
    STORE[0] += 1
    return x * 2


def sums_outside(x):
    BOX["sums"][0][:] += 1
    return x * 2


def draws(x):
    return x + np.random.rand()


def draws_from_a_generator(x):
    return x + RNG.normal()


def draws_in_python(x):
    return x + BOX["rng"].random()


def draws_in_a_helper(x):
    return draws(x) * 2


def looks_at_the_time(x):
    return x + time.perf_counter()


def shows(x):
    return f"{x[0]:.2f}"


def shows_by_str(x):
    return x if str(x[0]) == "0.5" else -x


def shows_by_numpy(x):
    return np.array2string(x)


def yields(x):
    return (v for v in x)


def gives_a_set(x):
    return {1, 2}


def lets_numpy_raise(x):
    with np.errstate(all="raise"):
        return 1 / x


@pytest.mark.parametrize(
    "f,reason",
    [
        (writes_to_an_argument, "writes to an argument, f64[3]"),
        (adds_to_an_argument, "writes to an argument"),
        (writes_through_a_view, "writes to an argument"),
        (sorts_an_argument, "writes to an argument"),
        (counts_outside, "writes to the array 'STORE'"),
        (sums_outside, "writes to the array 'BOX'"),
        (draws, "np.random draws"),
        (draws_from_a_generator, "generator 'RNG' draws"),
        (draws_in_python, "generator 'BOX' draws"),
        (draws_in_a_helper, "np.random draws"),
        (looks_at_the_time, "result"),
        (shows, "text (at"),
        (shows_by_str, "text (at"),
        (shows_by_numpy, "text (at"),
        (yields, "returns a generator"),
        (gives_a_set, "returns a set"),
        (lets_numpy_raise, "floating-point errors"),
    ],
)
def test_f_runs_plainly_and_says_why(f, reason):
    jitted = jit(f)
    (message,) = refusals(jitted, *[(X.copy(),)] * 4)
    assert reason in message and f"jit({f.__name__})" in message
    assert "calling.py" in message  # where it was called
    assert paths(jitted) == [0]


def test_writes_reach_the_callers_array_each_time():
    jitted = jit(adds_to_an_argument)
    x = X.copy()
    refusals(jitted, *[(x,)] * 5)
    np.testing.assert_array_equal(x, X + 5)


def test_the_stream_of_random_numbers_is_that_of_plain_python():
    jitted = jit(draws)
    np.random.seed(3)
    expected = [draws(1.0) for _ in range(5)]
    np.random.seed(3)
    found = []
    refusals(lambda: found.append(jitted(1.0)), *[()] * 5)
    assert found == expected


def test_arrays_made_inside_are_no_effect():
    def f(x):
        work = np.ones(3)
        total = 0.0
        for _ in range(3):
            total = total + x * work
            work *= 0.5
        return total, np.random.default_rng(5).normal() * x

    assert paths(check_calls(f, *[(X,)] * 3)) == [1]


def test_a_captured_array_is_read_at_each_call():
    w = np.ones(3)
    jitted = jit(lambda x: x @ w)
    for k in range(5):
        w[:] = k
        assert jitted(X) == X @ w


def test_a_captured_array_that_is_resized():
    w = np.ones(3)
    jitted = jit(lambda x: x * w)
    for _ in range(3):
        assert jitted(2.0).shape == (3,)
    w.resize(5, refcheck=False)
    for _ in range(3):
        np.testing.assert_array_equal(jitted(2.0), [2.0, 2.0, 2.0, 0.0, 0.0])
    w.dtype = np.int64
    assert jitted(2.0).dtype == np.float64
    np.testing.assert_array_equal(jitted(2.0), 2.0 * w)


def test_other_captured_objects_are_constants():
    # As in JAX, and as documented.
    scale = [2.0]
    jitted = jit(lambda x: x * scale[0])
    jitted(1.0), jitted(1.0)
    scale[0] = 3.0
    assert jitted(1.0) == 2.0


def test_what_f_computes_from_captured_arrays_alone_follows_them():
    w, unused = np.ones(3), np.ones(3)
    helper = lambda: w.sum() * np.linalg.norm(STORE + 1)

    def f(x):
        return x @ (w * 2) + helper() if w[0] > 0 else x @ w

    jitted = jit(f)
    for k in (1.0, 1.0, 2.0, -1.0, -2.0, 3.0):
        w[:] = k
        assert jitted(X) == f(X)
    assert paths(jitted) == [2] and (unused == 1).all()


def test_captured_arrays_where_tracers_cannot_go():
    table = np.array([1.0, 2.0])
    f = lambda x: x * {1.0: 3.0}[table[0]]  # a Tracer cannot be hashed
    assert paths(check_calls(f, *[(X,)] * 3)) == [1]


def test_lifting_changes_nothing_outside():
    w = np.ones(3)

    def count(n):
        return count(n - 1) + w.sum() if n else STORE.sum() + n

    jitted = jit(lambda x: x * count(3))
    for _ in range(3):
        np.testing.assert_array_equal(jitted(X), X * count(3))
    assert type(STORE) is np.ndarray and type(w) is np.ndarray
    w[:] = 5
    np.testing.assert_array_equal(jitted(X), X * count(3))


class Layer:
    def __init__(self):
        self.w, self.parts, self.calls = np.ones(3), {"b": [np.ones(3)]}, 0

    def __call__(self, x):
        self.calls += 1
        return x @ (self.w * 2) + self.parts["b"][0].sum()

    @jit
    def method(self, x):
        return self(x)


@pytest.mark.parametrize(
    "make", [jit, lambda layer: jit(layer.__call__), lambda layer: layer.method]
)
def test_arrays_of_objects_and_containers_are_followed(make):
    layer = Layer()
    jitted = make(layer)
    for k in range(5):
        layer.w[:] = k
        layer.parts["b"][0][:] = -k
        assert jitted(X) == layer(X)
    # What the traced run counts is its own.
    assert layer.calls == 5 + 2
