"""Which calls share a Graph: by structure, types, and values of what is static."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from collections import OrderedDict, defaultdict, namedtuple

import numpy as np
import pytest

from tests.operators.jit.calling import (
    assert_same,
    check_calls,
    paths,
    refusals,
    states,
)
from wengert import jit
from wengert.errors import ArgumentError
from wengert.operators.compilation.containers import put_together, take_apart
from wengert.operators.compilation.dispatching import MOST_SIGNATURES

X = np.array([0.5, -1.0, 2.0])
Pair = namedtuple("Pair", "left right")


@dataclasses.dataclass
class Weights:
    w: np.ndarray
    scale: float = 2.0
    name: str = "w"


@pytest.mark.parametrize(
    "tree",
    [
        1.0,
        None,
        (1, [2.0, None], {}),
        {"b": 1, "a": (2, 3)},
        {1: "x", True and "k": [()]},
        Pair(1, Pair(2, [3])),
        OrderedDict(b=1, a=2),
        Weights(2.0, 3.0),
    ],
)
def test_containers_come_back(tree):
    leaves, structure = take_apart(tree)
    assert put_together(structure, leaves) == tree
    hash(structure)


def test_the_order_of_a_dict_is_part_of_its_structure():
    assert take_apart({"a": 1, "b": 2})[1] != take_apart({"b": 1, "a": 2})[1]
    assert take_apart({1: 0})[1] != take_apart({True: 0})[1]
    one, other = defaultdict(int, a=1, b=2), defaultdict(int, b=2, a=1)
    assert take_apart(one)[1] != take_apart(other)[1]
    f = lambda d: list(d.values())
    ab, ba = {"a": X, "b": 2 * X}, {"b": X, "a": 2 * X}
    check_calls(f, (ab,), (ab,), (ba,), (ba,), (ab,), (ba,))


@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
def test_values_of_static_arguments_are_told_apart_by_type():
    f = lambda x, n: (x * 2, type(n).__name__, n)
    values = [1, True, 1.0, "1", b"1", None, 1 + 0j, np.float64(1), np.int64(1)]
    check_calls(f, *[(X, n) for n in values] * 3)


def test_zeros_of_two_signs_are_two_static_values():
    jitted = jit(lambda x, s: x * s, static_argnames="s")
    for _ in range(3):
        assert [str(jitted(1.0, s)) for s in (0.0, -0.0)] == ["0.0", "-0.0"]


@pytest.mark.parametrize("how", [{"static_argnums": 1}, {"static_argnames": "n"},
                                 {"static_argnums": (-1,)}])  # fmt: skip
def test_static_arguments_by_number_and_by_name(how):
    def f(x, n):
        assert type(n) is float
        return x**n if n > 1 else x

    jitted = jit(f, **how)
    for n in (2.0, 1.0, 3.0) * 3:
        assert_same(f(X, n), jitted(X, n))
    for n in (2.0, 1.0) * 3:
        assert_same(f(X, n), jitted(X, n=n))
    assert not any(
        state.paths and state.paths[0].graph.guards for state in states(jitted)
    )


def test_static_arguments_that_cannot_be():
    with pytest.raises(ArgumentError, match="cannot be hashed"):
        jit(lambda x, w: x, static_argnums=1)(X, X)
    with pytest.raises(ArgumentError, match="no such argument"):
        jit(lambda x: x, static_argnames="y")
    with pytest.raises(ArgumentError, match="static_argnums must be"):
        jit(lambda x: x, static_argnums="x")


def test_keywords_and_defaults():
    def f(x, y=2.0, *, n=2, **more):
        return x**n + y + sum(more.values())

    jitted = jit(f)
    for kwargs in ({}, {"n": 3}, {"y": 1.0}, {"z": 1.0}, {"z": 2.0, "a": 0.5}) * 3:
        assert_same(f(X, **kwargs), jitted(X, **kwargs))
        assert_same(f(X, 3.0), jitted(X, 3.0))
    with pytest.raises(TypeError, match="missing"):
        jitted()


def test_containers_go_in_and_out():
    def f(p, q):
        return Weights(p.w * p.scale, q.left), {"s": [q.right, None, p.name]}

    args = Weights(X), Pair(3.0, np.float64(2.0))
    plain, jitted = f(*args), jit(f)
    for _ in range(3):
        weights, more = jitted(*args)
        assert_same(plain[0].w, weights.w)
        assert_same(plain[1], more)
        assert type(weights.scale) is float and weights.name == "w"


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * 2,
        lambda x: np.sin(x),
        lambda x: (x > 0, x == x, not x),
        lambda x: (1, True, "s", None, 2.5, 1j, x),
        lambda x: x + 1j,
        lambda x: float(np.sum(x)),
        lambda x: np.asarray(x * 1.5),
        lambda x: {"n": np.ndim(x), "t": (np.float32(x), np.arange(3))},
    ],
)
@pytest.mark.parametrize("x", [0.5, np.float64(0.5), np.array(0.5), 0.5 + 2j, 3])
@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_results_have_the_types_of_plain_python(f, x):
    check_calls(f, (x,), (x,), (x,))


def test_results_are_new_each_time():
    table = np.arange(3.0)
    jitted = jit(lambda x: (x, x, x[1:], table))
    for _ in range(4):
        results = jitted(X)
    for y in results:
        y[0] = 7.0
    np.testing.assert_array_equal(X, [0.5, -1.0, 2.0])
    np.testing.assert_array_equal(table, [0.0, 1.0, 2.0])
    assert not any(np.shares_memory(results[0], y) for y in results[1:])


def test_python_floats_beside_float32_arrays():
    x = np.arange(3, dtype=np.float32)
    f = lambda x, s: x * s
    jitted = check_calls(f, *[(x, s) for s in (0.5, 0.25, 0.5, 0.1)] * 3)
    assert len(states(jitted)) == 3  # one for each value


def test_shapes_and_dtypes_are_signatures():
    f = lambda x: np.cumsum(x) * 2
    jitted = check_calls(f, *[(np.ones(n, t),) for n in (1, 2) for t in "fdi?"] * 3)
    assert paths(jitted) == [1] * 8


def test_too_many_signatures():
    jitted = jit(lambda x, n: x * n)
    (message,) = refusals(jitted, *((1.0, n) for n in range(MOST_SIGNATURES + 20)))
    assert "more than 128 kinds" in message
    assert jitted(2.0, 500) == 1000.0


class Model:
    def __init__(self, w):
        self.w = w

    @jit
    def forward(self, x):
        return x @ self.w


def test_a_jitted_method_tells_its_objects_apart_and_keeps_none():
    one, other = Model(X), Model(2 * X)
    for _ in range(3):
        assert one.forward(X) == X @ X and other.forward(X) == 2 * X @ X
    one.w *= 3
    assert one.forward(X) == X @ one.w
    assert len(states(Model.forward)) == 2
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None and len(states(Model.forward)) == 1


def test_arguments_are_not_kept():
    jitted = jit(lambda x, f: f(x))
    double = lambda x: 2 * x
    big = np.ones(1000)
    for _ in range(3):
        assert jitted(big, double)[0] == 2
    kept = weakref.ref(double), weakref.ref(big)
    del double, big
    gc.collect()
    assert [ref() for ref in kept] == [None, None]
    assert not states(jitted)


def test_what_cannot_be_hashed_runs_plainly():
    jitted = jit(lambda x, s: x * len(s))
    (message,) = refusals(jitted, (2.0, {1, 2}), (2.0, {1}), (3.0, {1, 2}))
    assert "a set, which cannot be hashed" in message
    assert jitted(2.0, {1, 2}) == 4.0
