"""Stiff systems, and their gradients, against references of tight tolerance."""

import numpy as np
import pytest
import scipy.integrate

from tests.ode.systems import robertson
from wengert import grad, ode

K, Y0 = np.array([0.04, 3e7, 1e4]), np.array([1.0, 0.0, 0.0])


def reference(end):
    """Solve Robertson's system with its sensitivities, by hand, with SciPy's Radau."""

    def f(t, z):
        y, s = z[:3], z[3:].reshape(3, 3)
        a, b, c = K[0], 2 * K[1] * y[1], K[2] * y[1]
        d = K[2] * y[2]
        by_y = np.array([[-a, d, c], [a, -b - d, -c], [0, b, 0]])
        u, v, w = y[0], y[1] ** 2, y[1] * y[2]
        by_k = np.array([[-u, 0, w], [u, -v, -w], [0, v, 0]])
        return np.concatenate([robertson(t, y, K), (by_y @ s + by_k).ravel()])

    atol = np.concatenate([[1e-12, 1e-16, 1e-12], np.full(9, 1e-18)])
    done = scipy.integrate.solve_ivp(
        f, (0.0, end), np.concatenate([Y0, np.zeros(9)]),
        method="Radau", rtol=1e-9, atol=atol,
    )  # fmt: skip
    return done.y[:3, -1], done.y[3:, -1].reshape(3, 3)


def test_gradient_of_robertsons_kinetics():
    options = {"method": "rodas4", "rtol": 1e-6, "atol": np.array([1e-9, 1e-13, 1e-9])}
    last = lambda k: ode.solve(robertson, Y0, [0.0, 40.0], k, **options)[-1]
    y, s = reference(40.0)
    np.testing.assert_allclose(last(K), y, rtol=1e-6)
    found = grad(lambda k: last(k)[0])(K)
    np.testing.assert_allclose(found, s[0], rtol=1e-5)


def van_der_pol(t, y, mu):
    return np.stack([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])


def test_few_steps_where_explicit_methods_take_many():
    y0 = np.array([2.0, 0.0])
    options = {"rtol": 1e-5, "atol": 1e-7}
    stiff = ode.trajectory(
        van_der_pol, y0, (0.0, 100.0), 1000.0, method="rodas4", **options
    )
    assert len(stiff.t) < 60


@pytest.mark.slow
def test_gradient_through_a_jump_of_van_der_pol():
    y0, mu = np.array([2.0, 0.0]), 1000.0

    def f(t, z):
        y, v, s, w = z
        return np.array([
            v, mu * (1 - y * y) * v - y,
            w, (1 - y * y) * v - (2 * mu * y * v + 1) * s + mu * (1 - y * y) * w,
        ])  # fmt: skip

    expected = scipy.integrate.solve_ivp(
        f, (0.0, 1500.0), [2.0, 0.0, 0.0, 0.0], method="Radau", rtol=1e-10, atol=1e-13
    ).y[2, -1]
    options = {"method": "rodas4", "rtol": 1e-8, "atol": 1e-10}
    found = grad(
        lambda mu: ode.solve(van_der_pol, y0, [0.0, 1500.0], mu, **options)[-1, 0]
    )(mu)
    assert found == pytest.approx(expected, rel=3e-3)


@pytest.mark.slow
def test_gradient_of_robertsons_kinetics_over_a_long_time():
    atol = np.array([1e-10, 1e-14, 1e-10])
    options = {"method": "rodas4", "rtol": 1e-7, "atol": atol}
    last = lambda k: ode.solve(robertson, Y0, [0.0, 4e4], k, **options)[-1]
    y, s = reference(4e4)
    np.testing.assert_allclose(last(K), y, rtol=1e-6)
    for i in range(3):
        found = grad(lambda k, i=i: last(k)[i])(K)
        np.testing.assert_allclose(found, s[i], rtol=1e-5)
