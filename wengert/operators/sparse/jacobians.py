"""Sparse Jacobians and Hessians: as many sweeps as colours, then entries by places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from wengert.errors import NotScalarError
from wengert.graph import Graph
from wengert.graph.types import ArrayType
from wengert.operators.arguments import name_of
from wengert.operators.derivation import Derivation
from wengert.operators.sparse.compression import (
    Block,
    Compression,
    compress,
    compress_symmetric,
)
from wengert.operators.sparse.kept import Kept, recording
from wengert.operators.sparse.sweeps import push_graph, sweep, sweep_back
from wengert.primitives.indexing import ARRAY, Index, scatter_add_
from wengert.scipy.sparse.entries import Entries
from wengert.trace.tracer import Tracer
from wengert.trace.views import has_value
from wengert.transforms.reverse import record_function

__all__ = ["DenseByColors", "Found", "SparseHessian", "SparseJacobian"]


class Found(NamedTuple):
    """The linear map of one call, and how its matrix is compressed.

    Attributes
    ----------
    xs, ys : list
        Leaves of the arguments; zeros like the outputs.
    graph : Graph
        From `push_graph`.
    compression : Compression
    """

    xs: list[Any]
    ys: list[Any]
    graph: Graph
    compression: Compression

    def buffer(self) -> Any:
        """Run all sweeps, and give what they computed as one vector."""
        made, xs, ys = self.compression, self.xs, self.ys
        found: list[Any] = []
        levels = recording(self.graph, xs)
        traced = levels[-1].captured if levels else np.asarray
        if made.colors.forward:
            found += sweep(self.graph, xs, made.seeds(xs, False, traced))
        if made.colors.reverse:
            found += sweep_back(self.graph, xs, made.seeds(ys, True, traced))
        parts = [np.ravel(part) for outputs in found for part in outputs]
        return np.concatenate(parts) if parts else np.zeros(0)

    def blocks(self) -> list[list[Any]]:
        """Compute the matrix: a list for each output, in it one for each argument."""
        buffer = self.buffer()
        return [
            [_assembled(block, buffer, y.dtype) for block in row]
            for row, y in zip(
                self.compression.blocks(self.ys, self.xs), self.ys, strict=True
            )
        ]


class SparseJacobian:
    """Jacobians of one function, with what is kept from call to call.

    Parameters
    ----------
    mode : "auto", "forward" or "reverse"
    """

    def __init__(self, mode: str = "auto") -> None:
        self._kept = Kept(lambda pattern: compress(pattern, mode))

    def __call__(self, call: Derivation) -> Any:
        """Give, for each leaf of the output and each of the argument, a csr_array."""
        rows = self.found(call).blocks()
        return call.arranged(map(call.arguments.like_leaves, rows))

    def found(self, call: Derivation) -> Found:
        """Trace the linear map of a call, and find its colours."""
        call.check(call.leaves, "argument")
        found = _found(call.flat, call.leaves, self._kept)
        call.check(found.ys, "output")
        return found


class DenseByColors:
    """Dense Jacobians of one function, by few sweeps where that is possible."""

    def __init__(self) -> None:
        self._kept = Kept(compress, _MOST_OF_DENSE)

    def __call__(self, call: Derivation) -> list[list[Any]] | None:
        """Give a list for each output, in it an array for each argument; None where it
        takes as many sweeps as without colours, or nearly."""
        if not all(map(has_value, call.leaves)):
            return None  # in the body of a loop nothing can be asked
        found = _found(call.flat, call.leaves, self._kept)
        made: Compression | None = found.compression
        if made is None or _WORTH * made.sweeps > min(made.pattern.shape):
            return None
        call.check(found.ys, "output")
        buffer = found.buffer()
        return [
            [
                _dense(block, buffer, y, x)
                for block, x in zip(row, found.xs, strict=True)
            ]
            for row, y in zip(made.blocks(found.ys, found.xs), found.ys, strict=True)
        ]


_MOST_OF_DENSE = 1_000_000  # entries, that are looked at without being asked to
_WORTH = 2  # times fewer sweeps


class SparseHessian:
    """Hessians of one function, with what is kept from call to call."""

    def __init__(self) -> None:
        self._kept = Kept(compress_symmetric)

    def __call__(self, call: Derivation) -> Any:
        """Give, for each two leaves of the argument, a csr_array."""
        rows = self.found(call).blocks()
        like = call.arguments.like_leaves
        return call.arranged([like(map(like, rows))])

    def found(self, call: Derivation) -> Found:
        """Trace the linear map of a call, and find its colours."""
        call.check(call.leaves, "argument")
        return _found(_gradient(call), call.leaves, self._kept)


def _found(f: Callable[..., Sequence[Any]], xs: list[Any], kept: Kept) -> Found:
    ys, graph = push_graph(f, xs)
    varying = range(len(xs), 2 * len(xs))
    return Found(xs, ys, graph, kept.find(graph, varying, xs))


def _gradient(call: Derivation) -> Callable[..., list[Any]]:
    def gradient(*leaves: Any) -> list[Any]:
        ys, pull = record_function(call.flat, leaves)
        if len(ys) != 1 or ys[0].shape != ():
            shapes = [ArrayType.of(y) for y in ys]
            raise NotScalarError(
                f"hessian(sparse=True) needs a function of one scalar, but "
                f"{name_of(call.f)} returned {shapes}. Perhaps you meant "
                "jacobian(f, sparse=True), or the Hessian of a sum?"
            )
        call.check(ys, "output")
        return pull([np.ones((), ys[0].dtype)[()]])

    return gradient


def _entries(block: Block, buffer: Any, dtype: Any) -> Any:
    data = buffer[block.places]
    return data if data.dtype == dtype else data.astype(dtype)


def _dense(block: Block, buffer: Any, y: Any, x: Any) -> Any:
    flat = scatter_add_(
        _entries(block, buffer, y.dtype),
        block.rows * block.shape[1] + block.indices,
        index=Index((ARRAY,)),
        shape=(block.shape[0] * block.shape[1],),
        unique=True,
    )
    return np.reshape(flat, y.shape + x.shape)


def _assembled(block: Block, buffer: Any, dtype: Any) -> Any:
    data = _entries(block, buffer, dtype)
    if isinstance(data, Tracer):
        return Entries(data, block.rows, block.indices, block.shape)
    # Copies: SciPy's methods may change them in place, as eliminate_zeros does.
    parts = data, block.indices.copy(), block.indptr.copy()
    return scipy.sparse.csr_array(parts, shape=block.shape)
