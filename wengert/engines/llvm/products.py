"""Products of matrices, by BLAS.

BLAS stores matrices by columns, NumPy by rows: the rows of a matrix are the columns of
its transpose, so `C = A·B` is asked for as `Cᵀ = Bᵀ·Aᵀ`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wengert.engines.llvm.context import Context, address
from wengert.engines.llvm.fortran import call_routine, number
from wengert.engines.loops.expressions import Type
from wengert.engines.loops.program import Product, View

__all__ = ["emit_product"]


def emit_product(context: Context, step: Product) -> None:
    """Add the call of a matrix product to a function."""
    call = _Call(context, step.target.buffer.type)
    left, right, target = step.left, step.right, step.target
    if len(left.shape) == len(right.shape) == 2 and right.shape[1] == 1:
        call.vector(left, _without(right, 1), _without(target, 1))
    elif len(left.shape) == len(right.shape) == 2 and left.shape[0] == 1:
        call.vector(_transposed(right), _without(left, 0), _without(target, 0))
    elif len(left.shape) == 2 and len(right.shape) == 2:
        call.matrices(left, right, target)
    elif len(left.shape) == 2:
        call.vector(left, right, target)
    else:
        call.vector(_transposed(right), left, target)


def _without(view: View, axis: int) -> View:
    """Drop an axis of length 1."""
    other = 1 - axis
    return view._replace(shape=(view.shape[other],), strides=(view.strides[other],))


def _transposed(view: View) -> View:
    return view._replace(shape=view.shape[::-1], strides=view.strides[::-1])


class _Pointer(NamedTuple):
    """The address of an array."""

    name: str


class _Call:
    """One call."""

    def __init__(self, context: Context, type: Type) -> None:
        self.context = context
        self.type = type

    def matrices(self, left: View, right: View, target: View) -> None:
        """Multiply two matrices."""
        (m, k), (_, n) = left.shape, right.shape
        a, lda, a_flipped = self._matrix(left)
        b, ldb, b_flipped = self._matrix(right)
        c = self._pointer(target)
        self._do("gemm", [
            "T" if b_flipped else "N", "T" if a_flipped else "N",
            n, m, k, 1.0, b, ldb, a, lda, 0.0, c, n,
        ])  # fmt: skip

    def vector(self, matrix: View, x: View, target: View) -> None:
        """Multiply a matrix and a vector."""
        m, k = matrix.shape
        a, lda, flipped = self._matrix(matrix)
        # By rows means the transpose by columns.
        shape = (m, k) if flipped else (k, m)
        (step,) = x.strides
        self._do("gemv", [
            "N" if flipped else "T", *shape, 1.0, a, lda,
            self._pointer(x), max(1, step), 0.0, self._pointer(target), 1,
        ])  # fmt: skip

    def _matrix(self, view: View) -> tuple[_Pointer, int, bool]:
        """Give address, leading dimension, and whether it stands by columns."""
        (m, n), (down, across) = view.shape, view.strides
        if (n == 1 or across == 1) and (m == 1 or down >= n):
            return self._pointer(view), max(1, down if m > 1 else n), False
        return self._pointer(view), max(1, across if n > 1 else m), True

    def _pointer(self, view: View) -> _Pointer:
        return _Pointer(address(self.context, view))

    def _do(self, name: str, arguments: Sequence[_Pointer | str | float]) -> None:
        given = [
            argument.name
            if isinstance(argument, _Pointer)
            else number(self.context, argument, self.type)
            for argument in arguments
        ]
        call_routine(self.context, name, self.type, given)
