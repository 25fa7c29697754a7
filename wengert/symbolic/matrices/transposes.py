"""Transposes at the symbols, (AB)ᵀ = BᵀAᵀ; inverses, cyclic traces, diagonals."""

from __future__ import annotations

from fractions import Fraction

from wengert.errors import ShapeError
from wengert.symbolic.matrices import entries, products, sums
from wengert.symbolic.matrices.expressions import (
    Chain,
    Commutation,
    Diag,
    DiagOf,
    Expression,
    Identity,
    Inverse,
    Kronecker,
    Number,
    Ones,
    Scaled,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Zero,
    walk,
)

__all__ = [
    "check_square",
    "diag",
    "diag_of",
    "flips",
    "inverse",
    "kronecker",
    "trace",
    "transpose",
]


def transpose(x: Expression) -> Expression:
    """Give xᵀ, with transposes moved to the symbols."""
    if x.is_scalar:
        return x
    match x:
        case Symbol() if "symmetric" in x.traits:
            return x
        case Identity() | Diag():
            return x
        case Ones(size):
            return Ones((size[1], size[0]))
        case Zero(size):
            return Zero((size[1], size[0]))
        case Commutation((rows, columns)):
            return Commutation((columns, rows))
        case Transpose(of):
            return of
        case Sum(terms):
            return sums.add(*map(transpose, terms))
        case Chain(factors):
            return products.multiply(
                *(transpose(factor) for factor in reversed(factors))
            )
        case Scaled(coefficient, scalars, body) if body is not None:
            return sums.scale(Number(coefficient), *scalars, transpose(body))
        case Inverse(of):
            flipped = transpose(of)
            return Transpose(x) if isinstance(flipped, Transpose) else inverse(flipped)
        case Kronecker(left, right):
            return kronecker(transpose(left), transpose(right))
    return Transpose(x)


def inverse(x: Expression) -> Expression:
    """Give x⁻¹; of a product of square matrices, factor by factor."""
    check_square("the inverse", x)
    match x:
        case Inverse(of):
            return of
        case Identity():
            return x
        case Symbol() if "orthogonal" in x.traits:
            return transpose(x)
        case Sum() if flips(x) > flips(transpose(x)):
            return Transpose(Inverse(transpose(x)))
        case Transpose(Inverse(of)):
            return Transpose(of) if isinstance(of, Symbol) else transpose(of)
        case Transpose(of):
            return Transpose(inverse(of))
        case Diag(of):
            return diag(entries.power(of, Fraction(-1)))
        case Scaled(coefficient, scalars, body) if body is not None:
            below = sums.scale(Number(coefficient), *scalars)
            return sums.scale(entries.power(below, Fraction(-1)), inverse(body))
        case Chain(factors) if all(f.shape == x.shape for f in factors):
            return products.multiply(*(inverse(factor) for factor in reversed(factors)))
    return entries.power(x, Fraction(-1)) if x.is_scalar else Inverse(x)


def flips(x: Expression) -> int:
    """Count transposes."""
    return sum(isinstance(one, Transpose) for one in walk(x))


def trace(x: Expression) -> Expression:
    """Sum the diagonal; a product is turned round to its first form in order."""
    check_square("tr", x)
    if x.is_scalar:
        return x
    match x:
        case Identity(size):
            return sums.count_of(size)
        case Zero():
            return Number(Fraction(0))
        case Sum(terms):
            return sums.add(*map(trace, terms))
        case Scaled(coefficient, scalars, body) if body is not None:
            return sums.scale(Number(coefficient), *scalars, trace(body))
        case Transpose(of):
            return trace(of)
        case Diag(of):
            return products.multiply(Ones((1, of.shape[0])), of)
        case Chain(factors):
            return _cyclic(factors)
    return Trace(x)


def _cyclic(factors: tuple[Expression, ...]) -> Expression:
    turns = [factors[i:] + factors[:i] for i in range(len(factors))]
    for turn in turns:
        if turn[0].shape[0] == 1:
            return products.multiply(*turn)
    for turn in turns:
        made = products.multiply(*turn)
        if len(sums.factors_of(sums.split(made)[2])) < len(factors):
            return trace(made)
    flipped = [tuple(map(transpose, reversed(turn))) for turn in turns]
    flat = [t for t in flipped if not any(isinstance(f, Chain | Scaled) for f in t)]
    return Trace(min(map(Chain, turns + flat), key=lambda chain: chain.key))


def diag(x: Expression) -> Expression:
    """Make the diagonal matrix of a column."""
    coefficient, scalars, body = sums.split(x)
    if body is None:
        return x
    if isinstance(body, Ones):
        return sums.scale(Number(coefficient), *scalars, Identity(body.shape[0]))
    if isinstance(body, Zero):
        return Zero((body.shape[0], body.shape[0]))
    if isinstance(body, Chain) and isinstance(body.factors[0], Diag):
        first, *rest = body.factors
        body = entries.hadamard(first.parts[0], products.multiply(*rest))
        return diag(sums.scale(Number(coefficient), *scalars, body))
    return sums.scale(Number(coefficient), *scalars, Diag(body))


def diag_of(x: Expression) -> Expression:
    """Give the diagonal of a square matrix, as a column."""
    check_square("diag", x)
    coefficient, scalars, body = sums.split(x)
    match body:
        case None:
            return x
        case Diag(of):
            taken: Expression = of
        case Identity(size):
            taken = Ones((size, 1))
        case Zero():
            taken = Zero((body.shape[0], 1))
        case Transpose(of):
            taken = diag_of(of)
        case Sum(terms):
            taken = sums.add(*map(diag_of, terms))
        case Chain() if outer := products.outer_parts(body):
            taken = entries.hadamard(outer[0], transpose(outer[1]))
        case _:
            taken = DiagOf(body)
    return sums.scale(Number(coefficient), *scalars, taken)


def kronecker(a: Expression, b: Expression) -> Expression:
    """Give a ⊗ b."""
    (c, outside, left), (d, more, right) = sums.split(a), sums.split(b)
    scalars = [Number(c), Number(d), *outside, *more]
    if left is None or right is None:
        return sums.scale(*scalars, *(x for x in (left, right) if x is not None))
    if isinstance(left, Identity) and isinstance(right, Identity):
        return sums.scale(*scalars, Identity(Kronecker(left, right).shape[0]))
    return sums.scale(*scalars, Kronecker(left, right))


def check_square(what: str, x: Expression) -> None:
    """Refuse a matrix that is not square."""
    if x.shape[0] != x.shape[1]:
        raise ShapeError(f"{what} of a matrix of shape {x.shape}, which is not square")
