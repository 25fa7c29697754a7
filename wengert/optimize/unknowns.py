"""Unknowns and their bounds: the user's pytree, SciPy's vector."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.optimize

from wengert import tree
from wengert.errors import ArgumentError, ShapeError
from wengert.implicit.vectors import Form

__all__ = ["Unknowns", "as_vector", "box"]


class Unknowns:
    """The form of x, and where to start.

    Parameters
    ----------
    name : str
        Of the solver, for messages.
    x0 : pytree of numbers and arrays
        A list or tuple of nothing but numbers is an array, as SciPy says; integers
        stand for floats.

    Attributes
    ----------
    form : Form
    start : array (n,)
    """

    def __init__(self, name: str, x0: Any) -> None:
        self.name, self.x0 = name, tree.map_leaves(_as_float, _as_array(x0))
        self.form = Form(name, "x0", self.x0)
        self.start = np.array(self.form.vector(self.x0))
        if not np.isfinite(self.start).all():
            raise ArgumentError(f"{name}: x0 is not finite: {x0!r}")

    def tree(self, v: Any) -> Any:
        """Make the pytree that f takes of a vector."""
        return self.form.tree(v)

    def result(self, v: Any) -> Any:
        """Make the pytree that the user gets."""
        return self.form.result(np.asarray(v))

    def spread(self, what: str, values: Any, none: float = np.nan) -> Any:
        """Make a vector of what is like x0, or a part of its outer structure, or one
        number; None stands for `none`."""
        leaves = tree.flatten(self.x0)[0]
        try:
            parts = tree.spread_prefix(values, self.x0)
            full = [
                np.broadcast_to(
                    np.asarray(none if part is None else part, float), np.shape(leaf)
                )
                for part, leaf in zip(parts, leaves, strict=True)
            ]
        except (TypeError, ValueError) as error:
            raise ShapeError(
                f"{self.name}: {what} does not fit x0: {error}. It is one number, or "
                "like x0."
            ) from None
        if any(t.dtype.kind == "c" for t in self.form.types):
            raise ArgumentError(f"{self.name}: {what} of complex unknowns has no order")
        return np.concatenate([np.reshape(part, -1) for part in full])


def box(unknowns: Unknowns, bounds: Any) -> tuple[Any, Any]:
    """Give the lower and the upper bounds of the vector.

    Parameters
    ----------
    unknowns : Unknowns
    bounds : scipy.optimize.Bounds or (lower, upper)
        Of pytrees, or numbers; None is no bound.
    """
    if isinstance(bounds, scipy.optimize.Bounds):
        lower, upper = bounds.lb, bounds.ub
        if lower.size == 1:
            lower = lower.reshape(())[()]
        if upper.size == 1:
            upper = upper.reshape(())[()]
    else:
        try:
            lower, upper = bounds
        except (TypeError, ValueError):
            raise ArgumentError(
                f"{unknowns.name}: bounds are (lower, upper), each like x0, or one "
                f"number, or None; not {bounds!r}"
            ) from None
    low = _side(unknowns, "the lower bound", lower, -np.inf)
    high = _side(unknowns, "the upper bound", upper, np.inf)
    if (low > high).any():
        raise ArgumentError(
            f"{unknowns.name}: {int((low > high).sum())} lower bounds are above the "
            "upper ones"
        )
    return low, high


def as_vector(values: Any) -> Any:
    """Put the leaves of a pytree into one vector; they may be traced."""
    leaves = tree.flatten(values)[0]
    if not leaves:
        return np.zeros(0)
    flat = [leaf if np.ndim(leaf) == 1 else np.reshape(leaf, (-1,)) for leaf in leaves]
    return flat[0] if len(flat) == 1 else np.concatenate(flat)


def _side(unknowns: Unknowns, what: str, values: Any, none: float) -> Any:
    if isinstance(values, list | tuple) and isinstance(unknowns.x0, np.ndarray):
        values = np.array([none if v is None else v for v in values], float)
    return unknowns.spread(what, values, none)


def _as_array(x0: Any) -> Any:
    if type(x0) in (list, tuple):
        leaves = tree.flatten(x0)[0]
        if leaves and all(isinstance(v, float | int | np.number) for v in leaves):
            try:
                return np.array(x0, float)
            except ValueError:
                return x0  # ragged: a pytree
    return x0


def _as_float(leaf: Any) -> Any:
    if isinstance(leaf, bool):
        return leaf
    if isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind in "iu":
        return leaf.astype(float)
    return float(leaf) if isinstance(leaf, int) else leaf
