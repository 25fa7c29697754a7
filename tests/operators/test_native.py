"""Native code that a user states for a primitive."""

from __future__ import annotations

import numpy as np
import pytest

from wengert import custom_jvp, custom_vjp, grad, jit, primitive, scan, trace
from wengert.engines import open_engine
from wengert.errors import ControlFlowError, PathWarning, RuleError
from wengert.passes.expand import expand
from wengert.passes.prepare import prepare

X = np.linspace(0.1, 1.0, 5)


def opaque(x):
    """Pass by what no Tracer survives."""
    return np.array(np.asarray(x).tolist())


def make(native, fun=lambda x: opaque(x) ** 2):
    f = primitive(fun)
    f.vjp(lambda y, x, y_bar: (2 * x[0] * y_bar,))
    f.native(native)
    return f


def names(f, *args):
    return [e.primitive.name for e in expand(trace(f, *args)).equations]


def run(f, *args):
    graph = trace(f, *args)
    return open_engine("llvm").compile(graph)(*args)


def test_it_stands_for_the_call():
    square = make(lambda x: x * x)
    assert names(lambda x: np.sin(square(x)), X) == ["multiply", "sin"]
    np.testing.assert_allclose(run(square, X)[0], X**2, rtol=1e-15)
    f = jit(grad(lambda x: square(x).sum()), engine="llvm")
    report = f.report(X)
    assert not report.paths[0].inspection.fallbacks and report.paths[0].direct
    np.testing.assert_allclose(f(X), 2 * X, rtol=1e-15)


def test_without_it_the_call_runs_on_numpy():
    square = primitive(lambda x: opaque(x) ** 2)
    square.vjp(lambda y, x, y_bar: (2 * x[0] * y_bar,))
    assert names(square, X) == ["user.lambda"]
    (fallback,) = jit(square, engine="llvm").report(X).paths[0].inspection.fallbacks
    assert fallback.primitive == "user.lambda"


def test_structures_constants_and_keywords():
    def shifted(p, n, /, *, scale):
        return {"a": opaque(p["x"]) * scale + n, "b": (opaque(p["y"]),)}

    f = make(lambda p, n, scale: {"a": p["x"] * scale + n, "b": (+p["y"],)}, shifted)

    def g(x, y):
        out = f({"x": x, "y": y}, 3, scale=2.0)
        return out["a"], out["b"][0]

    assert not any(name.startswith("user") for name in names(g, X, 0.5))
    for y, z in zip(run(g, X, 0.5), g(X, 0.5), strict=True):
        np.testing.assert_allclose(y, z, rtol=1e-15)


def test_captured_arrays_are_read_at_each_call():
    w = np.ones(5)
    weighed = make(lambda x: x * w, lambda x: opaque(x) * w)
    compiled = open_engine("llvm").compile(trace(weighed, X))
    np.testing.assert_array_equal(compiled(X)[0], X)
    w *= 3
    np.testing.assert_array_equal(compiled(X)[0], 3 * X)


def test_what_it_calls_is_written_out_too():
    inner = make(lambda x: x * x)
    outer = make(lambda x: inner(x) / np.linalg.norm(x), lambda x: inner(opaque(x)))
    assert names(outer, X) == ["multiply", "multiply", "sum", "sqrt", "divide"]


def test_in_the_body_of_a_loop():
    square = make(lambda x: x * x)

    def f(x):
        return scan(lambda c, a: (square(c) + np.linalg.norm(a), c), 0.5, x)[0]

    x = X.reshape(5, 1)
    graph = trace(f, x)
    inspection = open_engine("llvm").inspect(prepare(graph))
    assert not inspection.fallbacks, str(inspection)
    expected = open_engine("numpy").compile(graph)(x)[0]
    np.testing.assert_allclose(run(f, x)[0], expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("native", "error", "message"),
    [
        (lambda x: (x, x), RuleError, r"gives \[f64\[5\], f64\[5\]\] in the structure"),
        (lambda x: x.sum(), RuleError, r"gives \[f64\[\]\]"),
        (lambda x: x if x[0] > 0 else -x, ControlFlowError, "Python asks"),
    ],
)
def test_what_does_not_fit_is_refused(native, error, message):
    with pytest.raises(error, match=message):
        expand(trace(make(native), X))


def test_one_that_calls_itself_is_refused():
    square = make(lambda x: square(x))
    with pytest.raises(RuleError, match="which it is to stand for"):
        expand(trace(square, X))


def test_jit_runs_plainly_where_it_does_not_fit():
    f = jit(make(lambda x: x.sum()), engine="llvm")
    with pytest.warns(PathWarning, match="RuleError"):
        for _ in range(3):
            np.testing.assert_array_equal(f(X), X**2)


# ----- functions with a custom rule are NumPy as they stand -----


@custom_jvp
def doubled(x):
    return 2 * x


@doubled.defjvp
def _(primals, tangents):
    return doubled(*primals), 20 * tangents[0]


@custom_vjp
def branching(n, x):
    return x * n if float(x.sum()) > 0 else -x


branching.defvjp(
    lambda n, x: (branching(n, x), None), lambda n, _, y_bar: (None, 7 * y_bar)
)


def test_a_custom_rule_needs_none():
    assert names(doubled, X) == ["multiply"]
    f = jit(lambda x: doubled(x).sum(), engine="llvm").compile(X)
    assert f.report(X).paths[0].direct
    np.testing.assert_array_equal(grad(f)(X), np.full(5, 20.0))
    g = jit(grad(lambda x: doubled(x).sum()), engine="llvm")
    np.testing.assert_array_equal(g.compile(X)(X), np.full(5, 20.0))


def test_one_that_asks_for_values_runs_on_numpy():
    f = jit(lambda x: branching(3, x), engine="llvm").compile(X)
    (fallback,) = f.report(X).paths[0].inspection.fallbacks
    assert fallback.primitive == "user.branching"
    for x in (X, -X, X):
        np.testing.assert_array_equal(f(x), x * 3 if x.sum() > 0 else -x)


def test_one_that_calls_itself_ends():
    @custom_jvp
    def power(x, n):
        return x if n == 0 else x * power(x, n - 1)

    np.testing.assert_allclose(run(lambda x: power(x, 3), X)[0], X**4, rtol=1e-15)
