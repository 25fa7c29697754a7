"""The matrix of a linear expression: df = J dx, or vec df = J vec dX.

This is the method of Magnus & Neudecker, Matrix Differential Calculus: forward mode
gives the differential, and vec(L dX R) = (Rᵀ ⊗ L) vec dX the matrix in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from wengert.errors import EngineError
from wengert.symbolic.matrices.algebra import (
    add,
    diag,
    kronecker,
    multiply,
    number,
    scale,
    split,
    transpose,
)
from wengert.symbolic.matrices.collecting import expand
from wengert.symbolic.matrices.expressions import (
    Chain,
    Commutation,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Number,
    Sum,
    Symbol,
    Trace,
    Transpose,
    Zero,
    area,
    walk,
)
from wengert.symbolic.matrices.functions import vec

__all__ = ["coefficient"]


def coefficient(x: Expression, dx: Symbol) -> Expression:
    """Give J of vec(x) = J vec(dx), for an x that is linear in dx.

    Raises
    ------
    EngineError
        If dx stands where no matrix can be taken out, such as inside of diag.
    """
    return _matrix(expand(x, dx), dx)


def _holds(x: Expression, dx: Symbol) -> bool:
    return any(one == dx for one in walk(x))


def _matrix(x: Expression, dx: Symbol) -> Expression:
    if not _holds(x, dx):
        rows, columns = area(x.shape), area(dx.shape)
        return number(0) if rows == columns == 1 else Zero((rows, columns))
    if isinstance(x, Sum):
        return add(*(_matrix(term, dx) for term in x.terms))
    value, scalars, body = split(x)
    outside = [Number(value), *(s for s in scalars if not _holds(s, dx))]
    inside = [s for s in scalars if _holds(s, dx)]
    if inside:
        around = vec(body) if body is not None else number(1)
        return multiply(*outside, around, _linear(inside[0], dx))
    assert body is not None
    return multiply(*outside, _linear(body, dx))


def _linear(x: Expression, dx: Symbol) -> Expression:
    match x:
        case Symbol():
            size = area(dx.shape)
            return Identity(size) if size != 1 else number(1)
        case Transpose(of):
            inner = _matrix(of, dx)
            return inner if 1 in of.shape else multiply(Commutation(of.shape), inner)
        case Chain(factors):
            return _around(factors, dx)
        case Hadamard(factors):
            (inner,) = (f for f in factors if _holds(f, dx))
            rest = [vec(f) for f in factors if f is not inner]
            product = rest[0] if len(rest) == 1 else Hadamard(tuple(rest))
            return multiply(diag(product), _matrix(inner, dx))
        case Trace(Chain(factors)):
            place = next(i for i, f in enumerate(factors) if _holds(f, dx))
            turned = factors[place + 1 :] + factors[:place]
            row = transpose(vec(transpose(multiply(*turned))))
            return multiply(row, _matrix(factors[place], dx))
        case Trace(of):
            row = transpose(vec(Identity(of.shape[0])))
            return multiply(row, _matrix(of, dx))
        case Sum():
            return _matrix(x, dx)
    raise EngineError(f"no matrix can be taken out of {type(x).__name__}")


def _around(factors: Sequence[Expression], dx: Symbol) -> Expression:
    """Write vec(L M R) as (Rᵀ ⊗ L) vec(M)."""
    place = next(i for i, f in enumerate(factors) if _holds(f, dx))
    inner = factors[place]
    left = _product(factors[:place], inner.shape[0])
    if isinstance(inner, Diag) and factors[-1].shape[1] == 1:
        right = multiply(*factors[place + 1 :])
        return multiply(left, diag(right), _matrix(inner.of, dx))
    right = _product(factors[place + 1 :], inner.shape[1])
    matrix = kronecker(transpose(right), left)
    return multiply(matrix, _matrix(inner, dx))


def _product(factors: Sequence[Expression], size: str | int) -> Expression:
    if factors:
        return scale(multiply(*factors))
    return number(1) if size == 1 else Identity(size)
