"""Functions of a whole matrix: determinants, diagonals, vec; and changes inside."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from wengert.symbolic.matrices.algebra import (
    add,
    apply,
    check_square,
    diag,
    diag_of,
    flips,
    hadamard,
    inverse,
    kronecker,
    multiply,
    negate,
    power,
    scale,
    softmax,
    split,
    trace,
    transpose,
)
from wengert.symbolic.matrices.expressions import (
    Apply,
    Chain,
    Det,
    Diag,
    DiagOf,
    Expression,
    Hadamard,
    Identity,
    Inverse,
    Kronecker,
    LogDet,
    Number,
    Ones,
    Power,
    Scaled,
    Softmax,
    Sum,
    Trace,
    Transpose,
    Vec,
)

__all__ = ["det", "logdet", "norm_of", "rebuild", "vec"]


def det(x: Expression) -> Expression:
    """Give the determinant."""
    check_square("det", x)
    match x:
        case Identity():
            return Number(Fraction(1))
        case Transpose(of):
            return det(of)
        case Inverse(of):
            return power(det(of), Fraction(-1))
        case Chain(factors) if all(f.shape == x.shape for f in factors):
            return scale(*map(det, factors))
    return x if x.is_scalar else Det(x)


def logdet(x: Expression) -> Expression:
    """Give log |det x|."""
    check_square("logdet", x)
    match x:
        case Transpose(of):
            return logdet(of)
        case Inverse(of):
            return negate(logdet(of))
        case Chain(factors) if all(f.shape == x.shape for f in factors):
            return add(*map(logdet, factors))
    return LogDet(x)


def vec(x: Expression) -> Expression:
    """Put the columns of a matrix under each other."""
    coefficient, scalars, body = split(x)
    if body is None or body.is_column:
        return x
    if body.is_row:
        return transpose(x)
    if isinstance(body, Ones):
        made: Expression = Ones((Vec(body).shape[0], 1))
    else:
        made = Vec(body)
    return scale(Number(coefficient), *scalars, made)


def norm_of(x: Expression) -> tuple[Expression, bool] | None:
    """Find v in vᵀv, and X in tr(XᵀX), the one with fewer transposes of X and Xᵀ.

    Returns
    -------
    (Expression, bool) or None
        What the norm is of, and whether it is Frobenius'.
    """
    chain = x.of if isinstance(x, Trace) else x
    if isinstance(chain, Chain) and x.is_scalar and len(chain.factors) == 2:
        first, second = chain.factors
        if transpose(first) == second:
            return min(second, first, key=_flips), isinstance(x, Trace)
    return None


def _flips(x: Expression) -> tuple[bool, int]:
    return x.is_row, flips(x)


# ----- changes inside -----


def rebuild(x: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """Make an expression again, of changed parts."""
    match x:
        case Sum(terms):
            return add(*map(change, terms))
        case Chain(factors):
            return multiply(*map(change, factors))
        case Scaled(coefficient, scalars, body):
            parts = (*scalars, *((body,) if body is not None else ()))
            return multiply(Number(coefficient), *map(change, parts))
        case Hadamard(factors):
            return hadamard(*map(change, factors))
        case Power(base, exponent):
            return power(change(base), exponent)
        case Apply(name, arguments):
            return apply(name, *map(change, arguments))
        case Kronecker(left, right):
            return kronecker(change(left), change(right))
    for kind, make in _UNARY.items():
        if isinstance(x, kind):
            return make(change(x.parts[0]))
    return x


_UNARY: dict[type[Expression], Callable[[Expression], Expression]] = {
    Transpose: transpose,
    Inverse: inverse,
    Det: det,
    LogDet: logdet,
    Trace: trace,
    Diag: diag,
    DiagOf: diag_of,
    Softmax: softmax,
    Vec: vec,
}
