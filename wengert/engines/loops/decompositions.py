"""Decompositions of matrices by LAPACK: Cholesky, eigenvalues, singular values, QR."""

from __future__ import annotations

import math

from wengert.engines.loops.affine import Index
from wengert.engines.loops.expressions import Expression, Type
from wengert.engines.loops.failures import INDEFINITE, NO_EIGENVALUES, NO_SVD
from wengert.engines.loops.matrices import (
    COLUMNS,
    Writer,
    by_columns,
    given,
    in_turn,
    leading,
    read_memory,
    turned,
    where,
    written,
)
from wengert.engines.loops.program import Operand, View
from wengert.engines.loops.reading import Reader
from wengert.graph import Atom

__all__ = ["DECOMPOSITIONS"]

# The pullback of a Cholesky factor goes by blocks of so many rows, or 16 of them.
_BLOCK, _BLOCKS = 64, 16


def _mean(reader: Reader, atom: Atom, here: Index, type: Type) -> Expression:
    """Read a matrix made symmetric: rows of symmetric matrices begin with that."""
    build = reader.build
    both = build.add(reader.read(atom, here), reader.read(atom, turned(here)))
    return build.cast(build.mul(both, build.constant(0.5, both.type)), type)


def _cholesky(w: Writer) -> None:
    (x,), (y,) = w.inputs, w.outputs
    *stack, n, _ = x.type.shape
    factor, info = w.place(y), w.scratch(*stack, type="i32")

    def lower(reader: Reader, here: Index) -> Expression:
        zero = reader.build.constant(0, w.type)
        return where(reader, "ge", here, _mean(reader, x, here, w.type), zero)

    w.write(factor, lower)
    # The lower triangle by rows is the upper one by columns.
    w.call("potrf", math.prod(stack), "U", n, written(factor, 2), n, written(info))
    w.check(info, INDEFINITE)
    w.around.settle(y, factor)


def _eigh(w: Writer) -> None:
    (x,), (values, vectors) = w.inputs, w.outputs
    *stack, n, _ = x.type.shape
    wanted = w.around.is_used(vectors)
    a = w.write(
        w.scratch(*stack, n, n), lambda reader, here: _mean(reader, x, here, w.type)
    )
    spectrum = w.place(values)
    info = w.scratch(*stack, type="i32")
    size = max(1 + 6 * n + 2 * n * n if wanted else 2 * n + 1, (COLUMNS + 2) * n)
    places = 3 + 5 * n if wanted else 1
    w.call(
        "syevd", math.prod(stack), "V" if wanted else "N",
        "L" if w.params["lower"] else "U", n, written(a, 2), n,
        written(spectrum, 1), in_turn(w.scratch(size)), size,
        in_turn(w.scratch(places, type="i32")), places, written(info),
    )  # fmt: skip
    w.check(info, NO_EIGENVALUES)
    w.around.settle(values, spectrum)
    if wanted:
        w.around.settle(vectors, by_columns(a))


