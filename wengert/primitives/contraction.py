"""Contraction: products of vectors, matrices and tensors, summed over shared axes.

Two rows carry them all: `matmul`, and `einsum` for what is no matrix product; beside
them stands `convolve`, whose sum runs over a moving overlap. All are linear in each
operand, and the transpose of a contraction is a contraction.
"""

from __future__ import annotations

import functools
import math
import operator
import string
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import ShapeError
from wengert.graph.primitive import Multilinear, answers
from wengert.graph.types import ArrayType, promote
from wengert.primitives.axes import as_array, refuse, unbroadcast
from wengert.primitives.batches import looped, widened
from wengert.primitives.forms import multilinear
from wengert.primitives.samplers import cases

__all__ = ["einsum_", "matmul"]

# NumPy numbers labels in this order, and sorts an output that is not given by it.
_LETTERS = string.ascii_uppercase + string.ascii_lowercase


# ----- matmul -----


def _matmul_type(x: Any, y: Any) -> ArrayType:
    a, b = x.shape, y.shape
    try:
        if a[-1] != b[max(-2, -len(b))]:
            raise ValueError
        stack = np.broadcast_shapes(a[:-2], b[:-2])
    except (IndexError, ValueError):
        raise ShapeError(f"matmul: {a} and {b} do not fit") from None
    return ArrayType(stack + a[-2:-1] + b[-1:] * (len(b) > 1), promote(x, y))


def _matmul_flops(types: Any, y: Any) -> int:
    return 2 * int(y.size) * int(types[0].shape[-1])


def _matmul_transpose(i: int, x: tuple[Any, ...], y_bar: Any) -> Any:
    # A vector is a row on the left and a column on the right: the axis that it lacks in
    # the product comes back as an axis of length 1.
    if len(x[1].shape) == 1:
        y_bar = y_bar[..., None]
    if len(x[0].shape) == 1:
        y_bar = y_bar[..., None, :]
    transpose = _left_transpose if i == 0 else _right_transpose
    return transpose(x[0], x[1], y_bar)


def _left_transpose(x: Any, y: Any, y_bar: Any) -> Any:
    shape = x.shape
    if y.ndim == 1:
        x_bar = y_bar * y
    elif y.ndim == 2:
        x_bar = y_bar @ y.T
    elif math.prod(shape[:-2]) == 1:
        # One matrix met a stack: one product sums over the stack as well.
        m, k, n = y_bar.shape[-2], shape[-1], math.prod(y.shape) // max(1, shape[-1])
        row = np.reshape(np.moveaxis(y_bar, -2, 0), (m, n))
        x_bar = row @ np.reshape(np.swapaxes(y, -1, -2), (n, k))
    else:
        x_bar = y_bar @ np.swapaxes(y, -1, -2)
    return _fitted(x_bar, shape)


def _right_transpose(x: Any, y: Any, y_bar: Any) -> Any:
    shape = y.shape
    if x.ndim == 1:
        x_bar = x[:, None] * y_bar
    elif x.ndim == 2:
        x_bar = x.T @ y_bar
    elif math.prod(shape[:-2]) == 1:
        k, n, m = x.shape[-1], y_bar.shape[-1], math.prod(x.shape[:-1])
        x_bar = np.reshape(x, (m, k)).T @ np.reshape(y_bar, (m, n))
    else:
        x_bar = np.swapaxes(x, -1, -2) @ y_bar
    return _fitted(x_bar, shape)


def _fitted(x_bar: Any, shape: tuple[int, ...]) -> Any:
    if x_bar.shape == shape:
        return x_bar
    if math.prod(x_bar.shape) == math.prod(shape):  # axes of length 1 are in excess
        return np.reshape(x_bar, shape)
    return unbroadcast(x_bar, shape)


def _batched_matmul(row: Any, x: Any, mapped: Any) -> Any:
    """Multiply for each member; where one factor is a single matrix or vector, the
    members' rows or columns are those of one product."""
    (a, b), (a_mapped, b_mapped) = x, mapped
    a_ndim, b_ndim = a.ndim - a_mapped, b.ndim - b_mapped
    if not b_mapped and b_ndim <= 2:
        rows = np.reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))
        return np.reshape(row(rows, b), a.shape[:-1] + b.shape[1:])
    if not a_mapped and b_ndim == 1 and a_ndim <= 2:
        return row(b, np.swapaxes(a, 0, 1) if a_ndim == 2 else a)
    # A vector is a row on the left and a column on the right.
    a = a[..., None, :] if a_ndim == 1 else a
    b = b[..., None] if b_ndim == 1 else b
    stack = max(a_ndim, b_ndim, 2)
    a = widened(a, stack) if a_mapped else a
    b = widened(b, stack) if b_mapped else b
    y = row(a, b)
    y = y[..., 0] if b_ndim == 1 else y
    return y if a_ndim > 1 else y[..., 0] if b_ndim == 1 else y[..., 0, :]


