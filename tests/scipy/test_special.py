"""`wengert.scipy.special`: every name of SciPy's, its functions on traced values."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special

from wengert import check_grads, grad, hessian, vjp
from wengert.errors import MissingRuleError
from wengert.scipy import special
from wengert.scipy.special import logsumexp

X = np.array([0.3, 1.1, 2.7])
A = np.array([[0.3, -1.0, 2.0], [1.0, 0.5, 0.5]])

# What SciPy writes in Python, by calls with one moved argument.
CALLS = {
    "logsumexp": (lambda s, x: s.logsumexp(x), A),
    "logsumexp, axis": (lambda s, x: s.logsumexp(x, axis=1, keepdims=True), A),
    "logsumexp, axes": (lambda s, x: s.logsumexp(x, axis=(0, 1)), A),
    "logsumexp, b": (lambda s, x: s.logsumexp(x, b=np.array([1, 2, 0.5]), axis=1), A),
    "logsumexp, sign": (
        lambda s, x: s.logsumexp(x, b=np.array([1, -2, 0]), return_sign=True), X,
    ),
    "logsumexp, complex": (lambda s, x: s.logsumexp(x), A + 0.3j * A[::-1]),
    "softmax": (lambda s, x: s.softmax(x, axis=1), A),
    "log_softmax": (lambda s, x: s.log_softmax(x, axis=0), A),
    "polygamma": (lambda s, x: s.polygamma(2, x), X),
    "polygamma, 0": (lambda s, x: s.polygamma(0, x), X),
    "polygamma, many": (lambda s, x: s.polygamma(np.array([0, 1, 2]), x), X),
    "multigammaln": (lambda s, x: s.multigammaln(x + 3, 3), X),
    "comb": (lambda s, x: s.comb(x + 3.1, 2), X),
    "comb, repetition": (lambda s, x: s.comb(x + 3.1, 2, repetition=True), X),
    "perm": (lambda s, x: s.perm(x + 3.1, 2), X),
    "factorial": (lambda s, x: s.factorial(x), X),
    "diric": (lambda s, x: s.diric(x, 4), X),
    "spherical_jn": (lambda s, x: s.spherical_jn(2, x), X),
    "spherical_yn": (lambda s, x: s.spherical_yn(1, x), X),
    "spherical_in": (lambda s, x: s.spherical_in(1, x), X),
    "spherical_kn": (lambda s, x: s.spherical_kn(0, x), X),
    "spherical_jn, slope": (lambda s, x: s.spherical_jn(2, x, derivative=True), X),
    "spherical_yn, slope": (lambda s, x: s.spherical_yn(0, x, True), X),
    "jvp": (lambda s, x: s.jvp(1.5, x, 2), X),
    "yvp": (lambda s, x: s.yvp(1, x), X),
    "ivp": (lambda s, x: s.ivp(1, x, 0), X),
    "kvp": (lambda s, x: s.kvp(1, x, 3), X),
    "h1vp": (lambda s, x: s.h1vp(1, x).real, X),
    "h2vp": (lambda s, x: s.h2vp(1, x).imag, X),
    "assoc_laguerre": (lambda s, x: s.assoc_laguerre(x, 3, 0.5), X),
    "zeta": (lambda s, x: s.zeta(2.5, x), X),
    "lambertw": (lambda s, x: s.lambertw(x).real, X),
    "lambertw, branch": (lambda s, x: s.lambertw(x, -1).imag, X),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_functions_that_scipy_writes_in_python(name):
    call, x = CALLS[name]
    expected = call(scipy.special, x)

    def f(x):
        y = call(special, x)
        return y[0] if isinstance(y, tuple) else y

    plain = call(special, x)
    for ours, theirs in zip(np.atleast_1d(plain), np.atleast_1d(expected), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    expected = expected[0] if isinstance(expected, tuple) else expected
    y = vjp(f, x)[0]
    np.testing.assert_allclose(y, expected, rtol=1e-12)
    assert y.shape == np.shape(expected)
    check_grads(f, x, order=2).raise_if_failed()


# ----- the namespace -----


def test_every_name_is_reachable():
    names = [name for name in dir(scipy.special) if not name.startswith("_")]
    assert [name for name in names if not hasattr(special, name)] == []


def test_ufuncs_are_scipys_own():
    for name, value in vars(scipy.special).items():
        if isinstance(value, np.ufunc) and not name.startswith("_"):
            assert getattr(special, name) is value


@pytest.mark.parametrize(
    "f",
    [
        lambda x: special.factorial2(x),
        lambda x: special.zeta(x),
        lambda x: special.legendre_p(2, x),
        lambda x: special.sph_harm_y(1, 1, x, 0.3),
        lambda x: special.pro_cv(0, 1, x),
        lambda x: special.smirnov(3, x),
        lambda x: special.ellip_harm(5, 8, 1, 1, x),
        lambda x: special.comb(x, 2, exact=True),
        lambda x: special.factorial(x, extend="complex"),
        lambda x: special.riccati_jn(2, x),
        lambda x: special.jn_zeros(x, 2),
    ],
)
def test_what_has_no_rule_is_refused(f):
    with pytest.raises(MissingRuleError):
        grad(f)(1.5)


# ----- edges -----


def test_the_hessian_of_a_tie():
    np.testing.assert_allclose(
        hessian(special.logsumexp)(np.zeros(2)), [[0.25, -0.25], [-0.25, 0.25]]
    )


def test_logsumexp_keeps_what_is_small():
    x = np.array([0.0, -40.0])
    assert vjp(special.logsumexp, x)[0] == scipy.special.logsumexp(x)
    np.testing.assert_allclose(grad(special.logsumexp)(x), [1, np.exp(-40)])


def test_infinite_terms():
    x = np.array([-np.inf, 1.0, 2.0])
    np.testing.assert_allclose(
        grad(special.logsumexp)(x), scipy.special.softmax(x), rtol=1e-15
    )
    nothing = np.full(2, -np.inf)
    assert vjp(special.logsumexp, nothing)[0] == -np.inf
    assert np.isnan(grad(special.logsumexp)(nothing)).all()  # it has none there
    weighted = lambda x: special.logsumexp(x, b=np.array([0, 1, 1]))  # noqa: E731
    np.testing.assert_allclose(
        grad(weighted)(np.array([np.inf, 0, 0])), [0, 0.5, 0.5], rtol=1e-15
    )


def test_dirichlets_kernel_at_its_peaks():
    x = np.array([0.0, 2 * np.pi, -2 * np.pi])
    y = vjp(lambda x: special.diric(x, 4), x)[0]
    np.testing.assert_allclose(y, scipy.special.diric(x, 4), atol=1e-15)
    check_grads(lambda x: special.diric(x, 4), x, order=2).raise_if_failed()


def test_an_overflowing_softmax():
    x = np.array([1000.0, 0.0])
    np.testing.assert_array_equal(vjp(special.softmax, x)[0], [1, 0])
    assert np.isfinite(grad(lambda x: special.log_softmax(x)[1])(x)).all()


def test_a_function_imported_by_name_answers_where_arrays_are_written_to():
    """A second run must not put stand-ins for SciPy's functions into our own."""

    def f(x):
        y = np.zeros(3)
        y[np.array([0, 2])] = x[:2]
        return logsumexp(y) + y[0]

    x = np.array([0.3, 1.1])
    softmax = scipy.special.softmax([0.3, 0, 1.1])
    np.testing.assert_allclose(grad(f)(x), [softmax[0] + 1, softmax[2]])
