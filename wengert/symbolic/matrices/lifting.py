"""A Graph of arrays as matrix expressions, equation by equation.

A vector is a column: `x @ A` of a vector x is Aᵀx. A number that is a size, as in a
mean, becomes the size's name. What no matrix stands for is refused, with the user's
line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from wengert.errors import EngineError
from wengert.graph import Atom, Elementwise, Equation, Graph, Literal, Var
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
    subtract,
    transpose,
)
from wengert.symbolic.matrices.expressions import (
    Expression,
    Identity,
    Max,
    Ones,
    Shape,
    Size,
    Symbol,
    Zero,
)
from wengert.symbolic.matrices.functions import det, logdet
from wengert.symbolic.matrices.subscripts import contract

__all__ = ["Lifted", "lift"]

# A number below is a number, never one that is made of sizes.
_SMALLEST = 12

Rule = Callable[["Lifted", Equation, Sequence[Expression]], Any]

_RULES: dict[str, Rule] = {}
_COMPARISONS = frozenset(
    "less less_equal greater greater_equal equal not_equal logical_and logical_or "
    "logical_not bitwise_and bitwise_or sign floor ceil rint trunc".split()
)


class Lifted:
    """A Graph, and the expression that each of its values is.

    Attributes
    ----------
    values : dict
        Var → Expression.
    constants : dict
        Name → captured array that is a symbol of its own.
    """

    def __init__(self, graph: Graph, sizes: Mapping[int, str], by_name: bool) -> None:
        self.graph, self.sizes, self.by_name = graph, sizes, by_name
        self.values: dict[Var, Expression] = {}
        self.constants: dict[str, Any] = {}
        self.source: Any = None

    def outputs(self) -> list[Expression]:
        """Give the expressions of the outputs."""
        return [self.read(atom) for atom in self.graph.outputs]

    def read(self, atom: Atom) -> Expression:
        """Give the expression of a var or of a number."""
        if isinstance(atom, Literal):
            return self.scalar(float(atom.value))
        return self.values[atom]

    def size(self, n: int) -> str | int:
        """Name a size."""
        return self.sizes.get(n, n)

    def shape(self, shape: Sequence[int]) -> Shape:
        """Give the shape of the matrix that stands for an array."""
        if len(shape) > 2:
            raise self.refused(f"an array of {len(shape)} axes")
        rows, columns = (*shape, 1, 1)[:2]
        return self.size(rows), self.size(columns)

    def refused(self, what: str) -> EngineError:
        """Make the error for what no matrix stands for."""
        at = f", at {self.source}" if self.source else ""
        return EngineError(f"no matrix expression stands for {what}{at}")

    def scalar(self, value: float) -> Expression:
        """Write a number; one that is made of sizes is written with their names."""
        if not np.isfinite(value):
            raise self.refused(f"the number {value}")
        plain = number(value)
        short = plain.value
        if not self.by_name or (
            isinstance(short, Fraction)
            and max(abs(short.numerator), short.denominator) < _SMALLEST
        ):
            return plain
        for (n, factor), power_ in product(self._monomials(), (1, -1)):
            rest = Fraction(value / n**power_).limit_denominator(8)
            if rest != 0 and abs(rest) <= 8:
                if abs(float(rest) * n**power_ - value) < 1e-13 * abs(value):
                    return scale(number(rest), power(factor, Fraction(power_)))
        return plain

    def _monomials(self) -> list[tuple[int, Expression]]:
        one: list[tuple[int, Expression]] = [
            (n, Size(name)) for n, name in self.sizes.items()
        ]
        less = [(n - 1, subtract(x, number(1))) for n, x in one]
        single = one + less
        return single + [
            (n * m, scale(x, y)) for (n, x), (m, y) in product(single, single)
        ]

    def constant(self, array: Any) -> Expression:
        """Write a captured array: ones, the identity, or a symbol."""
        array = np.asarray(array)
        shape = self.shape(array.shape)
        if array.size and np.all(array == array.flat[0]):
            if array.flat[0] == 0 and shape != (1, 1):
                return Zero(shape)
            factor = self.scalar(float(array.flat[0]))
            return scale(factor, Ones(shape)) if shape != (1, 1) else factor
        if array.ndim == 2 and len(array) == array.shape[1]:
            inside, outside = float(array[0, 0]), float(array[0, -1])
            identity = np.eye(len(array))
            if np.all(array == np.where(identity == 1, inside, outside)):
                return add(
                    scale(self.scalar(inside - outside), Identity(shape[0])),
                    scale(self.scalar(outside), Ones(shape)),
                )
        for name, known in self.constants.items():
            if known.shape == array.shape and np.array_equal(known, array):
                return Symbol(shape, name)
        name = f"C{len(self.constants) + 1}"
        self.constants[name] = array
        return Symbol(shape, name)

    def broadcast(self, x: Expression, of: tuple[int, ...], to: tuple[int, ...]) -> Any:
        """Repeat an array as NumPy does."""
        target = self.shape(to)
        if len(of) < len(to) and len(of) == 1 and x.shape[0] != 1:
            x = transpose(x)
        if x.shape == target or x.is_scalar:
            full = x.shape == target
            return x if full else scale(x, Ones(target))
        if x.shape[0] == 1 and x.shape[1] == target[1]:
            return multiply(Ones((target[0], 1)), x)
        if x.shape[1] == 1 and x.shape[0] == target[0]:
            return multiply(x, Ones((1, target[1])))
        raise self.refused(f"an array {of} repeated to {to}")

    def recast(self, x: Expression, to: tuple[int, ...]) -> Expression:
        """Give an array of the same entries in another shape."""
        target = self.shape(to)
        if x.shape == target:
            return x
        if x.shape == target[::-1] and 1 in target:
            return transpose(x)
        raise self.refused(f"a matrix of shape {x.shape} in the shape {target}")


def lift(
    graph: Graph,
    symbols: Sequence[Expression],
    sizes: Mapping[int, str],
    by_name: bool = False,
) -> Lifted:
    """Write each value of a Graph as a matrix expression.

    Parameters
    ----------
    graph : Graph
    symbols : sequence of Expression
        What stands for the inputs.
    sizes : mapping
        Size → its name.
    by_name : bool
        Whether a number that is made of sizes is one.

    Raises
    ------
    EngineError
        If an operation has no matrix form: it names the user's line.
    """
    lifted = Lifted(graph, sizes, by_name)
    lifted.values.update(zip(graph.inputs, symbols, strict=True))
    for capture in graph.captures:
        if capture.var.type.dtype.kind in "fc":
            lifted.values[capture.var] = lifted.constant(capture.value)
        else:
            lifted.values[capture.var] = _Indices(capture.value)
    for equation in graph.equations:
        lifted.source = equation.source
        _enter(lifted, equation)
    return lifted


class _Indices(Expression):
    """An array of integers or truths, which only a few rules accept."""

    def __init__(self, value: Any) -> None:
        object.__setattr__(self, "value", np.asarray(value))

    value: Any


def _enter(lifted: Lifted, equation: Equation) -> None:
    name = equation.primitive.name
    inputs = [lifted.read(atom) for atom in equation.inputs]
    rule = _RULES.get(name)
    if any(isinstance(x, _Indices) for x in inputs):
        if name not in _TAKES_INDICES:
            raise lifted.refused(f"{name} of integers")
    if rule is None and (
        isinstance(equation.primitive, Elementwise) or name in _COMPARISONS
    ):
        result = apply(name, *_alike(lifted, equation, inputs))
    elif rule is None:
        raise lifted.refused(name)
    else:
        result = rule(lifted, equation, inputs)
    results = result if isinstance(result, tuple) else (result,)
    lifted.values.update(zip(equation.outputs, results, strict=True))


def _alike(
    lifted: Lifted, equation: Equation, inputs: Sequence[Expression]
) -> list[Expression]:
    """Broadcast inputs to the output's shape; scalars may stay."""
    to = equation.outputs[0].type.shape
    return [
        x if x.is_scalar else lifted.broadcast(x, _shape(atom), to)
        for x, atom in zip(inputs, equation.inputs, strict=True)
    ]


