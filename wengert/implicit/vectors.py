"""A pytree as one real vector, and back.

Law: `form.tree(form.vector(x)) == x`. A complex leaf gives its real parts, then its
imaginary ones: equations between complex numbers are equations between those, whether
they are holomorphic or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError, user_source
from wengert.graph.types import ArrayType
from wengert.operators.arguments import as_result, inexact
from wengert.trace.tracer import Tracer

__all__ = ["Form"]


class Form:
    """The structure, shapes and dtypes of a pytree of floats and arrays.

    Parameters
    ----------
    name : str
        Of the operator, for messages.
    what : str
        Of the pytree: "x0".
    like : pytree

    Attributes
    ----------
    size : int
        The length of the vector.
    """

    def __init__(self, name: str, what: str, like: Any) -> None:
        self.name, self.what = name, what
        leaves, self._structure = tree.flatten(like)
        paths = tree.paths(like, what)
        self.types = []
        for path, leaf in zip(paths, leaves, strict=True):
            try:
                self.types.append(ArrayType.of(inexact(leaf)))
            except ArgumentError as error:
                raise ArgumentError(f"{name}: {path}: {error}") from None
        if not self.types:
            raise ArgumentError(f"{name}: {what} holds no numbers (at {user_source()})")
        # What a result is to be like: a float for a float.
        self._kinds = [
            v if type(v) in (int, float, complex)
            else np.zeros(1) if t.shape else np.float64(0)
            for v, t in zip(leaves, self.types, strict=True)
        ]  # fmt: skip
        self.size = sum(t.size * (1 + (t.dtype.kind == "c")) for t in self.types)
        self.dtype = np.result_type(*[np.zeros((), t.dtype).real for t in self.types])

    def vector(self, x: Any, of: str = "") -> Any:
        """Make the vector of a pytree of this form.

        Raises
        ------
        ShapeError
            If the structure or a shape is another.
        ArgumentError
            If it holds something that is no number, or complex for a real one.
        """
        leaves, structure = tree.flatten(x)
        arrays = [_number(self.name, of or self.what, leaf) for leaf in leaves]
        shapes = [a.shape for a in arrays]
        wanted = [t.shape for t in self.types]
        if structure != self._structure or shapes != wanted:
            raise ShapeError(
                f"{self.name}: {of or self.what} has {_shown(structure, shapes)}, but "
                f"{self.what} has {_shown(self._structure, wanted)} (at "
                f"{user_source()}). There must be one equation for each unknown: make "
                "both alike."
            )
        parts = []
        for array, t in zip(arrays, self.types, strict=True):
            parts += self._parts(array, t, of or self.what)
        flat = [p if p.ndim == 1 else np.reshape(p, (-1,)) for p in parts]
        joined = flat[0] if len(flat) == 1 else np.concatenate(flat)
        return joined if joined.dtype == self.dtype else joined.astype(self.dtype)

    def _parts(self, array: Any, t: ArrayType, of: str) -> list[Any]:
        if t.dtype.kind == "c":
            return [np.real(array), np.imag(array)]
        if array.dtype.kind == "c":
            raise ArgumentError(
                f"{self.name}: {of} is complex where {self.what} is real (at "
                f"{user_source()}). Start with a complex {self.what}, or take real and "
                "imaginary parts."
            )
        return [array]

    def tree(self, vector: Any) -> Any:
        """Make the pytree of a vector."""
        leaves, start = [], 0
        for t in self.types:
            parts = []
            for _ in range(1 + (t.dtype.kind == "c")):
                parts.append(_cut(vector, start, t))
                start += t.size
            part = parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1]
            leaves.append(part if part.dtype == t.dtype else part.astype(t.dtype))
        return tree.unflatten(self._structure, leaves)

    def result(self, vector: Any) -> Any:
        """Make the pytree for the user: floats where floats were given."""
        leaves, structure = tree.flatten(self.tree(vector))
        return tree.unflatten(structure, map(as_result, leaves, self._kinds))


def _cut(vector: Any, start: int, t: ArrayType) -> Any:
    """Take one part out: a copy, since the user's code may write to it."""
    if t.shape == ():
        return vector[start]
    part = vector[start : start + t.size]
    if t.shape != part.shape:
        part = np.reshape(part, t.shape)
    return part if isinstance(part, Tracer) else part.copy()


def _number(name: str, what: str, leaf: Any) -> Any:
    if isinstance(leaf, Tracer):
        return leaf
    array = np.asarray(leaf)
    if array.dtype.kind not in "fciub":
        raise ArgumentError(
            f"{name}: {what} holds a {type(leaf).__name__}, and no number or array of "
            f"numbers (at {user_source()})."
        )
    return array


def _shown(structure: Any, shapes: Sequence[Any]) -> str:
    if structure is tree.LEAF:
        return f"the shape {shapes[0]}"
    listed = ", ".join(map(str, shapes))
    return f"the structure {structure} with the shapes {listed}"
