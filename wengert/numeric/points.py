"""Arguments and outputs as flat vectors, and f along a line through them.

Whatever the containers and shapes, a difference needs only a curve φ(t) = f(x + t·v)
from a number to a flat array. `Point` moves x, `Values` flattens what f returns, and
`Line` is the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from wengert.errors import ArgumentError, ShapeError
from wengert.numeric.schemes import Array
from wengert.numeric.steps import unit_roundoff
from wengert.tree import flatten, paths, unflatten

__all__ = ["Curve", "Line", "Point", "Values", "extent", "in_form_of", "is_inexact"]


def is_inexact(leaf: Any) -> bool:
    """Tell whether a leaf is a real or complex floating number or array of such."""
    if isinstance(leaf, (float, complex)):
        return True
    return isinstance(leaf, (np.ndarray, np.generic)) and leaf.dtype.kind in "fc"


def in_form_of(leaf: Any, array: Array) -> Any:
    """Give an array the leaf's own form: Python number, NumPy scalar or array."""
    # np.float64 is a float too; only Python's own numbers are to come back as such.
    if type(leaf) in (float, complex, int, bool):
        return array.item()
    if isinstance(leaf, np.generic):
        return array[()]
    return np.asarray(array)


def extent(array: Array) -> Array:
    """Give, per element, the power of two by which it may well be moved.

    Its own size; but at least that of the largest element beside it, as far as that is
    below 1: a zero among large elements is moved by 1, one among small ones by less.

    Examples
    --------
    >>> extent(np.array([0.0, 8.0])), extent(np.array([0.0, 0.25])), extent(np.zeros(1))
    (array([1., 8.]), array([0.25, 0.25]), array([1.]))
    """
    size = np.abs(array).astype(np.float64)
    size = np.where(np.isfinite(size), size, 1.0)
    largest = float(np.max(size, initial=0.0)) or 1.0
    # No less than 2⁻¹⁰: that an array is tiny throughout is mostly chance.
    least = min(max(largest, 2.0**-10), 1.0)
    return np.asarray(2.0 ** np.round(np.log2(np.maximum(size, least))))


