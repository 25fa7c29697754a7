"""Matrix expressions are kept in one normal form."""

from fractions import Fraction

import pytest

from wengert.errors import ShapeError
from wengert.symbolic.matrices.algebra import (
    add,
    apply,
    diag,
    diag_of,
    hadamard,
    inverse,
    multiply,
    negate,
    number,
    power,
    scale,
    softmax,
    subtract,
    trace,
    transpose,
)
from wengert.symbolic.matrices.collecting import expand, factor, simplify
from wengert.symbolic.matrices.expressions import Identity, Ones, Size, Symbol, Zero
from wengert.symbolic.matrices.functions import det, logdet
from wengert.symbolic.matrices.text import TextNotation

A, B = Symbol(("m", "n"), "A"), Symbol(("n", "m"), "B")
X, Y = Symbol(("n", "n"), "X"), Symbol(("n", "n"), "Y")
S = Symbol(("n", "n"), "S", frozenset({"symmetric"}))
Q = Symbol(("n", "n"), "Q", frozenset({"orthogonal"}))
V = Symbol(("m", "n"), "V", frozenset({"orthogonal"}))
x, y, z = (Symbol(("n", 1), name) for name in "xyz")
one = Ones(("n", 1))
I = Identity("n")  # noqa: E741


def text(expression):
    return TextNotation([expression]).write(expression)


def test_transposes_go_to_the_symbols():
    assert transpose(multiply(A, B)) == multiply(transpose(B), transpose(A))
    assert transpose(transpose(A)) == A
    assert transpose(S) == S
    assert transpose(add(X, Y)) == add(transpose(X), transpose(Y))
    assert text(transpose(inverse(X))) == text(inverse(transpose(X))) == "X⁻ᵀ"
    assert transpose(inverse(S)) == inverse(S)


def test_inverses_cancel():
    assert multiply(inverse(X), X) == multiply(X, inverse(X)) == I
    assert multiply(inverse(transpose(X)), transpose(X)) == I
    assert inverse(multiply(X, Y)) == multiply(inverse(Y), inverse(X))
    assert inverse(inverse(X)) == X
    assert inverse(scale(number(2), X)) == scale(number(0.5), inverse(X))


def test_orthogonal_matrices_cancel_where_they_do():
    assert multiply(transpose(Q), Q) == multiply(Q, transpose(Q)) == I
    assert inverse(Q) == transpose(Q)
    assert multiply(transpose(V), V) == I
    assert multiply(V, transpose(V)) != Identity("m")


def test_scalars_stand_in_front_and_have_one_form():
    assert multiply(transpose(x), X, y) == multiply(transpose(y), transpose(X), x)
    inner = multiply(transpose(x), y)
    assert multiply(z, transpose(x), y) == scale(inner, z)
    assert scale(inner, power(inner, Fraction(-1)), z) == z
    assert multiply(transpose(one), one) == Size("n")


def test_like_terms_are_one_term():
    assert add(X, X, Y, negate(X), negate(Y)) == X
    assert subtract(X, X) == Zero(("n", "n"))
    assert add(hadamard(x, y), hadamard(y, x)) == scale(number(2), hadamard(x, y))


def test_diagonals():
    assert multiply(diag(x), y) == hadamard(x, y)
    assert multiply(diag(x), diag(y)) == diag(hadamard(x, y))
    assert diag(one) == I
    assert subtract(I, diag(x)) == diag(subtract(one, x))
    assert diag_of(multiply(x, transpose(y))) == hadamard(x, y)
    outer = multiply(x, transpose(y))
    assert hadamard(outer, X) == multiply(diag(x), X, diag(y))
    assert hadamard(X, I) == diag(diag_of(X))


def test_sums_of_entries():
    row = transpose(one)
    assert multiply(row, hadamard(x, y)) == multiply(transpose(x), y)
    assert multiply(row, hadamard(X, Y), one) == trace(multiply(transpose(X), Y))


def test_traces_are_cyclic():
    assert trace(multiply(A, B)) == trace(multiply(B, A))
    assert trace(multiply(X, Y)) == trace(multiply(transpose(X), transpose(Y)))
    assert trace(multiply(x, transpose(y))) == multiply(transpose(x), y)
    assert trace(multiply(X, Y, inverse(X))) == trace(Y)
    assert trace(I) == Size("n")


def test_determinants():
    assert det(multiply(X, Y)) == scale(det(X), det(Y))
    assert det(transpose(X)) == det(X)
    assert logdet(inverse(X)) == negate(logdet(X))


def test_functions_that_have_a_name():
    growth = apply("exp", z)
    total = multiply(transpose(one), growth)
    assert scale(power(total, Fraction(-1)), growth) == softmax(z)
    assert softmax(add(z, scale(number(3), one))) == softmax(z)
    below = power(add(one, growth), Fraction(-1))
    assert hadamard(growth, below) == apply("σ", z)
    assert power(add(one, apply("exp", negate(z))), Fraction(-1)) == apply("σ", z)


def test_common_factors():
    assert text(factor(add(multiply(X, x), multiply(Y, x)))) == "(X + Y)x"
    assert text(factor(add(multiply(X, x), x))) == "(X + I)x"
    assert text(factor(add(multiply(X, Y), multiply(X, S)))) == "X(S + Y)"
    product = multiply(X, subtract(x, y))
    assert expand(product) == subtract(multiply(X, x), multiply(X, y))
    assert simplify(expand(product)) == product
    assert simplify(subtract(product, multiply(X, x))) == negate(multiply(X, y))


def test_shapes_are_checked():
    with pytest.raises(ShapeError, match="product"):
        multiply(A, A)
    with pytest.raises(ShapeError, match="around"):
        add(A, B)
    with pytest.raises(ShapeError, match="square"):
        inverse(A)
    with pytest.raises(ShapeError, match="square"):
        trace(A)


def test_what_is_printed():
    assert text(number(0.5)) == "½"
    assert text(scale(number(-1.5), X)) == "−3X/2"
    assert text(multiply(X, X, X, x)) == "X³x"
    assert text(power(multiply(transpose(x), x), Fraction(1, 2))) == "‖x‖"
    assert text(transpose(subtract(x, y))) == "(x − y)ᵀ"
    assert text(multiply(Symbol(("n", "n"), "cov"), x)) == "cov x"
    assert text(hadamard(x, power(y, Fraction(-1)))) == "x ⊘ y"
