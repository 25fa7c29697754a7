"""What f gives back: which leaves a Graph computes, as what, and which never change.

A plain run and a traced run of f on the same arguments are laid side by side. The plain
one says of which Python type each leaf is; the traced one, whether it depends on what
is traced. Where they do not agree, f is no function of its arguments, or not one that
can be recorded, and no Graph must stand for it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.engines.signature import (
    Array,
    Bool,
    Complex,
    Constant,
    Float,
    Int,
    NumpyScalar,
    leaf_type,
)
from wengert.errors import WengertError
from wengert.graph.types import ArrayType
from wengert.operators.compilation.calls import is_plain_dtype
from wengert.operators.compilation.containers import put_together
from wengert.operators.compilation.surroundings import same_bytes

__all__ = ["Disagreement", "Outline", "check_values", "outline"]


class Disagreement(WengertError, ValueError):
    """Say why a traced run does not stand for the plain one.

    Attributes
    ----------
    of_dtypes : bool
        Whether a dtype is another.
    """

    def __init__(self, reason: str, of_dtypes: bool = False) -> None:
        super().__init__(reason)
        self.of_dtypes = of_dtypes


class Outline:
    """The form of a result, and its leaves, as `engines.signature` describes them."""

    def __init__(self, structure: Any, leaves: Sequence[Any]) -> None:
        self.structure = structure
        self.leaves = tuple(leaves)
        self._makers = [_MAKERS.get(type(leaf), _as_it_is) for leaf in leaves]

    @property
    def computed(self) -> list[int]:
        """The positions of the leaves that a Graph computes."""
        return [i for i, v in enumerate(self.leaves) if not isinstance(v, Constant)]

    def fill(self, outputs: Sequence[Any]) -> list[Any]:
        """Give all leaves, those computed as they come from an engine."""
        rest = iter(outputs)
        return [v.object if type(v) is Constant else next(rest) for v in self.leaves]

    def restore(self, outputs: Sequence[Any]) -> Any:
        """Give what f would give: containers, Python numbers where it gives them."""
        leaves = map(_make, self._makers, self.fill(outputs))
        return put_together(self.structure, leaves)


def outline(
    plain: tuple[list[Any], Any], traced: tuple[list[Any], Any], ours: Sequence[bool]
) -> Outline:
    """Describe the result of a plain run, knowing that of a traced run.

    Parameters
    ----------
    plain, traced : tuple
        Leaves and structure of the two results. Traced leaves are values.
    ours : sequence of bool
        Which of the traced leaves depend on what is traced, or are arrays.

    Raises
    ------
    Disagreement
        If structures, types or constants differ.
    """
    leaves, structure = plain
    if structure != traced[1]:
        raise Disagreement("its result has another structure when it is traced")
    described = [
        _computed(p, t) if own else _same_constant(p, t)
        for p, t, own in zip(leaves, traced[0], ours, strict=True)
    ]
    return Outline(structure, described)


def check_values(
    plain: Sequence[Any], traced: Sequence[Any], again: Callable[[], Sequence[Any]]
) -> None:
    """Compare the values of two runs.

    Parameters
    ----------
    plain, traced : sequence
        Leaves of the results.
    again : callable
        Runs f plainly once more, and gives the leaves. Asked, twice, where values are
        close but not equal: f may round differently when it is traced or its arguments
        are laid out otherwise; or it depends on something else, as the time.

    Raises
    ------
    Disagreement
        If they are not the same, but for rounding.
    """
    if _all(_equal, plain, traced):
        return
    if not _all(_close, plain, traced):
        raise Disagreement("it gives another result when it is traced")
    if not _all(_equal, again(), again()):
        raise Disagreement("it gives two results for the same arguments")


def _all(
    same: Callable[[Any, Any], bool], plain: Sequence[Any], other: Sequence[Any]
) -> bool:
    return len(plain) == len(other) and all(
        same(p, q) for p, q in zip(plain, other, strict=True) if _is_number(p)
    )


def _computed(plain: Any, traced: Any) -> Any:
    described = _described(plain)
    if described is None:
        raise Disagreement(f"it returns a {type(plain).__name__} of what is traced")
    found = ArrayType(traced.shape, traced.dtype)
    wanted = leaf_type(described)
    if found.shape != wanted.shape:
        raise Disagreement(f"its result has the shape {found.shape} when it is traced")
    if found.dtype != wanted.dtype:
        raise Disagreement(
            f"it returns {wanted!r}, but {found!r} when it is traced", of_dtypes=True
        )
    return described


def _described(leaf: Any) -> Any:
    kind = type(leaf)
    if kind in _PYTHON:
        return _PYTHON[kind]
    if kind is np.ndarray and is_plain_dtype(leaf.dtype):
        return Array(leaf.shape, leaf.dtype)
    if isinstance(leaf, np.generic) and is_plain_dtype(leaf.dtype):
        return NumpyScalar(leaf.dtype)
    return None


_PYTHON = {float: Float(), complex: Complex(), int: Int(), bool: Bool()}


def _same_constant(plain: Any, traced: Any) -> Constant:
    """Take a constant of f's if the next call may be given the same object."""
    if plain is traced and not isinstance(plain, _CHANGING):
        return Constant(plain)
    if isinstance(plain, _NUMBERS) and isinstance(traced, _NUMBERS):
        # Operators give np.float64 for what is constant in a trace.
        if plain == traced or (plain != plain and traced != traced):
            return Constant(plain)
    elif type(plain) is type(traced) and type(plain) in _ATOMS and plain == traced:
        return Constant(plain)
    raise Disagreement(
        f"it returns a {type(plain).__name__} that is another when it is traced"
    )


_ATOMS = (str, bytes, frozenset, range, slice)
_NUMBERS = (int, float, complex, np.number, np.bool_)
_CHANGING = (types.GeneratorType, types.CoroutineType, map, filter, zip)


def _is_number(x: Any) -> bool:
    return isinstance(x, (*_NUMBERS, np.ndarray))


def _equal(x: Any, y: Any) -> bool:
    x, y = np.asarray(x), np.asarray(y)
    return x.shape == y.shape and x.dtype == y.dtype and same_bytes(x, y)


def _close(x: Any, y: Any) -> bool:
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype.kind not in "fc":
        return _equal(x, y)
    with np.errstate(all="ignore"):
        finite = np.isfinite(x)
        scale = np.max(np.abs(x), initial=0.0, where=finite)
        bound = scale * np.sqrt(np.finfo(x.dtype).eps)
        near = np.abs(x - y) <= bound
        same = (x == y) | ((x != x) & (y != y))
        return bool(np.all(near | same))


def _as_it_is(value: Any) -> Any:
    return value


def _make(maker: Callable[[Any], Any], value: Any) -> Any:
    return maker(value)


# An engine gives arrays or NumPy scalars for outputs of shape (); f gives either.
_MAKERS: dict[type, Callable[[Any], Any]] = {
    Array: np.asarray,
    NumpyScalar: lambda value: value[()],
    Float: float,
    Complex: complex,
    Int: int,
    Bool: bool,
}