class Point:
    """An argument taken apart: where f is differentiated.

    Parameters
    ----------
    x : tree of inexact leaves
    near : bool
        Whether small elements count as small, as `extent` says; else the size of an
        element is at least 1.

    Raises
    ------
    ArgumentError
        For a leaf that is not floating, or no leaves at all.
    """

    def __init__(self, x: Any, near: bool = False) -> None:
        self.leaves, self.structure = flatten(x)
        self.names = paths(x, "x")
        if not self.leaves:
            raise ArgumentError("x holds no numbers to differentiate by")
        for leaf, name in zip(self.leaves, self.names, strict=True):
            if not is_inexact(leaf):
                raise ArgumentError(
                    f"{name} is {_described(leaf)}; differences need floating numbers. "
                    "Perhaps you meant np.asarray(x, dtype=float), or to close over it?"
                )
        self.arrays: list[Array] = [np.asarray(leaf) for leaf in self.leaves]
        self.shapes = [array.shape for array in self.arrays]
        self.dtypes = [array.dtype for array in self.arrays]
        # Coordinate i is element i − starts[k] of the last leaf k with starts[k] ≤ i.
        sizes = [array.size for array in self.arrays]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
        self.size = int(self.starts[-1])
        self.roundoff = max(unit_roundoff(dtype) for dtype in self.dtypes)
        least = extent if near else _at_least_one
        self.sizes = [least(array) for array in self.arrays]

    def leaf_of(self, coordinate: int) -> int:
        """Find the leaf that holds a coordinate."""
        return int(np.searchsorted(self.starts, coordinate, side="right")) - 1

    def is_complex(self, leaf: int | None = None) -> bool:
        """Tell whether a leaf, or any leaf, is complex."""
        dtypes = self.dtypes if leaf is None else [self.dtypes[leaf]]
        return any(dtype.kind == "c" for dtype in dtypes)

    def along(self, direction: Sequence[Array | None], t: complex) -> Any:
        """Move to x + t·v; None in the direction leaves a leaf where it is.

        For complex t every leaf becomes complex, the resting ones too, so that a real
        output means that f lost an imaginary part.
        """
        moved = []
        lift = t * 0 if np.iscomplexobj(t) else None
        for leaf, array, v in zip(self.leaves, self.arrays, direction, strict=True):
            # Always a copy, also for t = 0: f may write into its argument.
            if v is None or t == 0:
                target = array.copy() if lift is None else array + lift
            else:
                target = array + t * v
            moved.append(in_form_of(leaf, np.asarray(target)))
        return unflatten(self.structure, moved)

    def at(self, displacements: Mapping[int, complex]) -> Any:
        """Move single coordinates, each by its own displacement; as in `along`, all
        leaves become complex where one displacement is."""
        arrays = [array.copy() for array in self.arrays]
        if any(np.iscomplexobj(amount) for amount in displacements.values()):
            arrays = [np.asarray(array + 0j) for array in arrays]
        for coordinate, amount in displacements.items():
            k = self.leaf_of(coordinate)
            arrays[k].reshape(-1)[coordinate - self.starts[k]] += amount
        leaves = zip(self.leaves, arrays, strict=True)
        return unflatten(self.structure, [in_form_of(leaf, a) for leaf, a in leaves])

    def moved(self, displacement: Array) -> Any:
        """Move every coordinate by its element of a flat array (n,)."""
        parts = np.split(displacement, self.starts[1:-1])
        forms = zip(self.leaves, self.arrays, parts, strict=True)
        arrays = [
            (leaf, np.asarray(array + part.reshape(array.shape)))
            for leaf, array, part in forms
        ]
        wide = np.iscomplexobj(displacement)
        return unflatten(
            self.structure,
            [
                in_form_of(leaf, a if wide else a.astype(np.asarray(leaf).dtype))
                for leaf, a in arrays
            ],
        )

    def reach(self, coordinate: int) -> float:
        """Give the step that moves a coordinate by its own size."""
        k = self.leaf_of(coordinate)
        return float(self.sizes[k].reshape(-1)[coordinate - self.starts[k]])

    def reach_along(self, direction: Sequence[Array | None]) -> float:
        """Give the longest step that moves no coordinate by more than its size."""
        fastest = 0.0
        for size, v in zip(self.sizes, direction, strict=True):
            if v is not None and v.size:
                fastest = max(fastest, float(np.max(np.abs(v) / size)))
        return 1.0 / fastest if 0.0 < fastest < np.inf else 1.0

    def direction(self, v: Any) -> list[Array | None]:
        """Check a direction against x and take it apart.

        Raises
        ------
        ArgumentError
            For what is not numeric, or complex where x is real.
        ShapeError
            For another structure or another shape than that of x.
        """
        leaves, structure = flatten(v)
        if structure != self.structure:
            raise ShapeError(
                f"the direction has structure {structure}, x has {self.structure}"
            )
        taken: list[Array | None] = []
        for name, leaf, array in zip(self.names, leaves, self.arrays, strict=True):
            part = np.asarray(leaf)
            if part.dtype.kind not in "biufc":
                raise ArgumentError(f"the direction of {name} is {_described(leaf)}")
            if part.shape != array.shape:
                raise ShapeError(
                    f"the direction of {name} has shape {part.shape}; "
                    f"{name} has shape {array.shape}"
                )
            if part.dtype.kind == "c" and array.dtype.kind != "c":
                raise ArgumentError(
                    f"the direction of {name} is complex, but {name} is real; "
                    "use scheme='complex' for a complex step"
                )
            taken.append(part.astype(array.dtype))
        return taken


