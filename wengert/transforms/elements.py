"""A program element by element: its scalars, and the partial derivatives between them.

Law: the edges into a vertex v are ∂v/∂u for the vertices u that its operation reads;
summed over all paths, products of edges give the Jacobian (Griewank & Walther, 2008,
ch. 9).

Worked example, `x[0] * np.sin(x)` of two elements: vertices 0 and 1 are the inputs, 2
and 3 the sines, 4 and 5 the products:

    2: {0: cos x₀}     4: {0: sin x₀, 2: x₀}  (both edges of x₀·sin x₀)
    3: {1: cos x₁}     5: {0: sin x₁, 3: x₀}

What only moves elements about leaves no vertex behind, and what is linear leaves edges
that are numbers: they are found by trying unit vectors. An operation with a rule of its
own (`solve`, a user's primitive) is one block of edges, by as many sweeps over it as it
has elements.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.graph.dependence import active_inputs
from wengert.graph.equations import Equation, Graph, Var
from wengert.graph.evaluate import value_of
from wengert.graph.literals import strong
from wengert.graph.primitive import Constant, Elementwise, Linear, Multilinear
from wengert.graph.types import is_inexact
from wengert.trace.tracer import Tracer
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function

__all__ = ["LIMIT", "Cell", "Partials", "check_size", "local_partials"]

# Of what is written out one by one: elements, partial derivatives, multiplications.
LIMIT = 20_000

_Terms = list[list[tuple[float, tuple[int, ...]]]]


@dataclass(eq=False, slots=True)
class Cell:
    """An element: its value, and its vertex, if it varies with the inputs."""

    value: Any
    vertex: int | None = None


@dataclass(eq=False)
class Partials:
    """The linearised computational graph of a run.

    Attributes
    ----------
    edges : list of dict
        For each vertex, ∂v/∂u by u: a number, or a Tracer where it depends on inputs.
        Vertices stand in an order of evaluation.
    inputs : list of int
        The vertices of the inputs' elements, leaf by leaf.
    outputs : list of Cell
        The elements of the outputs, leaf by leaf.
    names : list of str
        For each vertex the primitive that gives it; empty for an input.
    """

    edges: list[dict[int, Any]] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    outputs: list[Cell] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def local_partials(graph: Graph, inputs: Sequence[Any]) -> Partials:
    """Run a Graph element by element, with the partial derivatives of each operation.

    Parameters
    ----------
    graph : Graph
        Whose guards hold. Values must be real.
    inputs : sequence of Tracers
        All of them are differentiated.

    Returns
    -------
    Partials

    Raises
    ------
    ArgumentError
        If a value is complex, or the program has more than LIMIT elements, or partial
        derivatives.
    """
    vars = [*graph.inputs, *(v for e in graph.equations for v in e.outputs)]
    check_size(sum(var.type.size for var in vars), "elements")
    if any(var.type.dtype.kind == "c" for var in vars):
        raise ArgumentError(
            "elimination is for real programs, and this one computes with complex "
            'numbers. Use jacobian(f, mode="forward") or mode="reverse".'
        )
    partials = _Run(graph).run(inputs)
    check_size(sum(map(len, partials.edges)), "partial derivatives")
    return partials


def check_size(count: int, of: str) -> None:
    """Refuse programs that are too large to be written out."""
    if count > LIMIT:
        raise ArgumentError(
            f"elimination writes a program out element by element, and this one has "
            f"{count:,} {of}; more than {LIMIT:,} are too many. Use "
            'jacobian(f, mode="forward") or mode="reverse".'
        )


class _Run:
    """One run of a Graph: values are arrays, or arrays of Cells where they vary."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.partials = Partials()
        self.values: dict[Var, Any] = {c.var: c.value for c in graph.captures}
        self.terms: dict[Any, _Terms] = {}
        self.name = ""  # of the operation that is being written out

    def run(self, inputs: Sequence[Any]) -> Partials:
        for var, x in zip(self.graph.inputs, inputs, strict=True):
            cells = _cells(x)
            for cell in cells.flat:
                cell.vertex = self.vertex({})
                self.partials.inputs.append(cell.vertex)
            self.values[var] = cells
        for equation in self.graph.equations:
            self.equation(equation)
        for atom in self.graph.outputs:
            self.partials.outputs += list(_cells(value_of(atom, self.values)).flat)
        return self.partials

    def vertex(self, edges: dict[int, Any]) -> int:
        self.partials.edges.append(edges)
        self.partials.names.append(self.name)
        return len(self.partials.edges) - 1

    def equation(self, equation: Equation) -> None:
        row, params = equation.primitive, equation.params
        self.name = row.name
        inputs = strong([value_of(atom, self.values) for atom in equation.inputs])
        if not any(map(_varies, inputs)):
            y = row(*inputs, **params)
            results = y if row.is_tuple else (y,)
        elif _is_each(row):
            results = (self.each(equation, inputs),)
        elif isinstance(row, Linear) and _is_fixed(row, inputs):
            results = (self.linear(equation, inputs),)
        elif isinstance(row, Multilinear):
            results = (self.multilinear(equation, inputs),)
        else:
            results = self.block(equation, inputs)
        self.values.update(zip(equation.outputs, results, strict=True))

    # ----- operations on each element -----

    def each(self, equation: Equation, inputs: Sequence[Any]) -> Any:
        arrays: Any = np.broadcast_arrays(*map(_cells, inputs))
        result = np.empty(arrays[0].shape, object)
        for place in np.ndindex(result.shape):
            result[place] = self.one(equation, [array[place] for array in arrays])
        return result

    def one(self, equation: Equation, cells: Sequence[Cell]) -> Cell:
        row, x = equation.primitive, [cell.value for cell in cells]
        if row.name == "where" and not isinstance(x[0], Tracer):
            return cells[1 if x[0] else 2]
        y = row(*x, **equation.params)
        if not is_inexact(equation.outputs[0].type.dtype):
            return Cell(y)
        edges: dict[int, Any] = {}
        for i in active_inputs(row, len(x)):
            vertex = cells[i].vertex
            if vertex is not None:
                _add(edges, vertex, _slope(row, i, y, x))
        return Cell(y, self.vertex(edges) if edges else None)

    # ----- operations linear in one or several arguments -----

    def linear(self, equation: Equation, inputs: Sequence[Any]) -> Any:
        """Write each element as a sum of coefficients times elements."""
        # Linear jointly: what is constant moves along.
        moving = active_inputs(equation.primitive, len(inputs))
        joined = [cell for i in moving for cell in _cells(inputs[i]).flat]
        ends = np.cumsum([math.prod(np.shape(inputs[i])) for i in moving])[:-1]
        evaluate = _evaluator(equation, inputs, moving)
        terms = _linear_terms(lambda v: evaluate(*np.split(v, ends)), len(joined))
        return self.written(terms, [joined], equation.outputs[0])

    def multilinear(self, equation: Equation, inputs: Sequence[Any]) -> Any:
        """Write each element as a sum of coefficients times products of elements."""
        # A unit vector times an infinite constant would be nan, and so it moves too.
        moving = [
            i
            for i, x in enumerate(inputs)
            if _varies(x) or isinstance(x, Tracer) or not np.all(np.isfinite(x))
        ]
        flat = [list(_cells(inputs[i]).flat) for i in moving]
        evaluate = _evaluator(equation, inputs, moving)
        # Of the same operation on the same shapes the terms are the same.
        params = tuple(sorted(equation.params.items()))
        key = equation.primitive, tuple(map(np.shape, inputs)), params
        terms = self.terms.get(key) if len(moving) == len(inputs) else None
        if terms is None:
            terms = _multilinear_terms(evaluate, [len(cells) for cells in flat])
            if len(moving) == len(inputs):
                self.terms[key] = terms
        return self.written(terms, flat, equation.outputs[0])

    def written(self, terms: _Terms, flat: list[list[Cell]], var: Var) -> Any:
        result = np.empty(len(terms), object)
        for k, summands in enumerate(terms):
            result[k] = self.sum_of_products(summands, flat, var.type.dtype)
        return result.reshape(var.type.shape)

    def sum_of_products(self, summands: Any, flat: Any, dtype: Any) -> Cell:
        total: Any = None
        edges: dict[int, Any] = {}
        parts = [
            (coefficient, [flat[i][k] for i, k in enumerate(places)])
            for coefficient, places in summands
        ]
        parts = [part for part in parts if not any(map(_is_zero, part[1]))]
        if len(parts) == 1 and parts[0][0] == 1 and len(parts[0][1]) == 1:
            return parts[0][1][0]  # type: ignore[no-any-return]
        for coefficient, cells in parts:
            product = _times(coefficient, [cell.value for cell in cells])
            total = product if total is None else total + product
            for i, cell in enumerate(cells):
                if cell.vertex is not None:
                    others = [c.value for j, c in enumerate(cells) if j != i]
                    _add(edges, cell.vertex, _times(coefficient, others))
        if total is None:
            total = dtype.type(0)
        return Cell(total, self.vertex(edges) if edges else None)

    # ----- everything else -----

    def block(self, equation: Equation, inputs: Sequence[Any]) -> list[Any]:
        """Apply the operation to whole arrays, and take its Jacobian as edges."""
        row, params = equation.primitive, equation.params
        arrays = [
            _assembled(x, _dtype(atom)) if _varies(x) else x
            for x, atom in zip(inputs, equation.inputs, strict=True)
        ]
        y = row(*arrays, **params)
        results = [_cells(part) for part in (y if row.is_tuple else (y,))]
        moving = [
            i
            for i in active_inputs(row, len(inputs))
            if _varies(inputs[i])
            and is_inexact(arrays[i].dtype)
            and any(cell.vertex is not None for cell in inputs[i].flat)
        ]
        wanted = [k for k, v in enumerate(equation.outputs) if is_inexact(v.type.dtype)]
        if not moving or not wanted or isinstance(row, Constant):
            return results

        def apply(*values: Any) -> list[Any]:
            x = list(arrays)
            for i, value in zip(moving, values, strict=True):
                x[i] = value
            y = row(*x, **params)
            return [y[k] for k in wanted] if row.is_tuple else [y]

        sources = [cell for i in moving for cell in inputs[i].flat]
        targets = [cell for k in wanted for cell in results[k].flat]
        matrix = _jacobian(apply, [arrays[i] for i in moving], len(targets))
        for target, entries in zip(targets, matrix, strict=True):
            edges: dict[int, Any] = {}
            for source, entry in zip(sources, entries, strict=True):
                if source.vertex is not None:
                    _add(edges, source.vertex, entry)
            if edges:
                target.vertex = self.vertex(edges)
        return results