def _cholesky_back(w: Writer) -> None:
    """Go back over the blocks of the factor, last one first, as `pull_blocks` in
    `primitives/cholesky.py` does; only lower triangles are read."""
    factor, seed = w.inputs
    (y,) = w.outputs
    *stack, n, _ = y.type.shape
    view = w.matrices(factor, tuple(stack))
    if leading(view)[1]:
        view = w.copy(w.scratch(*stack, n, n), factor)
    bar = w.copy(w.scratch(*stack, n, n), seed)
    size = min(n, max(_BLOCK, -(-n // _BLOCKS)))
    blocks = _Blocks(w, view, bar, w.scratch(*stack, size, size))
    for end in range(n, 0, -size):
        blocks.pull(max(0, end - size), end)

    def both(reader: Reader, here: Index) -> Expression:
        half = reader.build.constant(0.5, w.type)
        return reader.build.mul(_mirrored(reader, bar, here), half)

    w.write(w.around.stored(y), both)


def _mirrored(reader: Reader, view: View, here: Index) -> Expression:
    """Read the lower triangle for both."""
    below, above = (read_memory(reader, view, index) for index in (here, turned(here)))
    return where(reader, "ge", here, below, above)


class _Blocks:
    """The sweep over the blocks of a Cholesky factor D; see `_cholesky_back`."""

    def __init__(self, w: Writer, factor: View, bar: View, square: View) -> None:
        self.w, self.factor, self.bar, self.square = w, factor, bar, square
        self.count = math.prod(bar.shape[:-2])
        self.n = bar.shape[-1]
        self.lead = leading(factor)[0]

    def pull(self, start: int, end: int) -> None:
        """Pull back rows and columns start to end."""
        w, n, b, rest = self.w, self.n, end - start, self.n - end
        if rest:
            # B D = bar, of the rows below; then what they were made of.
            w.call(
                "trsm", self.count, "L", "U", "N", "N", b, rest, 1.0,
                self._d(start, start), self.lead, self._bar(end, start), n,
            )  # fmt: skip
            self._subtract(False, (end, start), (start, 0), (end, 0), rest, b, start)
            self._subtract(True, (end, start), (end, 0), (start, 0), b, rest, end)
        w.call(
            "trmm", self.count, "R", "U", "T", "N", b, b, 1.0,
            self._d(start, start), self.lead, self._bar(start, start), n,
        )  # fmt: skip
        middle = self._middle(start, b)
        if start:
            w.call(
                "gemm", self.count, "N", "N", start, b, b, -1.0,
                self._d(start, 0), self.lead, given(middle, 2), self.square.shape[-1],
                1.0, self._bar(start, 0), n,
            )  # fmt: skip

    def _middle(self, start: int, b: int) -> View:
        """Solve D⁻ᵀ (S + Sᵀ) D⁻¹ of the block on the diagonal, and put it there."""
        w, size = self.w, self.square.shape[-1]
        corner = (*self.bar.shape[:-2], b, b)
        block = self.bar._replace(
            shape=corner, offset=self.bar.offset + start * self.n + start
        )
        middle = self.square._replace(shape=corner)
        w.write(middle, lambda reader, here: _mirrored(reader, block, here))
        for side, trans in (("L", "N"), ("R", "T")):
            w.call(
                "trsm", self.count, side, "U", trans, "N", b, b, 1.0,
                self._d(start, start), self.lead, written(middle, 2), size,
            )  # fmt: skip
        w.write(block, lambda reader, here: read_memory(reader, middle, here))
        return middle

    def _subtract(
        self,
        is_turned: bool,
        left: tuple[int, int],
        right: tuple[int, int],
        target: tuple[int, int],
        m: int,
        k: int,
        n: int,
    ) -> None:
        """bar[target] −= bar[left]·D[right], m×k by k×n; or with bar[left] turned."""
        if n:
            self.w.call(
                "gemm", self.count, "N", "T" if is_turned else "N", n, m, k, -1.0,
                self._d(*right), self.lead, self._bar(*left), self.n,
                1.0, self._bar(*target), self.n,
            )  # fmt: skip

    def _d(self, row: int, column: int) -> Operand:
        return given(self.factor, 2, row * self.lead + column)

    def _bar(self, row: int, column: int) -> Operand:
        return written(self.bar, 2, row * self.n + column)


def _qr(w: Writer) -> None:
    (x,), (q, r) = w.inputs, w.outputs
    *stack, m, n = x.type.shape
    count, info = math.prod(stack), w.scratch(1, type="i32")
    a = w.copy(w.scratch(*stack, n, m), x, transposed=True)
    tau, size = w.scratch(*stack, n), COLUMNS * n
    work = in_turn(w.scratch(size)), size, written(info, 1)
    ending = written(a, 2), m, written(tau, 1), *work
    w.call("geqrf", count, m, n, *ending)

    def upper(reader: Reader, here: Index) -> Expression:
        zero = reader.build.constant(0, w.type)
        return where(reader, "le", here, read_memory(reader, a, turned(here)), zero)

    w.around.settle(r, w.write(w.place(r), upper))
    if w.around.is_used(q):
        w.call("orgqr", count, m, n, n, *ending)
        w.around.settle(q, by_columns(a))


def _svd(w: Writer) -> None:
    (x,), (u, s, vh) = w.inputs, w.outputs
    *stack, m, n = x.type.shape
    k = min(m, n)
    wanted = w.around.is_used(u) or w.around.is_used(vh)
    a = w.copy(w.scratch(*stack, n, m), x, transposed=True)
    left, right = (
        (w.scratch(*stack, k, m), w.scratch(*stack, n, k))
        if wanted
        else (w.scratch(1, 1), w.scratch(1, 1))
    )
    values, info = w.place(s), w.scratch(*stack, type="i32")
    size = 4 * k * k + 7 * k if wanted else 3 * k + max(m, n, 7 * k)
    size += COLUMNS * (m + n)
    w.call(
        "gesdd", math.prod(stack), "S" if wanted else "N", m, n, written(a, 2), m,
        written(values, 1), written(left, 2), m, written(right, 2), k,
        in_turn(w.scratch(size)), size, in_turn(w.scratch(8 * k, type="i32")),
        written(info),
    )  # fmt: skip
    w.check(info, NO_SVD)
    w.around.settle(s, values)
    if wanted:
        w.around.settle(u, by_columns(left))
        w.around.settle(vh, by_columns(right))


DECOMPOSITIONS = {
    "cholesky": _cholesky,
    "cholesky_back": _cholesky_back,
    "eigh": _eigh,
    "qr": _qr,
    "svd": _svd,
}
