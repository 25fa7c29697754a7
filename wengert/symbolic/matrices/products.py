"""Products of matrices: A⁻¹A, Iv, 1ᵀ1, diag(a)b = a ∘ b are computed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from wengert.errors import ShapeError
from wengert.symbolic.matrices import entries, sums, transposes
from wengert.symbolic.matrices.expressions import (
    Apply,
    Chain,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Inverse,
    Number,
    Ones,
    Power,
    Scaled,
    Shape,
    Softmax,
    Sum,
    Symbol,
    Transpose,
    Zero,
)

__all__ = ["multiply", "outer_parts"]

_ONE = Fraction(1)


def multiply(*expressions: Expression) -> Expression:
    """Multiply matrices; a scalar may stand anywhere."""
    scalars: list[Expression] = []
    chain: list[Expression] = []
    for expression in expressions:
        coefficient, outside, body = sums.split(expression)
        scalars += [Number(coefficient), *outside]
        chain += sums.factors_of(body)
    for left, right in pairwise(chain):
        if left.shape[1] != right.shape[0]:
            raise ShapeError(f"a product of {left.shape} and {right.shape}")
    if not chain:
        return sums.scale(*scalars)
    shape: Shape = (chain[0].shape[0], chain[-1].shape[1])
    if any(isinstance(factor, Zero) for factor in chain):
        return Number(Fraction(0)) if shape == (1, 1) else Zero(shape)
    found, chain = _reduced(chain)
    scalars += found
    bodies: list[Expression] = []
    for segment in _segments(chain):
        if segment[0].shape[0] == segment[-1].shape[1] == 1:
            scalars.append(_inner_product(segment))
        else:
            bodies += segment
    if not bodies:
        if shape != (1, 1):
            scalars.append(Identity(shape[0]))
        return sums.scale(*scalars)
    body = bodies[0] if len(bodies) == 1 else Chain(tuple(bodies))
    return sums.scale(*scalars, body)


def _reduced(chain: list[Expression]) -> tuple[list[Expression], list[Expression]]:
    """Replace pairs of neighbours for as long as a rule knows one."""
    scalars: list[Expression] = []
    done: list[Expression] = []
    left = [one for factor in chain for one in _opened(factor)]
    while left:
        factor = left.pop(0)
        if isinstance(factor, Identity) and (done or left):
            continue
        made = _pair(done[-1], factor) if done else None
        if made is None:
            done.append(factor)
            continue
        done.pop()
        coefficient, outside, body = sums.split(made)
        scalars += [Number(coefficient), *outside]
        left = [*sums.factors_of(body), *left]
    return scalars, done


def _opened(factor: Expression) -> tuple[Expression, ...]:
    """Write a matrix of ones as 11ᵀ."""
    if isinstance(factor, Ones) and 1 not in factor.shape:
        return Ones((factor.shape[0], 1)), Ones((1, factor.shape[1]))
    return (factor,)


def _pair(a: Expression, b: Expression) -> Expression | None:
    """Compute a product of two neighbours, if there is something to compute."""
    if _inverts(a, b) or _inverts(b, a):
        return Identity(a.shape[0])
    if "orthogonal" in _traits(a) & _traits(b) and transposes.transpose(a) == b:
        if isinstance(a, Transpose) or a.shape[0] == a.shape[1]:
            return Identity(a.shape[0])
    if isinstance(a, Ones) and isinstance(b, Ones) and a.is_row and b.is_column:
        return sums.count_of(a.shape[1])
    if isinstance(a, Diag):
        if isinstance(b, Diag):
            return transposes.diag(entries.hadamard(a.of, b.of))
        if b.is_column:
            return entries.hadamard(a.of, b)
        return _softmax_rows(a, b)
    if isinstance(b, Diag) and a.is_row:
        return transposes.transpose(entries.hadamard(transposes.transpose(a), b.of))
    if isinstance(a, Ones) and a.is_row and b.is_column:
        return _summed(b)
    if isinstance(b, Ones) and b.is_column and a.is_row:
        return _summed(transposes.transpose(a))
    return None


def _softmax_rows(a: Diag, b: Expression) -> Expression | None:
    """Write diag(1 ⊘ exp(Z)1) exp(Z) as softmax(Z), of each row."""
    if isinstance(b, Hadamard):
        for i, one in enumerate(b.factors):
            made = _softmax_rows(a, one)
            if made is not None:
                others = [*b.factors[:i], *b.factors[i + 1 :]]
                return entries.hadamard(made, *others)
    if not (isinstance(b, Apply) and b.name == "exp"):
        return None
    total = multiply(b, Ones((b.shape[1], 1)))
    factors = a.of.factors if isinstance(a.of, Hadamard) else (a.of,)
    for factor in factors:
        base, exponent = sums.base_of(factor)
        if base == total and exponent <= -1:
            rest = entries.hadamard(a.of, total)
            return multiply(transposes.diag(rest), Softmax(b.arguments[0]))
    return None


def _inverts(a: Expression, b: Expression) -> bool:
    """Tell whether a is the inverse of b, or its transpose that of bᵀ."""
    if isinstance(a, Transpose) and isinstance(a.of, Inverse):
        return a.of.of == transposes.transpose(b)
    return isinstance(a, Inverse) and a.of == b


def _traits(x: Expression) -> frozenset[str]:
    inner = x.of if isinstance(x, Transpose) else x
    return inner.traits if isinstance(inner, Symbol) else frozenset()


def _summed(x: Expression) -> Expression | None:
    """Sum a column: 1ᵀ(a ∘ b) = aᵀb."""
    if isinstance(x, Hadamard):
        return multiply(
            transposes.transpose(x.factors[0]), entries.hadamard(*x.factors[1:])
        )
    if isinstance(x, Power) and x.exponent == 2:
        return multiply(transposes.transpose(x.base), x.base)
    if isinstance(x, Softmax) or "probability" in _traits(x):
        return Number(_ONE)
    if isinstance(x, Sum):
        ones = Ones((1, x.shape[0]))
        return sums.add(*(multiply(ones, term) for term in x.terms))
    return None


def _segments(chain: Sequence[Expression]) -> list[list[Expression]]:
    segments: list[list[Expression]] = []
    for factor in chain:
        if segments and factor.shape[0] != 1:
            segments[-1].append(factor)
        else:
            segments.append([factor])
    return segments


def _inner_product(segment: list[Expression]) -> Expression:
    """Make the scalar aᵀMb, which is also bᵀMᵀa: the first of the two in order."""
    if len(segment) == 1:
        return segment[0]
    if len(segment) == 3 and isinstance(segment[1], Hadamard | Power):
        if all(isinstance(end, Ones) for end in (segment[0], segment[2])):
            return _entry_sum(segment[1])
    one = Chain(tuple(segment))
    other = Chain(tuple(transposes.transpose(factor) for factor in reversed(segment)))
    if isinstance(one.factors[0], Ones):
        return one
    if isinstance(other.factors[0], Ones):
        return other
    opened = any(isinstance(factor, Chain | Scaled) for factor in other.factors)
    return one if opened or one.key <= other.key else other


def _entry_sum(x: Hadamard | Power) -> Expression:
    """Sum the entries of a matrix: 1ᵀ(X ∘ Y)1 = tr(XᵀY)."""
    if isinstance(x, Hadamard):
        return transposes.trace(
            multiply(
                transposes.transpose(x.factors[0]), entries.hadamard(*x.factors[1:])
            )
        )
    if x.exponent == 2:
        return transposes.trace(multiply(transposes.transpose(x.base), x.base))
    return Chain((Ones((1, x.shape[0])), x, Ones((x.shape[1], 1))))


def outer_parts(factor: Expression) -> tuple[Expression, Expression] | None:
    """Write a matrix as column times row, if that is how it is made."""
    if 1 in factor.shape or not isinstance(factor, Chain):
        return None
    segments = _segments(factor.factors)
    if len(segments) != 2:
        return None
    return multiply(*segments[0]), multiply(*segments[1])
