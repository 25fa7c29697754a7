"""taylor and directional_derivative: forms, compositions, refusals."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wengert
from wengert import (
    cond,
    custom_jvp,
    custom_vjp,
    derivative,
    directional_derivative,
    fori_loop,
    grad,
    hvp,
    jacobian,
    jit,
    jvp,
    primitive,
    scan,
    taylor,
    trace,
    while_loop,
)
from wengert.errors import ArgumentError, MissingRuleError, RuleError, ShapeError


def assert_series(found, expected, rtol=1e-12, atol=1e-14):
    assert len(found) == len(expected)
    for ours, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, right, rtol=rtol, atol=atol)


def run_compiled(f, *args):
    """Call native code: the first call of what jit returns would run f itself."""
    compiled = jit(f)
    compiled.compile(*args)
    return compiled(*args)


# ----- closed forms -----

CLOSED = {
    "exp": (np.exp, 0.0, lambda k: 1 / math.factorial(k)),
    "log": (np.log, 1.0, lambda k: (-1) ** (k + 1) / k if k else 0.0),
    "geometric": (lambda x: 1 / (1 - x), 0.0, lambda k: 1.0),
    "sin": (
        np.sin, 0.0, lambda k: (k % 2) * (-1) ** (k // 2) / math.factorial(k),
    ),
    "sqrt": (
        np.sqrt, 1.0,
        lambda k: (-1) ** (k + 1) * math.comb(2 * k, k) / (4**k * (2 * k - 1)),
    ),
    "arctan": (
        np.arctan, 0.0, lambda k: (k % 2) * (-1) ** (k // 2) / k if k else 0.0,
    ),
    "cube": (lambda x: x**3, 0.0, lambda k: float(k == 3)),
    "binomial": (lambda x: (1 + x) ** 2.5, 0.0, lambda k: binomial(2.5, k)),
}  # fmt: skip


def binomial(a, k):
    return math.prod((a - j) / (j + 1) for j in range(k))


@pytest.mark.parametrize("name", CLOSED)
def test_known_series(name):
    f, x, coefficient = CLOSED[name]
    assert_series(taylor(f, x, 1.0, 20), [coefficient(k) for k in range(21)], 1e-13)


@pytest.mark.parametrize(
    "name", ["tan", "tanh", "erf", "besselj", "gamma", "digamma", "lambertw", "asin"]
)
def test_series_of_mpmath(name):
    import scipy.special as sp

    mpmath = pytest.importorskip("mpmath")
    ours = {
        "tan": np.tan, "tanh": np.tanh, "erf": sp.erf, "gamma": sp.gamma,
        "besselj": lambda x: sp.jv(0.5, x), "digamma": sp.digamma,
        "lambertw": wengert_lambertw, "asin": np.arcsin,
    }[name]  # fmt: skip
    theirs = getattr(mpmath, name)
    f = (lambda x: theirs(0.5, x)) if name == "besselj" else theirs
    with mpmath.workdps(40):
        expected = [float(c) for c in mpmath.taylor(f, mpmath.mpf("0.4375"), 10)]
    assert_series(taylor(ours, 0.4375, 1.0, 10), expected, 1e-11)


def wengert_lambertw(x):
    import scipy.special as sp

    return np.real(sp.lambertw(x))


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=6), st.floats(-1, 1))
def test_polynomials_are_exact(coefficients, x):
    def f(t):
        total = 0.0 * t
        for c in reversed(coefficients):
            total = total * t + c
        return total

    shifted = np.polynomial.Polynomial(coefficients)(np.polynomial.Polynomial([x, 1.0]))
    expected = [*shifted.coef, *[0.0] * 8][:8]
    assert_series(taylor(f, x, 1.0, 7), expected, 1e-9, 1e-9)


@given(st.floats(0.3, 2), st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_a_curve_is_composed(x, a, b, c):
    """Along a curve, coefficients are those of the composition with its polynomial."""

    def f(x):
        return np.exp(np.sin(x)) / np.sqrt(x) + x**1.5

    along = taylor(lambda t: f(x + a * t + b * t**2 + c * t**3), 0.0, 1.0, 5)
    assert_series(taylor(f, x, [a, b, c], 5), along, 1e-10, 1e-10)


# ----- forms -----


def test_derivatives_by_keyword():
    assert_series(
        taylor(np.exp, 0.0, [1.0, 2.0], 3, kind="derivatives"),
        [1.0, 1.0, 3.0, 7.0],  # exp(t + t²)
    )
    assert_series(taylor(np.exp, 0.0, [1.0, 1.0], 3), [1.0, 1.0, 1.5, 7 / 6])


@dataclasses.dataclass
class Layer:
    w: object
    b: object


def test_containers_in_and_out():
    x = {"l": Layer(np.eye(2), np.ones(2)), "s": 2.0}
    v = {"l": Layer(np.ones((2, 2)), np.zeros(2)), "s": 1.0}

    def f(p):
        return {"y": p["s"] * p["l"].w @ p["l"].b, "n": (p["s"] ** 2, 3)}

    c = taylor(f, x, v, 2)
    np.testing.assert_allclose([y["y"] for y in c], [[2, 2], [5, 5], [2, 2]])
    assert [y["n"] for y in c] == [(4.0, 3), (4.0, 0), (1.0, 0)]
    assert isinstance(c[1]["n"][0], np.float64)


def test_several_arguments_and_constants():
    def f(a, x, y, *, scale):
        return scale * a * x * y

    found = taylor(f, (2.0, 3.0), (1.0, 1.0), 2, 5.0, argnums=(1, 2), scale=2.0)
    assert_series(found, [60.0, 50.0, 10.0])
    assert_series(taylor(f, 2.0, 1.0, 1, 5.0, 3.0, argnums=1, scale=1.0), [30.0, 15.0])
    assert_series(
        taylor(f, (3.0, 2.0), (1.0, 0.0), 1, 5.0, argnums=(2, 1), scale=1.0),
        [30.0, 10.0],
    )


def test_kinds_of_numbers():
    assert all(type(c) is float for c in taylor(np.sin, 0, 1, 2))
    assert all(c.dtype == np.float32 for c in taylor(np.sin, np.float32(1), 1.0, 2))
    c = taylor(np.exp, 1j, 1.0, 2)
    np.testing.assert_allclose(c, np.exp(1j) * np.array([1, 1, 0.5]))
    assert taylor(np.sin, np.float64(1), 1.0, 0) == [np.sin(1.0)]


def test_results_share_no_memory():
    v = np.ones(3)
    c = taylor(lambda x: x, np.zeros(3), v, 2)
    c[1][:] = 7
    assert v.tolist() == [1, 1, 1]
    assert c[2].tolist() == [0, 0, 0]


def test_an_array_that_is_written_to():
    def f(x):
        y = np.zeros_like(x)
        y[0] = x[1] ** 2
        y[1:] = np.sin(x[1:])
        y *= x
        return y

    def g(x):
        return np.concatenate([x[1:2] ** 2, np.sin(x[1:])]) * x

    x, v = np.array([0.1, 0.2, 0.3]), np.array([1.0, 2.0, 3.0])
    assert_series(taylor(f, x, v, 4), taylor(g, x, v, 4))


# ----- directional derivatives and derivative -----


def test_directional_derivatives_of_any_order():
    x, v = np.array([0.3, 0.7]), np.array([1.0, -2.0])

    def f(x):
        return np.sin(x[0] * x[1]) + x[0] ** 3

    assert directional_derivative(f, x, v) == pytest.approx(grad(f)(x) @ v)
    assert directional_derivative(f, x, v, 2) == pytest.approx(v @ hvp(f)(x, v))
    third = jacobian(jacobian(grad(f)))(x) @ v @ v @ v
    assert directional_derivative(f, x, v, 3) == pytest.approx(third)
    assert directional_derivative(f, x, v, 0) == f(x)


def test_derivative_of_order_twenty():
    assert derivative(np.sin, 20)(0.3) == pytest.approx(np.sin(0.3), rel=1e-13)
    assert derivative(lambda x, a: a * x**3, 4)(2.0, 5.0) == 0.0


# ----- compositions -----


def test_nesting_with_gradients():
    third = grad(lambda x: taylor(np.sin, x, 1.0, 3)[3])
    assert third(0.3) == pytest.approx(np.sin(0.3) / 6, rel=1e-14)
    in_direction = grad(lambda v: taylor(np.exp, 0.5, v, 4)[4])
    assert in_direction(2.0) == pytest.approx(np.exp(0.5) * 4 * 8 / 24)
    _, slope = jvp(lambda x: taylor(np.log, x, 1.0, 2)[2], (2.0,), (1.0,))
    assert slope == pytest.approx(1 / 8)
    assert_series(
        taylor(grad(lambda x: x * np.sin(x)), 0.3, 1.0, 3),
        taylor(lambda x: np.sin(x) + x * np.cos(x), 0.3, 1.0, 3),
    )


def test_perturbations_are_not_confused():
    inner = taylor(
        lambda x: x * taylor(lambda y: x * y * y, 1.0, 1.0, 2)[2], 3.0, 1.0, 2
    )
    assert_series(inner, [9.0, 6.0, 1.0])


@pytest.mark.parametrize("order", [1, 4, 9])
def test_compiled(order):
    def f(x):
        return np.exp(np.sin(x)) * np.tan(x) + x**2.5

    for x in (0.3, np.linspace(0.1, 1, 5)):
        found = run_compiled(lambda x, v: taylor(f, x, v, order), x, x)
        assert_series(found, taylor(f, x, x, order))


def test_a_compiled_power_at_zero_follows_the_derivative():
    compiled = jit(lambda x: taylor(lambda x: x**2.5, x, 1.0, 3))
    compiled.compile(1.0)
    for x in (2.0, 0.0, 3.0):
        assert_series(compiled(x), taylor(lambda x: x**2.5, x, 1.0, 3))
    assert compiled(0.0) == [0.0, 0.0, 0.0, math.inf]


def thrice(x):
    return np.sin(np.sin(np.sin(x)))


LOOPS = {
    "scan": lambda x: scan(lambda c, _: (np.sin(c), None), x, None, length=3)[0],
    "fori_loop": lambda x: fori_loop(0, 3, lambda i, c: np.sin(c), x),
    "while_loop": lambda x: while_loop(
        lambda c: c[1] < 3, lambda c: (np.sin(c[0]), c[1] + 1), (x, 0)
    )[0],
    "cond": lambda x: cond(x > 0, thrice, lambda x: 2 * x, x),
    "python": thrice,
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_and_branches(name):
    f = LOOPS[name]
    expected = taylor(thrice, 0.3, [1.0, 0.5], 6)
    assert_series(taylor(f, 0.3, [1.0, 0.5], 6), expected)
    assert_series(run_compiled(lambda x: taylor(f, x, [1.0, 0.5], 6), 0.3), expected)
    assert_series(
        taylor(grad(f), 0.3, 1.0, 4), taylor(grad(thrice), 0.3, 1.0, 4), 1e-11
    )
    gradient = run_compiled(lambda x: taylor(grad(f), x, 1.0, 4), 0.3)
    assert_series(gradient, taylor(grad(thrice), 0.3, 1.0, 4), 1e-11)
    assert grad(lambda x: taylor(f, x, 1.0, 3)[3])(0.3) == pytest.approx(
        grad(lambda x: taylor(thrice, x, 1.0, 3)[3])(0.3)
    )


def test_a_taylor_series_in_a_loop():
    def f(x):
        return fori_loop(0, 2, lambda i, c: taylor(np.sin, c, 1.0, 3)[2] + c**2.5, x)

    def g(x):
        for _ in range(2):
            x = -np.sin(x) / 2 + x**2.5
        return x

    assert f(0.7) == pytest.approx(g(0.7))
    assert run_compiled(f, 0.7) == pytest.approx(g(0.7))


def test_stacked_outputs_of_a_scan():
    def f(x):
        return scan(lambda c, a: (c * a, c + a), x, np.array([1.0, 2.0, 3.0]))

    (last, stack) = taylor(f, 2.0, 1.0, 2)[1]
    assert last == 6.0
    np.testing.assert_array_equal(stack, [1, 1, 2])


def test_a_long_program():
    def f(x):
        for _ in range(4000):
            x = np.sin(x) + 0.01
        return x

    c = taylor(f, 0.3, 1.0, 3)
    assert np.all(np.isfinite(c))
    assert c[1] == pytest.approx(derivative(f)(0.3))


# ----- functions with rules of their own -----


def test_a_custom_jvp_is_the_rule():
    @custom_jvp
    def log1pexp(x):
        return np.log(1 + np.exp(x))

    @log1pexp.defjvp
    def _(primals, tangents):
        y = log1pexp(*primals)
        return y, (1 - np.exp(-y)) * tangents[0]

    expected = taylor(lambda x: np.log(1 + np.exp(x)), 0.3, 1.0, 6)
    assert_series(taylor(log1pexp, 0.3, 1.0, 6), expected)
    assert_series(run_compiled(lambda x: taylor(log1pexp, x, 1.0, 6), 0.3), expected)

    @custom_jvp
    def halved(x):
        return x * x

    halved.defjvp(lambda p, t: (p[0] * p[0], p[0] * t[0]))
    assert_series(taylor(halved, 3.0, 1.0, 2), [9.0, 3.0, 0.5])


def test_a_custom_vjp_is_transposed():
    @custom_vjp
    def cube(x):
        return x**3

    cube.defvjp(lambda x: (x**3, x), lambda x, y_bar: (3 * x * x * y_bar,))
    assert_series(taylor(cube, 2.0, 1.0, 4), [8.0, 12.0, 6.0, 1.0, 0.0])

    @custom_vjp
    def clipped(x):
        return x

    clipped.defvjp(lambda x: (x, None), lambda _, y_bar: (np.clip(y_bar, -1, 1),))
    with pytest.raises(MissingRuleError, match="not linear"):
        taylor(clipped, 2.0, 1.0, 2)


# ----- refusals -----

REFUSED = {
    "order": (lambda: taylor(np.sin, 1.0, 1.0, -1), "whole number"),
    "float order": (lambda: taylor(np.sin, 1.0, 1.0, 2.0), "whole number"),
    "bool order": (lambda: taylor(np.sin, 1.0, 1.0, True), "whole number"),
    "kind": (lambda: taylor(np.sin, 1.0, 1.0, 2, kind="jet"), "kind"),
    "shape": (lambda: taylor(np.sin, 1.0, np.ones(2), 2), r"shape \(2,\)"),
    "structure": (lambda: taylor(np.sin, 1.0, None, 2), "structure"),
    "too many": (lambda: taylor(np.sin, 1.0, [1.0, 2.0], 1), "more than the order"),
    "text": (lambda: taylor(np.sin, "x", 1.0, 2), "floating-point"),
    "integers": (lambda: taylor(np.sin, np.arange(3), np.ones(3), 2), "astype"),
    "no function": (lambda: taylor(3.0, 1.0, 1.0, 2), "needs a function"),
    "argnums": (lambda: taylor(np.sin, 1.0, 1.0, 2, argnums=2), "argnums"),
    "argnums twice": (
        lambda: taylor(np.hypot, (1.0, 2.0), (1.0, 1.0), 2, argnums=(0, -2)), "twice",
    ),
    "argnums of one": (lambda: taylor(np.sin, 1.0, 1.0, 2, argnums=(0,)), "tuple"),
    "text out": (lambda: taylor(lambda x: "y", 1.0, 1.0, 2), "output"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused(name):
    call, message = REFUSED[name]
    with pytest.raises((ArgumentError, ShapeError), match=message):
        call()


def test_a_graph_of_a_series_is_a_graph():
    graph = trace(lambda x: taylor(np.sin, x, 1.0, 3), 0.3)
    assert {e.primitive.name for e in graph.equations} <= set(
        "sin cos negative multiply divide scale add".split()
    )
    assert wengert.taylor is taylor


def test_a_primitive_by_its_rules():
    @primitive
    def both(x, n):
        return {"y": np.sin(x), "z": n * x}

    @both.jvp
    def _(y, x, x_dot):
        return {"y": np.cos(x[0]) * x_dot[0], "z": x[1] * x_dot[0]}

    c = taylor(lambda x: both(x, 3), 0.3, 1.0, 5)
    assert_series([found["y"] for found in c], taylor(np.sin, 0.3, 1.0, 5))
    assert [found["z"] for found in c[1:]] == [3.0, 0.0, 0.0, 0.0, 0.0]

    seen = []

    @both.taylor
    def _(y, x, coefficients):
        seen.append((y["z"], x, coefficients))
        return [{"y": 7.0 * k, "z": None} for k, c in enumerate(coefficients[0])]

    c = taylor(lambda x: both(x, 3), 0.5, 2.0, 2)
    assert [found["y"] for found in c[1:]] == [0.0, 7.0]
    assert [found["z"] for found in c[1:]] == [0.0, 0.0]
    assert seen == [(1.5, (0.5, 3), [[2.0, 0.0], [None, None]])]

    both.taylor(lambda y, x, coefficients: [])
    with pytest.raises(RuleError, match="list of 2 coefficients"):
        taylor(lambda x: both(x, 3), 0.5, 2.0, 2)


def test_a_rule_that_writes_to_an_array():
    sine = custom_jvp(np.sin)

    @sine.defjvp
    def _(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        slope = np.zeros_like(x)
        slope[0] = np.cos(x[0])
        slope[1:] = 1.0
        slope[1:] *= np.cos(x[1:])
        return sine(x), slope * x_dot

    x, v = np.array([0.1, 0.2, 0.3]), np.array([1.0, -1.0, 2.0])
    assert_series(taylor(sine, x, v, 5), taylor(np.sin, x, v, 5))


def test_a_rule_with_a_loop_or_a_branch():
    @custom_jvp
    def fourth(x):
        return x**4

    @fourth.defjvp
    def _(primals, tangents):
        (x,), (x_dot,) = primals, tangents
        cube = fori_loop(0, 3, lambda i, c: c * x, 1.0)
        slope = cond(x > 0, lambda c: 4 * c, lambda c: -4 * c, cube)
        return fourth(x), slope * x_dot

    expected = [16.0, 32.0, 24.0, 8.0, 1.0, 0.0]
    assert_series(taylor(fourth, 2.0, 1.0, 5), expected)
    assert_series(run_compiled(lambda x: taylor(fourth, x, 1.0, 5), 2.0), expected)

    def looped(x):
        return fori_loop(0, 1, lambda i, c: fourth(c), x)

    assert_series(taylor(looped, 2.0, 1.0, 5), expected)
    assert_series(run_compiled(lambda x: taylor(looped, x, 1.0, 5), 2.0), expected)
