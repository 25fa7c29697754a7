"""Lines with names of their own, where the same is said twice.

Arguments of functions are z₁, z₂, …; adjoints that several derivatives share are
δ₁, δ₂, …, and δₖ belongs to zₖ where there is one for each: as a network's
derivatives are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wengert.symbolic.matrices.algebra import transpose
from wengert.symbolic.matrices.expressions import (
    Apply,
    Expression,
    Inverse,
    Softmax,
    Sum,
    Symbol,
)
from wengert.symbolic.matrices.functions import rebuild

__all__ = ["Line", "with_lines"]

Line = tuple[str, Expression]

# A derivative with fewer symbols is read more easily without lines.
_SHORT = 26
_SMALL = 4
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def with_lines(
    results: Sequence[Expression], taken: set[str]
) -> tuple[list[Line], list[Expression]]:
    """Give lines, and the results written with them.

    Parameters
    ----------
    results : sequence of Expression
    taken : set of str
        Names that stand for something else.
    """
    if sum(result.weight for result in results) < _SHORT:
        return [], list(results)
    return _Lines(results, taken).written()


class _Lines:
    def __init__(self, results: Sequence[Expression], taken: set[str]) -> None:
        self.results, self.taken = results, taken
        self.counts: Counter[Expression] = Counter()
        self.arguments: set[Expression] = set()
        for result in results:
            self._count(result)
        self.order: list[tuple[Expression, Symbol]] = []
        self.known: dict[Expression, Expression] = {}

    def _count(self, x: Expression) -> None:
        if isinstance(x, Sum) and x.is_row:
            x = transpose(x)
        self.counts[x] += 1
        if self.counts[x] == 1:
            if isinstance(x, Apply | Softmax):
                self.arguments |= set(x.parts)
            for part in x.parts:
                self._count(part)

    def written(self) -> tuple[list[Line], list[Expression]]:
        results = [self._replace(result) for result in self.results]
        names = self._names()
        final = {old: Symbol(old.shape, names[old]) for _, old in self.order}

        def renamed(x: Expression) -> Expression:
            if isinstance(x, Symbol):
                return final.get(x, x)
            return rebuild(x, renamed)

        lines = [(names[symbol], renamed(made)) for made, symbol in self.order]
        return lines, [renamed(result) for result in results]

    def _replace(self, x: Expression) -> Expression:
        if isinstance(x, Sum) and x.is_row:
            return transpose(self._replace(transpose(x)))
        if x in self.known:
            return self.known[x]
        made = rebuild(x, self._replace)
        worth = x.weight >= _SMALL and not x.is_scalar
        shared = self.counts[x] > 1 and not isinstance(x, Inverse | Apply)
        if worth and (shared or x in self.arguments):
            letter = "z" if x in self.arguments else "δ"
            symbol = Symbol(made.shape, f"{letter}?{len(self.order)}")
            self.order.append((made, symbol))
            made = symbol
        self.known[x] = made
        return made

    def _names(self) -> dict[Symbol, str]:
        names: dict[Symbol, str] = {}
        groups = {
            letter: [s for _, s in self.order if s.name.startswith(letter)]
            for letter in "zδ"
        }
        for letter, symbols in groups.items():
            if letter == "δ" and len(symbols) == len(groups["z"]):
                symbols = symbols[::-1]
            while any(name.startswith(letter) for name in self.taken):
                letter += "ʹ"
            for k, symbol in enumerate(symbols, 1):
                one = len(symbols) == 1
                names[symbol] = letter + ("" if one else str(k).translate(_LOWERED))
        return names
