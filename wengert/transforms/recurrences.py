"""The recurrence for a row's Taylor coefficients that follows from its derivative.

Law: if y = f(x) and ẏ = J(y, x)·ẋ, then along x(t)

    (k + 1)·yₖ₊₁ = [J(y(t), x(t))·x'(t)]ₖ,

which needs coefficients of y up to k only. So the rule of the derivative is run once,
on `Node`s, values with a series whose coefficients are computed when asked for; what
it does to them are further rows, with further series. The same row of the same nodes is
the same node: sin has the partial derivative cos, cos has −sin, which is the first node
again, and the system is closed, at a cost of order² (Griewank & Walther, 2008, ch. 13).
Where it does not close, as for gamma functions, each node asks the next for one
coefficient less.

Worked example, y = exp(x): the partial derivative is y itself, the node there is, and
so yₖ = Σ j·xⱼ·yₖ₋ⱼ / k, j = 1 … k.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from wengert.graph.dependence import active_inputs
from wengert.graph.primitive import (
    Elementwise,
    Linear,
    Multilinear,
    Primitive,
    Structured,
)
from wengert.graph.types import is_inexact
from wengert.primitives.power_series import (
    Coefficients,
    Slot,
    add_terms,
    fixed,
    product,
)
from wengert.primitives.updating import update_
from wengert.trace.levels import Level, Target, compute
from wengert.trace.mutable import owned_value, write_value
from wengert.trace.tracer import Recorders, Tracer, install_operators, record
from wengert.transforms.rules import or_zeros, spread
from wengert.transforms.structured import push_structured

__all__ = ["expand"]

Series = Coefficients | Slot
Steps = Iterator[Any]
_SMALL = 1024  # bytes of an array that is known by its value


def expand(
    row: Primitive,
    x: Sequence[Series],
    y: Any,
    params: Mapping[str, Any],
    order: int,
) -> list[Any]:
    """Give the coefficients 1 … order of a row's output.

    Parameters
    ----------
    x : sequence of Coefficients
    y : array, or a tuple of arrays
        The coefficient 0.

    Returns
    -------
    list
        Of coefficients, of tuples of them where the row gives a tuple; None for zero.
    """
    if not any(x[i].moves for i in active_inputs(row, len(x))):
        return [None] * order
    series = Coefficients(y, [y])
    steps = _closed(row, series, x, params, order)
    if steps is not None:
        series.follow(steps)
        return [series[k] for k in range(1, order + 1)]
    system = System(order)
    inputs = [Node(system, s) if s.moves else s.value for s in x]
    series = system.enter(row, inputs, params, y)
    coefficients = [series[k] for k in range(1, order + 1)]
    system.table.clear()  # nodes refer to their system: garbage that would wait
    return coefficients


# ----- rules that ask for no nodes -----


def _closed(
    row: Primitive,
    y: Coefficients,
    x: Sequence[Series],
    params: Mapping[str, Any],
    order: int,
) -> Steps | None:
    """Give the coefficients of a row that has a rule by hand, or is linear in each of
    its inputs; None for any other."""
    if row.taylor is not None:
        steps: Steps | None = row.taylor(y, x, order, **params)
        return steps
    active = active_inputs(row, len(x))
    match row:
        case Linear():
            return _linear(row, active, x, params)
        case Multilinear():
            return _multilinear(row, x, params)
        case Structured():
            return _structured(row, x, y.value, params)
        case Elementwise() if all(
            isinstance(row.partials[i], int | float) for i in active if x[i].moves
        ):
            return _weighted(row, active, x, y.value)
        case _:
            return None


def _linear(
    row: Linear, active: Sequence[int], x: Sequence[Series], params: Any
) -> Steps:
    for k in itertools.count(1):
        if all(x[i][k] is None for i in active):
            yield None
            continue
        yield row(
            *(
                or_zeros(s[k], s.value) if i in active else s.value
                for i, s in enumerate(x)
            ),
            **params,
        )


def _multilinear(row: Multilinear, x: Sequence[Series], params: Any) -> Steps:
    for k in itertools.count(1):
        terms = []
        for orders in _compositions(k, [s.moves for s in x]):
            factors = [s[j] for s, j in zip(x, orders, strict=True)]
            if all(factor is not None for factor in factors):
                terms.append(row(*factors, **params))
        yield add_terms(iter(terms))


def _compositions(k: int, moves: Sequence[bool]) -> Iterator[tuple[int, ...]]:
    """Give the ways to write k as a sum, a number for each factor: 0 for one that does
    not move."""
    if len(moves) == 1:
        if moves[0] or k == 0:
            yield (k,)
        return
    for first in range(k + 1 if moves[0] else 1):
        for rest in _compositions(k - first, moves[1:]):
            yield (first, *rest)


def _weighted(
    row: Elementwise, active: Sequence[int], x: Sequence[Series], like: Any
) -> Steps:
    weights: list[Any] = [(i, row.partials[i]) for i in active]
    for k in itertools.count(1):
        terms = (
            x[i][k] if w == 1 else -x[i][k] if w == -1 else w * x[i][k]
            for i, w in weights
            if x[i][k] is not None
        )
        total = add_terms(terms)
        yield None if total is None else spread(total, like)


def _structured(row: Structured, x: Sequence[Series], y: Any, params: Any) -> Steps:
    """Run the branch or loop again for each coefficient, since those of its inputs may
    depend on lower ones of its outputs. It stands in users' rules only."""
    values = [s.value for s in x]
    for k in itertools.count(1):
        given = [[s[j] for s in x] for j in range(1, k + 1)]
        _, found = push_structured(row, values, given, params, series=True)
        yield tuple(map(or_zeros, found[-1], y))


