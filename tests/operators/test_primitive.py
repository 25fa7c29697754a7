"""Primitives of the user's own: opaque functions, rules, and what goes wrong."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import linalg

import wengert
from wengert import (
    check_grads,
    defjvp,
    defvjp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacrev,
    jvp,
    primitive,
    trace,
    vjp,
)
from wengert.engines.numpy.interpret import NumpyEngine
from wengert.errors import (
    ArgumentError,
    GraphError,
    MissingRuleError,
    RuleError,
    ShapeError,
)
from wengert.graph.parse import parse
from wengert.graph.primitive import PRIMITIVES

X = np.array([0.7, 1.3, 0.4])
A = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.1, 0.4, 5.0]])


def plain(x):
    """Pass by what no Tracer survives: a routine of SciPy, or of C."""
    return np.array(np.asarray(x).tolist())


def cube_with(rule):
    @primitive
    def cube(x):
        return plain(x) ** 3

    if rule == "jvp":
        cube.jvp(lambda y, x, x_dot: 3 * x[0] ** 2 * x_dot[0])
    elif rule == "vjp":
        cube.vjp(lambda y, x, y_bar: (3 * x[0] ** 2 * y_bar,))
    elif rule == "defvjp":
        defvjp(cube, lambda ans, x: lambda g: g * 3 * x**2)
    elif rule == "defjvp":
        defjvp(cube, lambda g, ans, x: g * 3 * x**2)
    return cube


@functools.partial(primitive, linear_in=[1])
def solve(a, b):
    return linalg.solve(a, b)


@solve.vjp
def _(y, x, y_bar):
    w = solve(x[0].T, y_bar)
    return -np.outer(w, y), w


@primitive
def mixed(x, n, tree, *, scale=1.0):
    k = tree["k"]
    return {"a": scale * plain(x) ** n, "b": [float(k.sum()), 3], "c": plain(k).max()}


@mixed.vjp
def _(y, x, y_bar, *, scale=1.0):
    x, n, tree = x
    k = tree["k"]
    k_bar = y_bar["b"][0] * np.ones(k.shape) + y_bar["c"] * (k == y["c"])
    return scale * n * x ** (n - 1) * y_bar["a"], None, {"k": k_bar}


def use_mixed(x, k):
    y = mixed(x, 3, {"k": k}, scale=2.0)
    return (y["a"] * x).sum() * y["b"][0] + y["c"] * y["b"][1]


# ----- every mode, from one rule -----


@pytest.mark.parametrize("rule", ["jvp", "vjp", "defvjp", "defjvp"])
def test_one_rule_is_enough(rule):
    cube = cube_with(rule)
    want = np.diag(3 * X**2)
    np.testing.assert_allclose(jacfwd(cube)(X), want)
    np.testing.assert_allclose(jacrev(cube)(X), want)
    np.testing.assert_allclose(hessian(lambda x: cube(x).sum())(X), np.diag(6 * X))
    np.testing.assert_allclose(hvp(lambda x: cube(x).sum())(X, X), 6 * X**2)
    assert grad(grad(grad(cube)))(2.0) == pytest.approx(6.0)
    check_grads(cube, X).raise_if_failed()
    check_grads(cube, X + 1j * X[::-1]).raise_if_failed()


def test_two_arguments_and_a_rule_that_calls_the_primitive():
    check_grads(solve, A, X).raise_if_failed()
    check_grads(lambda b: solve(A, b), X).raise_if_failed()


def test_trees_keywords_and_constants():
    check_grads(use_mixed, X, X + 1).raise_if_failed()
    y, y_dot = jvp(use_mixed, (X, X), (X, 0 * X))
    assert y_dot == pytest.approx(np.vdot(grad(use_mixed)(X, X), X))


def test_a_real_function_of_a_complex_argument():
    @primitive
    def power(z):
        return (z * z.conj()).real

    power.vjp(lambda y, x, y_bar: (2 * y_bar * x[0].conj(),))
    check_grads(power, X + 1j).raise_if_failed()


def test_makers_are_called_for_differentiated_arguments_only():
    @primitive
    def f(x, y, z):
        return x * y

    defvjp(f, lambda ans, x, y, z: lambda g: g * y, argnums=[0])
    assert grad(f)(2.0, 3.0, 1.0) == 3.0
    with pytest.raises(MissingRuleError, match="the vjp of f has no rule for argument"):
        grad(f, (0, 1))(2.0, 3.0, 1.0)
    defvjp(f, lambda ans, x, y, z: lambda g: g * y, None)
    assert grad(f, (0, 1))(2.0, 3.0, 1.0) == (3.0, 0.0)
    with pytest.raises(ArgumentError, match="1 makers for argnums"):
        defvjp(f, None, argnums=[0, 1])
    with pytest.raises(ArgumentError, match="made by wengert.primitive"):
        defvjp(np.sin, None)


def test_same_says_that_a_function_is_linear():
    @primitive
    def scaled(x, c):
        return plain(x) * c

    defjvp(scaled, "same", lambda g, ans, x, c: g * x)
    defvjp(
        scaled,
        lambda ans, x, c: lambda g: g * c,
        lambda ans, x, c: lambda g: (g * x).sum(),
    )
    check_grads(scaled, X, 2.0).raise_if_failed()


def test_logsumexp_of_the_autograd_tutorial():
    @primitive
    def logsumexp(x):
        top = np.max(x)
        return top + np.log(np.sum(np.exp(x - top)))

    def vjp_of_logsumexp(ans, x):
        return lambda g: g * np.exp(x - ans)

    defvjp(logsumexp, vjp_of_logsumexp)
    np.testing.assert_allclose(grad(lambda y: logsumexp(y * y))(np.array([1.5])), [3.0])
    check_grads(logsumexp, X).raise_if_failed()


# ----- calls -----


def test_plain_arguments_go_straight_through():
    seen = []
    f = primitive(lambda *args, **kwargs: seen.append((args, kwargs)) or args[0])
    assert f(3, k="k") == 3 and seen == [((3,), {"k": "k"})]


def test_python_numbers_and_numpys():
    @primitive
    def f(x, n):
        assert type(n) is int
        return float(x) ** n

    f.vjp(lambda y, x, y_bar: (x[1] * x[0] ** (x[1] - 1) * y_bar, None))
    assert grad(f)(2.0, 3) == 12.0
    assert isinstance(grad(f)(2.0, 3), float)
    assert f(2.0, 3) == 8.0


def test_an_integer_array_has_no_cotangent():
    @primitive
    def take(x, i):
        return x[i]

    @take.vjp
    def _(y, x, y_bar):
        x_bar = np.zeros(x[0].shape)
        return x_bar + y_bar * (np.arange(x[0].size) == x[1]), "ignored"

    np.testing.assert_array_equal(grad(take)(X, np.array(1)), [0, 1, 0])


def test_the_function_runs_once_on_plain_values():
    runs = []

    @primitive
    def f(x):
        runs.append(type(x))
        return x * 2

    f.vjp(lambda y, x, y_bar: (2 * y_bar,))
    grad(lambda x: grad(lambda x: (f(x) ** 2).sum())(x).sum())(X)
    assert runs == [np.ndarray]


def test_a_work_array_that_is_written_again_does_no_harm():
    work = np.empty(3)

    @primitive
    def f(x):
        work[:] = np.exp(x)
        return work

    f.vjp(lambda y, x, y_bar: (y * y_bar,))
    got = grad(lambda x: (f(x) * f(2 * x)).sum())(X)
    np.testing.assert_allclose(got, 3 * np.exp(3 * X))


def test_a_zero_cotangent_stays_zero():
    @primitive
    def root(x):
        return np.sqrt(x)

    root.vjp(lambda y, x, y_bar: (y_bar / (2 * y),))
    assert grad(lambda x: np.where(x > 0, root(x), 0.0))(0.0) == 0.0


def test_a_method():
    class Model:
        @primitive
        def f(self, x):
            return x * 3

        f.vjp(lambda y, x, y_bar: (None, 3 * y_bar))

    assert grad(Model().f)(2.0) == 3.0


def test_many_primitives_leave_nothing_behind():
    from wengert.transforms.reverse import _PLANS

    grad(lambda x: (cube_with("vjp")(x) * np.sin(x)).sum())(X)
    before = len(_PLANS)
    for _ in range(20):
        grad(lambda x: (cube_with("vjp")(x) * np.sin(x)).sum())(X)
    assert len(_PLANS) == before


def test_the_rules_are_kept_on_the_object():
    f = primitive(np.sin)
    assert not f.rules.vmap and f.rules.vmap.why == "no vmap"
    f.vmap(lambda x, axes: (f(x[0]), axes[0]))
    f.taylor(len)
    assert f.rules.taylor is len and callable(f.rules.vmap)


# ----- Graphs -----


def test_a_graph_has_one_equation():
    graph = trace(use_mixed, X, X)
    names = [equation.primitive.name for equation in graph.equations]
    assert names.count("user.mixed") == 1
    assert "user.mixed[scale=2.0] v-1 v0" in str(graph)
    run = NumpyEngine().compile(graph)
    np.testing.assert_allclose(run(X, X)[0], use_mixed(X, X))
    np.testing.assert_allclose(run(2 * X, X)[0], use_mixed(2 * X, X))
    got = hessian(lambda x: run(x, X)[0])(X)
    np.testing.assert_allclose(got, hessian(lambda x: use_mixed(x, X))(X))


def test_the_graph_of_a_gradient():
    graph = trace(grad(use_mixed), X, X)
    run = NumpyEngine().compile(graph)
    np.testing.assert_allclose(run(2 * X, X + 1)[0], grad(use_mixed)(2 * X, X + 1))


def test_a_graph_refuses_another_form():
    f = primitive(lambda x: x[x > 1])
    run = NumpyEngine().compile(trace(f, X))
    with pytest.raises(ShapeError, match="when it was recorded"):
        run(2 * X)


def test_no_name_clashes_with_a_primitive():
    @primitive
    def multiply(x, y):
        return x - y

    text = str(trace(lambda x: multiply(x, 1.0), X))
    assert "user.multiply" in text
    assert not any(name.startswith("user.") for name in PRIMITIVES)
    with pytest.raises(GraphError, match="function of the user's own"):
        parse(text)
    assert NumpyEngine().compile(trace(lambda x: multiply(x, 1.0), X))(X)[0][0] < 0


def test_explain_and_cost():
    assert "mixed" in str(wengert.explain(use_mixed)(X, X))
    assert "user.mixed" in str(wengert.cost(use_mixed)(X, X))
    f = primitive(lambda x, *, shape, axes, index: x)
    f.vjp(lambda y, x, y_bar, **_: (y_bar,))
    text = str(wengert.explain(lambda x: f(x, shape=3, axes=1, index=2).sum())(X))
    assert "shape=3" in text and "axes=1" in text and "index=2" in text


# ----- what goes wrong -----


def failing(rule, result, x=X):
    f = primitive(lambda x: x * 1)
    f.__name__ = "f"
    getattr(f, rule)(lambda y, x, seed: result)
    run = jacfwd if rule == "jvp" else jacrev
    return lambda: run(lambda x: abs(f(x)))(x)


WRONG = {
    "no tuple": (failing("vjp", X), "the vjp of f must return a tuple of 1 cotangent"),
    "None": (failing("vjp", None), r"one for each argument \(\(x_bar,\)\)"),
    "too many": (failing("vjp", (X, X)), "but returned 2"),
    "a shape": (failing("vjp", (np.ones(2),)), r"cotangent of x\[0\] the shape \(2,\)"),
    "complex": (failing("vjp", (X * 1j,)), "the dtype complex128, but it must be"),
    "a structure": (failing("vjp", ({"a": X},)), "of the structure"),
    "a string": (failing("vjp", ("a",)), "no numbers: 'a'"),
    "a tangent": (failing("jvp", np.ones(2)), r"tangent of y the shape \(2,\)"),
    "a dtype": (failing("jvp", X * 1j), "Take its .real"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_rule_is_named(what):
    call, message = WRONG[what]
    with pytest.raises(RuleError, match=message):
        call()


def test_a_real_cotangent_of_a_complex_argument():
    f = primitive(lambda z: z * 1)
    f.vjp(lambda y, x, y_bar: (y_bar.real,))
    with pytest.raises(RuleError, match=r"float64, but it must be complex128.*0j"):
        grad(lambda z: abs(f(z)))(1 + 1j)


def test_none_stands_for_zero():
    f = primitive(lambda x, y: x * y)
    f.vjp(lambda y, x, y_bar: (None, {"a": None, "b": y_bar}))
    f.jvp(lambda y, x, x_dot: None)
    g = primitive(lambda x, y: x * y["a"] * y["b"])
    g.vjp(lambda y, x, y_bar: (None, {"a": None, "b": y_bar}))
    assert grad(g, (0, 1))(1.0, {"a": 2.0, "b": 3.0}) == (0.0, {"a": 0.0, "b": 1.0})
    assert jvp(f, (1.0, 2.0), (1.0, 1.0)) == (2.0, 0.0)


def test_no_rule_is_refused_by_name():
    f = primitive(np.sin)
    assert f(0.0) == 0.0
    for run in (grad(f), lambda x: jvp(f, (x,), (1.0,)), grad(grad(f))):
        with pytest.raises(MissingRuleError, match="sin has no jvp and no vjp"):
            run(1.0)
    assert len(trace(f, 1.0).equations) == 1


def test_a_rule_that_is_not_linear_is_not_transposed():
    f = primitive(lambda x: x)
    f.__name__ = "f"
    f.vjp(lambda y, x, y_bar: (np.clip(y_bar, -1, 1),))
    with pytest.raises(MissingRuleError, match=r"f has no rule for jvp.*not linear"):
        jvp(f, (1.0,), (1.0,))
    f.vjp(lambda y, x, y_bar: (y_bar + 1,))
    with pytest.raises(MissingRuleError, match="where it is zero, the result is not"):
        jvp(f, (1.0,), (1.0,))
    f.vjp(lambda y, x, y_bar: (y_bar if y_bar else -y_bar,))
    with pytest.raises(MissingRuleError, match="Python asks for its value"):
        jvp(f, (1.0,), (1.0,))


def test_a_captured_traced_value_is_refused():
    def g(w):
        f = primitive(lambda x: x * w)
        f.vjp(lambda y, x, y_bar: (y_bar * w,))
        return f(2.0) + f(w)

    for run in (grad(g), jacfwd(g), lambda w: trace(g, w)):
        with pytest.raises(ArgumentError, match="Pass that variable as an argument"):
            run(3.0)


def test_a_traced_keyword_is_refused():
    f = primitive(lambda x, k=1.0: x * k)
    with pytest.raises(ArgumentError, match="keyword argument 'k'"):
        grad(lambda x: f(x, k=x))(1.0)


def test_an_output_that_is_no_number():
    f = primitive(lambda x: "text")
    f.vjp(lambda y, x, y_bar: (y_bar,))
    with pytest.raises(RuleError, match="must be numbers"):
        grad(f)(1.0)


def test_a_pullback_may_be_called_again():
    _, pullback = vjp(solve, A, X)
    first, again = pullback(X), pullback(X)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_allclose(pullback(2 * X)[1], 2 * first[1])