matmul: Multilinear = multilinear(
    "matmul", (np.matmul, np.linalg.matmul), symbol="@",
    impl=operator.matmul,
    type=_matmul_type,
    transpose=_matmul_transpose,
    cost=_matmul_flops,
    batch=_batched_matmul,
    sample=cases(([(3,), (3,)], {}), ([(2, 3), (3,)], {}), ([(3,), (3, 2)], {}),
                 ([(2, 3), (3, 4)], {}), ([(5, 2, 3), (3, 4)], {}),
                 ([(2, 3), (5, 3, 4)], {}), ([(5, 2, 3), (5, 3, 4)], {}),
                 ([(5, 1, 2, 3), (4, 3, 2)], {}), ([(5, 2, 3), (3,)], {}),
                 ([(3,), (5, 3, 2)], {}), ([(0, 3), (3, 2)], {})),
    ref="Giles (2008), Collected matrix derivative results, section 2",
)  # fmt: skip

# ----- einsum -----


def _terms(subscripts: str) -> tuple[list[str], str]:
    inputs, output = subscripts.split("->")
    return inputs.split(","), output


def _sizes(terms: Sequence[str], shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
    """Give the length of each label, which is the same wherever it stands, or 1."""
    sizes: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        if len(term) != len(shape):
            raise ShapeError(f"einsum: subscripts {term!r} for an array {shape}")
        for label, n in zip(term, shape, strict=True):
            if sizes.setdefault(label, n) == 1:
                sizes[label] = n
            elif n not in (1, sizes[label]):
                raise ShapeError(
                    f"einsum: label {label!r} has the lengths {sizes[label]} and {n}"
                )
    return sizes


def _einsum(*x: Any, subscripts: str) -> Any:
    fast = _worth_planning(subscripts, tuple([v.shape for v in x]))
    return np.einsum(subscripts, *x, optimize=fast)


@functools.lru_cache(maxsize=4096)
def _worth_planning(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> bool:
    # An order of products, and BLAS, pay from about this many steps of the plain loop.
    return math.prod(_sizes(_terms(subscripts)[0], shapes).values()) > 30_000


def _einsum_type(*x: Any, subscripts: str) -> ArrayType:
    terms, output = _terms(subscripts)
    sizes = _sizes(terms, [t.shape for t in x])
    return ArrayType(tuple(sizes[label] for label in output), promote(*x))


def _einsum_transpose(i: int, x: Any, y_bar: Any, *, subscripts: str) -> Any:
    terms, output = _terms(subscripts)
    others = [j for j in range(len(terms)) if j != i]
    inputs = ",".join([output, *(terms[j] for j in others)])
    return einsum_(y_bar, *(x[j] for j in others), subscripts=f"{inputs}->{terms[i]}")


def _einsum_flops(types: Any, y: Any, *, subscripts: str) -> int:
    sizes = _sizes(_terms(subscripts)[0], [t.shape for t in types])
    return len(types) * math.prod(sizes.values())


def _batched_einsum(row: Any, x: Any, mapped: Any, *, subscripts: str) -> Any:
    terms, output = _terms(subscripts)
    batch = next(c for c in _LETTERS if c not in subscripts)
    pairs = zip(terms, mapped, strict=True)
    inputs = ",".join(batch + term if m else term for term, m in pairs)
    return row(*x, subscripts=f"{inputs}->{batch}{output}")


# Each label stands at most once in a term, in two terms at least (the output is one),
# and has one length; the face sees to that. So transposing only exchanges terms.
einsum_: Multilinear = multilinear(
    "einsum", (),
    impl=_einsum,
    type=_einsum_type,
    transpose=_einsum_transpose,
    cost=_einsum_flops,
    batch=_batched_einsum,
    sample=cases(([(2, 3), (2, 3)], {"subscripts": "ab,ab->a"}),
                 ([(2, 3), (3, 4), (4, 2)], {"subscripts": "ab,bc,cd->ad"}),
                 ([(2, 3, 4), (2, 4, 2)], {"subscripts": "abc,acd->abd"}),
                 ([(3,), (2,)], {"subscripts": "a,b->ba"}),
                 ([(3,), (3,), (3,)], {"subscripts": "a,a,a->"}),
                 ([(), (2, 3)], {"subscripts": ",ab->ba"})),
    ref="Einstein summation",
)  # fmt: skip


class _Plan(NamedTuple):
    """What an einsum comes to, which its text and the shapes decide."""

    steps: tuple[Any, ...]  # for each operand: diagonals, shape, axes to sum; or None
    axes: tuple[int, ...] | None  # a single operand is transposed
    text: str  # of the row; empty where it is a matrix product


@answers(np.einsum)
def einsum(
    *operands: Any,
    out: Any = None,
    dtype: Any = None,
    order: str = "K",
    casting: str = "safe",
    optimize: Any = False,
) -> Any:
    """Sum products over labelled axes; the order of the products is chosen by size."""
    refuse("einsum", out=out, dtype=dtype)
    subscripts, x = _as_text(operands)
    plan = _plan(subscripts, tuple([v.shape for v in x]))
    x = [_prepared(v, *s) if s else v for v, s in zip(x, plan.steps, strict=True)]
    if len(x) == 1:
        return x[0] if plan.axes is None else np.transpose(x[0], plan.axes)
    return einsum_(*x, subscripts=plan.text) if plan.text else matmul(*x)


def _prepared(x: Any, diagonals: Any, shape: Any, alone: tuple[int, ...]) -> Any:
    for first, second in diagonals:
        x = np.diagonal(x, 0, first, second)
    if x.shape != shape:
        x = np.reshape(x, shape)
    return np.sum(x, axis=alone) if alone else x


@functools.lru_cache(maxsize=4096)
def _plan(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> _Plan:
    terms, output = _without_ellipsis(subscripts, [len(shape) for shape in shapes])
    sizes = _sizes(terms, shapes)
    if unknown := set(output) - set(sizes):
        raise ShapeError(f"einsum: {sorted(unknown)} of the output are in no operand")
    if len(set(output)) < len(output):
        raise ShapeError(f"einsum: the output {output!r} repeats a label")
    stripped = [_stripped(*pair, sizes) for pair in zip(terms, shapes, strict=True)]
    terms = [term for term, _, _ in stripped]
    steps: list[Any] = []
    for i, (term, diagonals, kept) in enumerate(stripped):
        elsewhere = set(output).union(*terms[:i], *terms[i + 1 :])
        alone = tuple(axis for axis, label in enumerate(term) if label not in elsewhere)
        terms[i] = "".join(label for label in term if label in elsewhere)
        steps.append((diagonals, kept, alone) if kept != shapes[i] or alone else None)
    if len(terms) == 1:
        axes = tuple(terms[0].index(label) for label in output)
        return _Plan(tuple(steps), None if terms[0] == output else axes, "")
    if len(terms) == 2 and _is_matmul(terms[0], terms[1], output):
        return _Plan(tuple(steps), None, "")
    used = "".join(dict.fromkeys("".join(terms)))
    names = str.maketrans(used, string.ascii_letters[: len(used)])
    return _Plan(tuple(steps), None, f"{','.join(terms)}->{output}".translate(names))


def _as_text(operands: tuple[Any, ...]) -> tuple[str, list[Any]]:
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), [as_array(v) for v in operands[1:]]
    # The other form: operand, list of numbers, operand, list, …, maybe an output list.
    lists = [
        "".join("..." if i is Ellipsis else _LETTERS[i] for i in labels)
        for labels in operands[1::2]
    ]
    x = [as_array(v) for v in operands[: 2 * len(lists) : 2]]
    text = ",".join(lists)
    if len(operands) % 2:
        last = operands[-1]
        text += "->" + "".join("..." if i is Ellipsis else _LETTERS[i] for i in last)
    return text, x


def _without_ellipsis(subscripts: str, ndims: list[int]) -> tuple[list[str], str]:
    """Write out the labels that `...` and an output not given stand for."""
    left, arrow, output = subscripts.partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ShapeError(f"einsum: {len(ndims)} operands for the terms {left!r}")
    free = [letter for letter in _LETTERS if letter not in subscripts]
    pairs = list(zip(terms, ndims, strict=True))
    extra = [ndim - len(t) + 3 if "..." in t else 0 for t, ndim in pairs]
    dots = "".join(free[: max(extra)])
    terms = [
        t.replace("...", dots[len(dots) - n :])
        for t, n in zip(terms, extra, strict=True)
    ]
    if arrow:
        if dots and "..." not in output:
            raise ShapeError(f"einsum: the output of {subscripts!r} lacks its ellipsis")
        return terms, output.replace("...", dots)
    letters = "".join(terms)
    once = sorted(c for c in set(letters) if letters.count(c) == 1 and c not in dots)
    return terms, dots + "".join(once)


def _stripped(
    term: str, shape: tuple[int, ...], sizes: dict[str, int]
) -> tuple[str, tuple[tuple[int, int], ...], tuple[int, ...]]:
    """Take diagonals where a term repeats a label; drop axes that only broadcast."""
    diagonals, lengths = [], list(shape)
    for label in dict.fromkeys(term):
        while term.count(label) > 1:
            first = term.index(label)
            second = term.index(label, first + 1)
            if lengths[first] != lengths[second]:
                raise ShapeError(f"einsum: no diagonal {label!r} in {shape}")
            diagonals.append((first, second))
            term = term[:first] + term[first + 1 : second] + term[second + 1 :] + label
            lengths = [n for i, n in enumerate(lengths) if i not in (first, second)]
            lengths.append(sizes[label])
    kept = [i for i, label in enumerate(term) if lengths[i] == sizes[label]]
    return (
        "".join(term[i] for i in kept),
        tuple(diagonals),
        tuple(lengths[i] for i in kept),
    )


def _is_matmul(left: str, right: str, output: str) -> bool:
    """Tell whether this is `left @ right` as it stands, such as aij,ajk->aik."""
    stack = left[:-2]
    if stack and (not right.startswith(stack) or len(right) != len(left)):
        return False
    a, b = left[len(stack) :], right[len(stack) :]
    return (
        len(a) in (1, 2)
        and len(b) in (1, 2)
        and a[-1] == b[0]
        and output == stack + a[:-1] + b[1:]
    )


# ----- convolution -----


def _convolve_type(a: Any, v: Any) -> ArrayType:
    if len(a.shape) != 1 or len(v.shape) != 1 or not a.size * v.size:
        raise ShapeError(f"convolve: {a.shape} and {v.shape} must be nonempty vectors")
    return ArrayType((a.size + v.size - 1,), promote(a, v))


def _convolve_transpose(i: int, x: tuple[Any, ...], y_bar: Any) -> Any:
    return overlap_(y_bar, np.flip(x[1 - i]))


convolve_: Multilinear = multilinear(
    "convolve", (),
    impl=np.convolve,
    type=_convolve_type,
    transpose=_convolve_transpose,
    cost=lambda types, y: 2 * types[0].size * types[1].size,
    batch=looped,
    sample=cases(([(4,), (3,)], {}), ([(2,), (5,)], {}), ([(1,), (1,)], {})),
    ref="NumPy, convolve",
)  # fmt: skip


def _overlap_type(a: Any, v: Any) -> ArrayType:
    whole = _convolve_type(a, v)
    if a.size < v.size:
        raise ShapeError(f"overlap: {a.shape} is shorter than {v.shape}")
    return ArrayType((a.size - v.size + 1,), whole.dtype)


def _overlap_transpose(i: int, x: tuple[Any, ...], y_bar: Any) -> Any:
    if i == 0:
        return convolve_(y_bar, np.flip(x[1]))
    return np.flip(overlap_(x[0], np.flip(y_bar)))


overlap_: Multilinear = multilinear(
    # Convolution where the vectors overlap wholly, the first no shorter.
    "overlap", (),
    impl=lambda a, v: np.convolve(a, v, "valid"),
    type=_overlap_type,
    transpose=_overlap_transpose,
    cost=lambda types, y: 2 * types[1].size * y.size,
    batch=looped,
    sample=cases(([(4,), (3,)], {}), ([(5,), (1,)], {}), ([(2,), (2,)], {})),
    ref="NumPy, convolve in the mode valid",
)  # fmt: skip


@answers(np.convolve)
def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Convolve two vectors; of the result the whole, the middle, or full overlaps."""
    a, v = (np.atleast_1d(as_array(x)) for x in (a, v))
    return _convolved(a, v, mode, late=False)


@answers(np.correlate)
def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """Correlate two vectors: convolve with the second one reversed and conjugated."""
    a, v = as_array(a), np.flip(as_array(v))
    v = np.conjugate(v) if v.dtype.kind == "c" else v
    return _convolved(a, v, mode, late=a.size < v.size)


def _convolved(a: Any, v: Any, mode: str, late: bool) -> Any:
    if mode == "valid":
        return overlap_(a, v) if a.size >= v.size else overlap_(v, a)
    short, long = min(a.size, v.size), max(a.size, v.size)
    y = convolve_(a, v)
    if mode == "full":
        return y
    if mode == "same":
        # Of two middles of an even overlap, the earlier or the later.
        start = short // 2 if late else (short - 1) // 2
        return y[start : start + long]
    raise ValueError(f"mode must be 'full', 'same' or 'valid', not {mode!r}")