class Values:
    """The form of what f returns: structure, shapes and dtypes, learnt from one value.

    Parameters
    ----------
    y : tree of numbers
        f(x).
    root : str
        What it is called in messages.

    Raises
    ------
    ArgumentError
        Where f returns no number.
    """

    def __init__(self, y: Any, root: str = "f(x)") -> None:
        self.leaves, self.structure = flatten(y)
        self.names = paths(y, root)
        if not self.leaves:
            raise ArgumentError(f"{root} is {y!r}: nothing to differentiate")
        arrays = [np.asarray(leaf) for leaf in self.leaves]
        for leaf, array, name in zip(self.leaves, arrays, self.names, strict=True):
            if array.dtype.kind not in "biufc":
                raise ArgumentError(
                    f"{name} is {_described(leaf)}; differences need numbers"
                )
        self.shapes = [array.shape for array in arrays]
        # An integer output is a step function; its differences are real numbers.
        self.dtypes = [
            array.dtype if array.dtype.kind in "fc" else np.dtype(np.float64)
            for array in arrays
        ]
        # At least double, in which single precision values subtract exactly.
        self.wide = np.result_type(np.float64, *self.dtypes)
        sizes = [array.size for array in arrays]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
        self.size = int(self.starts[-1])
        self.roundoff = max(unit_roundoff(dtype) for dtype in self.dtypes)
        self.origin = self.pack(y)

    @property
    def is_complex(self) -> bool:
        """Tell whether any output is complex."""
        return self.wide.kind == "c"

    def pack(self, y: Any, *, complex_step: bool = False) -> Array:
        """Flatten outputs of this form, in double precision at least.

        Raises
        ------
        ShapeError
            Where the structure or a shape is another than at x.
        ArgumentError
            Where a complex step met a function that loses the imaginary part.
        """
        leaves, structure = flatten(y)
        if structure != self.structure:
            raise ShapeError(
                f"expected the structure {self.structure}, got {structure}"
            )
        arrays = [np.asarray(leaf) for leaf in leaves]
        for name, array, shape in zip(self.names, arrays, self.shapes, strict=True):
            if array.shape != shape:
                raise ShapeError(
                    f"expected shape {shape} for {name}, got {array.shape}"
                )
            if array.dtype.kind not in "biufc":
                raise ArgumentError(f"{name} is {_described(array)}, not a number")
            if complex_step and array.dtype.kind != "c":
                raise ArgumentError(
                    f"{name} is {array.dtype} for a complex argument: the complex step "
                    "needs f to be analytic in complex numbers (no abs, real, "
                    "comparison or float dtype inside). Perhaps you meant "
                    "scheme='ridders'?"
                )
        if len(arrays) == 1 and arrays[0].dtype == self.wide:  # as is most often so
            return arrays[0].flatten()
        wide = np.result_type(self.wide, *(array.dtype for array in arrays))
        return np.concatenate([array.reshape(-1).astype(wide) for array in arrays])

    def unpack(self, flat: Array, *, real: bool = False) -> Any:
        """Put a flat array into the form of the outputs, in their dtypes.

        Parameters
        ----------
        flat : array (size,)
        real : bool
            Whether the numbers are errors, real also where the outputs are complex.
        """
        parts = []
        for k, (leaf, shape, dtype) in enumerate(
            zip(self.leaves, self.shapes, self.dtypes, strict=True)
        ):
            part = flat[self.starts[k] : self.starts[k + 1]].reshape(shape)
            if real or dtype.kind != "c":
                part = part.real
            target = np.empty(0, dtype).real.dtype if real else dtype
            parts.append(in_form_of(leaf, part.astype(target)))
        return unflatten(self.structure, parts)

    def name_of(self, coordinate: int) -> str:
        """Write one element of the outputs as in Python: `f(x)['a'][0, 2]`."""
        k = int(np.searchsorted(self.starts, coordinate, side="right")) - 1
        if not self.shapes[k]:
            return self.names[k]
        index = np.unravel_index(coordinate - self.starts[k], self.shapes[k])
        return f"{self.names[k]}[{', '.join(str(int(i)) for i in index)}]"


class Curve(Protocol):
    """What can be differentiated at 0: a curve, or many at once.

    Attributes
    ----------
    origin : array (m,)
        φ(0).
    reach : float
        A step that moves x by about its own size.
    roundoff : float
        u, the worst among arguments and outputs.
    """

    @property
    def origin(self) -> Array:
        """Give φ(0)."""
        ...

    reach: float
    roundoff: float

    def __call__(self, t: complex) -> Array:
        """Evaluate φ(t); imaginary t is a complex step."""
        ...


class Line:
    """The curve φ(t) = f(x + t·v), from a number to a flat array.

    Parameters
    ----------
    f : callable
    move : callable
        From t to the argument x + t·v.
    values : Values
        Made from f(x), so that φ(0) is known.
    reach : float
        A step that moves x by about its own size.
    roundoff : float
        u, the worst among arguments and outputs.

    Attributes
    ----------
    evaluations : int
        How often f was called.
    spread : float
        How far φ went from φ(0) at the longest step.
    """

    def __init__(
        self,
        f: Callable[[Any], Any],
        move: Callable[[complex], Any],
        values: Values,
        reach: float,
        roundoff: float,
    ) -> None:
        self.f, self.move, self.values = f, move, values
        self.reach, self.roundoff = reach, roundoff
        self.evaluations = 0
        self.longest, self.spread = 0.0, 0.0

    @property
    def origin(self) -> Array:
        """Give φ(0)."""
        return self.values.origin

    def __call__(self, t: complex) -> Array:
        """Evaluate φ(t); imaginary t is a complex step."""
        if t == 0:
            return self.origin
        self.evaluations += 1
        y = self.f(self.move(t))
        flat = self.values.pack(y, complex_step=isinstance(t, complex))
        if abs(t) > self.longest:
            moved = np.abs(flat - self.values.origin)
            self.longest = abs(t)
            self.spread = float(np.max(moved, initial=0.0, where=np.isfinite(moved)))
        return flat


def _described(leaf: Any) -> str:
    if isinstance(leaf, (np.ndarray, np.generic)):
        return f"an array of dtype {leaf.dtype} and shape {np.shape(leaf)}"
    return f"{leaf!r} of type {type(leaf).__name__}"


def _at_least_one(array: Array) -> Array:
    size = np.abs(array).astype(np.float64)
    return np.where(np.isfinite(size), np.maximum(size, 1.0), 1.0)
