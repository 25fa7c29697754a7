"""The three sweeps over a Graph: values forward, tangents forward, adjoints back.

Law: with seeds ẋ and ȳ the tangents of the outputs are `ẏ = J ẋ`, the adjoints of the
inputs `x̄ = Jᵀ ȳ`, and `<ȳ, ẏ> = <x̄, ẋ>` (Griewank & Walther, 2008, ch. 3).

Worked example, `f(x) = x * sin(x)` at 2, whose lines are v₁ = sin v₀, v₂ = v₀·v₁:

    values     v₀ = 2,  v₁ = 0.9093,      v₂ = 1.819
    tangents   v̇₀ = 1,  v̇₁ = v̇₀·cos v₀,  v̇₂ = v̇₀·v₁ + v̇₁·v₀ = 0.077
    adjoints   v̄₂ = 1,  v̄₀ = v̄₂·v₁,      v̄₁ = v̄₂·v₀,  v̄₀ += v̄₁·cos v₀ = 0.077

Unlike the operators, which forget what they no longer need, the sweeps keep all, and
every accumulation of an adjoint is a line of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError
from wengert.explanation.inputs import Inputs
from wengert.explanation.naming import name_outputs, name_values
from wengert.explanation.order import lecture_order
from wengert.explanation.seeds import Seed, read_seed
from wengert.explanation.values import is_always
from wengert.graph.dependence import active_inputs
from wengert.graph.equations import Atom, Equation, Graph, Literal, Var
from wengert.graph.types import ArrayType, is_inexact
from wengert.operators.arguments import Output, Wrt, name_of
from wengert.operators.naming import captured_names
from wengert.primitives.arithmetic import scale
from wengert.trace.staging import stage_function
from wengert.transforms.reverse import transposed
from wengert.transforms.rules import pullback, pushforward

__all__ = ["Accumulation", "Sweeps"]


@dataclass(frozen=True, eq=False)
class Accumulation:
    """One line of the adjoint sweep: a cotangent is added to an adjoint.

    Attributes
    ----------
    var : Var
        Whose adjoint it is.
    first : bool
        Whether it starts the adjoint: `=` rather than `+=`.
    contribution, total : arrays or NumPy scalars
        What is added, and the adjoint after it.
    equation : Equation or None
        The line that is pulled back; None where the seed of an output is set.
    position : int
        Of the var among the equation's inputs, or among the outputs.
    """

    var: Var
    first: bool
    contribution: Any
    total: Any
    equation: Equation | None
    position: int


@dataclass(frozen=True, eq=False)
class Sweeps:
    """A Graph in the order of a lecture, with what the three sweeps give to its vars.

    Attributes
    ----------
    title : str
        The name of the function; f, if it has none.
    inputs : Inputs
    graph : Graph
        Its inputs are those of `inputs`.
    names : dict
        From every var to its name: `v₋₁`, `v₁`; the user's own for captured arrays.
    labels : dict
        From the vars of inputs and outputs to what the user calls them: `x1`, `y`.
    results : list of str
        Names of the outputs, in order; an output may be a Literal or an input.
    values : dict
        Of every var.
    varying : frozenset of Var
        What depends on the inputs, with a derivative.
    seed, seed_bar : tuple
        Tangents of the inputs; adjoints of the outputs (None where they are integers).
    tangents, adjoints : dict
        Of every inexact var but captures; zeros where nothing varies or depends.
    accumulations : tuple of Accumulation
        The adjoint sweep, line by line.
    """

    title: str
    inputs: Inputs
    graph: Graph
    names: dict[Var, str]
    labels: dict[Var, str]
    results: list[str]
    values: dict[Var, Any]
    varying: frozenset[Var] = field(repr=False)
    seed: tuple[Any, ...]
    seed_bar: tuple[Any, ...]
    tangents: dict[Var, Any]
    adjoints: dict[Var, Any]
    accumulations: tuple[Accumulation, ...] = field(repr=False)

    @classmethod
    def of(
        cls,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any] | None = None,
        argnums: Wrt = None,
        seed: Seed = None,
        seed_bar: Seed = None,
    ) -> Sweeps:
        """Run f once, and sweep over its Graph.

        Parameters
        ----------
        f : callable
        args, kwargs
            Its arguments, pytrees.
        argnums : int or sequence of int, optional
            Which arguments are inputs: see `Inputs`.
        seed : optional
            Tangents of the inputs: see `read_seed`. Default: ones for the first input,
            zeros for the others.
        seed_bar : optional
            Adjoints of the outputs. Default: ones.

        Raises
        ------
        ArgumentError, ShapeError
            Arguments or outputs that are no numbers, seeds that do not fit.

        Examples
        --------
        >>> sweeps = Sweeps.of(lambda x: x * np.sin(x), (2.0,))
        >>> for var, name in sweeps.names.items():
        ...     print(name, round(float(sweeps.adjoints[var]), 3))
        v₀ 0.077
        v₁ 2.0
        v₂ 1.0
        """
        inputs = Inputs(f, args, kwargs or {}, argnums)
        output = Output(f, has_aux=False)
        paths: list[str] = []

        def flat(*leaves: Any) -> list[Any]:
            result = inputs.call(leaves)
            outputs = output.take(result)
            if not outputs:
                raise ArgumentError(
                    f"{name_of(f)} returned {result!r}, which holds no number. "
                    "Did it forget to return?"
                )
            paths[:] = name_outputs(lambda y: tree.paths(result, y), inputs.names)
            return outputs

        # What overflows or is undefined shows in the tables; first_nan() points to it.
        with np.errstate(all="ignore"):
            _, graph = stage_function(flat, inputs.leaves)
            graph = lecture_order(graph)
            values = _values(graph, inputs.leaves)
        names = name_values(graph, captured_names(f) | inputs.static)
        labels = {v: path for v, path in zip(graph.outputs, paths, strict=True)
                  if isinstance(v, Var)}  # fmt: skip
        labels |= dict(zip(graph.inputs, inputs.names, strict=True))
        title = getattr(f, "__name__", "f").replace("<lambda>", "f")
        unseeded = cls(
            title, inputs, graph, names, labels, paths, values, _varying(graph),
            seed=(), seed_bar=(), tangents={}, adjoints={}, accumulations=(),
        )  # fmt: skip
        return unseeded.with_seed(seed).with_seed_bar(seed_bar)

    def with_seed(self, seed: Seed) -> Sweeps:
        """Give the same sweeps with the tangents of another seed."""
        types = [var.type for var in self.graph.inputs]
        names = self.inputs.names
        if seed is None:
            seed = names[0]
        structure = self.inputs.structure_of_sole()
        x_dot = read_seed(seed, names, types, "seed", structure)
        tangents = _tangents(self.graph, self.values, x_dot)
        return dataclasses.replace(
            self, seed=tuple(x_dot), tangents=_with_zeros(self.graph, tangents)
        )

    def with_seed_bar(self, seed_bar: Seed) -> Sweeps:
        """Give the same sweeps with the adjoints of another seed of the outputs."""
        weights = _weights(self.graph, self.results, seed_bar)
        bars, lines = _adjoints(self.graph, self.values, self.varying, weights)
        return dataclasses.replace(
            self,
            seed_bar=tuple(weights),
            adjoints=_with_zeros(self.graph, bars),
            accumulations=tuple(lines),
        )

    def value(self, atom: Atom) -> Any:
        """Give the value of a var or literal."""
        return _value(self.values, atom)


def _value(values: Mapping[Var, Any], atom: Atom) -> Any:
    return atom.value if isinstance(atom, Literal) else values[atom]


def _as_tuple(equation: Equation, y: Any) -> tuple[Any, ...]:
    return tuple(y) if equation.primitive.is_tuple else (y,)


def _operands(
    equation: Equation, values: Mapping[Var, Any]
) -> tuple[tuple[Any, ...], Any]:
    """Give the inputs of an equation and its output, as rules take them."""
    x = tuple(_value(values, atom) for atom in equation.inputs)
    y = tuple(values[var] for var in equation.outputs)
    return x, y if equation.primitive.is_tuple else y[0]


def _values(graph: Graph, leaves: Sequence[Any]) -> dict[Var, Any]:
    values = dict(zip(graph.inputs, leaves, strict=True))
    values.update((capture.var, capture.value) for capture in graph.captures)
    for equation in graph.equations:
        x = [_value(values, atom) for atom in equation.inputs]
        y = equation.primitive(*x, **equation.params)
        values.update(zip(equation.outputs, _as_tuple(equation, y), strict=True))
    return values


def _varying(graph: Graph) -> frozenset[Var]:
    varying: set[Atom] = set(graph.inputs)
    for equation in graph.equations:
        if _wanted(equation, varying):
            varying.update(v for v in equation.outputs if is_inexact(v.type.dtype))
    return frozenset(varying)  # type: ignore[arg-type]


def _wanted(equation: Equation, varying: set[Atom] | frozenset[Var]) -> list[int]:
    """List the inputs of an equation through which the derivative flows."""
    active = active_inputs(equation.primitive, len(equation.inputs))
    return [i for i in active if equation.inputs[i] in varying]


def _tangents(
    graph: Graph, values: Mapping[Var, Any], x_dot: Sequence[Any]
) -> dict[Var, Any]:
    # A zero seed is left out: nothing is multiplied by it, not even an infinity.
    pairs = zip(graph.inputs, x_dot, strict=True)
    dots = {v: dot for v, dot in pairs if not is_always(dot, 0)}
    with np.errstate(all="ignore"):
        for equation in graph.equations:
            x, y = _operands(equation, values)
            dot = [dots.get(atom) for atom in equation.inputs]  # type: ignore[arg-type]
            y_dot = pushforward(equation.primitive, x, y, dot, equation.params, scale)
            if y_dot is not None:
                pairs = zip(equation.outputs, _as_tuple(equation, y_dot), strict=True)
                dots.update((v, d) for v, d in pairs if is_inexact(v.type.dtype))
    return dots


def _weights(graph: Graph, names: list[str], seed_bar: Seed) -> list[Any]:
    """Give the adjoint of each output; None where it is an integer."""
    inexact = [
        i for i, atom in enumerate(graph.outputs) if is_inexact(_type(atom).dtype)
    ]
    if seed_bar is None:
        seed_bar = dict.fromkeys((names[i] for i in inexact), 1.0)
    types = [_type(graph.outputs[i]) for i in inexact]
    seeds = read_seed(seed_bar, [names[i] for i in inexact], types, "seed_bar")
    weights = dict(zip(inexact, seeds, strict=True))
    return [weights.get(i) for i in range(len(graph.outputs))]


def _type(atom: Atom) -> ArrayType:
    return atom.type if isinstance(atom, Var) else ArrayType.of(atom.value)


def _adjoints(
    graph: Graph,
    values: Mapping[Var, Any],
    varying: frozenset[Var],
    weights: Sequence[Any],
) -> tuple[dict[Var, Any], list[Accumulation]]:
    bars: dict[Var, Any] = {}
    lines: list[Accumulation] = []

    def accumulate(var: Var, x_bar: Any, equation: Equation | None, at: int) -> None:
        first = var not in bars
        bars[var] = x_bar if first else bars[var] + x_bar
        lines.append(Accumulation(var, first, x_bar, bars[var], equation, at))

    with np.errstate(all="ignore"):
        for i, (atom, weight) in enumerate(zip(graph.outputs, weights, strict=True)):
            if isinstance(atom, Var) and atom in varying and weight is not None:
                accumulate(atom, weight, None, i)
        for equation in reversed(graph.equations):
            wanted = _wanted(equation, varying)
            y_bar = tuple(bars.get(var) for var in equation.outputs)
            if not wanted or all(bar is None for bar in y_bar):
                continue
            row = equation.primitive
            x, y = _operands(equation, values)
            x_bars = pullback(
                row, x, y, y_bar if row.is_tuple else y_bar[0],
                equation.params, wanted, scale, transposed,
            )  # fmt: skip
            for i, x_bar in zip(wanted, x_bars, strict=True):
                var = equation.inputs[i]
                if x_bar is not None and isinstance(var, Var):
                    accumulate(var, x_bar, equation, i)
    return bars, lines


def _with_zeros(graph: Graph, found: Mapping[Var, Any]) -> dict[Var, Any]:
    """Complete tangents or adjoints by zeros, in the order of the lines."""
    lines = (var for equation in graph.equations for var in equation.outputs)
    completed = {}
    for var in (*graph.inputs, *lines):
        if var in found:
            completed[var] = found[var]
        elif is_inexact(var.type.dtype):
            completed[var] = np.zeros(var.type.shape, var.type.dtype)[()]
    return completed
