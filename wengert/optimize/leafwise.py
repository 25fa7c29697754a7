"""Arithmetic of pytrees, leaf by leaf: what update rules are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ShapeError

__all__ = ["apply_step", "like", "norm", "over", "real_zeros", "squared", "zeros"]


def apply_step(params: Any, step: Any) -> Any:
    """Add a step to parameters, each leaf in its own dtype.

    Raises
    ------
    ShapeError
        If the two have different structures.
    """
    return over(lambda p, s: like(p + s, p), params, step)


def norm(values: Any) -> Any:
    """Give the Euclidean norm of all leaves together.

    Examples
    --------
    >>> float(norm({"a": np.array([3.0, 0.0]), "b": 4.0}))
    5.0
    """
    return np.sqrt(sum(np.sum(squared(leaf)) for leaf in tree.flatten(values)[0]))


def over(function: Callable[..., Any], first: Any, *rest: Any) -> Any:
    """Apply a function to corresponding leaves."""
    leaves, structure = tree.flatten(first)
    columns = [leaves]
    for other in rest:
        others, found = tree.flatten(other)
        if found != structure:
            raise ShapeError(
                f"a pytree of the structure {found} meets one of {structure}. "
                "Gradient, state and parameters must have the same structure; "
                "rule.init(params) makes a state."
            )
        columns.append(others)
    return tree.unflatten(
        structure, [function(*each) for each in zip(*columns, strict=True)]
    )


def like(value: Any, leaf: Any) -> Any:
    """Keep a leaf's dtype, which a rate of double precision would promote."""
    dtype = getattr(leaf, "dtype", None)
    return value if dtype is None or value.dtype == dtype else value.astype(dtype)


def squared(x: Any) -> Any:
    """Square the modulus of each element."""
    return np.real(x * np.conj(x)) if np.iscomplexobj(x) else x * x


def zeros(leaf: Any) -> Any:
    """Make zeros like a leaf: an array, or a NumPy scalar."""
    return np.zeros(np.shape(leaf), getattr(leaf, "dtype", float))[()]


def real_zeros(leaf: Any) -> Any:
    """Make zeros like a leaf's real part."""
    return zeros(leaf).real
