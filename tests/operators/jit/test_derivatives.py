"""jit of derivatives, and derivatives of jitted functions, in any order."""

from __future__ import annotations

import numpy as np
import pytest

from tests.cases import CASES
from tests.operators.jit.calling import assert_same, paths, states
from wengert import (
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jit,
    jvp,
    trace,
    tree,
    value_and_grad,
    vjp,
)

X = np.array([0.7, -1.2, 0.4])


def f(x):
    y = np.sin(x) * x
    return np.sum(y * y) if x[0] > 0 else np.sum(np.exp(y))


OPERATORS = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "jacfwd": jacfwd,
    "jacrev": jacrev,
    "hessian": hessian,
    "jvp": lambda f: lambda x: jvp(f, (x,), (np.cos(x),)),
    "vjp": lambda f: lambda x: vjp(f, x)[1](np.float64(2.0)),
    "hvp": lambda f: lambda x: hvp(f)(x, np.cos(x)),
    "grad of grad": lambda f: grad(lambda x: np.sum(grad(f)(x) ** 2)),
    "jvp of hessian": lambda f: lambda x: jvp(hessian(f), (x,), (x,))[1],
    "jacfwd of jacfwd": lambda f: jacfwd(jacfwd(f)),
    "jacrev of jacrev": lambda f: jacrev(jacrev(f)),
}


def check(plain, *jitted):
    for other in jitted:
        for x in (X, X, X, -X, -X, X, -X):
            found = tree.flatten(other(x))[0]
            expected = tree.flatten(plain(x))[0]
            for a, b in zip(expected, found, strict=True):
                assert type(a) is type(b)
                np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", OPERATORS)
def test_in_any_order(name):
    operator = OPERATORS[name]
    check(
        operator(f),
        jit(operator(f)),
        operator(jit(f)),
        jit(operator(jit(f))),
        operator(jit(jit(f))),
    )


def test_a_compiled_path_takes_the_place_of_f():
    runs = []

    def counted(x):
        runs.append(1)
        return np.sum(np.sin(x))

    gradient = grad(jit(counted))
    for _ in range(4):
        gradient(X)
    count = len(runs)
    for _ in range(4):
        np.testing.assert_allclose(gradient(X), np.cos(X))
    assert len(runs) == count
    assert_same(gradient(2 * X).dtype, X.dtype)


def test_a_path_not_known_yet_under_a_derivative():
    jitted = jit(f)
    jitted(X), jitted(X)
    np.testing.assert_allclose(grad(jitted)(-X), grad(f)(-X))
    np.testing.assert_allclose(grad(jitted)(-X), grad(f)(-X))
    assert paths(jitted) == [2]


def test_the_trace_goes_through():
    graph = trace(jit(lambda x: np.sin(x) * 2), 1.0)
    assert [e.primitive.name for e in graph.equations] == ["sin", "multiply"]


def test_containers_statics_and_other_outputs():
    def model(p, n, x):
        y = np.tanh(x @ p["w"] + p["b"]) ** n
        return {"y": y, "count": len(y), "n": n, "index": np.argmax(y), "s": y.sum()}

    p = {"w": np.ones((3, 2)), "b": np.array([0.1, 0.2])}
    loss = lambda model: lambda p: model(p, 2, X)["y"].sum() * model(p, 3, X)["s"]
    expected, gradient = grad(loss(model))(p), grad(loss(jit(model)))
    for _ in range(4):
        found = gradient(p)
        for key in p:
            np.testing.assert_allclose(found[key], expected[key], rtol=1e-13)


def test_python_floats_and_arguments_that_are_constant():
    g = lambda x, s, k: s * np.sum(x**k)
    for jitted in (jit(g), jit(g)):
        for args in ((X, 2.0, 2), (X, 3.0, 2), (X, 2.0, 2)) * 2:
            assert_same(grad(g, 1)(*args), grad(jitted, 1)(*args))
            assert_same(grad(g)(*args), grad(jitted)(*args))


def test_pullbacks_outlive_what_the_caller_writes():
    jitted = jit(lambda x, w: np.sum(x * x * w))
    w = np.ones(3)
    for _ in range(4):
        x = X.copy()
        _, pullback = vjp(jitted, x, w)
        x[:] = 0
        np.testing.assert_array_equal(pullback(1.0)[0], 2 * X)
        np.testing.assert_array_equal(pullback(1.0)[0], 2 * X)


def test_a_variable_of_an_outer_derivative():
    def outer(a):
        inner = jit(lambda y: a * y * y)
        return sum(inner(3.0) for _ in range(4)) + inner(a)

    assert grad(outer)(2.0) == 36.0 + 12.0
    assert jit(grad(outer))(2.0) == 48.0


def test_a_traced_array_that_is_written_to():
    square = jit(lambda x: x * x)

    def g(x):
        y = x.copy()
        for i in range(3):
            y[i] = y[i] * 2
            y = square(y)
            y[0] = x[0]
        return np.sum(y)

    plain = lambda x: grad(lambda x: _written(x, lambda v: v * v))(x)
    for _ in range(4):
        np.testing.assert_allclose(grad(lambda x: _written(x, square))(X), plain(X))
        assert np.isfinite(grad(g)(X)).all()


def _written(x, square):
    y = x.copy()
    y[0] = 3 * x[1]
    z = square(y)
    y[1] = 5 * x[2]
    return np.sum(z) + np.sum(square(y))


@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
def test_writes_to_traced_arguments_are_not_lost():
    def adds(x):
        x += 1
        return np.sum(x)

    def g(adds):
        def program(x):
            y = x * 2
            s = adds(y)
            return s * np.sum(y)

        return program

    jitted = jit(adds)
    for _ in range(4):
        np.testing.assert_allclose(grad(g(jitted))(X), grad(g(adds))(X))


def test_strong_zeros_hold_in_compiled_derivatives():
    g = lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0))
    x = np.array([0.0, 4.0])
    for gradient in (jit(grad(g)), grad(jit(g))):
        for _ in range(4):
            np.testing.assert_array_equal(gradient(x), [0.0, 0.25])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore::wengert.errors.PathWarning")
def test_every_program_of_the_corpus(case, capsys):
    total = lambda f: (
        lambda *args: sum(
            np.sum(np.real(leaf) * 1.0) for leaf in tree.flatten(f(*args))[0]
        )
    )
    plain, jitted = total(case.f), total(jit(case.f))
    pairs = [
        (case.f, jit(case.f)),
        (grad(plain), jit(grad(plain))),
        (grad(plain), grad(jitted)),
        (hessian(plain), hessian(jitted)),
    ]
    for one, other in pairs:
        expected = tree.flatten(one(*case.args))[0]
        for _ in range(3):
            found = tree.flatten(other(*case.args))[0]
            for a, b in zip(expected, found, strict=True):
                np.testing.assert_allclose(b, a, rtol=1e-11, atol=1e-12)
    assert states(pairs[0][1])
