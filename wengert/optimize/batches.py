"""Data in batches: each epoch in another order, which seed and epoch determine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError

__all__ = ["Batches"]


class Batches:
    """Data cut along their first axis.

    Parameters
    ----------
    data : pytree of arrays
        All with the same first axis.
    batch : int, optional
        How many at a time; all by default. The last of an epoch may be smaller.
    seed : int or None
        None: always in the order of the data.

    Attributes
    ----------
    count : int
        Observations.
    in_epoch : int
        Batches in an epoch.
    """

    def __init__(self, data: Any, batch: int | None, seed: int | None) -> None:
        leaves, self._structure = tree.flatten(data)
        self._leaves = [np.asarray(leaf) for leaf in leaves]
        lengths = {a.shape[0] if a.ndim else None for a in self._leaves}
        if len(lengths) != 1 or lengths <= {None, 0}:
            shapes = ", ".join(
                f"{name} {a.shape}"
                for name, a in zip(tree.paths(data, "data"), self._leaves, strict=True)
            )
            raise ShapeError(
                "data need one first axis that is not empty, that of observations: "
                f"{shapes}"
            )
        self.count: int = lengths.pop() or 0
        if batch is not None and not batch > 0:
            raise ArgumentError(f"batch={batch!r}; it is a positive number")
        self._batch = min(batch or self.count, self.count)
        self._seed = seed
        self.in_epoch = -(-self.count // self._batch)

    def epoch(self, number: int, skip: int = 0) -> Iterator[Any]:
        """Give the batches of one epoch, from the one after the first `skip` on."""
        if self.in_epoch == 1:
            if not skip:
                yield tree.unflatten(self._structure, self._leaves)
            return
        order = np.arange(self.count)
        if self._seed is not None:
            # Of seed and epoch alone, so that a resumed run goes on where it was.
            order = np.random.default_rng([self._seed, number]).permutation(self.count)
        for start in range(skip * self._batch, self.count, self._batch):
            picked = order[start : start + self._batch]
            yield tree.unflatten(self._structure, [a[picked] for a in self._leaves])
