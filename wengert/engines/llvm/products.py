"""Products of matrices, by BLAS.

BLAS stores matrices by columns, NumPy by rows: the rows of a matrix are the columns of
its transpose, so `C = A·B` is asked for as `Cᵀ = Bᵀ·Aᵀ`.
"""

from __future__ import annotations

from typing import Any

from wengert.engines.llvm.context import Context
from wengert.engines.llvm.text import constant, in_memory
from wengert.engines.loops.program import Product, View

__all__ = ["emit_product"]


def emit_product(context: Context, step: Product) -> None:
    """Add the call of a matrix product to a function."""
    letter = {"f64": "d", "f32": "s"}[step.target.buffer.type]
    call = _Call(context, letter)
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


class _Call:
    """One call: BLAS takes every argument by address."""

    def __init__(self, context: Context, letter: str) -> None:
        self.context = context
        self.letter = letter

    def matrices(self, left: View, right: View, target: View) -> None:
        """Multiply two matrices."""
        (m, k), (_, n) = left.shape, right.shape
        a, lda, a_flipped = self._matrix(left)
        b, ldb, b_flipped = self._matrix(right)
        c = self._pointer(target)
        one, zero = self._number(1.0), self._number(0.0)
        self._do("gemm", [
            self._letter("T" if b_flipped else "N"),
            self._letter("T" if a_flipped else "N"),
            self._int(n), self._int(m), self._int(k), one, b, self._int(ldb),
            a, self._int(lda), zero, c, self._int(n),
        ])  # fmt: skip

    def vector(self, matrix: View, x: View, target: View) -> None:
        """Multiply a matrix and a vector."""
        m, k = matrix.shape
        a, lda, flipped = self._matrix(matrix)
        # By rows means the transpose by columns.
        shape = (m, k) if flipped else (k, m)
        (step,) = x.strides
        self._do("gemv", [
            self._letter("N" if flipped else "T"),
            self._int(shape[0]), self._int(shape[1]), self._number(1.0),
            a, self._int(lda), self._pointer(x), self._int(max(1, step)),
            self._number(0.0), self._pointer(target), self._int(1),
        ])  # fmt: skip

    def _matrix(self, view: View) -> tuple[str, int, bool]:
        """Give address, leading dimension, and whether it stands by columns."""
        (m, n), (down, across) = view.shape, view.strides
        if (n == 1 or across == 1) and (m == 1 or down >= n):
            return self._pointer(view), max(1, down if m > 1 else n), False
        return self._pointer(view), max(1, across if n > 1 else m), True

    def _pointer(self, view: View) -> str:
        pointer = self.context.pointers[view.buffer]
        if not view.offset:
            return pointer
        word = in_memory(view.buffer.type, 0)
        return self.context.function.value(
            f"getelementptr inbounds {word}, ptr {pointer}, i64 {view.offset}"
        )

    def _int(self, value: int) -> str:
        return self._constant(f"i{value}", f"i32 {value}")

    def _letter(self, letter: str) -> str:
        return self._constant(f"c{letter}", f"i8 {ord(letter)}")

    def _number(self, value: float) -> str:
        type = {"d": "f64", "s": "f32"}[self.letter]
        word = {"d": "double", "s": "float"}[self.letter]
        text = f"{word} {constant(value, type)}"
        return self._constant(f"{self.letter}{value:g}", text)

    def _constant(self, name: str, text: str) -> str:
        self.context.module.define(
            f"const.{name}", f"@const.{name} = private unnamed_addr constant {text}"
        )
        return f"@const.{name}"

    def _do(self, name: str, arguments: list[Any]) -> None:
        symbol = f"wengert_{self.letter}{name}"
        types = ", ".join(["ptr"] * len(arguments))
        self.context.module.declare(symbol, "void", types)
        listed = ", ".join(f"ptr {argument}" for argument in arguments)
        self.context.function.do(f"call void @{symbol}({listed})")
