"""What stands in for what, in a second run: see `wengert/trace/standing.py`."""

from __future__ import annotations

import cmath
import functools
import importlib
import math
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

import wengert.numpy as wnp
from wengert.numpy import fft, linalg
from wengert.numpy.scalars import cmath_, complex_, float_, math_

__all__ = ["BUILTINS", "table"]

# Names that a module finds among Python's own.
BUILTINS = {"float": float_, "complex": complex_}


def table() -> dict[int, tuple[Any, Any]]:
    """Give, by the id of an original, the original and what stands in for it."""
    return _table(tuple(name for name in _PARTS if f"scipy.{name}" in sys.modules))


_PARTS = ("special", "linalg", "stats", "interpolate", "integrate", "signal", "sparse",
          "ndimage", "fft", "spatial")  # fmt: skip


@functools.cache
def _table(parts: tuple[str, ...]) -> dict[int, tuple[Any, Any]]:
    modules: list[tuple[Any, Any]] = [
        (np, wnp), (np.linalg, linalg), (np.fft, fft), (math, math_), (cmath, cmath_),
        *_scipy(parts),
    ]  # fmt: skip
    pairs = [*modules, *(pair for module in modules for pair in _functions(*module))]
    return {
        id(original): (original, stand_in)
        for original, stand_in in pairs
        if original is not stand_in
    }


def _functions(original: types.ModuleType, stand_in: Any) -> Iterator[tuple[Any, Any]]:
    # Not dir(original): to ask SciPy for each of its parts is to load them all.
    for name, value in list(vars(original).items()):
        if not name.startswith("_") and callable(value) or name in ("r_", "c_"):
            yield value, getattr(stand_in, name)


def _scipy(parts: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield those parts of SciPy that the program has loaded and wengert offers."""
    if parts:
        ours = importlib.import_module("wengert.scipy")
        yield sys.modules["scipy"], ours
        for name in parts:
            if name in ours.__all__:
                yield sys.modules[f"scipy.{name}"], getattr(ours, name)
