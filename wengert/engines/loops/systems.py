"""Systems of equations, inverses and determinants by LAPACK."""

from __future__ import annotations

import math

from wengert.engines.loops.affine import Index, broadcast_index, linear
from wengert.engines.loops.expressions import Expression
from wengert.engines.loops.failures import SINGULAR
from wengert.engines.loops.matrices import (
    COLUMNS,
    Factors,
    Writer,
    by_columns,
    given,
    in_turn,
    is_not_zero,
    leading,
    read_memory,
    written,
)
from wengert.engines.loops.program import Check, Reduction, View
from wengert.engines.loops.reading import Reader
from wengert.engines.loops.scalars import SCALARS

__all__ = ["SYSTEMS"]


def _triangular_solve(w: Writer) -> None:
    (a, b), (y,) = w.inputs, w.outputs
    *stack, n, m = y.type.shape
    count, target = math.prod(stack), w.around.stored(y)
    matrix = w.matrices(a, tuple(stack))
    if not w.params["unit"]:
        _refuse_zeros(w, matrix)
    w.copy(target, b)
    lead, flipped = leading(matrix)
    # By rows, the lower triangle is the upper one of the transpose by columns.
    lower = w.params["lower"] == flipped
    letters = "L" if lower else "U", "U" if w.params["unit"] else "N"
    factor = given(matrix, 2), lead
    if m == 1:
        trans = "N" if flipped else "T"
        w.call(
            "trsv", count, letters[0], trans, letters[1], n, *factor,
            written(target, 2), 1,
        )  # fmt: skip
        return
    # A Y = B is Yᵀ Aᵀ = Bᵀ, and the transposes are what BLAS reads.
    trans = "T" if flipped else "N"
    w.call(
        "trsm", count, "R", letters[0], trans, letters[1], m, n, 1.0, *factor,
        written(target, 2), m,
    )  # fmt: skip


def _refuse_zeros(w: Writer, matrix: View) -> None:
    """Leave where a diagonal has a zero, as trtrs does."""
    *stack, n, _ = matrix.shape
    *strides, down, across = matrix.strides
    diagonal = View(
        matrix.buffer, (*stack, n), (*strides, down + across), matrix.offset
    )
    found = w.scratch(1, type="bool")

    def is_zero(reader: Reader, here: Index) -> Expression:
        value = read_memory(reader, diagonal, here)
        return reader.build.invert(is_not_zero(reader, value))

    w.reduce("or", found, diagonal, is_zero)
    w.around.steps.append(Check(found.buffer, False, SINGULAR))


def _solve(w: Writer) -> None:
    (a, b), (y,) = w.inputs, w.outputs
    *stack, n, m = y.type.shape
    factors, is_turned = w.factored(a)
    w.check(factors.info, SINGULAR)
    packed, pivots = _for_stack(w, factors, tuple(stack))
    if m == 1:
        columns = w.copy(w.place(y), b)
    else:
        columns = w.copy(w.scratch(*stack, m, n), b, transposed=True)
    w.call(
        "getrs", math.prod(stack), "T" if is_turned else "N", n, m, given(packed, 2), n,
        given(pivots, 1), written(columns, 2), n, written(w.scratch(1, type="i32"), 1),
    )  # fmt: skip
    w.around.settle(y, columns if m == 1 else by_columns(columns))


def _for_stack(
    w: Writer, factors: Factors, stack: tuple[int, ...]
) -> tuple[View, View]:
    """Give the factors for each system: written down again where few serve many."""
    packed, pivots, *_ = factors
    if packed.shape[:-2] == stack or math.prod(packed.shape[:-2]) == 1:
        return packed, pivots

    def repeated(view: View, rank: int) -> View:
        shape = view.shape

        def value(reader: Reader, here: Index) -> Expression:
            return read_memory(reader, view, broadcast_index(here, shape))

        last = shape[len(shape) - rank :]
        return w.write(w.scratch(*stack, *last, type=view.buffer.type), value)

    return repeated(packed, 2), repeated(pivots, 1)


def _inv(w: Writer) -> None:
    (x,), (y,) = w.inputs, w.outputs
    *stack, n, _ = x.type.shape
    factors, is_turned = w.factored(x)
    w.check(factors.info, SINGULAR)
    inverse = w.write(
        w.place(y) if is_turned else w.scratch(*stack, n, n),
        lambda reader, here: read_memory(reader, factors.packed, here),
    )
    size = COLUMNS * n
    w.call(
        "getri", math.prod(stack), n, written(inverse, 2), n, given(factors.pivots, 1),
        in_turn(w.scratch(size)), size, written(w.scratch(1, type="i32"), 1),
    )  # fmt: skip
    w.around.settle(y, inverse if is_turned else by_columns(inverse))


def _determinant(w: Writer, sign: View, log: View) -> Factors:
    """Write sign and logarithm of determinants: of the diagonal of U, and a change of
    sign for each exchange of rows."""
    (x,) = w.inputs
    *stack, n, _ = x.type.shape
    factors, _ = w.factored(x)
    packed, pivots, *_ = factors
    w.write(sign, lambda reader, _: reader.build.constant(1, w.type))
    w.around.fill(log)

    def combine(reader: Reader, here: Index) -> list[Reduction]:
        build, (*many, k) = reader.build, here
        pivot = build.cast(read_memory(reader, pivots, here), "i64")
        exchanged = build.compare("ne", pivot, build.counter(k.scaled(1, 1)))
        value = read_memory(reader, packed, (*many, k, k))
        negative = build.compare("lt", value, build.constant(0, w.type))
        turn = build.select(
            build.differ(exchanged, negative),
            *(build.constant(c, w.type) for c in (-1, 1)),
        )
        size = SCALARS["log"](build, SCALARS["absolute"](build, value))
        at, to = (
            linear(tuple(many), v.strides, v.offset, len(here)) for v in (sign, log)
        )
        return [
            Reduction("mul", sign.buffer, at, turn),
            Reduction("add", log.buffer, to, size),
        ]

    w.around.loops(tuple((0, k) for k in (*stack, n)), combine)
    return factors


def _slogdet(w: Writer) -> None:
    parts = [w.place(var) for var in w.outputs]
    factors = _determinant(w, *parts)
    for var, view, value in zip(w.outputs, parts, (0.0, -math.inf), strict=True):
        _where_singular(w, factors, view, value)
        w.around.settle(var, view)


def _where_singular(w: Writer, factors: Factors, view: View, value: float) -> None:
    def chosen(reader: Reader, here: Index) -> Expression:
        build = reader.build
        singular = is_not_zero(reader, read_memory(reader, factors.info, here))
        return build.select(
            singular, build.constant(value, w.type), read_memory(reader, view, here)
        )

    w.write(view, chosen)


def _det(w: Writer) -> None:
    (y,) = w.outputs
    stack = y.type.shape
    sign, log = w.scratch(*stack), w.scratch(*stack)
    factors = _determinant(w, sign, log)
    target = w.place(y)

    def whole(reader: Reader, here: Index) -> Expression:
        # Of logarithms, as NumPy's: a product of many would leave the range.
        size = SCALARS["exp"](reader.build, read_memory(reader, log, here))
        return reader.build.mul(read_memory(reader, sign, here), size)

    w.write(target, whole)
    _where_singular(w, factors, target, 0.0)
    w.around.settle(y, target)


SYSTEMS = {
    "det": _det,
    "inv": _inv,
    "slogdet": _slogdet,
    "solve": _solve,
    "triangular_solve": _triangular_solve,
}
