"""Seeds: the direction of the tangent sweep, the weights of the adjoint sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError
from wengert.graph.types import ArrayType
from wengert.trace.tracer import Tracer

__all__ = ["Seed", "read_seed"]

# By name, by a mapping from names, or one for each; None leaves the choice to explain.
Seed = str | Mapping[str, Any] | Sequence[Any] | float | np.ndarray[Any, Any] | None


def read_seed(
    seed: Any,
    names: Sequence[str],
    types: Sequence[ArrayType],
    what: str,
    structure: Any = None,
) -> list[Any]:
    """Read a seed as one array or NumPy scalar for each input, or output.

    Parameters
    ----------
    seed : str, mapping, sequence, number or array
        A name seeds that input with ones, all others with zeros; a mapping gives
        seeds by name, zeros where it has none; a sequence or other pytree gives one
        for each. A number stands for an array filled with it.
    names, types : sequences
        Of what is seeded.
    what : str
        For messages: "seed" of the inputs, "seed_bar" of the outputs.
    structure : optional
        A seed of this structure is taken leaf by leaf, even if it is a mapping.

    Raises
    ------
    ArgumentError
        If a name is unknown.
    ShapeError
        If the number of seeds or the shape of one does not fit.

    Examples
    --------
    >>> f64 = ArrayType((), np.dtype(float))
    >>> read_seed("x2", ["x1", "x2"], [f64, f64], "seed")
    [np.float64(0.0), np.float64(1.0)]
    """
    if isinstance(seed, str):
        seed = {seed: 1.0}
    leaves, found = tree.flatten(seed)
    if isinstance(seed, Mapping) and (structure is None or found != structure):
        for name in seed:
            if name not in names:
                raise ArgumentError(
                    f"{what}={seed!r}: there is no {name!r} here. "
                    f"The names are {', '.join(map(repr, names))}."
                )
        leaves = [seed.get(name, 0.0) for name in names]
    if len(leaves) != len(names):
        raise ShapeError(
            f"{what} holds {len(leaves)} value{'s' * (len(leaves) != 1)} for the "
            f"{len(names)} of {', '.join(names)}. Give one for each, in this order, "
            f"or the name of one: {what}={names[0]!r}."
        )
    return [
        _filled(leaf, type_, f"{what} of {name}")
        for leaf, name, type_ in zip(leaves, names, types, strict=True)
    ]


def _filled(leaf: Any, type_: ArrayType, what: str) -> Any:
    if isinstance(leaf, Tracer):
        if leaf.shape != type_.shape:
            raise ShapeError(f"the {what} has shape {leaf.shape}, not {type_.shape}")
        return leaf
    if not isinstance(leaf, int | float | complex | np.ndarray | np.generic):
        raise ShapeError(f"the {what} must be a number or an array, not {leaf!r}")
    value = np.asarray(leaf)
    if value.shape not in ((), type_.shape):
        raise ShapeError(
            f"the {what} has shape {value.shape}, but needs {type_.shape}. "
            "Give an array of that shape, or one number to fill it."
        )
    if value.dtype.kind == "c" and type_.dtype.kind != "c":
        raise ShapeError(
            f"the {what} is complex ({value.dtype}), but its place is real "
            f"({type_.dtype}). Give its real part."
        )
    if value.dtype.kind not in "fciu":
        raise ShapeError(f"the {what} is {ArrayType.of(value)!r}, no number")
    return np.full(type_.shape, value, type_.dtype)[()]
