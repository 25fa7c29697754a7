"""The continuous adjoint tends to the discrete one, and can be differentiated again."""

import numpy as np
import pytest

from tests.ode.systems import decay, lotka_volterra
from wengert import grad, hessian, jit, ode
from wengert.errors import ArgumentError

P, Y0, T = np.array([1.5, 1.0, 3.0, 1.0]), np.array([2.0, 1.0]), np.array([0.0, 0.5, 1])


def loss(y0, t, p, **options):
    y = ode.solve(lotka_volterra, y0, t, p, **options)
    return np.sum(y * y * np.array([1.0, -0.5]))


def test_it_tends_to_the_discrete_one():
    away = []
    for tolerance in (1e-4, 1e-7, 1e-10):
        options = {"rtol": tolerance, "atol": tolerance}
        a = grad(loss, (0, 1, 2))(Y0, T, P, **options)
        b = grad(loss, (0, 1, 2))(Y0, T, P, adjoint="continuous", **options)
        away.append(max(np.abs(x - y).max() for x, y in zip(a, b, strict=True)))
    assert away[0] < 5e-2 and away[1] < 5e-5 and away[2] < 5e-8


def test_second_derivatives():
    f = lambda k: ode.solve(decay, 1.0, [0.0, 0.5, 1.0], k, adjoint="continuous")[-1]
    assert hessian(f)(0.7) == pytest.approx(np.exp(-0.7), rel=1e-6)
    assert grad(grad(f))(0.7) == pytest.approx(np.exp(-0.7), rel=1e-6)


def test_tolerances_for_each_entry():
    options = {"adjoint": "continuous", "atol": np.array([1e-8, 1e-9])}
    found = grad(loss, 2)(Y0, T, P, **options)
    np.testing.assert_allclose(found, grad(loss, 2)(Y0, T, P), rtol=1e-5)


def test_what_it_cannot_do_is_refused():
    with pytest.raises(ArgumentError, match="argument"):
        grad(
            lambda k: ode.solve(
                lambda t, y, a: -k * y, 1.0, [0.0, 1.0], k, adjoint="continuous"
            )[-1]
        )(0.7)
    with pytest.raises(ArgumentError, match="real states"):
        ode.solve(decay, 1j, [0.0, 1.0], 1.0, adjoint="continuous")


@pytest.mark.slow
def test_it_compiles():
    f = lambda k: ode.solve(decay, 1.0, [0.0, 0.5, 1.0], k, adjoint="continuous")[-1]
    compiled = jit(grad(f))
    for k in (0.7, 0.7, 1.1):
        assert compiled(k) == pytest.approx(-np.exp(-k), rel=1e-6)
    assert compiled.report(0.7).paths
