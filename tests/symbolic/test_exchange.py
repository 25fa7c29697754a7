import numpy as np
import pytest
import sympy

from wengert.errors import EngineError
from wengert.symbolic import (
    diff,
    evaluate,
    from_sympy,
    functions,
    simplify,
    symbol,
    symbols,
    to_sympy,
)

x, y = symbols("x y")


def test_there_and_back():
    X, Y = sympy.symbols("x y")
    for e in (
        sympy.sin(X) ** 2 / Y, sympy.Max(X, Y, 1), sympy.exp(-(X**2)) * sympy.pi,
        sympy.Piecewise((X, X > 0), (Y, True)), sympy.Abs(X - Y) ** 3, sympy.sin(1) * X,
        sympy.Rational(1, 7) * X, sympy.sqrt(2) * X, sympy.besselj(1, X), sympy.E * X,
        sympy.Rational(123456, 7654321) * X, 1 / sympy.sqrt(X), X**Y, sympy.cot(X),
        sympy.floor(X) + sympy.sign(Y), sympy.polygamma(0, X),
    ):  # fmt: skip
        again = to_sympy(from_sympy(e))
        point = {X: sympy.Rational(3, 7), Y: sympy.Rational(5, 3)}
        assert abs(sympy.N((again - e).subs(point), 30)) < 1e-25, e


def test_symbols_of_sympy_are_told_apart_by_what_is_known_of_them():
    assert to_sympy(x) == sympy.Symbol("x")
    assert to_sympy(x, real=True) == sympy.Symbol("x", real=True)
    assert str(to_sympy(abs(x) ** 2, real=True)) == "x**2"


def test_arrays_and_containers():
    matrix = from_sympy(sympy.Matrix([[sympy.Symbol("x"), 1]]))
    assert matrix.shape == (1, 2) and str(matrix) == "[[x, 1]]"
    assert to_sympy(np.stack([x, y])).shape == (2,)
    assert to_sympy({"a": x * 2}) == {"a": 2 * sympy.Symbol("x")}
    t = symbol("t")
    assert str(from_sympy(sympy.Symbol("q") ** 2, q=t * 3)) == "9*t**2"


def test_unknown_functions():
    u = functions("u")
    X = sympy.Symbol("x")
    assert to_sympy(u(x)) == sympy.Function("u")(X)
    assert str(from_sympy(sympy.Function("u")(X).diff(X))) == "u'(x)"
    assert str(simplify(diff(u(2 * x), x) + 0 * y)) == "2*u'(2*x)"
    with pytest.raises(EngineError, match="no values"):
        evaluate(u(x), x=1.0)


def test_simplify():
    assert str(simplify(np.sin(x) ** 2 + np.cos(x) ** 2)) == "1"
    assert str(simplify([x * 2 - x, y / y])) == "[x, 1]"
    assert str(simplify((np.log(np.exp(x)), x * 0))) == "(x, 0)"
    A = symbol("A", 2)
    assert evaluate(simplify(A @ A), A=[3.0, 4.0]) == 25.0


def test_what_numpy_has_no_function_for():
    with pytest.raises(EngineError, match="no function for"):
        from_sympy(sympy.Integral(sympy.Symbol("x") ** sympy.Symbol("x")))