def _full(
    lifted: Lifted, equation: Equation, inputs: Sequence[Expression]
) -> list[Expression]:
    to = equation.outputs[0].type.shape
    return [
        lifted.broadcast(x, _shape(atom), to)
        for x, atom in zip(inputs, equation.inputs, strict=True)
    ]


def _shape(atom: Atom) -> tuple[int, ...]:
    return getattr(atom.type, "shape", ())


def _rule(*names: str) -> Callable[[Rule], Rule]:
    def enter(rule: Rule) -> Rule:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return enter


# ----- arithmetic -----

_RULES["add"] = lambda lifted, e, x: add(*_full(lifted, e, x))
_RULES["subtract"] = lambda lifted, e, x: subtract(*_full(lifted, e, x))
_RULES["multiply"] = lambda lifted, e, x: hadamard(*_spread(lifted, e, x))
_RULES["scale"] = _RULES["multiply"]
_RULES["negative"] = lambda _, e, x: negate(x[0])
_RULES["sqrt"] = lambda _, e, x: power(x[0], Fraction(1, 2))
_RULES["square"] = lambda _, e, x: power(x[0], Fraction(2))
_RULES["reciprocal"] = lambda _, e, x: power(x[0], Fraction(-1))
_RULES["expm1"] = lambda lifted, e, x: subtract(
    apply("exp", x[0]), lifted.broadcast(number(1), (), _shape(e.outputs[0]))
)
_RULES["log1p"] = lambda lifted, e, x: apply(
    "log", add(lifted.broadcast(number(1), (), _shape(e.outputs[0])), x[0])
)


