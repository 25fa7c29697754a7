"""Products of matrices: three loops, in the order in which memory is read best."""

from __future__ import annotations

from wengert.engines.c.nest import LANES, Context
from wengert.engines.c.text import MEMORY
from wengert.engines.loops.program import Product, View

__all__ = ["emit_product"]

# target[i, j] = Σ_k left[i, k]·right[k, j]; each matrix comes with its two strides.
_ROWS = """static void NAME(int64_t m, int64_t n, int64_t l,
    const WORD *restrict a, int64_t ai, int64_t ak,
    const WORD *restrict b, int64_t bk, int64_t bj,
    WORD *restrict c, int64_t ci, int64_t cj)
{
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) c[i*ci + j*cj] = 0;
        for (int64_t k = 0; k < l; k++) {
            const WORD x = a[i*ai + k*ak];
            if (bj == 1 && cj == 1)
                for (int64_t j = 0; j < n; j++) c[i*ci + j] += x * b[k*bk + j];
            else
                for (int64_t j = 0; j < n; j++) c[i*ci + j*cj] += x * b[k*bk + j*bj];
        }
    }
}"""

# The same where both run along k: eight partial sums, as for every long sum.
_DOTS = """static void NAME(int64_t m, int64_t n, int64_t l,
    const WORD *restrict a, int64_t ai,
    const WORD *restrict b, int64_t bj,
    WORD *restrict c, int64_t ci, int64_t cj)
{
    for (int64_t i = 0; i < m; i++) {
        for (int64_t j = 0; j < n; j++) {
            const WORD *x = a + i*ai, *y = b + j*bj;
            WORD s[LANES] = {0};
            int64_t k = 0;
            for (; k + LANES <= l; k += LANES)
                for (int t = 0; t < LANES; t++) s[t] += x[k + t] * y[k + t];
            for (; k < l; k++) s[0] += x[k] * y[k];
            for (int t = 1; t < LANES; t++) s[0] += s[t];
            c[i*ci + j*cj] = s[0];
        }
    }
}""".replace("LANES", str(LANES))


def emit_product(context: Context, step: Product) -> None:
    """Add a matrix product; a vector is a matrix of one row or one column."""
    left, right, target = step.left, step.right, step.target
    if len(left.shape) == 1:
        left, target = _row(left), _row(target)
    if len(right.shape) == 1:
        right, target = _column(right), _column(target)
    (m, inner), n = left.shape, right.shape[1]
    (ai, ak), (bk, bj), (ci, cj) = left.strides, right.strides, target.strides
    along = inner == 1 or (ak == 1 and bk == 1)
    dots = along and (n == 1 or bj != 1)
    word = MEMORY[step.target.buffer.type]
    kind, text = ("dots", _DOTS) if dots else ("product", _ROWS)
    name = context.module.helper(
        f"{kind}_{step.target.buffer.type}", text.replace("WORD", word)
    )
    a, b, c = (address(context, view) for view in (left, right, target))
    given = [a, ai, b, bj, c, ci, cj] if dots else [a, ai, ak, b, bk, bj, c, ci, cj]
    context.function.do(f"{name}({m}, {n}, {inner}, {', '.join(map(str, given))});")


def address(context: Context, view: View) -> str:
    """Give the address of the first element of a view."""
    pointer = context.pointers[view.buffer]
    return f"{pointer} + {view.offset}" if view.offset else pointer


def _row(view: View) -> View:
    return view._replace(shape=(1, *view.shape), strides=(0, *view.strides))


def _column(view: View) -> View:
    return view._replace(shape=(*view.shape, 1), strides=(*view.strides, 0))
