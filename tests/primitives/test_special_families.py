"""Special functions by family: identities, edges, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from wengert import check_grads, grad, jvp, vjp
from wengert.errors import MissingRuleError


def slope(f, x):
    """Differentiate at one point in reverse, and see that forward mode agrees."""
    x = np.float64(x)
    y = grad(f)(x)
    np.testing.assert_allclose(jvp(f, (x,), (1.0,))[1], y, rtol=1e-12)
    return y


def second(f, x):
    return slope(lambda v: grad(f)(v), x)


# ----- values known otherwise: function, point, first and second derivative -----

KNOWN = {
    "K at 0": (special.ellipk, 0.0, np.pi / 8, 9 * np.pi / 64),
    "E at 0": (special.ellipe, 0.0, -np.pi / 8, -3 * np.pi / 64),
    "F in m at 0": (
        lambda m: special.ellipkinc(0.7, m), 0.0, (1.4 - np.sin(1.4)) / 8, None,
    ),
    "spence at 1": (special.spence, 1.0, -1.0, 0.5),
    "Si at 0": (lambda x: special.sici(x)[0], 0.0, 1.0, 0.0),
    "Shi at 0": (lambda x: special.shichi(x)[0], 0.0, 1.0, 0.0),
    "S at 0": (lambda x: special.fresnel(x)[0], 0.0, 0.0, 0.0),
    "it2j0 at 0": (lambda x: special.it2j0y0(x)[0], 0.0, 0.0, 0.25),
    "bei at 0": (special.bei, 0.0, 0.0, 0.5),
    "ber at 0": (special.ber, 0.0, 0.0, 0.0),
    "besselpoly at 0": (lambda a: special.besselpoly(a, 1, 0), 0.0, 0.0, -0.5),
    "w(0), real part of z": (
        lambda x: special.wofz(x + 0j).imag, 0.0, 2 / np.sqrt(np.pi), 0.0,
    ),
    "kolmogorov small": (special.kolmogorov, 0.01, 0.0, 0.0),
    "agm at a = b": (lambda a: special.agm(a, 2.0), 2.0, 0.5, -1 / 16),
    "P₅ at 1/2": (lambda x: special.eval_legendre(5, x), 0.5, -2.2265625, None),
    "T₃": (lambda x: special.eval_chebyt(3, x), 0.5, 0.0, 12.0),
    "T₋₃": (lambda x: special.eval_chebyt(-3, x), 0.5, 0.0, None),
    "chndtr at nc = 0": (
        lambda nc: special.chndtr(2.0, 2.0, nc), 0.0, -np.exp(-1) / 2, None,
    ),
    "nctdtr on both sides": (
        lambda t: special.nctdtr(5.0, 1e-300, t), -1.0, 0.21967979735098057, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_known_derivatives(name):
    f, x, first, curvature = KNOWN[name]
    np.testing.assert_allclose(slope(f, x), first, rtol=1e-9, atol=1e-15)
    if curvature is not None:
        np.testing.assert_allclose(second(f, x), curvature, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "f,g",
    [
        (special.ellipkm1, lambda x: special.ellipk(1 - x)),
        (special.ellipk, lambda m: special.ellipkinc(np.pi / 2, m)),
        (special.ellipk, lambda m: special.elliprf(0, 1 - m, 1)),
        (special.ellipe, lambda m: 2 * special.elliprg(0, 1 - m, 1)),
        (special.ellipe, lambda m: special.ellipeinc(np.pi / 2, m)),
        (lambda m: special.ellipkinc(2.5, m),
         lambda m: 2 * special.ellipk(m) - special.ellipkinc(np.pi - 2.5, m)),
        (lambda x: special.chdtr(4.0, x), lambda x: special.gammainc(2.0, x / 2)),
        (lambda x: special.fdtrc(2.0, 4.0, x), lambda x: (1 + x / 2) ** -2),
        (lambda x: special.stdtr(1.0, x), lambda x: 0.5 + np.arctan(x) / np.pi),
        (lambda x: special.pdtr(1, x), lambda x: np.exp(-x) * (1 + x)),
        (lambda x: special.bdtr(1, 2, x), lambda x: 1 - x * x),
        (lambda x: special.nbdtr(0, 3, x), lambda x: x**3),
        (lambda x: special.tklmbda(x, 1.0), lambda x: (x + 1) / 2),
        (lambda x: special.hyp2f1(1.0, 1.0, 2.0, -x), lambda x: np.log1p(x) / x),
        (lambda x: special.hyp1f1(1.5, 1.5, x), np.exp),
        (lambda x: special.airy(x)[0],
         lambda x: np.sqrt(x / 3) / np.pi * special.kv(1 / 3, 2 / 3 * x**1.5)),
        (lambda x: special.struve(0.5, x),
         lambda x: np.sqrt(2 / (np.pi * x)) * (1 - np.cos(x))),
        (lambda x: special.pbdv(0, x)[0], lambda x: np.exp(-x * x / 4)),
        (lambda x: special.lpmv(1, 1, x), lambda x: -np.sqrt(1 - x * x)),
        (lambda x: special.voigt_profile(0.5, x, 0.0),
         lambda x: np.exp(-((0.5 / x) ** 2) / 2) / (np.sqrt(2 * np.pi) * x)),
        (lambda x: special.elliprc(x, -0.5),
         lambda x: np.sqrt(x / (x + 0.5)) * special.elliprc(x + 0.5, 0.5)),
    ],
)  # fmt: skip
def test_identities_to_second_order(f, g):
    for x in (0.2, 0.7):
        np.testing.assert_allclose(slope(f, x), slope(g, x), rtol=1e-9)
        np.testing.assert_allclose(second(f, x), second(g, x), rtol=1e-7)


@pytest.mark.parametrize("z", [1.0, 1 + 1e-9, 1.001, 1.09, 1.12])
def test_carlsons_integral_near_equal_arguments(z):
    x = np.array([1.0, 1.0, z])
    f = lambda v: special.elliprd(*v)  # noqa: E731
    # Homogeneous of degree −3/2, and −0.3·x^(−5/2) in x where all are equal.
    np.testing.assert_allclose(grad(f)(x) @ x, -1.5 * f(x), rtol=1e-12)
    check_grads(f, x, order=1).raise_if_failed()
    if z == 1:
        np.testing.assert_allclose(grad(f)(x), [-0.3, -0.3, -0.9], rtol=1e-13)


@pytest.mark.parametrize("m", [-1e3, -1.0, 1e-9, 0.5, 0.999])
def test_elliptic_integrals_far_and_near(m):
    K, E = special.ellipk(m), special.ellipe(m)
    np.testing.assert_allclose(
        slope(special.ellipk, m), (E / (1 - m) - K) / (2 * m),
        rtol=1e-11 + 1e-15 / abs(m),
    )  # fmt: skip
    np.testing.assert_allclose(
        slope(special.ellipe, m), (E - K) / (2 * m), rtol=1e-11 + 1e-15 / abs(m)
    )


def test_the_amplitude_past_a_half_turn():
    for u in (2.5, -4.0, 7.0):
        for k in range(4):
            f = lambda m, u=u, k=k: special.ellipj(u, m)[k]  # noqa: E731
            check_grads(f, 0.4, order=2).raise_if_failed()


# ----- edges -----


def test_outputs_of_one_ufunc_share_a_gradient():
    f = lambda x: sum(k * y for k, y in enumerate(special.airy(x), 1))  # noqa: E731
    ai, aip, bi, bip = special.airy(0.7)
    expected = aip + 2 * 0.7 * ai + 3 * bip + 4 * 0.7 * bi
    assert slope(f, 0.7) == pytest.approx(expected)
    y, _ = vjp(lambda x: special.airy(x), 0.7)
    np.testing.assert_array_equal(y, special.airy(0.7))


def test_tukeys_distribution_is_constant_outside_of_its_support():
    for x in (-3.0, 3.0):
        assert grad(lambda x: special.tklmbda(x, 1.0))(x) == 0
        assert grad(lambda k, x=x: special.tklmbda(x, k))(1.0) == 0


def test_a_certain_number_of_successes():
    assert grad(lambda p: special.bdtr(5, np.int64(5), p))(0.3) == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda n: special.eval_legendre(n, 0.3),
        lambda x: special.eval_legendre(-3, x),
        lambda x: special.eval_chebyu(-3, x),
        lambda q: special.mathieu_cem(1, q, 30.0)[0],
        lambda v: special.pbdv(v, 0.5)[0],
        lambda b: special.gdtr(1.0, b, 2.0),
        lambda df: special.stdtr(df, 2.0),
        lambda df: special.nctdtr(df, 1.0, 2.0),
        lambda a: special.hyp2f1(a, 1.0, 2.0, 0.3),
        lambda v: special.struve(v, 0.3),
        lambda x: special.obl_rad2(0, 1, 0.5, x)[0],
        lambda k: special.pdtrik(0.5, k),
    ],
)
def test_refusals(f):
    with pytest.raises(MissingRuleError, match="rule|closed derivative"):
        grad(f)(0.5)


@pytest.mark.parametrize(
    "f,x",
    [
        (lambda nc: special.chndtr(2.0, 3.0, nc), 0.7),
        (lambda nc: special.ncfdtr(2.0, 3.0, nc, 1.5), 0.7),
        (lambda nc: special.nctdtr(3.0, nc, 1.5), 0.7),
        (lambda nc: special.nctdtr(3.0, nc, -1.5), 0.7),
        (lambda t: special.nctdtr(3.0, 0.0, t), -0.7),
        (lambda g: special.voigt_profile(0.5, 1.0, g), 0.7),
        (lambda y: special.elliprd(0.5, y, 2.0), 0.7),
        (lambda p: special.elliprj(0.0, 1.0, 2.0, p), 0.7),
        (lambda x: special.elliprc(x, 0.5), 0.7),
        (lambda m: special.ellipkinc(0.5, m), 0.7),
        (lambda b: special.agm(2.0, b), 0.7),
        (lambda p: special.nrdtrisd(0.0, p, 1.0), 0.7),
        (lambda x: special.ellipj(x, 0.5)[2], 0.7),
        (lambda p: special.pdtri(2, p), 0.7),
        (lambda a: special.gdtr(a, 1.5, 2.0), 0.7),
    ],
)
def test_python_numbers_beside_a_traced_value(f, x):
    check_grads(f, x, order=2).raise_if_failed()


def test_an_output_that_is_not_used_refuses_nothing():
    f = lambda q: special.mathieu_cem(1, 0.5, q)[0]  # noqa: E731
    check_grads(f, 30.0, order=2).raise_if_failed()


# ----- NumPy's -----


def test_numpys_bessel_function():
    check_grads(np.i0, np.array([-1.0, 0.0, 2.5]), order=2).raise_if_failed()
    with pytest.raises(TypeError, match="complex"):
        jvp(np.i0, (1j,), (1j,))


def test_a_traced_value_is_no_date():
    with pytest.raises(MissingRuleError, match="isnat .* dates"):
        grad(lambda x: x * np.isnat(x))(1.0)
