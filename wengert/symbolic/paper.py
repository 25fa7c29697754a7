"""Derivatives of a few special functions as they stand on paper.

Their rows avoid cancellation, by series near 0 or at infinity, and are right to the
last place there; as formulas those are hard to read, and nobody means them.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

import wengert.primitives.special  # noqa: F401  (rows are registered by import)
from wengert.graph import PRIMITIVES, Elementwise

__all__ = ["ON_PAPER"]

_ROOT = 2 / math.sqrt(math.pi)


def _inverse_boxcox(_: Any, y: Any, lmbda: Any) -> Any:
    base = lmbda * y + 1
    return (base ** (1 / lmbda)) * (y / (lmbda * base) - np.log(base) / lmbda**2)


_PARTIALS: dict[str, dict[int, Any]] = {
    "sinc": {0: lambda y, x: (np.cos(np.pi * x) - y) / x},
    "exprel": {0: lambda y, x: (np.exp(x) - y) / x},
    "boxcox": {1: lambda y, x, p: (x**p * np.log(x) - y) / p},
    "boxcox1p": {1: lambda y, x, p: ((1 + x) ** p * np.log(1 + x) - y) / p},
    "inv_boxcox": {1: _inverse_boxcox},
    "inv_boxcox1p": {1: _inverse_boxcox},
    "digamma": {0: lambda y, x: PRIMITIVES["zeta"](2.0, x)},
    "rgamma": {0: lambda y, x: -PRIMITIVES["digamma"](x) * y},
    "erfcx": {0: lambda y, x: 2 * x * y - _ROOT},
    "dawsn": {0: lambda y, x: 1 - 2 * x * y},
    "spence": {0: lambda y, x: np.log(x) / (1 - x)},
}


def _on_paper(name: str) -> Elementwise:
    row = PRIMITIVES[name]
    assert isinstance(row, Elementwise)
    new = _PARTIALS[name]
    partials = tuple(new.get(i, old) for i, old in enumerate(row.partials))
    return dataclasses.replace(row, partials=partials)


ON_PAPER = {name: _on_paper(name) for name in _PARTIALS}
