import numpy as np
import pytest

from wengert.errors import ArgumentError, NotScalarError
from wengert.symbolic import equal, expand, functions, symbol, symbols, taylor

x, y = symbols("x y")


@pytest.mark.parametrize(
    ("e", "x0", "n", "written"),
    [
        (np.sin(x), 0, 5, "x**5/120 - x**3/6 + x"),
        (np.sin(x) / x, 0, 4, "x**4/120 - x**2/6 + 1"),
        (1 / (1 - x), 0, 3, "x**3 + x**2 + x + 1"),
        (np.exp(x), 1, 1, "E*(x - 1) + E"),
        (np.sin(x * y), 0, 3, "-x**3*y**3/6 + x*y"),
        (x**2 * y, 0, 1, "0"),
        (np.log(x), 1, 0, "0"),
    ],
)
def test_taylor(e, x0, n, written):
    assert str(taylor(e, x, x0, n)) == written


def test_taylor_at_a_symbol_and_of_arrays():
    u = functions("u")
    assert str(taylor(u(x), x, y, 1)) == "(x - y)*u'(y) + u(y)"
    assert str(taylor([np.cos(x), x * y], x, 0, 2)) == "[1 - x**2/2, x*y]"


def test_taylor_refuses():
    with pytest.raises(ArgumentError, match="no Taylor polynomial at x = 0"):
        taylor(np.log(x), x, 0, 2)
    with pytest.raises(ArgumentError, match="whole number"):
        taylor(x, x, 0, -1)
    with pytest.raises(ArgumentError, match="scalar symbol"):
        taylor(x, symbol("v", 2))


def test_expansion_of_a_number():
    found = expand(lambda x: x**3, x)
    assert str(found).splitlines()[0] == "f(x + δ) = f(x) + f′(x)·δ + ½·f″(x)·δ² + …"
    assert str(found.polynomial) == "x**3 + 3*x**2*δ + 3*x*δ**2"
    assert r"f''(x) &= 6 x" in found.latex()


def test_expansion_of_a_vector():
    A, v, d = symbol("A", (2, 2)), symbol("x", 2), symbol("δ", 2)
    found = expand(lambda v: v @ A @ v, v)
    assert "½⟨δ, ∇²f(x) δ⟩" in str(found)
    assert equal(found.gradient, (A + A.T) @ v)
    assert equal(found.hessian, A + A.T)
    assert equal(found.polynomial, (v + d) @ A @ (v + d))  # no higher terms
    assert r"\nabla^2 f(x)" in found.latex()


def test_expansion_of_a_matrix_and_of_a_list():
    X = symbol("X", (2, 2))
    found = expand(np.linalg.det, X, "H")
    assert str(found).startswith(
        "det(X + H) = det(X) + ⟨∇det(X), H⟩ + ½⟨H, ∇²det(X)[H]⟩"
    )
    assert equal(found.polynomial, np.linalg.det(X + symbol("H", (2, 2))))
    listed = expand(x**2 * y, [x, y])
    assert str(listed.gradient) == "[2*x*y, x**2]"
    with pytest.raises(NotScalarError, match="scalar f"):
        expand(lambda v: v, X)
