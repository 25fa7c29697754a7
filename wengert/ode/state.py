"""The state of a system: a pytree of floats, computed with as one vector.

Example: y = {"x": 1.0, "v": zeros(2)} is a vector of three numbers, ordered as
`tree.flatten` gives the leaves. The vector is float64, or complex128 where a leaf is
complex; f sees each leaf in its own shape and dtype.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError, user_source
from wengert.graph.types import ArrayType
from wengert.operators.bodies import own_copy
from wengert.trace.levels import Level
from wengert.trace.tracer import Tracer
from wengert.transforms.batching import Batched

__all__ = ["State", "System", "members", "newest", "numbers", "plain"]


class State:
    """Structure, shapes and dtypes of y.

    Parameters
    ----------
    operator : str
        For messages.
    y0 : pytree of floats

    Raises
    ------
    ArgumentError
        If a leaf is no float: an integer could not follow the solution.
    """

    def __init__(self, operator: str, y0: Any) -> None:
        self.operator = operator
        leaves, self.structure = tree.flatten(y0)
        arrays = [_array(x) for x in leaves]
        for x, path in zip(arrays, tree.paths(y0, "y0"), strict=True):
            if x.dtype.kind not in "fc":
                raise ArgumentError(
                    f"{operator}: {path} is {ArrayType.of(x)!r} (at {user_source()}). "
                    "The state must be floats: 1.0 for 1, np.asarray(y0, float)."
                )
        if not arrays:
            raise ArgumentError(f"{operator}: y0 holds no array ({user_source()}).")
        self.types = [ArrayType.of(x) for x in arrays]
        is_complex = any(t.dtype.kind == "c" for t in self.types)
        self.dtype = np.dtype(np.complex128 if is_complex else np.float64)
        self._ends = np.cumsum([0, *(math.prod(t.shape) for t in self.types)]).tolist()
        self.start = self._join(arrays)

    @property
    def size(self) -> int:
        """The number of entries of the vector."""
        return int(self._ends[-1])

    def restore(self, vectors: Any) -> Any:
        """Make y of a vector (n,), or a y with a first axis of vectors (k, n)."""
        outer = vectors.shape[:-1]
        leaves = [
            _settle(_shaped(_cut(vectors, a, b), outer + t.shape), t.dtype)
            for t, a, b in zip(self.types, self._ends, self._ends[1:], strict=False)
        ]
        return tree.unflatten(self.structure, leaves)

    def take(self, slope: Any) -> Any:
        """Make a vector of what f has returned.

        Raises
        ------
        ShapeError
            If it is not like y.
        ArgumentError
            If it is complex where y is real.
        """
        leaves, structure = tree.flatten(slope)
        if structure != self.structure:
            leaves = [self._stacked(slope, leaves)]
        arrays = [_array(x) for x in leaves]
        for i, (x, t) in enumerate(zip(arrays, self.types, strict=True)):
            if x.shape != t.shape:
                raise ShapeError(
                    f"{self.operator}: f returned {ArrayType.of(x)!r} for "
                    f"{self._path(i)}, which is {t!r} (at {user_source()}). It must "
                    "return dy/dt, alike in structure and shapes to y."
                )
            if x.dtype.kind == "c" and t.dtype.kind != "c":
                raise ArgumentError(
                    f"{self.operator}: f returned complex numbers for {self._path(i)}, "
                    f"which is {t!r} (at {user_source()}). Start with a complex y0: "
                    "y0 + 0j."
                )
        return self._join(arrays)

    def vector(self, operand: str, values: Any) -> Any:
        """Make a vector of a number for all entries, or of a pytree like y."""
        leaves, structure = tree.flatten(values)
        if structure is tree.LEAF and np.shape(leaves[0]) == ():
            return float(leaves[0])
        try:
            if structure != self.structure:
                leaves = [self._stacked(values, leaves)]
            return self._join(
                [
                    np.broadcast_to(np.asarray(x, float), t.shape)
                    for x, t in zip(leaves, self.types, strict=True)
                ]
            ).real
        except ValueError:
            raise ShapeError(
                f"{self.operator}: {operand} does not fit y0 (at {user_source()}). "
                "Give one number, or one for each entry, in the form of y0."
            ) from None

    def _path(self, i: int) -> str:
        form = tree.unflatten(self.structure, [0.0] * len(self.types))
        return tree.paths(form, "y")[i]

    def _stacked(self, values: Any, leaves: Sequence[Any]) -> Any:
        """Take a list of numbers for an array of them, as SciPy does."""
        if self.structure is tree.LEAF and isinstance(values, list | tuple):
            if self.types[0].shape == (len(leaves),) == (len(values),):
                if all(np.shape(x) == () for x in leaves):
                    return np.stack([_array(x) for x in leaves])
        raise ShapeError(
            f"{self.operator}: a value of the structure {tree.flatten(values)[1]} "
            f"where y has {self.structure} (at {user_source()}). f(t, y, *args) must "
            "return dy/dt, alike in structure and shapes to y."
        )

    def _join(self, arrays: Sequence[Any]) -> Any:
        parts = [_settle(_shaped(x, (x.size,)), self.dtype) for x in arrays]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


class System:
    """dy/dt = f(t, y, *args) on vectors, and the count of evaluations."""

    def __init__(self, f: Callable[..., Any], state: State) -> None:
        self.f, self.state, self.evaluations = f, state, 0

    def __call__(self, t: Any, vector: Any, args: Sequence[Any]) -> Any:
        """Evaluate f; what it writes to afterwards is its own."""
        self.evaluations += 1
        y = self.state.restore(own_copy(vector))
        return own_copy(self.state.take(self.f(t, y, *args)))


def plain(values: Any) -> Any:
    """Give the numbers inside of all Tracers in a pytree.

    Raises
    ------
    MemberValueError
        If they differ between the members of a batch.
    """
    return tree.map_leaves(_inside, values)


def numbers(values: Any) -> Any:
    """Give the numbers inside of all Tracers in a pytree: of a batch, as a batch."""
    return tree.map_leaves(_undifferentiated, values)


def members(x: Any) -> Any:
    """Give the numbers of all members of all batches that x is a part of."""
    while isinstance(x, Tracer):
        x = x.whole if isinstance(x, Batched) else x.settled().value
    return x


def newest(values: Any) -> Level | None:
    """Find the newest level among the Tracers of a pytree."""
    levels = [x.level for x in tree.flatten(values)[0] if isinstance(x, Tracer)]
    return max(levels, key=lambda level: level.number, default=None)


def _inside(x: Any) -> Any:
    while isinstance(x, Tracer):
        x = x.settled()
        if isinstance(x, Batched):
            x = x.level.agreed(x, "an integration goes by a value")
        elif isinstance(x, Tracer):
            x = x.value
    return x


def _undifferentiated(x: Any) -> Any:
    while isinstance(x, Tracer):
        x = x.settled()
        if isinstance(x, Batched):
            return Batched(x.level, _undifferentiated(x.stack))
        x = x.value if isinstance(x, Tracer) else x
    return x


def _array(x: Any) -> Any:
    if isinstance(x, Tracer):
        return x
    array = np.asarray(x)[()]
    if array.dtype.kind not in "fciub":
        raise ArgumentError(
            f"a {type(x).__name__} is no number or array of numbers (at "
            f"{user_source()}): states and slopes must be."
        )
    return array


def _settle(x: Any, dtype: Any) -> Any:
    if x.dtype == dtype:
        return x
    return (x.real if x.dtype.kind == "c" and dtype.kind != "c" else x).astype(dtype)


def _shaped(x: Any, shape: tuple[int, ...]) -> Any:
    return x if x.shape == shape else x.reshape(shape)


def _cut(vectors: Any, a: int, b: int) -> Any:
    return vectors if (a, b) == (0, vectors.shape[-1]) else vectors[..., a:b]
