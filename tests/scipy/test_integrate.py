"""scipy.integrate's drop-in: sampled functions, and functions themselves."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.integrate as si

from tests.primitives.comparing import check_call
from tests.scipy.calling import check_namespace, check_values
from wengert.errors import MissingRuleError, TracerLeakError
from wengert.operators import grad, jvp
from wengert.scipy import integrate as integ

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 9])
@pytest.mark.parametrize(
    "name",
    ["trapezoid", "cumulative_trapezoid", "simpson", "cumulative_simpson", "romb"],
)
def test_samples(name, n):
    y = RNG.normal(size=(2, n))
    w = RNG.uniform(-0.3, 0.3, n)
    x = np.cumsum(np.exp(w))
    if name == "romb":
        if n in (2, 3, 5, 9):
            check_values(si, name, (y,), {"dx": 0.3})
            check_call(lambda y: integ.romb(y, 0.3), (y,), {})
        return
    for keywords in ({}, {"dx": 0.3}, {"x": x}):
        check_values(si, name, (y,), keywords)
    if "cumulative" in name:
        check_values(si, name, (y,), {"initial": 0})

    def f(y, w):
        return getattr(integ, name)(y, x=np.cumsum(np.exp(w)))

    check_call(f, (y, w), {}, order=2)


FUNCTIONS = {
    "closure": (lambda a: integ.quad(lambda t: np.exp(-a * t * t), 0, 1)[0], 1.3),
    "limits": (
        lambda a, b, c: integ.quad(
            lambda t, c: np.exp(-c * t * t) * np.sin(t), a, b, args=(c,)
        )[0],
        0.2,
        1.3,
        0.7,
    ),
    "backward": (lambda a, b: integ.quad(np.sin, a, b)[0], 1.2, 0.3),
    "both infinite": (
        lambda c: integ.quad(lambda t: np.exp(-c * t * t), -np.inf, np.inf)[0],
        1.1,
    ),
    "above": (
        lambda c, a: integ.quad(lambda t: np.exp(-c * t), a, np.inf)[0],
        1.3,
        0.3,
    ),
    "below": (
        lambda c, b: integ.quad(lambda t: np.exp(c * t), -np.inf, b)[0],
        1.3,
        0.3,
    ),
    "vector": (
        lambda c: integ.quad_vec(lambda t: np.array([1, 2.0]) * np.exp(-c * t), 0, 1)[
            0
        ],
        1.0,
    ),
    "fixed": (lambda c: integ.fixed_quad(lambda t: np.exp(-c * t), 0, c)[0], 1.0),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_integrals(name):
    f, *args = FUNCTIONS[name]
    y, _ = jvp(f, tuple(args), tuple(1.0 for _ in args))
    np.testing.assert_allclose(y, f(*args), rtol=1e-10)
    check_call(f, [np.float64(a) for a in args], {}, order=2)


def test_known_derivatives():
    def gauss(c):
        return integ.quad(lambda t: np.exp(-c * t * t), -np.inf, np.inf)[0]

    np.testing.assert_allclose(grad(gauss)(1.0), -np.sqrt(np.pi) / 2, rtol=1e-12)
    np.testing.assert_allclose(
        grad(grad(gauss))(1.0), 0.75 * np.sqrt(np.pi), rtol=1e-12
    )
    # Singular at 0: quad extrapolates there, the rule divides.
    y, y_dot = jvp(lambda c: integ.quad(lambda t: t**c, 0, 1)[0], (-0.5,), (1.0,))
    np.testing.assert_allclose([y, y_dot], [2, -4], rtol=1e-9)
    y, y_dot = jvp(
        lambda c: integ.quad(lambda t: np.abs(t - c), 0, 1, points=[0.3])[0],
        (0.3,),
        (1.0,),
    )
    np.testing.assert_allclose([y, y_dot], [0.29, -0.4], rtol=1e-12)


def test_double_integrals():
    def f(c, d):
        return integ.dblquad(lambda y, x: np.exp(-c * x * y), 0, d, 0, lambda x: x)[0]

    y, y_dot = jvp(f, (1.0, 1.0), (0.0, 1.0))
    np.testing.assert_allclose(y, f(1.0, 1.0), rtol=1e-10)
    np.testing.assert_allclose(y_dot, 1 - np.exp(-1.0), rtol=1e-10)  # the inner one
    volume = grad(lambda c: integ.nquad(lambda x, y: x * y, [(0, c), (0, 2)])[0])
    np.testing.assert_allclose(volume(1.5), 2 * 1.5)
    by_args = grad(
        lambda c: integ.tplquad(lambda z, y, x, c: c * z, 0, 1, 0, 1, 0, 1, args=(c,))[
            0
        ]
    )
    np.testing.assert_allclose(by_args(1.5), 0.5)


def test_plain_integrals_are_scipys():
    f, out = np.cos, 1
    assert integ.quad(f, 0, 1) == si.quad(f, 0, 1)
    assert integ.quad(f, 0, 1, full_output=out)[0] == si.quad(f, 0, 1)[0]
    assert integ.quad(f, 0, 1, weight="cos", wvar=2) == si.quad(
        f, 0, 1, weight="cos", wvar=2
    )
    assert integ.dblquad(lambda y, x: x * y, 0, 1, 0, 1) == si.dblquad(
        lambda y, x: x * y, 0, 1, 0, 1
    )
    with pytest.warns(si.IntegrationWarning):
        integ.quad(lambda t: 1 / t, 0, 1)


def test_what_has_no_rule_says_why():
    with pytest.raises(MissingRuleError, match="weight.*test_integrate"):
        grad(lambda a: integ.quad(lambda t: a * t, 0, 1, weight="cos", wvar=2)[0])(1.0)
    with pytest.raises(MissingRuleError, match="solve_ivp has no"):
        grad(lambda a: integ.solve_ivp(lambda t, y: -y, (0, 1), [a]).y.sum())(1.0)
    with pytest.raises(TracerLeakError):
        grad(lambda a: integ.solve_ivp(lambda t, y: -a * y, (0, 1), [1.0]).y.sum())(1.0)


def test_every_public_name_is_there():
    check_namespace(integ, si)
