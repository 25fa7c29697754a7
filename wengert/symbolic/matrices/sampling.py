"""Arrays to try a formula at: of other sizes, and of the kind of the given ones.

An array of the user's is an example of what is meant: where it is symmetric, positive
definite, triangular, orthogonal, positive, or sums to one, so are those drawn for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["draw", "name_sizes", "other_sizes"]

# Sizes that no program states as a number, to know them again in the Graph.
_TRACED = (13, 17, 19, 23, 29, 31, 37, 41)
_CHECKED = (4, 5, 7, 9, 10, 12, 14, 15)


def name_sizes(shapes: Sequence[tuple[int, ...]], taken: set[str]) -> dict[int, str]:
    """Name the sizes that arrays have: m and n for a matrix, then others.

    Examples
    --------
    >>> name_sizes([(3,), (5, 3)], set())
    {5: 'm', 3: 'n'}
    """
    matrices = [shape for shape in shapes if len(shape) == 2 and 1 not in shape]
    oblong = [shape for shape in matrices if shape[0] != shape[1]]
    order = oblong + matrices + [shape for shape in shapes if shape not in matrices]
    sizes = list(dict.fromkeys(n for shape in order for n in shape if n != 1))
    letters = [c for c in "mnpqklrsdtuvwh" if c not in taken]
    if len(sizes) == 1 or not oblong:
        letters.sort(key=lambda c: c != "n")
    return dict(zip(sizes, letters, strict=False))


def other_sizes(sizes: Sequence[int], traced: bool) -> dict[int, int]:
    """Give other sizes in the same order, so that a tall matrix stays tall."""
    fresh = _TRACED if traced else _CHECKED
    return dict(zip(sorted(sizes), fresh, strict=False))


def draw(
    array: Any,
    sizes: Mapping[int, int],
    traits: frozenset[str],
    rng: np.random.Generator,
) -> Any:
    """Draw an array of the same kind as a given one, of other sizes."""
    array = np.asarray(array, float)
    shape = tuple(sizes.get(n, n) for n in array.shape)
    kinds = traits | _kinds(array)
    if "orthogonal" in kinds:
        return np.linalg.qr(rng.normal(size=shape))[0]
    if "definite" in kinds:
        root = rng.normal(size=shape)
        return root @ root.T / len(root) + np.eye(len(root))
    if "symmetric" in kinds:
        half = rng.normal(size=shape)
        return (half + half.T) / 2
    if "probability" in kinds:
        weights = rng.uniform(0.2, 1.0, size=shape)
        return weights / weights.sum()
    low = 0.2 if "positive" in kinds else -1.0
    if kinds & {"positive", "unit"}:
        return rng.uniform(low if "positive" in kinds else -0.9, 0.95, size=shape)
    drawn = rng.normal(size=shape)
    if "lower" in kinds:
        return np.tril(drawn) + 2 * np.eye(len(drawn))
    if "upper" in kinds:
        return np.triu(drawn) + 2 * np.eye(len(drawn))
    return drawn


def _kinds(array: Any) -> frozenset[str]:
    kinds = set()
    if array.size and np.all(array > 0):
        kinds.add("positive")
        if array.ndim == 1 and len(array) > 1 and abs(array.sum() - 1) < 1e-12:
            kinds.add("probability")
    if array.ndim == 2 and array.shape[0] == array.shape[1] > 1:
        kinds |= _square_kinds(array)
    return frozenset(kinds)


def _square_kinds(array: Any) -> set[str]:
    if np.allclose(array.T @ array, np.eye(len(array)), atol=1e-12):
        return {"orthogonal"}
    if np.allclose(array, array.T, atol=1e-12):
        smallest = np.linalg.eigvalsh(array)[0]
        return {"symmetric", "definite"} if smallest > 0 else {"symmetric"}
    if np.array_equal(array, np.tril(array)):
        return {"lower"}
    return {"upper"} if np.array_equal(array, np.triu(array)) else set()
