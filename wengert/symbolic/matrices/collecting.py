"""Expand products of sums, take out common factors, and choose what is shorter.

`simplify(Ax + Aᵀx)` is (A + Aᵀ)x. An expression is read as it was made, and expanded;
of the two, factored, that with fewer symbols is given.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

from wengert.symbolic.matrices.algebra import (
    add,
    factors_of,
    hadamard,
    magnitude,
    multiply,
    power,
    split,
)
from wengert.symbolic.matrices.expressions import (
    Chain,
    Expression,
    Hadamard,
    Identity,
    Number,
    Power,
    Scaled,
    Sum,
    Value,
    walk,
)
from wengert.symbolic.matrices.functions import norm_of, rebuild

__all__ = ["expand", "factor", "simplify"]

# More terms than these are not easier to read than the product.
_MAX_TERMS = 24


def simplify(x: Expression) -> Expression:
    """Give the shortest form found."""
    forms = [factor(x)]
    expanded = expand(x)
    for _ in range(3):
        again = expand(expanded)
        if again == expanded:
            break
        expanded = again
    forms.append(factor(expanded))
    forms.append(factor(expand(forms[-1])))
    return min(forms, key=_cost)


def _cost(x: Expression) -> int:
    signs = sum(isinstance(s, Sum) and _is_negative(s) for s in walk(x))
    return 2 * x.weight + signs


def _is_negative(x: Sum) -> bool:
    return all(split(term)[0] < 0 for term in x.terms)


def expand(x: Expression, around: Expression | None = None) -> Expression:
    """Multiply sums out: all but norms, or only those in which a symbol stands."""
    if not x.parts or norm_of(x) is not None:
        return x
    if around is not None and around not in walk(x):
        return x
    x = rebuild(x, lambda part: expand(part, around))
    match x:
        case Scaled(coefficient, scalars, body):
            parts = [*scalars, *factors_of(body)]
            join = functools.partial(multiply, Number(coefficient))
            return _distributed(parts, join, x, around)
        case Chain(factors):
            return _distributed(factors, multiply, x, around)
        case Hadamard(factors):
            return _distributed(factors, hadamard, x, around)
    return x


def _distributed(
    parts: Sequence[Expression],
    join: Callable[..., Expression],
    x: Expression,
    around: Expression | None,
) -> Expression:
    choices = [
        part.terms
        if isinstance(part, Sum) and (around is None or around in walk(part))
        else (part,)
        for part in parts
    ]
    count = math.prod(map(len, choices))
    if count == 1 or count > _MAX_TERMS:
        return x
    return add(*(join(*chosen) for chosen in product(*choices)))


def factor(x: Expression) -> Expression:
    """Take common factors out of sums, everywhere inside."""
    if not x.parts:
        return x
    x = rebuild(x, factor)
    return _factored(x) if isinstance(x, Sum) else x


def _factored(x: Sum) -> Expression:
    coefficient, scalars, terms = _without_common(x.terms)
    grouped = _grouped(terms)
    return multiply(Number(coefficient), *scalars, grouped)


def _without_common(
    terms: Sequence[Expression],
) -> tuple[Value, list[Expression], list[Expression]]:
    """Take out a number and scalars that all terms have."""
    parts = [split(term) for term in terms]
    first = parts[0][0]
    common: Value = Fraction(1)
    if all(magnitude(one[0]) == magnitude(first) for one in parts):
        common = magnitude(first)
    if all(one[0] < 0 for one in parts):
        common = -common
    shared = [] if parts[0][2] is None else _shared_scalars([one[1] for one in parts])
    inverted = [power(scalar, Fraction(-1)) for scalar in shared]
    rest = [
        multiply(
            Number(number / common),
            *scalars,
            *inverted,
            *([body] if body is not None else []),
        )
        for number, scalars, body in parts
    ]
    return common, shared, rest


def _shared_scalars(
    lists: Sequence[Sequence[Expression]],
) -> list[Expression]:
    """Find the powers of scalars that all terms have."""
    tables = [
        dict(
            (one.base, one.exponent) if isinstance(one, Power) else (one, Fraction(1))
            for one in scalars
        )
        for scalars in lists
    ]
    shared = []
    for base in tables[0]:
        exponents = [table.get(base, Fraction(0)) for table in tables]
        if all(e > 0 for e in exponents) or all(e < 0 for e in exponents):
            shared.append(power(base, min(exponents, key=magnitude)))
    return shared


def _grouped(terms: Sequence[Expression]) -> Expression:
    """Join terms whose products begin or end alike, most terms first."""
    best: tuple[int, int, list[int]] | None = None
    for end in (-1, 0):
        groups: dict[Expression, list[int]] = {}
        for i, term in enumerate(terms):
            matrices = factors_of(split(term)[2])
            if matrices and not isinstance(matrices[end], Identity):
                groups.setdefault(matrices[end], []).append(i)
        for members in groups.values():
            if len(members) > 1 and (best is None or len(members) > best[0]):
                best = (len(members), end, members)
    if best is None:
        return _grouped_entries(terms)
    _, end, members = best
    shared = factors_of(split(terms[members[0]])[2])[end]
    inside = [_rest(terms[i], end) for i in members]
    inner = add(*inside)
    if isinstance(inner, Sum):
        inner = _factored(inner)
    joined = multiply(inner, shared) if end == -1 else multiply(shared, inner)
    others = [term for i, term in enumerate(terms) if i not in members]
    if not others:
        return joined
    rest = add(*others)
    return add(joined, _factored(rest) if isinstance(rest, Sum) else rest)


def _rest(term: Expression, end: int) -> Expression:
    """Give a product without its first or last matrix."""
    number, scalars, body = split(term)
    matrices = factors_of(body)
    kept = matrices[:-1] if end == -1 else matrices[1:]
    shared = matrices[end]
    size = shared.shape[0] if end == -1 else shared.shape[1]
    left = list(kept) if kept else [Identity(size)] if size != 1 else []
    return multiply(Number(number), *scalars, *left)


def _grouped_entries(terms: Sequence[Expression]) -> Expression:
    """Take out a factor that all terms have, entry by entry."""
    parts = [split(term) for term in terms]
    lists = [
        list(body.factors) if isinstance(body, Hadamard) else [body]
        for _, _, body in parts
    ]
    if any(one is None for among in lists for one in among) or len(terms) < 2:
        return add(*terms)
    shared = [one for one in lists[0] if all(one in among for among in lists)]
    if not shared or any(len(among) <= len(shared) for among in lists):
        return add(*terms)
    inner = []
    for (number, scalars, _), among in zip(parts, lists, strict=True):
        kept = [one for one in among if one is not None and one not in shared]
        inner.append(hadamard(Number(number), *scalars, *kept))
    return hadamard(*[one for one in shared if one is not None], add(*inner))