def _spread(
    lifted: Lifted, equation: Equation, inputs: Sequence[Expression]
) -> list[Expression]:
    """Broadcast to the output, where no input has its shape with a vector for ones."""
    made = _alike(lifted, equation, inputs)
    if all(x.is_scalar for x in made):
        made[0] = lifted.broadcast(made[0], (), equation.outputs[0].type.shape)
    return made


@_rule("divide")
def _divide(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    above, below = _spread(lifted, equation, x)
    return hadamard(above, power(below, Fraction(-1)))


@_rule("power")
def _power(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    exponent = equation.inputs[1]
    if isinstance(exponent, Literal):
        return power(x[0], number(float(exponent.value)).value)
    return apply("power", *_alike(lifted, equation, x))


@_rule("where")
def _where(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    mask, yes, no = x
    if isinstance(mask, Zero):
        return _full(lifted, equation, x)[2]
    if isinstance(mask, _Indices):
        raise lifted.refused("a choice by a fixed mask")
    return apply("where", *_alike(lifted, equation, (mask, yes, no)))


@_rule("equal")
def _equal(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    """Say no where a value meets a number: it does so at no point in general."""
    if isinstance(equation.inputs[1], Literal) and not isinstance(x[0], Zero):
        return Zero(lifted.shape(equation.outputs[0].type.shape))
    return apply("equal", *_alike(lifted, equation, x))


@_rule("bitwise_and", "logical_and")
def _and(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    no = number(0)
    if any(isinstance(one, Zero) or one == no for one in x):
        return Zero(lifted.shape(equation.outputs[0].type.shape))
    return apply("logical_and", *_alike(lifted, equation, x))


# ----- shapes -----


@_rule("reshape", "getitem", "scatter")
def _reshape(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    (before,), after = map(_shape, equation.inputs), _shape(equation.outputs[0])
    if np.prod(before) != np.prod(after):
        raise lifted.refused(f"{equation.primitive.name}, a part of an array")
    kept = [n for n in before if n != 1] == [n for n in after if n != 1]
    if not kept or any(
        part.step not in (None, 1) or part.start is not None
        for part in equation.params.get("index", ())
        if isinstance(part, slice)
    ):
        raise lifted.refused(f"{equation.primitive.name} from {before} to {after}")
    return lifted.recast(x[0], after)


@_rule("transpose")
def _transpose(_: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    axes = equation.params["axes"]
    return transpose(x[0]) if tuple(axes) == (1, 0) else x[0]


@_rule("broadcast_to")
def _broadcast(
    lifted: Lifted, equation: Equation, x: Sequence[Expression]
) -> Expression:
    return _full(lifted, equation, x)[0]


@_rule("cast", "copy", "positive", "stop_gradient", "real", "conjugate")
def _same(_: Lifted, __: Equation, x: Sequence[Expression]) -> Expression:
    return x[0]


@_rule("sum")
def _sum(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    return _summed(lifted, equation, x[0], equation.params["axes"])


def _summed(
    lifted: Lifted, equation: Equation, x: Expression, axes: Sequence[int]
) -> Expression:
    rows, columns = x.shape
    if 0 in axes and len(_shape(equation.inputs[0])) > 0:
        x = multiply(Ones((1, rows)), x) if rows != 1 else x
    if 1 in axes:
        x = multiply(x, Ones((columns, 1))) if columns != 1 else x
    return lifted.recast(x, _shape(equation.outputs[0]))


@_rule("norm2")
def _norm2(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    axes = equation.params["axis"]
    squares = _summed(lifted, equation, power(x[0], Fraction(2)), axes)
    return power(squares, Fraction(1, 2))


@_rule("max")
def _max(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    if len(equation.params["axes"]) != len(_shape(equation.inputs[0])):
        raise lifted.refused("max over one axis")
    return Max(x[0])


def _is_diagonal(x: Sequence[Expression]) -> bool:
    return len(x) == 2 and all(
        isinstance(one, _Indices)
        and np.array_equal(one.value, np.arange(np.size(one.value)))
        for one in x
    )


@_rule("gather")
def _gather(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    before, after = _shape(equation.inputs[0]), _shape(equation.outputs[0])
    if not _is_diagonal(x[1:]) or before != after * 2:
        raise lifted.refused("entries picked by an array of indices")
    return diag_of(x[0])


@_rule("scatter_add")
def _scatter(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    before, after = _shape(equation.inputs[0]), _shape(equation.outputs[0])
    if not _is_diagonal(x[1:]) or after != before * 2:
        raise lifted.refused("entries put where an array of indices says")
    return diag(x[0])


_TAKES_INDICES = frozenset(("gather", "scatter_add", "where"))


# ----- matrices -----


@_rule("matmul")
def _matmul(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    first, second = (_shape(atom) for atom in equation.inputs)
    a, b = x
    if max(len(first), len(second)) > 2:
        raise lifted.refused("a product of stacks of matrices")
    if len(first) == 1:
        a = transpose(a)
    product_ = multiply(a, b)
    return lifted.recast(product_, _shape(equation.outputs[0]))


@_rule("einsum")
def _einsum(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    subscripts = equation.params["subscripts"]
    made = contract(subscripts, x)
    if made is None:
        raise lifted.refused(f'einsum "{subscripts}"')
    return made


@_rule("inv")
def _inv(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    lifted.shape(_shape(equation.inputs[0]))
    return inverse(x[0])


@_rule("solve")
def _solve(lifted: Lifted, equation: Equation, x: Sequence[Expression]) -> Expression:
    return lifted.recast(multiply(inverse(x[0]), x[1]), _shape(equation.outputs[0]))


_RULES["det"] = lambda _, e, x: det(x[0])
_RULES["cofactor"] = lambda _, e, x: scale(det(x[0]), transpose(inverse(x[0])))
_RULES["slogdet"] = lambda _, e, x: (apply("sign", det(x[0])), logdet(x[0]))
