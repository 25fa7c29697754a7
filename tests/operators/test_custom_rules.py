"""custom_jvp and custom_vjp: the examples of JAX's tutorial, and what goes wrong."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from wengert import (
    check_grads,
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
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
    CapturedArrayError,
    EscapedTracerError,
    MissingRuleError,
    RuleError,
)

X = np.array([0.7, 1.3, 0.4])


@custom_jvp
def log1pexp(x):
    return np.log(1.0 + np.exp(x))


@log1pexp.defjvp
def _(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    return log1pexp(x), (1 - 1 / (1 + np.exp(x))) * x_dot


@custom_vjp
def sine_times(x, y):
    return np.sin(x) * y


sine_times.defvjp(
    lambda x, y: (sine_times(x, y), (np.cos(x), np.sin(x), y)),
    lambda residuals, g: (residuals[0] * g * residuals[2], residuals[1] * g),
)


@functools.partial(custom_vjp, nondiff_argnums=(0, 1))
def clip_gradient(lo, hi, x):
    return x


clip_gradient.defvjp(
    lambda lo, hi, x: (x, None), lambda lo, hi, _, g: (np.clip(g, lo, hi),)
)


# ----- the examples of the tutorial -----


def test_log1pexp_is_stable():
    with np.errstate(over="ignore"):
        assert grad(log1pexp)(100.0) == 1.0
        assert jvp(log1pexp, (100.0,), (2.0,))[1] == 2.0
        assert grad(log1pexp)(1000.0) == 1.0


@pytest.mark.parametrize("f", [log1pexp, lambda x: sine_times(x, 2 * x)])
def test_every_mode_and_order(f):
    check_grads(f, X, order=3).raise_if_failed()
    check_grads(f, X + 0.5j).raise_if_failed()
    np.testing.assert_allclose(jacfwd(f)(X), jacrev(f)(X))


def test_where_the_rule_enforces_a_convention():
    @custom_jvp
    def f(x):
        return x / (1 + np.sqrt(x))

    f.defjvp(
        lambda p, t: (f(*p), (np.sqrt(p[0]) / 2 + 1) / (1 + p[0] ** 0.5) ** 2 * t[0])
    )
    assert grad(f)(0.0) == 1.0
    np.testing.assert_array_equal(jacfwd(f)(0.0), 1.0)


def test_safe_where():
    @custom_jvp
    def safe_log(x):
        return np.log(np.where(x > 0, x, 1.0))

    @safe_log.defjvp
    def _(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return safe_log(x), np.where(x > 0, x_dot / np.where(x > 0, x, 1.0), 0.0)

    x = np.array([0.0, 2.0])
    np.testing.assert_array_equal(grad(lambda x: safe_log(x).sum())(x), [0, 0.5])
    np.testing.assert_array_equal(jacfwd(safe_log)(x), [[0, 0], [0, 0.5]])


def test_gradients_are_clipped():
    def f(x):
        return (3 * clip_gradient(-0.75, 0.75, np.sin(x))).sum()

    np.testing.assert_allclose(grad(f)(X), 0.75 * np.cos(X))
    assert grad(grad(lambda x: clip_gradient(-1.0, 1.0, x**3)))(0.1) == pytest.approx(
        0.6
    )


def test_clipping_has_no_forward_mode():
    with pytest.raises(MissingRuleError, match=r"clip_gradient .*forward mode.*bwd"):
        jvp(lambda x: clip_gradient(-1.0, 1.0, x), (X,), (X,))


@functools.partial(custom_vjp, nondiff_argnums=(0,))
def fixed_point(f, a, x_guess):
    previous, x = x_guess, f(a, x_guess)
    while abs(previous - x) > 1e-13:
        previous, x = x, f(a, x)
    return x


def _fixed_point_fwd(f, a, x_init):
    x_star = fixed_point(f, a, x_init)
    return x_star, (a, x_star)


def _fixed_point_bwd(f, residuals, x_star_bar):
    a, x_star = residuals
    _, vjp_a = vjp(lambda a: f(a, x_star), a)

    def adjoint_step(packed, u):
        a, x_star, x_star_bar = packed
        _, vjp_x = vjp(lambda x: f(a, x), x_star)
        return x_star_bar + vjp_x(u)[0]

    packed = (a, x_star, x_star_bar)
    (a_bar,) = vjp_a(fixed_point(adjoint_step, packed, x_star_bar))
    return a_bar, np.zeros_like(x_star)


fixed_point.defvjp(_fixed_point_fwd, _fixed_point_bwd)


def newton_sqrt(a):
    return fixed_point(lambda a, x: 0.5 * (x + a / x), a, a)


def test_a_fixed_point_is_differentiated_implicitly():
    assert newton_sqrt(2.0) == pytest.approx(2**0.5)
    assert grad(newton_sqrt)(2.0) == pytest.approx(0.5 / 2**0.5)
    assert grad(grad(newton_sqrt))(2.0) == pytest.approx(-0.25 * 2**-1.5)
    with pytest.raises(MissingRuleError, match="fixed_point has no rule for forward"):
        jvp(newton_sqrt, (2.0,), (1.0,))


def test_a_fixed_point_by_a_linear_solve_works_forward_too():
    @custom_vjp
    def root(a):
        x = np.ones(a.shape)
        for _ in range(60):
            x = 0.5 * (x + a / x)
        return x

    root.defvjp(
        lambda a: ((x := root(a)), x),
        lambda x, g: (np.linalg.solve(np.diag(2 * x), g),),
    )
    check_grads(root, X).raise_if_failed()


def test_defjvps():
    @custom_jvp
    def f(x, y):
        return np.sin(x) * y

    f.defjvps(
        lambda t, ans, x, y: np.cos(x) * t * y, lambda t, ans, x, y: t * np.sin(x)
    )
    check_grads(f, X, X[::-1]).raise_if_failed()
    f.defjvps(lambda t, ans, x, y: np.cos(x) * t * y, None)
    assert grad(f, 1)(2.0, 3.0) == 0.0
    f.defjvps(None)
    with pytest.raises(RuleError, match="1 rules by defjvps"):
        grad(f)(2.0, 3.0)


def test_a_nondiff_argument_of_custom_jvp():
    @functools.partial(custom_jvp, nondiff_argnums=(0,))
    def apply(f, x):
        return f(x)

    @apply.defjvp
    def _(f, primals, tangents):
        (x,), (x_dot,) = primals, tangents
        return f(x), 2.0 * x_dot

    assert grad(lambda x: apply(lambda x: x**3, x))(3.0) == 2.0
    with pytest.raises(ArgumentError, match="state its rule with defjvp"):
        apply.defjvps(None)


# ----- arguments -----


def test_trees_in_and_out():
    @custom_vjp
    def f(tree, n):
        return {"p": tree["x"] ** n, "q": [tree["y"].sum(), 1]}

    def fwd(tree, n):
        return f(tree, n), (tree, n)

    def bwd(residuals, g):
        tree, n = residuals
        x_bar = n * tree["x"] ** (n - 1) * g["p"]
        return {"x": x_bar, "y": g["q"][0] * np.ones(tree["y"].shape)}, None

    f.defvjp(fwd, bwd)

    def use(x, y):
        out = f({"x": x, "y": y}, 3)
        return out["p"] * out["q"][0] + out["q"][1]

    check_grads(use, 2.0, X).raise_if_failed()


def test_names_and_defaults_are_brought_to_positions():
    @custom_vjp
    def f(x, y, power=2):
        return x**power * y

    f.defvjp(
        lambda x, y, power: (x**power * y, (x, y, power)),
        lambda r, g: (r[2] * r[0] ** (r[2] - 1) * r[1] * g, None, None),
    )
    assert grad(lambda x: f(y=3.0, x=x))(2.0) == 12.0

    @custom_jvp
    def only(x, *, k):
        return x

    with pytest.raises(ArgumentError, match="takes k by keyword only"):
        only(1.0, k=2)


def test_an_integer_has_a_tangent_of_zero():
    @custom_jvp
    def f(x, n):
        return x * n

    f.defjvp(lambda p, t: (f(*p), t[0] * p[1] + p[0] * t[1]))
    assert grad(f)(2.0, np.int64(3)) == 3.0
    assert jvp(lambda x: f(x, np.array(3)), (2.0,), (1.0,)) == (6.0, 3.0)


def test_the_rule_takes_the_place_of_the_function():
    runs = []

    @custom_vjp
    def f(x):
        runs.append("f")
        return x * 2

    def fwd(x):
        runs.append("fwd")
        return x * 3, None

    f.defvjp(fwd, lambda _, g: (g,))
    y, pullback = vjp(f, 1.0)
    assert (y, pullback(1.0)) == (3.0, (1.0,)) and runs == ["fwd"]
    assert f(1.0) == 2.0


def test_nested_levels_see_the_rule_of_the_rule():
    @custom_vjp
    def f(x):
        return np.sin(x)

    f.defvjp(lambda x: (np.sin(x), x), lambda x, g: (2 * np.cos(x) * g,))
    # The inner derivative is 2 cos x; the outer one differentiates that expression.
    assert grad(grad(f))(0.5) == pytest.approx(-2 * np.sin(0.5))
    # And the value, at the inner level, is sin x, by fwd.
    both = grad(lambda x: grad(lambda y: x * f(y))(0.5) * f(x))(0.5)
    c, s = np.cos(0.5), np.sin(0.5)
    assert both == pytest.approx(2 * c * s + 0.5 * 2 * c * 2 * c)


def test_a_residual_that_changes_is_noticed():
    work = np.ones(1000)

    @custom_vjp
    def f(x):
        return x * work.sum()

    f.defvjp(lambda x: (f(x), work), lambda work, g: (g * work.sum(),))
    _, pullback = vjp(f, 2.0)
    work[:] = 0
    with pytest.raises(CapturedArrayError):
        pullback(1.0)


def test_a_zero_cotangent_stays_zero():
    @custom_vjp
    def root(x):
        return np.sqrt(x)

    root.defvjp(lambda x: (np.sqrt(x), x), lambda x, g: (g / (2 * np.sqrt(x)),))
    assert grad(lambda x: np.where(x > 0, root(x), 0.0))(0.0) == 0.0


def test_a_method():
    class Model:
        @functools.partial(custom_jvp, nondiff_argnums=(0,))
        def f(self, x):
            return x * 3

        f.defjvp(lambda self, p, t: (3 * p[0], 3 * t[0]))

    assert grad(Model().f)(2.0) == 3.0


# ----- Graphs -----


@pytest.mark.parametrize("f", [log1pexp, lambda x: sine_times(x, x)])
def test_a_graph_has_one_equation_that_keeps_its_rule(f):
    graph = trace(lambda x: f(x).sum(), X)
    assert [str(e.primitive)[:5] for e in graph.equations] == ["user.", "sum"]
    run = NumpyEngine().compile(graph)
    np.testing.assert_allclose(run(2 * X)[0], f(2 * X).sum())
    for operator in (grad, jacfwd, hessian):
        want = operator(lambda x: f(x).sum())(X)
        np.testing.assert_allclose(operator(lambda x: run(x)[0])(X), want)


def test_the_graph_of_a_derivative_is_that_of_the_rule():
    graph = trace(grad(lambda x: x * clip_gradient(-1.0, 1.0, x * x)), 3.0)
    assert {"minimum", "maximum"} <= {e.primitive.name for e in graph.equations}
    assert NumpyEngine().compile(graph)(0.1)[0] == pytest.approx(0.03)


def test_a_derivative_around_a_trace():
    def traced_inside(x):
        trace(lambda y: sine_times(y, x), 1.0)
        return sine_times(x, x)

    assert grad(traced_inside)(1.0) == pytest.approx(np.cos(1) + np.sin(1))


# ----- what goes wrong -----


def with_vjp(fwd=None, bwd=None):
    f = custom_vjp(lambda x: x)
    f.__name__ = "f"
    f.defvjp(fwd or (lambda x: (x, None)), bwd or (lambda _, g: (g,)))
    return f


def with_jvp(rule):
    f = custom_jvp(lambda x: x)
    f.__name__ = "f"
    f.defjvp(rule)
    return f


WRONG = {
    "fwd": (with_vjp(fwd=lambda x: x), r"fwd of f must return a pair \(out, resid"),
    "no tuple": (with_vjp(bwd=lambda _, g: g), "bwd of f must return a tuple of 1"),
    "a shape": (with_vjp(bwd=lambda _, g: (1.0,)), r"x\[0\] the shape \(\)"),
    "a dtype": (with_vjp(bwd=lambda _, g: (g * 1j,)), "dtype complex128"),
    "no pair": (with_jvp(lambda p, t: p[0]), "must return a pair"),
    "a tangent": (with_jvp(lambda p, t: (p[0], 1.0)), r"tangent of y the shape \(\)"),
    "a tree": (with_jvp(lambda p, t: (p[0], {"a": t[0]})), "of the structure"),
    "mixed": (with_jvp(lambda p, t: (p[0] + t[0], t[0])), "depends on the tangents"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_rule_is_named(what):
    f, message = WRONG[what]
    with pytest.raises(RuleError, match=message):
        grad(lambda x: f(x).sum())(X)


def test_no_rule_is_refused_by_name():
    for kind in (custom_jvp, custom_vjp):
        f = kind(np.sin)
        assert f(0.0) == 0.0
        with pytest.raises(MissingRuleError, match=r"sin has no (jvp|vjp) .*State it"):
            grad(f)(1.0)
        with pytest.raises(ArgumentError, match="symbolic_zeros"):
            (f.defjvp if kind is custom_jvp else f.defvjp)(
                *[len] * (1 if kind is custom_jvp else 2), symbolic_zeros=True
            )


def test_a_jvp_that_is_not_linear_has_no_reverse_mode():
    f = with_jvp(lambda p, t: (p[0], np.abs(t[0])))
    assert jvp(f, (1.0,), (-2.0,)) == (1.0, 2.0)
    with pytest.raises(MissingRuleError, match="reverse mode.*absolute of it"):
        grad(f)(1.0)


def test_a_captured_traced_value_is_refused():
    def by_fwd(w):
        f = with_vjp(fwd=lambda x: (x * w, None))
        return f(w)

    def by_residual(w):
        f = with_vjp(fwd=lambda x: (x, w))
        return f(w)

    def by_jvp(w):
        return with_jvp(lambda p, t: (p[0] * w, t[0]))(w)

    def plain_arguments(w):
        return custom_vjp(lambda x: x * w)(2.0)

    for f in (by_fwd, by_residual, by_jvp, plain_arguments):
        with pytest.raises(ArgumentError, match="Pass that variable as an argument"):
            grad(f)(3.0)


CAPTURING = {
    "primitive, jvp": lambda w: made(w).jvp(lambda y, x, x_dot: x_dot[0] * w),
    "primitive, vjp": lambda w: made(w).vjp(lambda y, x, y_bar: (y_bar * w,)),
    "custom_jvp": lambda w: with_jvp(lambda p, t: (p[0], t[0] * w)),
    "custom_vjp": lambda w: with_vjp(bwd=lambda _, g: (g * w,)),
}


def made(w):
    made.last = primitive(lambda x: x * 2)
    return made.last


@pytest.mark.parametrize("what", CAPTURING)
@pytest.mark.parametrize("operator", [grad, jacfwd, hessian])
def test_a_rule_that_captures_gives_no_number(what, operator):
    def f(w):
        found = CAPTURING[what](w)
        return (made.last if what.startswith("primitive") else found)(w)

    with pytest.raises(EscapedTracerError, match="captured by a rule"):
        operator(f)(3.0)


def test_a_traced_nondiff_argument_is_refused():
    with pytest.raises(ArgumentError, match="argument 1 of clip_gradient is traced"):
        grad(lambda h: clip_gradient(-1.0, h, 3.0))(1.0)
    with pytest.raises(ArgumentError, match="called with 1 argument"):
        custom_jvp(np.sin, nondiff_argnums=(2,))(1.0)
    with pytest.raises(ArgumentError, match="custom_vjp needs a function"):
        custom_vjp(3.0)
