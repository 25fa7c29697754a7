"""Power series, coefficient by coefficient, and the Taylor rules that stand by hand.

Law: a rule gives the coefficients 1, 2, … of y(t), each from lower ones of y and from
those of the inputs up to its own; so series that depend on each other grow together.
A row needs a rule of its own where the one that follows from its derivative
(transforms/recurrences.py) would not close, or would cost more.

References
----------
Griewank & Walther (2008), Evaluating Derivatives, ch. 13.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from wengert.errors import WengertError
from wengert.graph.primitive import PRIMITIVES
from wengert.primitives.nans import may_have_nan

__all__ = [
    "Coefficients",
    "Slot",
    "add_terms",
    "cauchy",
    "divide_taylor",
    "fixed",
    "multiply_taylor",
    "of_equation",
    "of_product",
    "of_system",
    "of_toeplitz",
    "power_taylor",
    "product",
    "surely_nowhere",
]

Steps = Iterator[Any]
# Powers up to this one are made of products, which are exact at 0.
_LARGEST = 64


class Coefficients:
    """The coefficients of a series, each computed when it is asked for.

    Attributes
    ----------
    value : array, NumPy scalar or Tracer
        Has the shape and dtype of all of them; the coefficient 0, where that is not
        None.
    moves : bool
        Whether a coefficient after 0 may be other than zero.
    """

    __slots__ = ("_known", "_steps", "moves", "value")

    def __init__(
        self, value: Any, known: Sequence[Any], steps: Steps | None = None
    ) -> None:
        self.value = value
        self._known = list(known)
        self._steps = steps
        self.moves = steps is not None or any(c is not None for c in self._known[1:])

    def follow(self, steps: Steps) -> None:
        """Take the further coefficients from an iterator, which may ask for these."""
        self._steps = steps
        self.moves = True

    def __getitem__(self, k: int) -> Any:
        known = self._known
        if self._steps is None:
            return known[k] if k < len(known) else None
        while len(known) <= k:
            known.append(next(self._steps))
        return known[k]


class Slot:
    """The coefficients of one output of a row that has several."""

    __slots__ = ("_place", "_whole", "value")
    moves = True

    def __init__(self, whole: Coefficients, place: int) -> None:
        self._whole, self._place = whole, place
        self.value = whole.value[place]

    def __getitem__(self, k: int) -> Any:
        found = self._whole[k]
        return None if found is None else found[self._place]


def fixed(value: Any) -> Coefficients:
    """Make the series of a constant."""
    return Coefficients(value, [value])


# ----- sums and products of coefficients -----


def product(x: Any, y: Any) -> Any:
    """Multiply coefficients; a zero wins over inf and nan, as it does in a jvp."""
    if hasattr(type(x), "__wengert_bind__") or hasattr(type(y), "__wengert_bind__"):
        return PRIMITIVES["scale"](x, y)
    z = x * y
    undefined = may_have_nan(z) if type(z) is np.ndarray else z != z
    return PRIMITIVES["scale"](x, y) if undefined else z


def add_terms(terms: Iterator[Any]) -> Any:
    """Add coefficients; None where there are none."""
    total = None
    for term in terms:
        if term is not None:
            total = term if total is None else total + term
    return total


def cauchy(
    x: Any,
    y: Any,
    k: int,
    start: int = 0,
    times: Callable[[Any, Any], Any] = product,
) -> Any:
    """Give Σ xⱼ·yₖ₋ⱼ over j = start … k; None for zero."""
    if not x.moves:
        pairs = [(x[0], y[k])] if start == 0 else []
    elif not y.moves:
        pairs = [(x[k], y[0])]
    else:
        # In the order of j: coefficients are asked for from the lowest.
        pairs = [(x[j], y[k - j]) for j in range(start, k + 1)]
    return add_terms(times(a, b) for a, b in pairs if a is not None and b is not None)


def _quotient(x: Any, y: Any) -> Any:
    return None if x is None else x / y


def _difference(x: Any, y: Any) -> Any:
    if y is None:
        return x
    return -y if x is None else x - y


# ----- products, quotients, powers -----


def multiply_taylor(_y: Any, x: Sequence[Any], _order: int) -> Steps:
    """Give the Cauchy product."""
    for k in itertools.count(1):
        yield cauchy(x[0], x[1], k)


def divide_taylor(z: Any, x: Sequence[Any], _order: int) -> Steps:
    """Solve y z = x: y₀ zₖ = xₖ − Σ yⱼ zₖ₋ⱼ over j = 1 … k."""
    top, below = x
    for k in itertools.count(1):
        rest = cauchy(below, z, k, 1) if below.moves else None
        yield _quotient(_difference(top[k], rest), below[0])


def power_taylor(z: Any, x: Sequence[Any], order: int) -> Steps | None:
    """Give the series of x**y.

    An integer power is a product, exact at x = 0 too. Otherwise z = x**y solves
    x z' = a z x', for y = a constant, or z' = z (y·ln x)'. At x = 0 these divide by
    zero, and None leaves it to the chain of derivatives.
    """
    base, exponent = x
    number = exponent.value
    if (
        not exponent.moves
        and getattr(number, "shape", ()) == ()
        and not _traced(number)
    ):
        whole = number.real if isinstance(number, complex) else number
        if whole == number and 0 <= whole <= _LARGEST and whole == int(whole):
            return _product_of_powers(base, int(whole), order)
    if not surely_nowhere(base.value == 0):
        return None
    if not exponent.moves:
        return _power_steps(z, base, number)
    return _exponential_steps(z, base, exponent, order)


def surely_nowhere(condition: Any) -> bool:
    """Tell whether a condition holds nowhere; in a Graph, the answer is a guard.

    Where there is no value to ask for, in the body of a loop, it may hold.
    """
    try:
        return not bool(np.any(condition))
    except WengertError:
        return False


def _traced(x: Any) -> bool:
    return hasattr(type(x), "__wengert_bind__")


def _product_of_powers(base: Any, n: int, order: int) -> Steps:
    """Multiply squares of squares."""
    square, result = base, None
    while n:
        if n % 2:
            result = square if result is None else _times(result, square, order)
        n //= 2
        if n:
            square = _times(square, square, order)
    for k in itertools.count(1):
        yield None if result is None else result[k]


def _times(x: Any, y: Any, order: int) -> Coefficients:
    value = x.value * y.value
    return Coefficients(value, [value], multiply_taylor(None, (x, y), order))


def _power_steps(z: Any, x: Any, a: Any) -> Steps:
    """Give zₖ = Σ (a j − (k − j)) xⱼ zₖ₋ⱼ / (k x₀) over j = 1 … k."""
    for k in itertools.count(1):
        terms = (
            product((a * j - (k - j)) * x[j], z[k - j])
            for j in range(1, k + 1)
            if x[j] is not None and z[k - j] is not None
        )
        yield _quotient(add_terms(terms), k * x[0])


def _exponential_steps(z: Any, x: Any, y: Any, order: int) -> Steps:
    """Give zₖ = Σ j eⱼ zₖ₋ⱼ / k over j = 1 … k, for e = y·ln x."""
    log = np.log(np.asarray(x.value)[()] if not _traced(x.value) else x.value)
    logarithm = Coefficients(log, [log])
    logarithm.follow(_logarithm_steps(x, logarithm))
    e = _times(y, logarithm if x.moves else fixed(log), order)
    for k in itertools.count(1):
        terms = (
            product(j * e[j], z[k - j])
            for j in range(1, k + 1)
            if e[j] is not None and z[k - j] is not None
        )
        yield _quotient(add_terms(terms), k)


def _logarithm_steps(x: Any, own: Coefficients) -> Steps:
    """Give x₀ lₖ = xₖ − Σ j lⱼ xₖ₋ⱼ / k over j = 1 … k − 1."""
    for k in itertools.count(1):
        terms = (
            product(j * own[j], x[k - j])
            for j in range(1, k)
            if own[j] is not None and x[k - j] is not None
        )
        rest = _quotient(add_terms(terms), k)
        yield _quotient(_difference(x[k], rest), x[0])


# ----- linear systems, functions of matrices -----


def of_system(name: str, read: Callable[..., Any] = lambda a, **_: a) -> Any:
    """Make the rule of a row that solves A y = b: A₀ yₖ = bₖ − Σ Aⱼ yₖ₋ⱼ, j = 1 … k.

    Parameters
    ----------
    name : str
        The row's.
    read : callable
        `(a, **params)`: what the row reads of a matrix.
    """

    def rule(y: Any, x: Sequence[Any], _order: int, **params: Any) -> Steps:
        a, b = x

        def times(a_j: Any, y_j: Any) -> Any:
            return read(a_j, **params) @ y_j

        for k in itertools.count(1):
            rest = cauchy(a, y, k, 1, times) if a.moves else None
            change = _difference(b[k], rest)
            yield None if change is None else PRIMITIVES[name](a[0], change, **params)

    return rule


def of_equation(name: str) -> Any:
    """Make the rule of a row that solves A y = b, A being linear in its other inputs.

    b is the last of these. What the pushforward makes of changes Aⱼ where y is yₖ₋ⱼ,
    −A₀⁻¹ Aⱼ yₖ₋ⱼ, are the terms of yₖ: a solution for each Aⱼ that is not zero.
    """

    def rule(y: Any, x: Sequence[Any], _order: int, **params: Any) -> Steps:
        row: Any = PRIMITIVES[name]
        values, (*left, b) = tuple(s.value for s in x), x

        def term(j: int, k: int) -> Any:
            changes = (*(s[j] for s in left), b[k] if j == k else None)
            if y[k - j] is None or all(c is None for c in changes):
                return None
            return row.jvp(y[k - j], values, changes, **params)

        for k in itertools.count(1):
            yield add_terms(term(j, k) for j in range(1, k + 1))

    return rule


def of_product(name: str, left: int, right: int) -> Any:
    """Make the rule of a row that is linear in each of two of its inputs."""

    def rule(_y: Any, x: Sequence[Any], _order: int, **params: Any) -> Steps:
        values = [s.value for s in x]

        def times(a: Any, b: Any) -> Any:
            values[left], values[right] = a, b
            return PRIMITIVES[name](*values, **params)

        for k in itertools.count(1):
            yield cauchy(x[left], x[right], k, 0, times)

    return rule


def of_toeplitz(name: str) -> Any:
    """Make the rule of an analytic function of matrices.

    Coefficients of f(A(t)) stand in the first column of f(T), where T is the block
    Toeplitz matrix of those of A(t): T is to sums and products what A(t) is (Higham,
    2008, section 1.2, for scalars A(t)). The coefficients are brought to the size of
    A₀ before, by the choice of a unit of t, and back after. One value of f at a matrix
    order + 1 times as large.
    """

    def rule(_y: Any, x: Sequence[Any], order: int, **params: Any) -> Steps:
        (a,) = x
        n = a.value.shape[-1]
        column = [a[0], *(_or_zeros(a[k], a.value) for k in range(1, order + 1))]
        unit = _unit(column)
        scaled = [c * unit**-k for k, c in enumerate(column)]
        nothing = np.zeros(a.value.shape, a.value.dtype)
        rows = [
            np.concatenate([*scaled[k::-1], *[nothing] * (order - k)], -1)
            for k in range(order + 1)
        ]
        found = PRIMITIVES[name](np.concatenate(rows, -2), **params)
        for k in range(1, order + 1):
            yield found[..., k * n : (k + 1) * n, :n] * unit**k

    return rule


def _or_zeros(c: Any, like: Any) -> Any:
    return np.zeros(like.shape, like.dtype) if c is None else c


def _unit(column: Sequence[Any]) -> Any:
    """Give the largest (|Aₖ| / |A₀|)**(1/k), matrix by matrix; 1 where all are zero."""
    sizes = [np.max(np.abs(c), axis=(-2, -1), keepdims=True) for c in column]
    first = np.where(sizes[0] == 0, 1, sizes[0])
    unit = 0.0 * first
    for k, size in enumerate(sizes[1:], 1):
        ratio = size / first
        root = np.where(ratio == 0, 1, ratio) ** (1 / k)
        unit = np.maximum(unit, np.where(ratio == 0, 0, root))
    return np.where(unit == 0, 1, unit).astype(column[0].dtype)
