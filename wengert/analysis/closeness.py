"""Which operations of a Graph stand at a point where they are not smooth, or near it.

The Graph is run at the point, and once more nearby. What is close to an edge (see
`kinks`) counts only if

* it depends on the inputs, and its distance to the edge changes nearby: `max(x, x)`
  ties everywhere, and is smooth;
* an output depends on it, or a question that Python asked: what stands in a branch that
  `where` does not take, by a wide margin, does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.analysis.kinks import COMPLEX, EDGES, Edge, whole_gap
from wengert.errors import Source
from wengert.graph import Graph, Guard, Var, strong
from wengert.graph.equations import Atom, Equation, Literal
from wengert.graph.primitive import Constant, Elementwise, Linear
from wengert.graph.types import is_inexact
from wengert.graph.walk import consumers

__all__ = ["Close", "close_calls"]

Values = dict[Var, Any]
Masks = dict[Var, Any]

# Linear rows whose coefficients are 0 and 1, so that a transposed mask shows what is
# read; of the others (Fourier transforms) every element is.
_MOVES = frozenset(
    "broadcast_to concatenate conjugate copy cumsum flip gather getitem imag real "
    "reshape roll scatter scatter_add stack sum transpose".split()
)


@dataclass(frozen=True, eq=False)
class Close:
    """An operation, or a question of Python, at an edge or near it.

    Attributes
    ----------
    name : str
        Of the primitive; "bool" or "int" where Python asked for the value itself.
    edge : Edge
    values : tuple
        Operands, at the nearest element where they have such.
    distance : float
    index : tuple of int
        The nearest element.
    count : int
        How many elements are close.
    decides : tuple of str
        What a jump decides: names of primitives, "if" for Python.
    source : Source or None
    """

    name: str
    edge: Edge
    values: tuple[Any, ...]
    distance: float
    index: tuple[int, ...]
    count: int
    decides: tuple[str, ...]
    source: Source | None


def close_calls(
    graph: Graph, here: Sequence[Any], nearby: Sequence[Any], tolerance: float
) -> list[Close]:
    """Find what stands at an edge or near it, in the order of the Graph.

    Parameters
    ----------
    graph : Graph
    here : sequence of arrays
        The point.
    nearby : sequence of arrays
        A point in its neighbourhood, in no special direction.
    tolerance : float
        How near is near: absolutely, and for ties relative to what ties.
    """
    with np.errstate(all="ignore"):
        return list(_Search(graph, here, nearby, tolerance).found())


class _Search:
    def __init__(
        self, graph: Graph, here: Sequence[Any], nearby: Sequence[Any], tolerance: float
    ) -> None:
        self.graph = graph
        self.here = _run(graph, here)
        self.nearby = _run(graph, nearby)
        self.tolerance = tolerance
        self.uses = consumers(graph)
        self.varying = _varying(graph)
        self.near = {e: self._near(e) for e in graph.equations if self._may(e)}
        self.tight = self._tight()
        self.read = self._read()

    def found(self) -> Iterator[Close]:
        for equation in self.graph.equations:
            close = self._close(equation)
            if close is not None:
                yield close
        for guard in self.graph.guards:
            close = self._asked(guard)
            if close is not None:
                yield close

    # ----- what is near -----

    def _may(self, equation: Equation) -> bool:
        name = equation.primitive.name
        if name not in EDGES or len(set(equation.inputs)) == 1 < len(equation.inputs):
            return False
        return any(atom in self.varying for atom in equation.inputs)

    def _near(self, equation: Equation) -> tuple[Any, Any]:
        """Give the distances of an equation, and the mask of those that are near."""
        edge = _edge(equation)
        distance, size = _distance(equation, edge, self.here)
        near = distance <= self.tolerance * (size if edge.relative else 1)
        if np.any(near) and all(var in self.nearby for var in equation.outputs):
            moved, _ = _distance(equation, edge, self.nearby)
            if np.shape(moved) == np.shape(distance):
                rounding = 16 * _eps(equation, self.here) * size
                near = near & ~(np.abs(moved - distance) <= rounding)
        return distance, near

    def _tight(self) -> Masks:
        """Mark what hangs on a jump that is near: masks of whole vars, or elements."""
        tight: Masks = {}
        for equation in self.graph.equations:
            mask: Any = False
            if equation in self.near and isinstance(equation.primitive, Constant):
                mask = self.near[equation][1]
                if np.shape(mask) != equation.outputs[0].type.shape:
                    mask = np.any(mask)
            for atom in equation.inputs:
                if isinstance(atom, Var) and atom in tight:
                    mask = _either(mask, tight[atom], _same_places(equation))
            if np.any(mask) and not self.varying.intersection(equation.outputs):
                for var in equation.outputs:
                    tight[var] = _shaped(mask, var.type.shape)
        return tight

    # ----- what is read -----

    def _read(self) -> Masks:
        """Mark what an output or a guard depends on, backwards."""
        asked = [guard.var for guard in self.graph.guards]
        read: Masks = {}
        for atom in (*self.graph.outputs, *asked):
            if isinstance(atom, Var):
                read[atom] = np.ones(atom.type.shape, bool)
        for equation in reversed(self.graph.equations):
            masks = [read[var] for var in equation.outputs if var in read]
            if not any(map(np.any, masks)):
                continue
            for i, atom in enumerate(equation.inputs):
                if isinstance(atom, Var):
                    shape = atom.type.shape
                    mask = _shaped(self._read_by(equation, i, masks), shape)
                    read[atom] = mask | read.get(atom, np.zeros(shape, bool))
        return read

    def _read_by(self, equation: Equation, i: int, masks: Sequence[Any]) -> Any:
        row, (mask, *more) = equation.primitive, masks
        if more or row.is_tuple:
            return True
        x = [_value(atom, self.here) for atom in equation.inputs]
        if row.name == "where":
            taken = np.asarray(x[0], bool)
            unsure = self._tight_at(equation.inputs[0])
            sides = (True, taken | unsure, ~taken | unsure)
            return mask & sides[i]
        if row.name == "multiply":
            other = equation.inputs[1 - i]
            if other not in self.varying:
                return mask & ((x[1 - i] != 0) | self._tight_at(other))
        if _same_places(equation):
            return mask
        if row.name in _MOVES and isinstance(row, Linear):
            linear = range(len(x)) if row.linear_in is None else row.linear_in
            if i in linear:
                x_bar = row.transpose(
                    tuple(x), mask.astype(float)[()], **equation.params
                )
                if isinstance(x_bar, tuple):
                    x_bar = x_bar[list(linear).index(i)]
                return np.asarray(x_bar) != 0
        return True

    def _tight_at(self, atom: Atom) -> Any:
        return self.tight.get(atom, False) if isinstance(atom, Var) else False

    # ----- findings -----

    def _close(self, equation: Equation) -> Close | None:
        if equation not in self.near:
            return None
        distance, near = self.near[equation]
        read = [self.read.get(var) for var in equation.outputs]
        if all(mask is None for mask in read) or not np.any(near):
            return None
        if not equation.primitive.is_tuple:
            near = near & _spread(read[0], np.shape(near), equation.params)
        elif not any(mask is not None and mask.any() for mask in read):
            return None
        if not np.any(near):
            return None
        row = equation.primitive
        where = np.argmin(np.where(near, distance, np.inf))
        index = tuple(int(i) for i in np.unravel_index(where, np.shape(near)))
        return Close(
            row.name,
            _edge(equation),
            self._operands(equation, np.shape(near), index),
            float(np.asarray(distance)[index]),
            index,
            int(np.sum(near)),
            self._decided(equation) if isinstance(row, Constant) else (),
            equation.source,
        )

    def _operands(
        self, equation: Equation, shape: tuple[int, ...], index: tuple[int, ...]
    ) -> tuple[Any, ...]:
        values = [_value(atom, self.here) for atom in equation.inputs]
        if not _same_places(equation):
            return tuple(values)
        return tuple(np.broadcast_to(v, shape)[index] for v in values)

    def _decided(self, equation: Equation) -> tuple[str, ...]:
        """Follow a jump to what it decides."""
        asked = {guard.var for guard in self.graph.guards}
        found: dict[str, None] = {}
        waiting, seen = list(equation.outputs), set(equation.outputs)
        while waiting:
            var = waiting.pop(0)
            if var in asked:
                found["if"] = None
            for user in self.uses.get(var, ()):
                if not any(out in self.read for out in user.outputs):
                    continue
                if self.varying.intersection(user.outputs):
                    found[user.primitive.name] = None
                    continue
                if user.primitive.name == "where":
                    found["where"] = None
                waiting += [out for out in user.outputs if out not in seen]
                seen.update(user.outputs)
        return tuple(found)

    def _asked(self, guard: Guard) -> Close | None:
        """Look at a float that Python asked for itself: `if x`, `int(x)`."""
        if guard.var not in self.varying:
            return None
        x = self.here[guard.var]
        is_truth = isinstance(guard.told, bool)
        measure = np.abs if is_truth else whole_gap
        distance = float(np.max(measure(x)))
        if not distance <= self.tolerance:
            return None
        if guard.var in self.nearby and float(np.max(measure(self.nearby[guard.var])))\
                == distance:  # fmt: skip
            return None
        edge = EDGES["logical_not" if is_truth else "trunc"]
        name = "bool" if is_truth else "int"
        return Close(name, edge, (x,), distance, (), 1, ("if",), guard.source)


# ----- running -----


def _run(graph: Graph, inputs: Sequence[Any]) -> Values:
    """Compute all values, whatever branches that would mean; stop where one cannot."""
    values: Values = dict(zip(graph.inputs, inputs, strict=True))
    values.update((capture.var, capture.value) for capture in graph.captures)
    for equation in graph.equations:
        x = strong([_value(atom, values) for atom in equation.inputs])
        try:
            y = equation.primitive(*x, **equation.params)
        except (ArithmeticError, IndexError, ValueError):  # LinAlgError is a ValueError
            return values
        values.update(
            zip(
                equation.outputs,
                y if equation.primitive.is_tuple else (y,),
                strict=True,
            )
        )
    return values


def _edge(equation: Equation) -> Edge:
    name = equation.primitive.name
    kinds = [np.dtype(getattr(atom.type, "dtype", type(atom.type))).kind
             for atom in equation.inputs]  # fmt: skip
    return COMPLEX[name] if name in COMPLEX and "c" in kinds else EDGES[name]


def _varying(graph: Graph) -> set[Atom]:
    """Find what depends on the inputs otherwise than by jumps."""
    varying: set[Atom] = {v for v in graph.inputs if is_inexact(v.type.dtype)}
    for equation in graph.equations:
        if not isinstance(equation.primitive, Constant) and varying.intersection(
            equation.inputs
        ):
            varying.update(v for v in equation.outputs if is_inexact(v.type.dtype))
    return varying


def _distance(equation: Equation, edge: Edge, values: Values) -> tuple[Any, Any]:
    """Give distances, and the sizes that make them relative."""
    x = tuple(_value(atom, values) for atom in equation.inputs)
    outputs = tuple(values[var] for var in equation.outputs)
    y = outputs if equation.primitive.is_tuple else outputs[0]
    distance = np.asarray(edge.distance(x, y, equation.params))
    sizes = [np.max(np.abs(v), initial=1, where=np.isfinite(v)) for v in x]
    if equation.primitive.is_tuple or not _same_places(equation):
        return distance, max(sizes)
    size: Any = 1.0
    for v in x:
        size = np.maximum(size, np.where(np.isfinite(v), np.abs(v), 1))
    return distance, size


def _eps(equation: Equation, values: Values) -> float:
    dtypes = [np.asarray(_value(atom, values)).dtype for atom in equation.inputs]
    inexact = [dtype for dtype in dtypes if is_inexact(dtype)]
    return max((float(np.finfo(dtype).eps) for dtype in inexact), default=0.0)


def _value(atom: Atom, values: Values) -> Any:
    return atom.value if isinstance(atom, Literal) else values[atom]


def _same_places(equation: Equation) -> bool:
    """Tell whether each output element is made of the input elements at its place."""
    row = equation.primitive
    if isinstance(row, Elementwise) or row.name in ("where", "cast", "copy"):
        return True
    if row.name in ("sign", "binary_exponent", "isclose", "round", "discretize"):
        return True
    return any(isinstance(function, np.ufunc) for function in row.numpy)


def _either(a: Any, b: Any, same_places: bool) -> Any:
    """Join marks, of elements where they are at the same places."""
    if same_places:
        return np.logical_or(a, b)
    return np.any(a) or np.any(b)


def _spread(mask: Any, shape: tuple[int, ...], params: Mapping[str, Any]) -> Any:
    """Bring marks of an output to the shape of its distances: those of a reduction
    have the shape of its input."""
    if mask.shape == shape:
        return mask
    axes = params.get("axes", params.get("axis"))
    if axes is not None and not params.get("keepdims"):
        mask = np.expand_dims(mask, axes)
    return _shaped(mask, shape)


def _shaped(mask: Any, shape: tuple[int, ...]) -> Any:
    """Bring marks to a shape: summed where it was broadcast, else spread."""
    mask = np.asarray(mask)
    if mask.shape == shape:
        return mask
    extra = mask.ndim - len(shape)
    if extra >= 0:
        mask = mask.any(axis=tuple(range(extra)))
        ones = tuple(i for i, n in enumerate(shape) if n == 1 != mask.shape[i])
        mask = mask.any(axis=ones, keepdims=True)
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        return np.full(shape, mask.any())
