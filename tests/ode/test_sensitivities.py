"""Forward sensitivities are the discrete derivative, computed the other way."""

import numpy as np

from tests.ode.systems import lotka_volterra
from wengert import grad, hessian, ode

P, Y0, T = np.array([1.5, 1.0, 3.0, 1.0]), np.array([2.0, 1.0]), np.array([0.0, 0.5, 1])


def loss(y0, t, p, **options):
    return np.sum(ode.solve(lotka_volterra, y0, t, p, rtol=1e-5, **options) ** 2)


def test_they_are_the_discrete_gradient():
    found = grad(loss, (0, 1, 2))(Y0, T, P, adjoint="forward")
    expected = grad(loss, (0, 1, 2))(Y0, T, P)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def test_second_derivatives():
    t = T[[0, 2]]
    found = hessian(lambda p: loss(Y0, t, p, adjoint="forward"))(P)
    expected = hessian(lambda p: loss(Y0, t, p))(P)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    twice = grad(lambda p: grad(loss, 2)(Y0, t, p, adjoint="forward")[0])(P)
    np.testing.assert_allclose(twice, expected[0], rtol=1e-9, atol=1e-9)
