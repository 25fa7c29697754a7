"""Loops are found again, and nothing changes but the last digits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.passes.loops import LOOPS
from wengert import grad, jvp, trace
from wengert.engines.numpy import NumpyEngine
from wengert.errors import GuardError
from wengert.graph.walk import count
from wengert.passes import prune, simplify
from wengert.passes.reroll import reroll


def value(f, x):
    return f, (x,)


def gradient(f, x):
    return grad(f), (x,)


def pushforward(f, x):
    return lambda x, v: jvp(f, (x,), (v,)), (x, np.ones_like(x) * 0.3)


def second(f, x):
    return grad(lambda x, v: jvp(f, (x,), (v,))[1]), (x, np.ones_like(x) * 0.3)


WAYS = [value, gradient, pushforward, second]


def graph_of(f, args):
    return prune(simplify(trace(f, *args)))


def run(graph, args):
    return NumpyEngine().compile(graph)(*args)


def same(graph, args):
    """Reroll a Graph, and compare what it gives."""
    rolled = reroll(graph)
    for y, expected in zip(run(rolled, args), run(graph, args), strict=True):
        assert y.dtype == expected.dtype
        scale = np.max(np.abs(expected), initial=1.0)
        np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-12 * scale)
    return rolled


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", LOOPS)
def test_values_stay(name, way):
    for T in (1, 5, 23, 70) if name != "nested_both_long" else (1, 5, 13):
        f, x = LOOPS[name](T)
        g, args = way(f, x)
        same(graph_of(g, args), args)


# ----- how large a Graph is left -----

# What differs from step to step in another way than a loop's steps do.
IRREGULAR = {"irregular"}


@pytest.mark.parametrize("way", [value, gradient], ids=lambda way: way.__name__)
@pytest.mark.parametrize("name", [name for name in LOOPS if name not in IRREGULAR])
def test_the_size_does_not_grow_with_the_number_of_steps(name, way):
    sizes = []
    for T in (80, 161) if name != "nested_both_long" else (20, 33):
        f, x = LOOPS[name](T)
        graph = reroll(graph_of(*way(f, x)))
        sizes.append(sum(count(graph).values()))
    # A stack of a step more or less at an end may come and go.
    assert sizes[1] <= sizes[0] + 4, sizes
    assert sizes[1] < 400


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LOOPS if name not in IRREGULAR])
def test_a_thousand_steps_are_as_few_equations_as_a_hundred(name):
    sizes = []
    for T in (100, 1000 if name != "nested_both_long" else 150):
        f, x = LOOPS[name](T)
        g, args = gradient(f, x)
        sizes.append(sum(count(same(graph_of(g, args), args)).values()))
    assert sizes[1] <= sizes[0] + 4, sizes


def test_a_gradient_is_two_scans():
    f, x = LOOPS["scalar_map"](300)
    names = count(reroll(graph_of(*gradient(f, x))))
    assert names["scan"] == 2


def test_nested_loops_are_nested_scans():
    f, x = LOOPS["nested_both_long"](30)
    graph = reroll(graph_of(f, (x,)))
    (outer,) = (
        e
        for e in graph.equations
        if "body" in e.params and count(e.params["body"])["scan"]
    )
    assert count(outer.params["body"])["scan"] == 1


def test_what_has_no_equal_steps_stays():
    graph = trace(lambda x: np.sin(x) * np.cos(x), 0.3)
    assert reroll(graph) is graph
    graph = trace(lambda x: sum(np.sin(x) for _ in range(3)), 0.3)
    assert str(reroll(graph)) == str(graph)


# ----- types -----


@pytest.mark.parametrize("dtype", ["f4", "f8", "c8", "c16"])
@pytest.mark.parametrize(
    "name", ["scalar_map", "sum_over_elements", "columns_and_diagonal"]
)
def test_types_stay(name, dtype):
    f, x = LOOPS[name](70)
    x = np.asarray(x, dtype)[()]
    graph = graph_of(f, (x,))
    (y,), (expected,) = run(reroll(graph), (x,)), run(graph, (x,))
    assert y.dtype == expected.dtype
    np.testing.assert_allclose(y, expected, rtol=1e-4)


def test_numbers_of_each_step_do_not_widen():
    def f(x):
        for i in range(70):
            x = np.sin(x * (0.113 * i)) + i
        return x

    x = np.array([0.1, 0.2], np.float32)
    graph = graph_of(f, (x,))
    rolled = reroll(graph)
    assert len(rolled.equations) < 10
    np.testing.assert_allclose(run(rolled, (x,))[0], run(graph, (x,))[0], rtol=1e-4)


def test_integers_are_carried():
    def f(x):
        n = x.astype(int)
        for _ in range(70):
            n = (n * 3 + 1) % 11
        return n * x

    rolled = same(graph_of(f, (np.array([1.5, 2.5]),)), (np.array([1.5, 2.5]),))
    assert len(rolled.equations) < 6


def test_rows_with_several_outputs():
    def f(A):
        s = A
        for _ in range(40):
            w, v = np.linalg.eigh(s @ s.T + np.eye(2))
            s = s * 0.9 + v * np.sin(w)
        return s.sum()

    A = np.array([[1.0, 0.3], [0.2, 2.0]])
    rolled = same(graph_of(f, (A,)), (A,))
    assert len(rolled.equations) < 20
    g = grad(f)
    same(graph_of(g, (A,)), (A,))


def test_captured_rows_share_their_memory():
    table = np.random.default_rng(0).normal(size=(70, 3))

    def f(x):
        for t in range(70):
            x = np.sin(x) + table[t]
        return x

    x = np.ones(3)
    rolled = same(trace(f, x), (x,))
    (capture,) = rolled.captures
    assert np.shares_memory(capture.value, table)
    assert capture.value.shape == table.shape


# ----- guards -----


def test_guards_are_asked_after_the_loop():
    f, x = LOOPS["branches"](70)
    graph = reroll(graph_of(f, (x,)))
    assert len(graph.guards) == 2
    run(graph, (x,))
    for k, bad in ((0, -10.0), (69, 10.0), (33, np.nan)):
        other = x.copy()
        other[k] = bad
        with pytest.raises(GuardError):
            run(graph, (other,))


def test_guards_of_integers():
    def f(x, n):
        s = 0.0
        for i in range(70):
            if n[i]:
                s = s + x[int(n[i])] ** 2
        return s

    args = np.arange(5.0), np.full(70, 3)
    graph = reroll(graph_of(f, args))
    assert len(graph.equations) < 15
    assert run(graph, args) == (70 * 9.0,)
    args[1][40] = 2
    with pytest.raises(GuardError):
        run(graph, args)


def test_branches_that_differ_keep_their_guards():
    def f(x):
        s = 0.0
        for i in range(70):
            s = s + x[i] if x[i] > 0 else s - 1.0
        return s

    x = np.random.default_rng(3).normal(size=70)
    graph = graph_of(f, (x,))
    rolled = same(graph, (x,))
    with pytest.raises(GuardError):
        run(rolled, (-x,))


# ----- steps that read and write as they please -----


@st.composite
def programs(draw):
    """Draw the text of a loop, with a state of numbers and an array it writes to."""
    index = st.tuples(
        st.integers(-2, 3), st.integers(-3, 6), st.sampled_from([7, 40, 1000])
    ).map(lambda t: f"({t[0]} * i + {t[1]}) % min(N, {t[2]})")
    atoms = st.one_of(
        st.sampled_from(["a", "b", "c", "0.3", "0.01 * i", "w"]),
        index.map(lambda i: f"x[{i}]"),
        index.map(lambda i: f"y[{i}]"),
    )
    terms = st.one_of(
        atoms,
        st.tuples(atoms, atoms).map(lambda t: f"np.sin({t[0]} + {t[1]})"),
        st.tuples(atoms, atoms).map(lambda t: f"0.4 * {t[0]} * {t[1]}"),
    )
    lines = st.one_of(
        st.tuples(st.sampled_from("abc"), terms).map(
            lambda t: f"{t[0]} = 0.5 * {t[0]} + 0.2 * {t[1]}"
        ),
        st.tuples(st.sampled_from("abc"), terms).map(lambda t: f"{t[0]} = {t[1]}"),
        st.tuples(index, terms).map(lambda t: f"y[{t[0]}] = {t[1]}"),
        st.tuples(index, terms).map(lambda t: f"y[{t[0]}] += {t[1]}"),
        terms.map(lambda t: f"seen.append({t})"),
        st.tuples(st.integers(2, 40), terms).map(
            lambda t: f"if i % {t[0]} == 1: a = {t[1]}"
        ),
        st.just("a, b = b, a"),
        st.just("y[2:5] = 0.5 * y[1:4]"),
    )
    body = draw(st.lists(lines, min_size=1, max_size=5))
    steps = draw(st.sampled_from([9, 20, 33]))
    text = "".join(f"        {line}\n" for line in body)
    return f"""
