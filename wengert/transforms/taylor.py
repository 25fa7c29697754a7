"""Taylor mode: carry the coefficients of a truncated power series beside each value.

Law: `f(x₀ + x₁ t + … + x_d t^d) = y₀ + y₁ t + … + y_d t^d + O(t^(d+1))`, at a cost of
order d² times that of f (Griewank & Walther, 2008, ch. 13).

Worked example, `f(x) = x * sin(x)` at 2 along x(t) = 2 + t, to d = 2: (2, 1, 0)
↦ sin: (sin 2, cos 2, −sin 2 / 2) ↦ product: (2·sin 2, sin 2 + 2·cos 2, cos 2 − sin 2).

What an operation does to coefficients follows from its derivative: recurrences.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wengert.graph.primitive import Primitive, Structured
from wengert.primitives.power_series import Coefficients, fixed
from wengert.trace.levels import compute
from wengert.trace.tracer import install_operators
from wengert.transforms.carried import Carrier, Carrying
from wengert.transforms.recurrences import expand
from wengert.transforms.structured import push_structured

__all__ = ["Expansion", "Series"]


class Expansion(Carrying):
    """One run on series; `directions` is the order at which they are cut off."""

    __slots__ = ()

    def bind(
        self, row: Primitive, inputs: Sequence[Any], params: Mapping[str, Any]
    ) -> Any:
        """Compute on the values inside, and expand the output."""
        self.check_open()
        ours = [type(v) is Series and v.level is self for v in inputs]
        x = tuple(v.value if own else v for v, own in zip(inputs, ours, strict=True))
        if isinstance(row, Structured):
            return self._structured(row, x, inputs, ours, params)
        y = compute(row, x, params)
        series = [
            Coefficients(v.value, [v.value, *v.tangents]) if own else fixed(v)
            for v, own in zip(inputs, ours, strict=True)
        ]
        with np.errstate(all="ignore"):
            found = expand(row, series, y, params, self.directions)
        if row.is_tuple:
            return tuple(
                self.pair(part, [None if c is None else c[j] for c in found])
                for j, part in enumerate(y)
            )
        return self.pair(y, found)

    def _structured(
        self,
        row: Structured,
        x: Sequence[Any],
        inputs: Sequence[Any],
        ours: Sequence[bool],
        params: Mapping[str, Any],
    ) -> tuple[Any, ...]:
        coefficients = [
            [
                v.tangents[k] if own else None
                for v, own in zip(inputs, ours, strict=True)
            ]
            for k in range(self.directions)
        ]
        y, found = push_structured(row, x, coefficients, params, series=True)
        return tuple(map(self.pair, y, zip(*found, strict=True)))


class Series(Carrier):
    """The coefficients of a truncated power series: a value, and those after it."""

    __slots__ = ()


install_operators(Series)
Expansion.kind = Series
