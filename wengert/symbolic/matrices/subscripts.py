"""einsum as a product of matrices: "ij,jk->ik" is AB, "ij,ij->" is tr(AᵀB)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from wengert.symbolic.matrices.algebra import (
    diag,
    diag_of,
    hadamard,
    multiply,
    scale,
    trace,
    transpose,
)
from wengert.symbolic.matrices.expressions import Expression, Ones

__all__ = ["contract"]


class _Operand(NamedTuple):
    """A matrix with a letter for its rows and one for its columns."""

    matrix: Expression
    letters: str


def contract(subscripts: str, matrices: Sequence[Expression]) -> Expression | None:
    """Write einsum by products, or give None where no matrices stand for it.

    Parameters
    ----------
    subscripts : str
        Such as "ab,bc->ac", with at most two letters for each operand and the result.
    matrices : sequence of Expression
        A column for an operand of one letter.
    """
    inputs, _, output = subscripts.partition("->")
    letters = inputs.split(",")
    if any(len(word) > 2 for word in (*letters, output)):
        return None
    operands = [_single(*pair) for pair in zip(matrices, letters, strict=True)]
    while summed := _next_letter(operands, output):
        around = [o for o in operands if summed in o.letters]
        rest = [o for o in operands if summed not in o.letters]
        elsewhere = output + "".join(o.letters for o in rest)
        joined = _joined(around, summed, elsewhere)
        if joined is None:
            return None
        operands = rest + joined
    return _collected(operands, output)


def _single(matrix: Expression, letters: str) -> _Operand:
    if len(letters) == 2 and letters[0] == letters[1]:
        return _Operand(diag_of(matrix), letters[0])
    return _Operand(matrix, letters)


def _next_letter(operands: Sequence[_Operand], output: str) -> str:
    counts = Counter("".join(o.letters for o in operands))
    summed = [letter for letter in counts if letter not in output]
    return min(summed, key=lambda letter: counts[letter], default="")


def _joined(
    around: list[_Operand], letter: str, elsewhere: str
) -> list[_Operand] | None:
    """Sum over a letter that stands in these operands only."""
    if len(around) > 2:
        return _merged(around)
    if len(around) == 1:
        matrix, other = _last(around[0], letter)
        return [_Operand(multiply(matrix, Ones((matrix.shape[1], 1))), other)]
    (left, i), (right, k) = (_last(o, letter) for o in around)
    if not i or not k:
        if not i:
            left, right, i = right, left, k
        made = multiply(left if i else transpose(left), transpose(right))
        return [_Operand(made, i)]
    if i != k:
        return [_Operand(multiply(left, transpose(right)), i + k)]
    if i in elsewhere:
        return [_Operand(diag_of(multiply(left, transpose(right))), i)]
    return [_Operand(trace(multiply(left, transpose(right))), "")]


def _last(operand: _Operand, letter: str) -> tuple[Expression, str]:
    """Turn a matrix so that a letter stands for its columns; a vector is a row."""
    matrix, letters = operand
    if len(letters) == 1:
        return transpose(matrix), ""
    return (matrix if letters[1] == letter else transpose(matrix)), letters.replace(
        letter, ""
    )


def _merged(around: list[_Operand]) -> list[_Operand] | None:
    """Multiply two of several operands entry by entry, where a matrix can hold it."""
    for n, one in enumerate(around):
        for other in around[n + 1 :]:
            made = _product(one, other)
            if made is not None:
                return [made, *(o for o in around if o is not one and o is not other)]
    return None


def _product(one: _Operand, other: _Operand) -> _Operand | None:
    """Multiply entry by entry two operands of which one has the other's letters."""
    if len(one.letters) < len(other.letters):
        one, other = other, one
    if not other.letters:
        return _Operand(scale(one.matrix, other.matrix), one.letters)
    if set(one.letters) == set(other.letters):
        same = one.letters == other.letters
        matrix = other.matrix if same else transpose(other.matrix)
        return _Operand(hadamard(one.matrix, matrix), one.letters)
    if len(one.letters) == 2 and other.letters == one.letters[0]:
        return _Operand(multiply(diag(other.matrix), one.matrix), one.letters)
    if len(one.letters) == 2 and other.letters == one.letters[1]:
        return _Operand(multiply(one.matrix, diag(other.matrix)), one.letters)
    return None


def _collected(operands: list[_Operand], output: str) -> Expression | None:
    """Put together what is left when no letter is summed any more."""
    while len(operands) > 1:
        merged = _merged(operands)
        if merged is None:
            break
        operands = merged
    if len(operands) == 2 and all(len(o.letters) == 1 for o in operands):
        first, second = sorted(operands, key=lambda o: output.index(o.letters))
        return multiply(first.matrix, transpose(second.matrix))
    if len(operands) != 1:
        return None
    matrix, letters = operands[0]
    return matrix if letters == output else transpose(matrix)
