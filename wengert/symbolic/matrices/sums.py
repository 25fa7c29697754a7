"""Numbers, scalars before matrices, and sums whose like terms are one term."""

from __future__ import annotations

from fractions import Fraction

from wengert.errors import ShapeError
from wengert.symbolic.matrices import entries, products, transposes
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
    Size,
    Sum,
    Transpose,
    Value,
    Zero,
)

__all__ = [
    "add",
    "base_of",
    "check_shapes",
    "count_of",
    "factors_of",
    "magnitude",
    "negate",
    "number",
    "scale",
    "split",
    "subtract",
]

Split = tuple[Value, tuple[Expression, ...], Expression | None]

_ONE = Fraction(1)


def number(value: float | Fraction) -> Number:
    """Make a number: a fraction where the float is a short one."""
    if isinstance(value, Fraction | int):
        return Number(Fraction(value))
    short = Fraction(value).limit_denominator(1000) if abs(value) < 1e12 else None
    return Number(short if short is not None and float(short) == value else value)


def split(expression: Expression) -> Split:
    """Take an expression apart into number, scalars, and matrix."""
    match expression:
        case Number(value):
            return value, (), None
        case Scaled(coefficient, scalars, body):
            return coefficient, scalars, body
    if expression.is_scalar:
        return _ONE, (expression,), None
    return _ONE, (), expression


def factors_of(body: Expression | None) -> tuple[Expression, ...]:
    """Give the matrices of a product, in their order."""
    if body is None:
        return ()
    return body.factors if isinstance(body, Chain) else (body,)


def scale(*expressions: Expression) -> Expression:
    """Multiply scalars and at most one matrix."""
    coefficient: Value = _ONE
    powers: dict[Expression, Value] = {}
    body: Expression | None = None
    for expression in expressions:
        one, scalars, matrix = split(expression)
        coefficient = coefficient * one
        body = matrix if body is None else body
        for scalar in scalars:
            base, exponent = base_of(scalar)
            powers[base] = powers.get(base, Fraction(0)) + exponent
    if coefficient == 0:
        return Zero(body.shape) if body is not None else Number(Fraction(0))
    made = body if body is None else _normalised(powers, body)
    outside = tuple(
        base if exponent == 1 else Power(base, exponent)
        for base, exponent in sorted(powers.items(), key=lambda item: item[0].key)
        if exponent != 0
    )
    if made is not None and made is not body:
        return scale(Number(coefficient), *outside, made)
    return _scaled(coefficient, outside, body)


def _scaled(
    coefficient: Value, scalars: tuple[Expression, ...], body: Expression | None
) -> Expression:
    if isinstance(body, Zero):
        return body
    if body is None and not scalars:
        return Number(coefficient)
    if coefficient == 1 and not scalars and body is not None:
        return body
    if coefficient == 1 and body is None and len(scalars) == 1:
        return scalars[0]
    return Scaled(coefficient, scalars, body)


def base_of(expression: Expression) -> tuple[Expression, Value]:
    """Give base and exponent of a power; of all else, itself and 1."""
    if isinstance(expression, Power):
        return expression.base, expression.exponent
    return expression, _ONE


def _normalised(powers: dict[Expression, Value], body: Expression) -> Expression:
    """Write exp(z)/1ᵀexp(z) as softmax(z), wherever exp(z) stands in a product."""
    factors = list(factors_of(body))
    for i, factor in enumerate(factors):
        flipped = isinstance(factor, Transpose)
        inner = factor.of if isinstance(factor, Transpose) else factor
        among = list(inner.factors) if isinstance(inner, Hadamard) else [inner]
        for j, one in enumerate(among):
            total = _total(one)
            if total is not None and powers.get(total, 0) <= -1:
                powers[total] += 1
                assert isinstance(one, Apply)
                among[j] = entries.softmax(one.arguments[0])
                made = entries.hadamard(*among)
                factors[i] = transposes.transpose(made) if flipped else made
                return _normalised(powers, products.multiply(*factors))
    return body


def _total(one: Expression) -> Expression | None:
    if isinstance(one, Apply) and one.name == "exp" and one.is_column:
        return products.multiply(Ones((1, one.shape[0])), one)
    return None


def negate(x: Expression) -> Expression:
    """Give −x."""
    return scale(Number(Fraction(-1)), x)


def subtract(x: Expression, y: Expression) -> Expression:
    """Give x − y."""
    return add(x, negate(y))


def add(*expressions: Expression) -> Expression:
    """Add, and collect like terms."""
    shape = expressions[0].shape
    collected: dict[tuple[tuple[Expression, ...], Expression | None], Value] = {}
    for expression in expressions:
        check_shapes("+", shape, expression.shape)
        terms = expression.terms if isinstance(expression, Sum) else (expression,)
        for term in terms:
            if not isinstance(term, Zero):
                coefficient, scalars, body = split(term)
                like = (scalars, body)
                collected[like] = collected.get(like, Fraction(0)) + coefficient
    made = [
        _scaled(coefficient, *like)
        for like, coefficient in collected.items()
        if coefficient != 0
    ]
    made = _diagonals_joined(made)
    if not made:
        return Number(Fraction(0)) if shape == (1, 1) else Zero(shape)
    made.sort(key=lambda term: (split(term)[0] < 0, _rank(term), term.key))
    return made[0] if len(made) == 1 else Sum(tuple(made))


def _diagonals_joined(terms: list[Expression]) -> list[Expression]:
    """Write I − diag(v) as diag(1 − v)."""
    bodies = [split(term)[2] for term in terms]
    if not any(isinstance(body, Diag) for body in bodies):
        return terms
    diagonal: list[Expression] = []
    others: list[Expression] = []
    for term, body in zip(terms, bodies, strict=True):
        coefficient, scalars, _ = split(term)
        if isinstance(body, Diag):
            diagonal.append(scale(Number(coefficient), *scalars, body.of))
        elif isinstance(body, Identity):
            ones = Ones((body.shape[0], 1))
            diagonal.append(scale(Number(coefficient), *scalars, ones))
        else:
            others.append(term)
    joined = transposes.diag(add(*diagonal))
    return others if isinstance(joined, Zero) else [joined, *others]


def _rank(term: Expression) -> int:
    """Put numbers and ones first, then what is short."""
    return 0 if isinstance(term, Number | Ones) else 1


def magnitude(value: Value) -> Value:
    """Give a number without its sign."""
    return value if value >= 0 else -value


def count_of(size: str | int) -> Expression:
    """Make the scalar that a size is."""
    return Size(size) if isinstance(size, str) else Number(Fraction(size))


def check_shapes(sign: str, one: Shape, other: Shape) -> None:
    """Refuse two shapes that differ."""
    if one != other:
        raise ShapeError(f"matrices of shapes {one} and {other} around {sign}")
