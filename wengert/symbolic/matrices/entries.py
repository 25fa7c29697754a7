"""Entry by entry: products, powers and functions; σ, softmax and (uwᵀ) ∘ X."""

from __future__ import annotations

from fractions import Fraction

from wengert.symbolic.matrices import products, sums, transposes
from wengert.symbolic.matrices.expressions import (
    Apply,
    Chain,
    Diag,
    Expression,
    Hadamard,
    Identity,
    Number,
    Ones,
    Power,
    Scaled,
    Shape,
    Softmax,
    Sum,
    Transpose,
    Value,
    Zero,
)

__all__ = ["apply", "hadamard", "power", "softmax"]

_ONE = Fraction(1)
_HALF = Fraction(1, 2)


def hadamard(*expressions: Expression) -> Expression:
    """Multiply entry by entry; a scalar goes with all entries."""
    scalars: list[Expression] = []
    factors: list[Expression] = []
    for expression in expressions:
        coefficient, outside, body = sums.split(expression)
        scalars += [Number(coefficient), *outside]
        if isinstance(body, Hadamard):
            factors += body.factors
        elif body is not None:
            factors.append(body)
    if not factors:
        return sums.scale(*scalars)
    shape = factors[0].shape
    for factor in factors:
        sums.check_shapes("∘", shape, factor.shape)
    if any(isinstance(factor, Zero) for factor in factors):
        return Zero(shape)
    if shape[0] == 1:
        return sums.scale(
            *scalars,
            transposes.transpose(hadamard(*map(transposes.transpose, factors))),
        )
    return sums.scale(*scalars, _entrywise(factors, shape))


def _entrywise(factors: list[Expression], shape: Shape) -> Expression:
    for i, factor in enumerate(factors):
        outer = products.outer_parts(factor)
        if outer and len(factors) > 1:
            rest = hadamard(*factors[:i], *factors[i + 1 :])
            return products.multiply(
                transposes.diag(outer[0]),
                rest,
                transposes.diag(transposes.transpose(outer[1])),
            )
        if isinstance(factor, Diag | Identity) and len(factors) > 1:
            rest = hadamard(*factors[:i], *factors[i + 1 :])
            columns = transposes.diag_of(rest), transposes.diag_of(factor)
            return transposes.diag(hadamard(*columns))
        if isinstance(factor, Chain) and len(factors) > 1:
            first, *inner, last = factor.factors
            others = [*factors[:i], *factors[i + 1 :]]
            if isinstance(first, Diag):
                matrix = products.multiply(*inner, last)
                return products.multiply(first, hadamard(matrix, *others))
            if isinstance(last, Diag):
                matrix = products.multiply(first, *inner)
                return products.multiply(hadamard(matrix, *others), last)
    powers: dict[Expression, Value] = {}
    for factor in factors:
        base, exponent = sums.base_of(factor)
        powers[base] = powers.get(base, Fraction(0)) + exponent
    _note_sigmoid(powers)
    _turn_sigmoid(powers)
    merged = [power(base, n) for base, n in powers.items() if n != 0]
    merged = [one for one in merged if not isinstance(one, Ones)]
    if any(sums.split(one)[0] != 1 or isinstance(one, Hadamard) for one in merged):
        return hadamard(*merged)
    if all(isinstance(one, Transpose) for one in merged) and merged:
        return transposes.transpose(hadamard(*map(transposes.transpose, merged)))
    merged.sort(key=lambda one: one.key)
    if not merged:
        return Ones(shape)
    return merged[0] if len(merged) == 1 else Hadamard(tuple(merged))


def _note_sigmoid(powers: dict[Expression, Value]) -> None:
    """Write exp(z)/(1 + exp(z)) as σ(z)."""
    for base, exponent in list(powers.items()):
        if isinstance(base, Sum) and exponent <= -1 and len(base.terms) == 2:
            one, other = base.terms
            if _is_one(one) and isinstance(other, Apply) and other.name == "exp":
                if powers.get(other, 0) >= 1:
                    powers[base] = exponent + 1
                    powers[other] -= 1
                    sigmoid = apply("σ", other.arguments[0])
                    powers[sigmoid] = powers.get(sigmoid, Fraction(0)) + 1