def _jacobian(f: Any, inputs: list[Any], rows: int) -> list[list[Any]]:
    """Give the Jacobian of an operation as rows of elements, the cheaper way."""
    columns = sum(math.prod(x.shape) for x in inputs)
    if columns < rows:
        _, dots = push_function(f, inputs, _units(inputs))
        by_column = [_elements(column, rows) for column in dots]
        return [list(row) for row in zip(*by_column, strict=True)]
    ys, pullback = record_function(f, inputs)
    with np.errstate(all="ignore"):
        return [_elements(pullback(seed), columns) for seed in _units(ys)]


def _units(likes: Sequence[Any]) -> list[list[Any]]:
    units = []
    for k, like in enumerate(likes):
        size = math.prod(like.shape)
        for row in np.eye(size, dtype=like.dtype):
            seed: list[Any] = [None] * len(likes)
            seed[k] = row.reshape(like.shape)[()]
            units.append(seed)
    return units


def _elements(arrays: Sequence[Any], count: int) -> list[Any]:
    if any(array is None for array in arrays):
        # A direction that reaches no output has no shapes: then all are None.
        return [0.0] * count
    return [cell.value for array in arrays for cell in _cells(array).flat]


def _varies(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype == object


def _cells(x: Any) -> Any:
    """Break an array into Cells; one of Cells stays as it is."""
    if _varies(x):
        return x
    shape = np.shape(x)
    cells = np.empty(shape, object)
    for place in np.ndindex(shape):
        # Of an ndarray without axes too, since a weight is a number or a Tracer.
        is_array = shape or isinstance(x, np.ndarray)
        cells[place] = Cell(x[place] if is_array else x)
    return cells


def _assembled(cells: Any, dtype: Any) -> Any:
    values = [cell.value for cell in cells.flat]
    if not any(isinstance(value, Tracer) for value in values):
        return np.array(values, dtype).reshape(cells.shape)[()]
    if cells.shape == ():
        return values[0]
    array = np.reshape(np.stack(values), cells.shape)
    return array if array.dtype == dtype else array.astype(dtype)


def _dtype(atom: Any) -> Any:
    return atom.type.dtype if isinstance(atom, Var) else np.asarray(atom.value).dtype


def _is_each(row: Any) -> bool:
    """Tell whether a row works element by element."""
    if isinstance(row, Elementwise) or row.name in ("cast", "copy", "where"):
        return True
    return isinstance(row, Constant) and any(
        isinstance(function, np.ufunc) for function in row.numpy
    )


def _is_fixed(row: Linear, inputs: Sequence[Any]) -> bool:
    """Tell whether all that the operation is not linear in is known by value."""
    linear = active_inputs(row, len(inputs))
    return all(
        i in linear or not (_varies(x) or isinstance(x, Tracer))
        for i, x in enumerate(inputs)
    )


def _evaluator(
    equation: Equation, inputs: Sequence[Any], moving: Sequence[int]
) -> Callable[..., Any]:
    """Make the function from vectors, for the moving inputs, to the output's elements.

    What moves is not looked at: it need not be known by value.
    """
    shapes = [np.shape(inputs[i]) for i in moving]

    def evaluate(*vectors: Any) -> Any:
        x = list(inputs)
        for i, vector, shape in zip(moving, vectors, shapes, strict=True):
            x[i] = vector.reshape(shape)
        return np.ravel(equation.primitive.evaluate(tuple(x), equation.params))

    return evaluate


def _slope(row: Any, i: int, y: Any, x: Sequence[Any]) -> Any:
    if isinstance(row, Elementwise):
        partial = row.partials[i]
        return partial(y, *x) if callable(partial) else partial
    if row.name == "where":
        chosen = y.dtype.type(1), y.dtype.type(0)
        return np.where(x[0], *(chosen if i == 1 else chosen[::-1]))[()]
    return 1.0


def _add(edges: dict[int, Any], vertex: int, weight: Any) -> None:
    """Add to an edge; a number that is zero is none."""
    if vertex in edges:
        weight = edges[vertex] + weight
    if isinstance(weight, Tracer) or weight != 0:
        edges[vertex] = weight
    else:
        edges.pop(vertex, None)


def _is_zero(cell: Cell) -> bool:
    is_known = cell.vertex is None and not isinstance(cell.value, Tracer)
    return is_known and cell.value == 0


def _times(coefficient: float, factors: Sequence[Any]) -> Any:
    product: Any = None
    for factor in factors:
        product = factor if product is None else product * factor
    if product is None:
        return coefficient
    if coefficient == 1:
        return product
    return -product if coefficient == -1 else coefficient * product


def _linear_terms(f: Callable[[Any], Any], size: int) -> _Terms:
    """Write a linear function of a vector as sums: (coefficient, (place,))."""
    if not size:
        return [[] for _ in f(np.zeros(0))]
    # Distinct numbers of which no sum or multiple is likely to be another.
    probe = np.random.default_rng(size).uniform(1, 2, size)
    places = {float(value): k for k, value in enumerate(probe)}
    moved = f(probe).tolist()
    if all(value == 0 or value in places for value in moved):
        return [[(1.0, (places[v],))] if v in places else [] for v in moved]
    # As Python's numbers, which leave single precision what it is.
    columns = [f(unit).tolist() for unit in np.eye(size)]
    return [
        [(column[i], (k,)) for k, column in enumerate(columns) if column[i] != 0]
        for i in range(len(moved))
    ]


def _multilinear_terms(f: Callable[..., Any], sizes: Sequence[int]) -> _Terms:
    """Write a function linear in each of several vectors as sums of products."""
    first, *rest = sizes
    if not rest:
        return _linear_terms(f, first)
    terms: _Terms = [[] for _ in f(*map(np.zeros, sizes))]
    for k, unit in enumerate(np.eye(first)):
        inner = _multilinear_terms(lambda *v, u=unit: f(u, *v), rest)
        for row, summands in zip(terms, inner, strict=True):
            row += [(coefficient, (k, *places)) for coefficient, places in summands]
    return terms
