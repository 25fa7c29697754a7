"""Products of matrices: by BLAS where they are large, otherwise loops of our own."""

from __future__ import annotations

import math
from typing import Any, Protocol

from wengert.engines.loops.affine import Box, Index, fixed, linear
from wengert.engines.loops.expressions import FLOATS
from wengert.engines.loops.program import Product, Reduction, Step, View
from wengert.engines.loops.reading import Reader
from wengert.graph import Atom, Equation, Var

__all__ = ["is_matrix", "lower_product"]

# Products of fewer multiplications are loops of our own…
_BLAS = 4096
# …and so are stacks of more matrices.
_CALLS = 64


class Surroundings(Protocol):
    """What this needs of the lowering around it."""

    steps: list[Step]

    def view_of(self, atom: Atom) -> View | None:
        """Find an array in memory."""

    def copied(self, atom: Atom) -> View:
        """Copy an atom into memory."""

    def stored(self, var: Var) -> View:
        """Give a var memory."""

    def fill(self, view: View) -> None:
        """Write zeros into memory."""

    def loops(self, box: Box, write: Any) -> None:
        """Add loops over a box."""


def lower_product(around: Surroundings, equation: Equation) -> None:
    """Add the steps of a product of matrices, vectors, or stacks of them."""
    left, right = (atom.type.shape for atom in equation.inputs)
    (output,) = equation.outputs
    target = around.stored(output)
    stack = math.prod(output.type.shape[:-2]) if len(right) > 2 else 1
    flops = output.type.size * left[-1] // max(1, stack)
    if flops >= _BLAS and stack <= _CALLS and max(len(left), len(right)) > 1:
        a, b = (_operand(around, atom) for atom in equation.inputs)
        if len(left) <= 2 and len(right) <= 2:
            around.steps.append(Product(a, b, target))
            return
        if len(left) > 1 and len(right) > 1:
            _stack_of_products(around, a, b, target)
            return
    _product_by_loops(around, equation, target)


def _stack_of_products(
    around: Surroundings, left: View, right: View, target: View
) -> None:
    stack = target.shape[:-2]
    if len(right.shape) == 2 and left.is_contiguous:
        # Many rows against one matrix are one product.
        rows = math.prod(left.shape[:-1])
        flat = View.whole(left.buffer, (rows, left.shape[-1]))
        whole = View.whole(target.buffer, (rows, target.shape[-1]))
        around.steps.append(
            Product(
                flat._replace(offset=left.offset),
                right,
                whole._replace(offset=target.offset),
            )
        )
        return
    for at in _places(stack):
        around.steps.append(
            Product(_matrix(left, at), _matrix(right, at), _matrix(target, at))
        )


def _product_by_loops(around: Surroundings, equation: Equation, target: View) -> None:
    left, right = equation.inputs
    a, b = left.type.shape, right.type.shape
    around.fill(target)
    stack = target.shape[: max(len(a), len(b)) - 2] if max(len(a), len(b)) > 2 else ()
    rows, columns = a[-2:-1], b[-1:] if len(b) > 1 else ()
    box = tuple((0, n) for n in (*stack, *rows, a[-1], *columns))
    s, r = len(stack), len(rows)

    def write(reader: Reader, here: Index) -> list[Reduction]:
        many, row = here[:s], here[s : s + r]
        inner, column = here[s + r], here[s + r + 1 :]
        outs = (*many, *row, *column)
        x = reader.read(left, _stacked(many, (*row, inner), a))
        y = reader.read(right, _stacked(many, (inner, *column), b))
        place = linear(outs, target.strides, target.offset, len(here))
        value = reader.build.mul(x, y)
        return [Reduction("add", target.buffer, place, value)]

    around.loops(box, write)


def _operand(around: Surroundings, atom: Atom) -> View:
    view = around.view_of(atom)
    if view is not None and is_matrix(view):
        return view
    return around.copied(atom)


def _stacked(many: Index, last: Index, shape: tuple[int, ...]) -> Index:
    """Index a stack of matrices that is broadcast to a larger stack."""
    own = len(shape) - len(last)
    index = (*many[len(many) - own :], *last) if own else last
    rank = len(last[0].coefficients)
    return tuple(
        fixed(0, rank) if n == 1 else affine
        for n, affine in zip(shape, index, strict=True)
    )


def _places(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    places: list[tuple[int, ...]] = [()]
    for n in shape:
        places = [(*place, k) for place in places for k in range(n)]
    return places


def _matrix(view: View, at: tuple[int, ...]) -> View:
    """Give one matrix of a stack that may be broadcast."""
    own = len(view.shape) - 2
    offset = view.offset
    for n, stride, k in zip(
        view.shape[:own], view.strides[:own], at[len(at) - own :], strict=True
    ):
        offset += stride * (k if n > 1 else 0)
    return View(view.buffer, view.shape[-2:], view.strides[-2:], offset)


def is_matrix(view: View) -> bool:
    """Tell whether BLAS can read it: elements side by side along one of the last two
    axes, and no axis read backwards or again and again."""
    if view.buffer.type not in FLOATS:
        return False
    shape, strides = view.shape[-2:], view.strides[-2:]
    if len(shape) == 1:
        return strides[0] > 0 or shape[0] == 1
    (m, n), (down, across) = shape, strides
    if len(view.shape) > 2 and any(s <= 0 for s in view.strides[:-2]):
        return False
    rows = (n == 1 or across == 1) and (m == 1 or down >= n)
    columns = (m == 1 or down == 1) and (n == 1 or across >= m)
    return rows or columns
