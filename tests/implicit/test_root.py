"""Roots: values, derivatives of all orders and modes, and what is refused."""

from __future__ import annotations

import functools

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.implicit.solving import check, newton_unrolled
from wengert import grad, hessian, implicit, jacfwd, jacrev, jit, jvp, primitive, scan
from wengert.errors import ArgumentError, ConvergenceError, ShapeError, SingularError


def square(x, a):
    return x**2 - a


def coupled(x, a):
    return np.stack([x[0] ** 2 + x[1] - a[0], x[0] - x[1] ** 3 + a[1] * x[1]])


def test_three_orders_of_a_square_root():
    f = lambda a: implicit.root(square, 1.0, a)
    assert f(4.0) == 2.0 and type(f(4.0)) is float
    assert grad(f)(4.0) == pytest.approx(1 / 4)
    assert grad(grad(f))(4.0) == pytest.approx(-1 / 32)
    assert grad(grad(grad(f)))(4.0) == pytest.approx(3 / 256)
    assert jvp(grad(f), (4.0,), (1.0,))[1] == pytest.approx(-1 / 32)
    assert grad(lambda a: jvp(f, (a,), (1.0,))[1])(4.0) == pytest.approx(-1 / 32)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_as_if_newton_were_unrolled(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    m, a = rng.normal(size=(n, n)) * 0.3, rng.normal(size=n)

    def F(x, a):
        return x + x**3 + m @ np.sin(x) - a

    found = lambda a: implicit.root(F, np.zeros(n), a)
    # From the root itself, Newton's steps have the derivatives of the exact solution.
    start = found(a)
    unrolled = lambda a: newton_unrolled(F, start, a, steps=3)
    for derivative in (jacfwd, jacrev):
        np.testing.assert_allclose(
            derivative(found)(a), derivative(unrolled)(a), rtol=1e-8, atol=1e-10
        )
    u = rng.normal(size=n)
    np.testing.assert_allclose(
        hessian(lambda a: u @ found(a))(a),
        hessian(lambda a: u @ unrolled(a))(a),
        rtol=1e-7, atol=1e-9,
    )  # fmt: skip


def test_containers_go_in_and_out():
    def F(x, t):
        return {"u": x["u"] ** 2 - t["a"], "v": (x["v"][0] + x["u"].sum() - t["b"],)}

    x0 = {"u": np.ones(2), "v": (1.0,)}
    f = lambda t: implicit.root(F, x0, t)
    t = {"a": np.array([4.0, 9.0]), "b": 1.0}
    x = f(t)
    np.testing.assert_allclose(x["u"], [2, 3])
    assert x["v"] == (pytest.approx(-4),) and type(x["v"][0]) is float
    check(f, t, order=1)


def test_captured_values_count_as_parameters():
    class Model:
        def __init__(self, a):
            self.parts = {"a": [a]}

        def F(self, x):
            return x**2 - self.parts["a"][0]

    assert grad(lambda a: implicit.root(lambda x: x**2 - a, 1.0))(4.0) == 0.25
    assert grad(lambda a: implicit.root(Model(a).F, 1.0))(4.0) == 0.25
    f = lambda a: implicit.root(lambda x, b: x**3 - a * b * x - 1, 2.0, a**2)
    check(f, 1.3)


def test_a_captured_value_out_of_sight_is_refused():
    def f(a):
        box = np.empty(1, object)
        box[0] = a
        return implicit.root(lambda x: x - box[0], 1.0)

    with pytest.raises(ArgumentError, match="Pass it as one of the parameters"):
        grad(f)(2.0)


def test_roots_within_roots():
    def f(a):
        inner = lambda y: implicit.root(lambda x: x**3 + x - y * a, 1.0)
        return implicit.root(lambda y: inner(y) + y - a, 1.0)

    check(f, 2.0, order=1)


def test_the_start_does_not_matter_and_constants_pass():
    def F(x, a, kind):
        return x**2 - a if kind == "square" else x - a

    f = lambda x0, a: implicit.root(F, x0, a, "square")
    assert grad(f, (0, 1))(1.0, 4.0) == (0.0, 0.25)


def test_complex_roots():
    check(lambda a: implicit.root(square, 1 + 1j, a), 2 + 1j, order=1)
    not_holomorphic = lambda x, a: x * np.abs(x) - a
    check(lambda a: implicit.root(not_holomorphic, 1 + 1j, a), 2 + 1j, order=1)


def test_single_precision():
    f = lambda a: implicit.root(square, np.float32(1), a)
    x, slope = f(np.float32(4)), grad(f)(np.float32(4))
    assert x.dtype == slope.dtype == np.float32 and (x, slope) == (2, 0.25)


SOLVERS = (
    None, "newton", "hybr", "lm", "broyden1", "krylov", "df-sane",
    lambda g, x0: scipy.optimize.fsolve(g, x0),
    lambda g, x0: scipy.optimize.root(g, x0),
)  # fmt: skip


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver(solver):
    a = np.array([2.0, 0.3])
    f = lambda t: implicit.root(coupled, np.ones(2), a + t, solver=solver)
    check(f, 0.0, order=1)


def dense(matvec, b):
    return np.linalg.solve(np.stack([matvec(e) for e in np.eye(2)], 1), b)


@pytest.mark.parametrize("linear", ["dense", "gmres", "bicgstab", "lsqr", dense])
def test_every_linear_solver(linear):
    a = np.array([2.0, 0.3])
    f = lambda t: implicit.root(coupled, np.ones(2), a + t, linear_solver=linear)
    check(f, 0.0, order=2 if linear == "dense" else 1)


def test_large_systems_by_products_alone():
    n = 400
    a = np.linspace(1, 2, n)

    def F(x, a):
        left, right = np.roll(x, 1), np.roll(x, -1)
        return x**3 + 3 * x - 0.5 * (left + right) - a

    f = lambda a: implicit.root(F, np.zeros(n), a)
    y_bar = np.cos(np.arange(n))
    gradient = grad(lambda a: y_bar @ f(a))(a)
    x = f(a)
    around = np.roll(np.eye(n), 1, 0) + np.roll(np.eye(n), -1, 0)
    J = np.diag(3 * x**2 + 3) - 0.5 * around
    np.testing.assert_allclose(gradient, np.linalg.solve(J.T, y_bar), rtol=1e-7)


# ----- compiled -----


def test_under_jit():
    f = lambda a: implicit.root(square, 1.0, a)
    for g, expected in ((f, lambda a: a**0.5), (grad(f), lambda a: 0.5 * a**-0.5)):
        compiled = jit(g)
        for a in (4.0, 9.0, 16.0):
            assert compiled(a) == pytest.approx(expected(a))
    assert grad(grad(jit(f)))(4.0) == pytest.approx(-1 / 32)
    assert jit(grad(grad(f)))(4.0) == pytest.approx(-1 / 32)


def test_under_jit_captured_arrays_are_read_at_each_call():
    w = np.array([1.0, 2.0])
    f = jit(lambda a: implicit.root(lambda x: w * x**2 - a, np.ones(2)))
    for _ in range(3):
        np.testing.assert_allclose(f(4.0), [2, 2**0.5])
    w[0] = 4.0
    np.testing.assert_allclose(f(4.0), [1, 2**0.5])


def test_in_a_loop_compiled_or_not():
    def f(a):
        step = lambda c, _: (implicit.root(lambda x, c: x**3 + x - c, 1.0, c), None)
        return scan(step, a, np.arange(3.0))[0]

    value, slope = f(5.0), grad(f)(5.0)
    check(f, 5.0, order=1)
    for g, expected in ((jit(f), value), (jit(grad(f)), slope), (grad(jit(f)), slope)):
        for _ in range(3):
            assert g(5.0) == pytest.approx(expected)


def test_a_primitive_may_say_what_it_returns_where_there_are_no_values():
    seen = []

    def no_ones(x):
        seen.append(x)
        assert x != 1.0
        return x * 2

    row = primitive(no_ones, like=lambda x: x)
    row.jvp(lambda y, x, x_dot: 2 * x_dot[0])
    f = jit(lambda a: scan(lambda c, _: (row(c), None), a, np.arange(2.0))[0])
    assert [f(3.0) for _ in range(3)] == [12.0] * 3


# ----- refused -----


@pytest.mark.parametrize(
    "f",
    [
        lambda: implicit.root(lambda x: x**2 + 1, 0.5),
        lambda: implicit.root(square, 1.0, np.nan),
        lambda: implicit.root(square, 1.0, 4.0, solver=lambda g, x0: x0),
        lambda: implicit.root(square, 1.0, 4.0, solver=lambda g, x0: np.nan),
        lambda: implicit.root(square, 1.0, 4.0, solver=lambda g, x0: 2 + 1e-4),
    ],
)
def test_what_is_no_root_has_no_derivative(f):
    with pytest.raises(ConvergenceError):
        f()


def test_a_start_far_away_does_not_excuse_a_residual():
    with pytest.raises(ConvergenceError):
        implicit.root(square, 1e6, 4.0, solver=lambda g, x0: 5.0)
    assert implicit.root(square, 1e6, 4.0) == pytest.approx(2)
    assert abs(implicit.root(lambda x: x**3 + x, 1.0)) < 1e-12


def test_defaults_and_partials_are_captures_too():
    for f in (
        lambda a: implicit.root(lambda x, b=a: x**2 - b, 1.0),
        lambda a: implicit.root(lambda x, *, b=a: x**2 - b, 1.0),
        lambda a: implicit.root(functools.partial(lambda b, x: x**2 - b, a), 1.0),
    ):
        assert grad(f)(4.0) == 0.25


def test_captured_arrays_that_were_written_to():
    def f(a):
        w = np.zeros(2)
        w[0], w[1] = a, a**2
        return implicit.root(lambda x: x**2 - w, np.ones(2)).sum()

    assert grad(f)(4.0) == pytest.approx(1.25)


def test_tol_allows_less():
    f = lambda a: implicit.root(square, 1.0, a, solver=lambda g, x0: 2.001, tol=1e-2)
    assert grad(f)(4.0) == pytest.approx(1 / 4.002)


def test_a_compiled_function_raises_too():
    f = jit(grad(lambda a: implicit.root(square, 1.0, a)))
    for _ in range(3):
        f(4.0)
    with pytest.raises(ConvergenceError):
        f(-4.0)


def test_a_multiple_root_has_no_derivative():
    f = lambda a: implicit.root(square, 1.0, a)
    with pytest.raises(SingularError, match="∂F/∂x of root"):
        grad(f)(0.0)


def test_dependent_equations_are_named_with_their_condition():
    F = lambda x, a: np.stack([x[0] + x[1] - a, 2 * x[0] + 2 * x[1] - 2 * a])
    with pytest.raises(SingularError, match="condition number"):
        grad(lambda a: implicit.root(F, np.array([1.0, 0.0]), a)[0])(2.0)


@pytest.mark.parametrize(
    ("f", "x0"),
    [
        (lambda x: np.stack([x, x]), 0.5),
        (lambda x: x[:1], np.ones(2)),
        (lambda x: {"a": x["a"]}, {"a": 1.0, "b": 2.0}),
        (lambda x: (x,), 1.0),
    ],
)
def test_one_equation_for_each_unknown(f, x0):
    with pytest.raises(ShapeError, match="output of f has .* but x0 has"):
        implicit.root(f, x0)


@pytest.mark.parametrize(
    "f",
    [
        lambda: implicit.root(square, "a", 4.0),
        lambda: implicit.root(square, np.array([1]), 4.0),
        lambda: implicit.root(square, {}, 4.0),
        lambda: implicit.root(square, 1.0, 4.0, solver="foo"),
        lambda: implicit.root(square, 1.0, 4.0, linear_solver="foo"),
        lambda: implicit.root(square, 1.0, 4.0, tol=-1),
        lambda: implicit.root(4.0, 1.0),
        lambda: implicit.root(lambda x: x + 1j, 1.0),
        lambda: implicit.root(lambda x: "x", 1.0),
    ],
)
def test_bad_arguments(f):
    with pytest.raises(ArgumentError):
        f()
