"""Scans that keep some of their states: as without, and in less memory."""

import resource

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peaks import peak_bytes
from wengert import fori_loop, grad, hessian, jit, jvp, scan, trace, tree, vjp
from wengert.analysis import peak_memory
from wengert.engines import open_engine
from wengert.errors import ArgumentError, ControlFlowError
from wengert.graph import ArrayType
from wengert.graph.walk import count
from wengert.passes.prepare import prepare
from wengert.trace.bodies import stage_body

RNG = np.random.default_rng(5)
W = RNG.normal(size=(3, 3)) / 2


def program(length, reverse, checkpoint):
    """Scan with constants, two carries, one of integers, slices and stacks."""

    def step(carry, x):
        h, n = carry
        h = np.tanh(W @ h) + x["a"] * np.sin(h)
        return (h, n + 1), {"y": h * x["b"], "n": n}

    def f(h, a, b):
        (h, n), ys = scan(
            step, (h, 0), {"a": a, "b": b}, length, reverse, checkpoint=checkpoint
        )
        return h.sum() + (ys["y"] ** 2).sum() + n * ys["n"].sum()

    return f


def arguments(length):
    return RNG.normal(size=3), RNG.normal(size=length), RNG.normal(size=(length, 3))


def same(op, f, g, args):
    expected, _ = tree.flatten(op(f)(*args))
    found, _ = tree.flatten(op(g)(*args))
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-11)


def gradients(f):
    return grad(f, (0, 1, 2))


@settings(deadline=None, max_examples=15)
@given(
    st.integers(1, 23),
    st.booleans(),
    st.one_of(st.integers(1, 9), st.just("binomial")),
)
def test_gradients_are_those_without(length, reverse, checkpoint):
    f, g = program(length, reverse, None), program(length, reverse, checkpoint)
    args = arguments(length)
    same(gradients, f, g, args)
    same(lambda f: lambda *x: vjp(f, *x)[1](2.0), f, g, args)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("checkpoint", [2, 4, "binomial"])
def test_in_every_order(reverse, checkpoint):
    f, g = program(7, reverse, None), program(7, reverse, checkpoint)
    args = arguments(7)
    same(hessian, f, g, args)
    same(lambda f: lambda *x: jvp(gradients(f), x, x), f, g, args)
    same(lambda f: grad(lambda h, a, b: (gradients(f)(h, a, b)[1] ** 2).sum()),
         f, g, args)  # fmt: skip
    same(lambda f: jit(gradients(f)), f, g, args)


def test_a_pullback_may_be_called_again():
    args = arguments(13)
    _, pullback = vjp(program(13, False, 3), *args)
    first = pullback(1.0)
    for _ in range(2):
        for a, b in zip(first, pullback(1.0), strict=True):
            np.testing.assert_array_equal(a, b)


def test_in_a_graph_it_is_scans_of_scans():
    args = arguments(27)
    graph = trace(grad(program(27, False, 9)), *args)
    few, many = (len(trace(grad(program(n, False, 9)), *arguments(n)).equations)
                 for n in (64, 512))  # fmt: skip
    assert count(graph)["scan"] > 2 and count(graph)["checkpoint"] > 1
    assert abs(few - many) < 30


def power(length, checkpoint):
    """Multiply elementwise, `length` times."""

    def f(c):
        last, _ = scan(
            lambda c, _: (c - 0.01 * c * c * c, None), c, None, length,
            checkpoint=checkpoint,
        )  # fmt: skip
        return (last * last).sum()

    return f


C = np.linspace(0.1, 1.0, 8_000)


def test_the_sweep_keeps_as_many_states_as_it_may():
    state, few = C.nbytes, 10
    peaks = [peak_bytes(grad(power(40, k)), C) for k in (few, 20, None)]
    assert peaks[0] < (few + 12) * state
    assert peaks[1] < (20 + 12) * state
    assert peaks[2] > 80 * state


def test_compiled_it_takes_less_memory():
    def scratch(checkpoint):
        run = jit(grad(power(60, checkpoint))).compile(C)
        (path,) = run.report(C).paths
        return sum(stage.scratch for stage in path.inspection.stages)

    assert scratch(16) < 26 * C.nbytes < 60 * C.nbytes < scratch(None)


def test_a_graph_of_a_long_scan_is_small_and_takes_little_memory():
    c = np.linspace(0.1, 1.0, 1000)
    graph = trace(lambda c: power(2, "binomial")(c), c)
    assert len(graph.equations) < 10
    long = trace(grad(power(4096, 3 * 16)), c)
    assert peak_memory(long) < 64 * c.nbytes


def test_fori_loop_takes_it_too():
    f = lambda x, k: fori_loop(  # noqa: E731
        0, 10, lambda i, v: np.sin(v * x) + i, 1.0, checkpoint=k
    )
    assert grad(f)(2.0, 3) == pytest.approx(grad(f)(2.0, None), rel=1e-12)


@pytest.mark.parametrize("checkpoint", [0, -1, 2.0, True, "revolve"])
def test_other_numbers_are_refused(checkpoint):
    with pytest.raises(ArgumentError, match=r"neither a number.*binomial"):
        program(3, False, checkpoint)(*arguments(3))


def test_unknown_bounds_are_refused():
    f = lambda n: fori_loop(0, n, lambda i, v: v * 2.0, 1.0, checkpoint=3)  # noqa: E731
    with pytest.raises(ArgumentError, match="bounds that are known"):
        trace(f, np.int64(4))


def test_questions_are_refused_as_in_a_graph():
    def f(c):
        return scan(lambda c, _: (c if c > 0 else -c, None), c, None, 3, checkpoint=2)

    assert f(2.0)[0] == 2.0
    with pytest.raises(ControlFlowError):
        grad(lambda c: f(c)[0])(2.0)


def compiled(f, x):
    """Compile the gradient of f without a run of it on NumPy first."""
    body = stage_body(lambda x: [grad(f)(x)], [ArrayType.of(x)])
    graph = prepare(body.graph)
    engine = open_engine("llvm")
    call = engine.compile(graph)
    scratch = sum(stage.scratch for stage in engine.inspect(graph).stages)
    return lambda x: call(*body.values, x)[0], scratch


def test_what_is_compiled_is_right():
    c = np.linspace(0.1, 1.0, 50)
    run, _ = compiled(power(1000, 40), c)
    np.testing.assert_allclose(run(c), grad(power(1000, None))(c), rtol=1e-9)


@pytest.mark.slow
def test_a_million_steps_over_a_thousand_floats_take_64_megabytes():
    c = np.linspace(0.1, 1.0, 1000)
    run, scratch = compiled(power(10**6, "binomial"), c)
    before = resident()
    assert np.isfinite(run(c)).all()
    assert scratch < 64e6 and resident() - before < 64e6


@pytest.mark.slow
def test_ten_thousand_steps_on_numpy_take_64_megabytes():
    c = np.linspace(0.1, 1.0, 1000)
    assert peak_bytes(grad(power(10**4, "binomial")), c) < 64e6 < 10**4 * c.nbytes


def resident():
    """Give the most memory that this process has held."""
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
