"""Rules of the user's, and bodies of loops, that write into arrays."""

import numpy as np
import pytest

from wengert import (
    custom_jvp,
    custom_vjp,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    jit,
    scan,
    taylor,
    trace,
    vmap,
)
from wengert.graph.evaluate import runner

X = np.array([1.0, 2.0, 3.0])


@custom_jvp
def curve(x):
    return x * np.sin(x)


@curve.defjvp
def _(primals, tangents):
    (x,), (x_dot,) = primals, tangents
    slope = np.zeros_like(x)
    slope[1:] = np.sin(x[1:]) + x[1:] * np.cos(x[1:])
    slope[0] = np.sin(x[0]) + x[0] * np.cos(x[0])
    return curve(x), slope * x_dot


@custom_vjp
def parabola(x):
    return x * x


parabola.defvjp(lambda x: (x * x, x), lambda x, y_bar: (2 * x * y_bar,))

SECOND = np.diag(2 * np.cos(X) - X * np.sin(X))


@pytest.mark.parametrize("outer", [jacfwd, jacrev])
@pytest.mark.parametrize("inner", [jacfwd, jacrev])
def test_a_rule_that_writes_is_differentiated(outer, inner):
    found = outer(inner(curve))(X)
    np.testing.assert_allclose(found[range(3), range(3), range(3)], np.diag(SECOND))
    np.testing.assert_allclose(jit(outer(inner(curve)))(X), found)


def test_a_rule_that_writes_inside_of_other_ways():
    np.testing.assert_allclose(hessian(lambda x: curve(x).sum())(X), SECOND)
    np.testing.assert_allclose(taylor(curve, X, np.ones(3), 2)[2], SECOND.sum(0) / 2)
    batch = vmap(jacobian(curve))(np.stack([X, 2 * X]))
    np.testing.assert_allclose(batch[0], jacobian(curve)(X))


@pytest.mark.parametrize("f", [curve, parabola])
def test_an_array_may_be_written_to_before_and_after_such_a_call(f):
    def after(x):
        y = np.zeros_like(x)
        y[0], y[1] = x[0], x[1]
        z = f(y)
        y[1] = 50.0 * x[2]
        return (z * X).sum()

    def plain(x):
        return (f(np.stack([x[0], x[1], 0 * x[0]])) * X).sum()

    np.testing.assert_allclose(grad(after)(X), grad(plain)(X))
    np.testing.assert_allclose(jit(grad(after))(X), grad(plain)(X))
    np.testing.assert_allclose(hessian(after)(X), hessian(plain)(X))


def test_of_two_writes_to_one_place_in_a_loop_the_last_has_the_derivative():
    places, x = np.array([0, 1, 2]), np.array([0.3, 0.5, 0.7, 0.2])

    def step(c, i):
        y = 0 * c
        y[np.stack([i, i, (i + 1) % 3])] = c[:3] * np.array([1.0, 2.0, 3.0])
        return np.concatenate([y[:3] + 0.5 * c[:3], c[3:]]), y.sum()

    def looped(x):
        c, sums = scan(step, x, places)
        return (c**2).sum() + sums.sum()

    def unrolled(x):
        total = 0.0
        for i in places:
            x, more = step(x, i)
            total = total + more
        return (x**2).sum() + total

    exact = grad(unrolled)(x)
    np.testing.assert_allclose(grad(looped)(x), exact)
    np.testing.assert_allclose(jit(grad(looped))(x), exact)
    np.testing.assert_allclose(runner(trace(grad(looped), x))(x)[0], exact)
    np.testing.assert_allclose(jacfwd(looped)(x), exact)
