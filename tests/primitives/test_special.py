"""SciPy's special functions: identities, edges, refusals, and when they are opened."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest
from scipy import special

from wengert import check_grads, grad, jvp, stop_gradient
from wengert.errors import MissingRuleError
from wengert.primitives.bessel import refused
from wengert.trace.staging import stage_function

X = np.array([0.3, 1.1, 2.7])


def slopes(f, x):
    """Differentiate f elementwise in reverse, and see that forward mode agrees."""
    gradient = grad(lambda v: f(v).sum())(x)
    np.testing.assert_allclose(
        jvp(f, (x,), (np.ones_like(x),))[1], gradient, rtol=1e-12
    )
    return gradient


# ----- values known otherwise -----

KNOWN = {
    "gammaln at 1: −γ": (special.gammaln, 1.0, -np.euler_gamma),
    "gamma at 3: 3 − 2γ": (special.gamma, 3.0, 3 - 2 * np.euler_gamma),
    "rgamma at 0": (special.rgamma, 0.0, 1.0),
    "rgamma at −2": (special.rgamma, -2.0, 2.0),
    "rgamma far left": (special.rgamma, -20.0, special.gamma(21)),
    "ψ at 1: π²/6": (special.psi, 1.0, np.pi**2 / 6),
    "ψ at −1/2: π²/2 + 4": (special.psi, -0.5, np.pi**2 / 2 + 4),
    "ψ far left": (special.psi, -1e9 - 0.5, np.pi**2),
    "erf at 0": (special.erf, 0.0, 2 / np.sqrt(np.pi)),
    "erfcx far right": (special.erfcx, 1e9, -1e-18 / np.sqrt(np.pi)),
    "dawsn far right": (special.dawsn, 1e9, -0.5e-18),
    "log_ndtr far left": (special.log_ndtr, -1e9, 1e9),
    "log_ndtr far right": (special.log_ndtr, 50.0, 0.0),
    "ndtri at 1/2": (special.ndtri, 0.5, np.sqrt(2 * np.pi)),
    "expit far right": (special.expit, 40.0, np.exp(-40)),
    "j1 at 0": (special.j1, 0.0, 0.5),
    "i1 at 0": (special.i1, 0.0, 0.5),
    "i1e at 0": (special.i1e, 0.0, 0.5),
    "exprel at 0": (special.exprel, 0.0, 0.5),
    "wrightomega at 1": (special.wrightomega, 1.0, 0.5),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_values(name):
    f, x, expected = KNOWN[name]
    np.testing.assert_allclose(slopes(f, np.float64(x)), expected, rtol=1e-6)


@pytest.mark.parametrize(
    "f,g",
    [
        (special.gammaln, special.loggamma),
        (special.erf, lambda x: 1 - special.erfc(x)),
        (special.erf, lambda x: 2 * special.ndtr(np.sqrt(2) * x) - 1),
        (special.log_expit, lambda x: -np.logaddexp(0, -x)),
        (special.log_ndtr, lambda x: np.log(special.ndtr(x))),
        (special.i0e, lambda x: np.exp(-x) * special.i0(x)),
        (special.k1e, lambda x: special.kve(1, x)),
        (lambda x: special.jv(0.5, x), lambda x: np.sqrt(2 / np.pi / x) * np.sin(x)),
        (lambda x: special.kn(2, x), lambda x: special.kv(2, x)),
        (lambda x: special.ive(0.3, x), lambda x: np.exp(-x) * special.iv(0.3, x)),
        (lambda x: special.gammainc(0.5, x), lambda x: special.erf(np.sqrt(x))),
        (lambda x: special.expn(1, x), special.exp1),
        (lambda x: special.beta(x, 2.0), lambda x: 1 / (x * (x + 1))),
        (lambda x: special.poch(x, 2.0), lambda x: x * (x + 1)),
        (lambda x: special.boxcox(x, 0.0), np.log),
        (lambda x: special.boxcox(2.0, x), lambda x: (2.0**x - 1) / x),
        (lambda x: special.inv_boxcox(0.5, x), lambda x: (1 + 0.5 * x) ** (1 / x)),
        (lambda x: special.pseudo_huber(x, 2.0),
         lambda x: x**2 * (np.sqrt(1 + (2 / x) ** 2) - 1)),
        (special.exp2, np.exp2),
        (special.log1p, np.log1p),
    ],
)  # fmt: skip
def test_identities_to_second_order(f, g):
    np.testing.assert_allclose(f(X), g(X), rtol=1e-12)
    np.testing.assert_allclose(slopes(f, X), slopes(g, X), rtol=1e-11)

    def second(h):
        return slopes(lambda x: grad(lambda v: h(v).sum())(x), X)

    np.testing.assert_allclose(second(f), second(g), rtol=1e-9)


def test_the_gradient_of_a_logistic_sum():
    y = special.expit(X)
    np.testing.assert_allclose(
        grad(lambda x: special.expit(x).sum())(X), y * (1 - y), rtol=1e-14
    )


@pytest.mark.parametrize("order", [0.5, 2.5, -1.3])
def test_orders_that_are_no_integers(order):
    for f in (special.jv, special.yv, special.iv, special.kv, special.ive, special.kve):
        check_grads(lambda x, f=f: f(order, x), X, order=2).raise_if_failed()
    if order > 0:
        for f in (special.gammainc, special.gammaincc, special.zeta):
            if f is not special.zeta or order > 1:
                check_grads(lambda x, f=f: f(order, x), X, order=2).raise_if_failed()
        check_grads(
            lambda x: special.betainc(order, 0.7, x), X / 4, order=2
        ).raise_if_failed()


# ----- edges -----


@pytest.mark.parametrize("a,first,second", [(1, 1, -1), (2, 0, 1), (3, 0, 0)])
def test_gammainc_at_zero(a, first, second):
    f = grad(lambda x: special.gammainc(a, x))
    assert (f(0.0), grad(f)(0.0)) == (first, second)
    assert grad(lambda x: special.gammaincc(a, x))(0.0) == -first


def test_betainc_at_its_ends():
    f = grad(lambda x: special.betainc(1, 2, x))  # 2x − x²
    assert (f(0.0), f(1.0), grad(f)(0.0), grad(f)(1.0)) == (2, 0, -2, -2)


def test_an_entropy_with_empty_cells_has_a_gradient_in_the_model():
    p, q = np.array([0.0, 0.5, 0.5]), np.array([0.0, 0.25, 0.75])
    for f, sign in ((special.xlogy, 1), (special.rel_entr, -1)):
        gradient = grad(lambda v, f=f: f(p, v).sum())(q)
        np.testing.assert_allclose(gradient, [0, sign * 2, sign * 2 / 3])


def test_huber_is_linear_beyond_delta():
    r = np.array([-3.0, -0.5, 0.0, 0.5, 3.0])
    np.testing.assert_array_equal(
        slopes(lambda v: special.huber(1.0, v), r), [-1, -0.5, 0, 0.5, 1]
    )


# ----- dtypes -----

ONE = [special.gammaln, special.psi, special.erfcx, special.dawsn, special.exprel,
       special.expit, special.log_ndtr, special.i1, special.k1e]  # fmt: skip
TWO = [special.beta, special.betaln, special.xlogy, special.xlog1py, special.rel_entr,
       special.kl_div, special.huber, special.pseudo_huber, special.boxcox,
       special.boxcox1p, special.inv_boxcox, special.inv_boxcox1p,
       special.powm1, special.owens_t, special.poch]  # fmt: skip


@pytest.mark.parametrize("f", ONE, ids=lambda f: f.__name__)
def test_float32_is_kept(f):
    assert slopes(f, X.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("f", TWO, ids=lambda f: f.__name__)
def test_float32_is_kept_beside_a_python_number(f):
    x = X.astype(np.float32)
    assert slopes(lambda v: f(v, 1.5), x).dtype == np.float32
    assert slopes(lambda v: f(1.5, v), x).dtype == np.float32
    gradients = grad(lambda v, w: f(v, w).sum(), argnums=(0, 1))(x, x + 1)
    assert {g.dtype for g in gradients} == {np.dtype(np.float32)}


# ----- refusals -----


def traced_order(p):
    return special.jv(p[0], p[1])  # the line that the message names


def test_a_traced_order_is_refused():
    p = np.array([0.5, 2.0])
    with pytest.raises(MissingRuleError, match="special.jv .* the order v.*constant"):
        grad(traced_order)(p)
    line = traced_order.__code__.co_firstlineno + 1
    where = rf"{re.escape(__file__)}:{line} in traced_order"
    with pytest.raises(MissingRuleError, match=where):
        jvp(traced_order, (p,), (np.ones(2),))


def test_an_order_taken_out_of_the_derivative_is_accepted():
    gradient = grad(lambda p: special.jv(stop_gradient(p[0]), p[1]))(np.array([0, 2.0]))
    np.testing.assert_allclose(gradient, [0, -special.j1(2.0)])


def test_a_graph_may_hold_a_traced_order():
    (y,), _ = stage_function(
        lambda v, x: [special.jv(v, x)], [np.float64(0.5), np.float64(2)]
    )
    assert y == special.jv(0.5, 2.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, x: special.gammainc(a, x),
        lambda a, x: special.gammaincc(a, x),
        lambda a, x: special.betainc(a, 2.0, x),
        lambda a, x: special.betainc(2.0, a, x),
        lambda a, x: special.zeta(a, x),
        lambda a, x: special.expn(a, x),
        lambda a, x: special.kv(a, x),
    ],
)
def test_no_traced_order_counts_as_a_constant(f):
    a, x = np.float64(2), np.float64(0.5)
    for argnums in (0, (0, 1)):
        with pytest.raises(MissingRuleError, match="no closed derivative"):
            grad(f, argnums=argnums)(a, x)
    with pytest.raises(MissingRuleError, match="no closed derivative"):
        jvp(f, (a, x), (1.0, 1.0))


def test_the_scaled_function_of_a_complex_number_is_refused():
    with pytest.raises(MissingRuleError, match="ive .* complex x"):
        jvp(lambda z: special.ive(1, z), (1 + 1j,), (1 + 0j,))


def test_a_python_number_is_a_constant():
    assert refused("f", "a")(0.0, 2, None) == 0


def test_a_function_without_a_rule_says_so():
    with pytest.raises(MissingRuleError, match="special.zetac .* Riemann"):
        grad(special.zetac)(2.0)


# ----- when it is opened -----

SCRIPT = """
import sys, wengert, numpy as np
assert "scipy" not in sys.modules
wengert.grad(np.sin)(1.0)
assert "scipy" not in sys.modules
from scipy import special
assert "wengert.primitives.special" not in sys.modules
print(wengert.{mode})
"""
MODES = ["grad(special.expit)(0.0)", "jvp(special.expit, (0.0,), (1.0,))[1]"]


@pytest.mark.parametrize("mode", MODES)
def test_scipy_is_opened_by_the_user_alone(mode):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(mode=mode)], capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("0.25", "")