def _turn_sigmoid(powers: dict[Expression, Value]) -> None:
    """Write exp(z)σ(−z) as σ(z)."""
    for base, exponent in list(powers.items()):
        if isinstance(base, Apply) and base.name == "σ" and exponent >= 1:
            flipped = sums.negate(base.arguments[0])
            growth = apply("exp", flipped)
            if powers.get(growth, 0) >= 1:
                powers[base] = exponent - 1
                powers[growth] -= 1
                made = apply("σ", flipped)
                powers[made] = powers.get(made, Fraction(0)) + 1


def _is_one(x: Expression) -> bool:
    return isinstance(x, Ones) or x == Number(_ONE)


def power(base: Expression, exponent: Value) -> Expression:
    """Raise every entry to a power."""
    if exponent == 1:
        return base
    if exponent == 0:
        return Ones(base.shape) if not base.is_scalar else Number(_ONE)
    match base:
        case Ones():
            return base
        case Number(value) if exponent == int(exponent) and value != 0:
            return sums.number(value ** int(exponent))
        case Number(value) if value > 0:
            return sums.number(float(value) ** float(exponent))
        case Power(inner, first) if exponent == int(exponent) or first == _HALF:
            return power(inner, first * exponent)
        case Scaled(coefficient, scalars, body):
            if exponent == int(exponent) or (coefficient > 0 and not scalars):
                raised = [power(x, exponent) for x in (*scalars, body) if x is not None]
                return hadamard(power(Number(coefficient), exponent), *raised)
        case Hadamard(factors) if exponent == int(exponent):
            return hadamard(*(power(factor, exponent) for factor in factors))
        case Transpose(of):
            return transposes.transpose(power(of, exponent))
        case Apply("exp", (inner,)):
            return apply("exp", sums.scale(sums.number(exponent), inner))
        case Chain() if (outer := products.outer_parts(base)) and exponent == int(
            exponent
        ):
            return products.multiply(*(power(x, exponent) for x in outer))
        case Sum((one, Apply("exp", (inner,)))) if exponent == -1 and _is_one(one):
            return apply("σ", sums.negate(inner))
    if base.is_row:
        return transposes.transpose(power(transposes.transpose(base), exponent))
    return Power(base, exponent)


def apply(name: str, *arguments: Expression) -> Expression:
    """Apply a function to every entry."""
    if name == "exp" and len(arguments) == 1:
        known = _exponential(arguments[0])
        if known is not None:
            return known
    arrays = [x for x in arguments if not x.is_scalar]
    if arrays and (
        arrays[0].is_row or all(isinstance(array, Transpose) for array in arrays)
    ):
        columns = (x if x.is_scalar else transposes.transpose(x) for x in arguments)
        return transposes.transpose(apply(name, *columns))
    return Apply(name, arguments)


def _exponential(x: Expression) -> Expression | None:
    """Compute exp of zero, of a logarithm, of −log(1 + exp(z))."""
    coefficient, scalars, body = sums.split(x)
    inner = body if body is not None and not scalars else None
    if body is None and len(scalars) == 1:
        inner = scalars[0]
    if isinstance(x, Zero):
        return Ones(x.shape)
    if isinstance(inner, Apply):
        if inner.name == "log":
            return power(inner.arguments[0], coefficient)
        if inner.name == "logaddexp" and coefficient == -1:
            zero, other = inner.arguments
            if isinstance(other, Zero | Number):
                zero, other = other, zero
            if isinstance(zero, Zero) or zero == Number(Fraction(0)):
                return apply("σ", sums.negate(other))
    return None


def softmax(z: Expression) -> Expression:
    """Give exp(z)/1ᵀexp(z), which a constant added to z does not change."""
    if isinstance(z, Sum):
        kept = [t for t in z.terms if not isinstance(sums.split(t)[2], Ones)]
        if len(kept) < len(z.terms) and kept:
            return softmax(sums.add(*kept))
    return Softmax(z)