def f(x, w):
    a, b, c = x[0], 0.5 * w, w * x[1]
    y = 0.1 * x
    seen = [a]
    for i in range({steps}):
{text}    return a + b * c + (y * x).sum() + np.stack(seen).sum()
"""


def compiled(text):
    names = {"np": np, "N": 40}
    exec(text, names)
    return names["f"]


@settings(max_examples=60, deadline=None)
@given(programs(), st.booleans())
def test_any_loop(text, differentiated):
    check_program(text, differentiated)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None)
@given(programs(), st.booleans())
def test_any_loop_at_length(text, differentiated):
    check_program(text, differentiated)


def check_program(text, differentiated):
    f = compiled(text)
    args = np.random.default_rng(5).normal(size=40), np.float64(0.7)
    with np.errstate(all="ignore"):
        g = grad(f, argnums=(0, 1)) if differentiated else f
        graph = graph_of(g, args)
        expected = run(graph, args)
        if all(np.all(np.abs(y) < 1e8) for y in expected):
            same(graph, args)


@pytest.mark.parametrize(
    "line",
    [
        "y[0] = x[0]",
        "y[0] += w",
        "y[i] += w",
        "y[i % 3] += w * x[i]",
        "y[2:4] += w * x[2:4]",
        "y[2 * (i % 5):2 * (i % 5) + 2] += x[:2] * w",
        "y[i] = w",
        "y[3] += x[i]",
    ],
)
def test_the_same_is_added_or_written_again_and_again(line):
    text = f"""
def f(x, w):
    y = 0.1 * x
    for i in range(36):
        {line}
    return (y * y * x).sum()
"""
    check_program(text, False)
    check_program(text, True)