# ----- rules by the derivative -----


class System(Level):
    """The nodes that one row's coefficients ask for.

    Attributes
    ----------
    table : dict
        From row, inputs and params to node.
    """

    __slots__ = ("_kept", "order", "table")

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order = order
        self.table: dict[Any, Any] = {}
        self._kept: list[Any] = []  # what is known in the table by its id

    def enter(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any], y: Any
    ) -> Coefficients:
        """Make the nodes of a row's output y, and give their series."""
        series = Coefficients(y, [y])
        nodes: Any = Node(self, series)
        if row.is_tuple:
            nodes = tuple(
                Node(self, Slot(series, j)) if is_inexact(part.dtype) else part
                for j, part in enumerate(y)
            )
        self.table[self._key(row, inputs, params)] = nodes
        x = [_series(v) for v in inputs]
        steps = _closed(row, series, x, params, self.order)
        if steps is None:
            if isinstance(row, Elementwise):
                steps = self._by_partials(row, nodes, inputs, y)
            else:
                steps = self._by_jvp(row, nodes, inputs, params, y)
        series.follow(steps)
        return series

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Find the node of a row, or make it; a plain value where nothing moves."""
        self.check_open()
        key = self._key(row, inputs, params)
        if key in self.table:
            return self.table[key]
        y = compute(row, [v.value if self._owns(v) else v for v in inputs], params)
        moving = any(
            self._owns(inputs[i]) and inputs[i].series.moves
            for i in active_inputs(row, len(inputs))
        )
        if not moving or not (row.is_tuple or is_inexact(y.dtype)):
            return y
        self.enter(row, inputs, params, y)
        return self.table[key]

    def slope(self, node: Any) -> Any:
        """Give the node of x'(t), whose coefficient k is (k + 1)·xₖ₊₁."""
        x = node.series
        key = "slope", id(x)
        if key not in self.table:
            steps = (None if x[k] is None else k * x[k] for k in itertools.count(1))
            series = Coefficients(or_zeros(x[1], x.value), [], steps)
            self.table[key] = Node(self, series)
        return self.table[key]

    def _by_partials(
        self, row: Elementwise, y: Any, inputs: Sequence[Any], value: Any
    ) -> Steps:
        pairs: list[tuple[Series, Series]] = []
        for v, partial in zip(inputs, row.partials, strict=True):
            if partial is not None and self._owns(v) and v.series.moves:
                slope = partial(y, *inputs) if callable(partial) else partial
                pairs.append((v.series, _series(slope)))
        for k in itertools.count(1):
            terms = (
                product(j * x[j], slope[k - j])
                for x, slope in pairs
                for j in range(1, k + 1)
                if x[j] is not None and slope[k - j] is not None
            )
            total = add_terms(terms)
            yield None if total is None else spread(total / k, value)

    def _by_jvp(
        self, row: Any, y: Any, inputs: Sequence[Any], params: Any, value: Any
    ) -> Steps:
        active = active_inputs(row, len(inputs))
        x_dot = tuple(
            self.slope(v) if i in active and self._owns(v) and v.series.moves else None
            for i, v in enumerate(inputs)
        )
        y_dot = row.jvp(y, tuple(inputs), x_dot, **params)
        if not row.is_tuple:
            series = _series(y_dot)
            for k in itertools.count(1):
                yield None if series[k - 1] is None else series[k - 1] / k
        each = [_series(part) for part in y_dot]
        for k in itertools.count(1):
            found = [part[k - 1] for part in each]
            if all(c is None for c in found):
                yield None
                continue
            yield tuple(
                or_zeros(None if c is None else c / k, like)
                for c, like in zip(found, value, strict=True)
            )

    def _owns(self, x: Any) -> bool:
        return type(x) is Node and x.level is self

    def _key(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        return row, *map(self._key_of, inputs), *sorted(params.items())

    def _key_of(self, x: Any) -> Any:
        if self._owns(x):
            return id(x.series)
        if isinstance(x, Tracer) or getattr(x, "nbytes", 0) > _SMALL:
            self._kept.append(x)
            return id(x)
        array = np.asarray(x)
        return type(x), array.dtype, array.shape, array.tobytes()

    # ----- arrays that a rule writes to -----

    def lift(self, value: Any) -> Any:
        """Make a node of a constant."""
        return Node(self, fixed(value))

    def owned(self, node: Any) -> Any:
        """Copy the value, which is all that is written to."""
        copy = Node(self, node.series)
        copy.value = owned_value(node.value)
        return copy

    def frozen(self, node: Any, needed: bool) -> Any:  # noqa: ARG002
        """Copy the node: its series stays what it is."""
        return self.owned(node)

    def write(self, node: Any, value: Any, target: Target) -> None:
        """Let the node stand for the series of the array after the write."""
        if not hasattr(value, "dtype"):
            value = np.asarray(value, node.dtype)[()]
        params = {"index": target.at, "unique": target.unique}
        found = self.bind(
            update_, [self.frozen(node, True), value, *target.indices], params
        )
        plain = value.value if self._owns(value) else value
        node.value = write_value(node.value, plain, target)
        node.series = _series(found)


class Node(Tracer):
    """A value, and the series of which it is the coefficient 0."""

    __slots__ = ()
    recorders: ClassVar[Recorders] = Recorders(record)
    series: Any = vars(Tracer)["own"]

    def __init__(self, level: Level, series: Series) -> None:
        self.level = level
        self.value = series.value
        self.series = series


install_operators(Node)


def _series(x: Any) -> Series:
    return x.series if type(x) is Node else fixed(x)
