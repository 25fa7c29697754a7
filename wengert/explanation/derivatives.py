"""The formulas of tangents and adjoints, read off the rows.

An elementwise row states its partial derivatives as functions; each is run on symbolic
Tracers, and the small Graph that comes out is written as one formula. So the tables
show the very rule that is used: sin's `np.cos(x)` becomes `v̄₃·cos v₀`.

Where a partial decides by `np.where` which side is safe, the side taken at this point
is shown; where it is too long for a line, it is `sinc′(v₀)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wengert.explanation.formula import (
    Call,
    Component,
    Formula,
    Group,
    Infix,
    Item,
    Matrix,
    Negated,
    Number,
    Product,
    Symbol,
    Transposed,
    literal,
    negated,
    power,
    product,
    size,
    total,
)
from wengert.explanation.naming import subscript
from wengert.explanation.operations import call_name, index_parts, operation, parameters
from wengert.explanation.sweeps import Sweeps
from wengert.explanation.values import as_number
from wengert.graph.dependence import active_inputs
from wengert.graph.equations import Atom, Equation, Literal, Var
from wengert.graph.primitive import Elementwise, Linear, Multilinear
from wengert.trace.staging import stage_function
from wengert.trace.tracer import Tracer

__all__ = ["Writer"]

_LONGEST = 14  # nodes of a partial that still fits a line


class Writer:
    """Write the lines of three sweeps as formulas.

    Parameters
    ----------
    sweeps : Sweeps
    """

    def __init__(self, sweeps: Sweeps) -> None:
        self._sweeps = sweeps
        self._partials: dict[tuple[Equation, int], Formula] = {}

    def name(self, atom: Atom, accent: str = "") -> Formula:
        """Name a var; write a number."""
        if isinstance(atom, Literal):
            return literal(atom.value)
        return Symbol(self._sweeps.names[atom], accent)

    def value(self, equation: Equation, output: int) -> Formula:
        """Write an output of an equation by its inputs: `ln v₋₁`."""
        names = [self.name(atom) for atom in equation.inputs]
        formula = self._applied(equation, names, tidy=False)
        return formula if len(equation.outputs) == 1 else Component(formula, output + 1)

    def tangent(self, equation: Equation, output: int) -> Formula:
        """Write the tangent of an output: `v̇₋₁·v₀ + v̇₀·v₋₁`."""
        row = equation.primitive
        varying = [
            i
            for i in active_inputs(row, len(equation.inputs))
            if equation.inputs[i] in self._sweeps.varying
        ]
        names = [self.name(atom) for atom in equation.inputs]
        dots = {i: self.name(equation.inputs[i], "dot") for i in varying}
        if not varying or equation.outputs[output] not in self._sweeps.varying:
            return Number(0)
        if isinstance(row, Elementwise):
            return total(*(_times(dots[i], self.partial(equation, i)) for i in varying))
        if isinstance(row, Linear):
            active = set(active_inputs(row, len(names)))
            seeds = [
                dots.get(i, Number(0)) if i in active else name
                for i, name in enumerate(names)
            ]
            formula = self._applied(equation, seeds)
        elif isinstance(row, Multilinear):
            formula = total(
                *(
                    self._applied(equation, [*names[:i], dots[i], *names[i + 1 :]])
                    for i in varying
                )
            )
        else:
            terms = [Matrix((self._map(equation, i), dots[i])) for i in varying]
            formula = total(*terms)
        return formula if len(equation.outputs) == 1 else Component(formula, output + 1)

    def adjoint(self, equation: Equation, position: int) -> tuple[Formula, Formula]:
        """Write what an equation adds to the adjoint of an input, and where it does:
        `v̄₀` and `v̄₃·cos v₀`, or `v̄₀[1]` and `v̄₂`."""
        row = equation.primitive
        bars = tuple(self.name(var, "bar") for var in equation.outputs)
        y_bar = bars[0] if len(bars) == 1 else Group(bars)
        target = self.name(equation.inputs[position], "bar")
        if isinstance(row, Elementwise):
            whole = _times(y_bar, self.partial(equation, position))
            return target, self._collected(equation, position, whole)
        if row.name in ("getitem", "gather"):
            indices = [self.name(atom) for atom in equation.inputs[1:]]
            return Item(target, index_parts(equation.params["index"], indices)), y_bar
        if isinstance(row, Linear):
            return target, self._linear_adjoint(equation, position, y_bar)
        if row.name == "matmul":
            return target, self._matmul_adjoint(equation, position, y_bar)
        return target, Matrix((Transposed(self._map(equation, position)), y_bar))

    def partial(self, equation: Equation, position: int) -> Formula:
        """Write a partial derivative of an elementwise row, as the row states it."""
        key = (equation, position)
        if key not in self._partials:
            self._partials[key] = self._partial(equation, position)
        return self._partials[key]

    # ----- elementwise rows -----

    def _partial(self, equation: Equation, position: int) -> Formula:
        row = equation.primitive
        assert isinstance(row, Elementwise)
        rule = row.partials[position]
        if not callable(rule):
            return literal(rule)
        operands: list[Atom] = [equation.outputs[0], *equation.inputs]
        # Numbers are symbols too, so that 1/9 stays 1/9; but power's rule for the base
        # asks whether the exponent is a Python number.
        asks = row.name == "power" and position == 0
        symbolic = list(dict.fromkeys(
            a for a in operands if isinstance(a, Var) or not asks
        ))  # fmt: skip
        names = [self.name(atom) for atom in symbolic]
        values = [as_number(self._sweeps.value(atom)) for atom in symbolic]
        with np.errstate(all="ignore"):
            formula = _as_formula(_ruled(rule, operands, symbolic), names, values)
        if size(formula) <= _LONGEST:
            return formula
        mark = "′" if len(equation.inputs) == 1 else ""
        by = "" if mark else "∂" + subscript(position + 1)
        arguments = tuple(self.name(atom) for atom in equation.inputs)
        return Call(by + call_name(row) + mark, arguments)

    def _collected(self, equation: Equation, position: int, whole: Formula) -> Formula:
        """Add what broadcasting undone does: sum, and take the real part."""
        x = equation.inputs[position].type
        y = equation.outputs[0].type
        if y.dtype.kind == "c" and x.dtype.kind != "c":
            whole = Call("Re", (whole,))
        if x.shape == y.shape:
            return whole
        extra = y.ndim - x.ndim
        axes = tuple(
            i for i, n in enumerate(y.shape) if i < extra or x.shape[i - extra] != n
        )
        return Call("Σ", (whole,), tuple(parameters({"axes": axes}, [y])))

    # ----- other rows -----

    def _linear_adjoint(
        self, equation: Equation, position: int, y_bar: Formula
    ) -> Formula:
        row = equation.primitive
        if row.name in ("cast", "copy"):
            return y_bar
        if row.name == "where":
            sides = [y_bar, Number(0)] if position == 1 else [Number(0), y_bar]
            return Call("where", (self.name(equation.inputs[0]), *sides))
        if row.name == "transpose" and equation.outputs[0].type.ndim == 2:
            return Transposed(y_bar)
        formula = Call(call_name(row), (y_bar,), adjoint=True)
        linear = list(active_inputs(row, len(equation.inputs)))
        if len(linear) == 1:
            return formula
        return Component(formula, linear.index(position) + 1)

    def _matmul_adjoint(
        self, equation: Equation, position: int, y_bar: Formula
    ) -> Formula:
        left, right = (self.name(atom) for atom in equation.inputs)
        is_row, is_column = (atom.type.ndim == 1 for atom in equation.inputs)
        other = right if position == 0 else left
        if is_row and is_column:
            return product(y_bar, other)
        if position == 0:
            factors = (right, y_bar) if is_row else (y_bar, Transposed(right))
        else:
            factors = (left, Transposed(y_bar)) if is_row else (Transposed(left), y_bar)
        return Matrix(factors)

    def _map(self, equation: Equation, position: int) -> Formula:
        """Write the linear map of one input: `∂₂solve(v₁, v₂)`, `prod′(v₁)`."""
        row = equation.primitive
        names = [self.name(atom) for atom in equation.inputs]
        if isinstance(row, Multilinear):
            return self._applied(
                equation, [*names[:position], Symbol("·"), *names[position + 1 :]]
            )
        name = call_name(row)
        alone = len(active_inputs(row, len(names))) == 1
        name = f"{name}′" if alone else f"∂{subscript(position + 1)}{name}"
        return Call(name, tuple(names))

    def _applied(
        self, equation: Equation, inputs: Sequence[Formula], tidy: bool = True
    ) -> Formula:
        types = [atom.type for atom in equation.inputs]
        return operation(equation.primitive, inputs, types, equation.params, tidy)


def _ruled(
    rule: Callable[..., Any], operands: Sequence[Atom], symbolic: Sequence[Atom]
) -> Callable[..., list[Any]]:
    """Make a partial a function of the symbolic operands; others stay numbers in it."""

    def run(*tracers: Any) -> list[Any]:
        known = dict(zip(symbolic, tracers, strict=True))
        return [rule(*(known.get(a, getattr(a, "value", None)) for a in operands))]

    return run


def _as_formula(
    run: Callable[..., list[Any]], names: Sequence[Formula], values: Sequence[Any]
) -> Formula:
    """Trace a function of the named values and write its only output as a formula."""
    _, graph = stage_function(run, values)
    found: dict[Atom, Any] = dict(zip(graph.inputs, values, strict=True))
    formulas: dict[Atom, Formula] = dict(zip(graph.inputs, names, strict=True))
    for capture in graph.captures:
        found[capture.var], formulas[capture.var] = capture.value, Symbol("c")
    for equation in graph.equations:
        x = [found.get(a, getattr(a, "value", None)) for a in equation.inputs]
        y = equation.primitive(*x, **equation.params)
        written = _step(equation, x, [_written(a, formulas) for a in equation.inputs])
        outputs = equation.outputs
        for var, value in zip(outputs, y if len(outputs) > 1 else (y,), strict=True):
            found[var], formulas[var] = value, written
    return _written(graph.outputs[0], formulas)


def _written(atom: Atom, formulas: Mapping[Atom, Formula]) -> Formula:
    return literal(atom.value) if isinstance(atom, Literal) else formulas[atom]


def _step(equation: Equation, x: Sequence[Any], names: Sequence[Formula]) -> Formula:
    if equation.primitive.name == "where" and not isinstance(x[0], Tracer):
        taken = np.asarray(x[0])
        if taken.all() or not taken.any():
            return names[1 if taken.all() else 2]
    if equation.primitive.name == "cast" and isinstance(names[0], Infix):
        return names[0]  # a statement counts as 1 or 0 by itself
    types = [atom.type for atom in equation.inputs]
    return _gathered(operation(equation.primitive, names, types, equation.params))


def _gathered(formula: Formula) -> Formula:
    """Write a·a as a²: in a partial it is no operation of its own."""
    match formula:
        case Negated(of):
            return negated(_gathered(of))
        case Product(factors, divisors):
            return Product(_counted(factors), _counted(divisors))
    return formula


def _counted(factors: Sequence[Formula]) -> tuple[Formula, ...]:
    counts = Counter(factors)
    return tuple(power(factor, Number(count)) for factor, count in counts.items())


def _times(seed: Formula, partial: Formula) -> Formula:
    """Multiply a seed by a partial, whose numbers come first: `2·v̄₁·v₀`."""
    if isinstance(partial, Negated):
        return negated(_times(seed, partial.of))
    if isinstance(partial, Number):
        return product(partial, seed)
    if not isinstance(partial, Product):
        return product(seed, partial)
    numbers = [factor for factor in partial.factors if isinstance(factor, Number)]
    others = [factor for factor in partial.factors if not isinstance(factor, Number)]
    rest = Product((Number(1), *others), partial.divisors)
    return product(*numbers, seed, rest)
