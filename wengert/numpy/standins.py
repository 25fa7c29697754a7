"""What stands in for what, in a second run: see `wengert/trace/standing.py`."""

from __future__ import annotations

import cmath
import functools
import importlib
import math
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import wengert.numpy as wnp
from wengert.numpy import fft, linalg
from wengert.numpy.scalars import cmath_, complex_, float_, math_
from wengert.numpy.tricks import vectorized
from wengert.primitives.axes import holds_tracer

__all__ = ["BUILTINS", "methods", "table"]

# Names that a module finds among Python's own.
BUILTINS = {"float": float_, "complex": complex_}


def table() -> dict[int, tuple[Any, Any]]:
    """Give, by the id of an original, the original and what stands in for it."""
    return _table(tuple(name for name in _PARTS if f"scipy.{name}" in sys.modules))


_PARTS = (
    "fft", "integrate", "interpolate", "linalg", "ndimage", "signal", "sparse",
    "sparse.linalg", "spatial", "spatial.distance", "special", "stats",
)  # fmt: skip


@functools.cache
def _table(parts: tuple[str, ...]) -> dict[int, tuple[Any, Any]]:
    modules: list[tuple[Any, Any]] = [
        (np, wnp), (np.linalg, linalg), (np.fft, fft), (math, math_), (cmath, cmath_),
        *_scipy(parts),
    ]  # fmt: skip
    pairs = [*modules, *(pair for module in modules for pair in _functions(*module))]
    if parts:
        # Its attributes are left alone: to ask for them would load all of SciPy.
        pairs.append((sys.modules["scipy"], importlib.import_module("wengert.scipy")))
    return {
        id(original): (original, stand_in)
        for original, stand_in in pairs
        if original is not stand_in
    }


def methods() -> Iterator[tuple[type, str, Callable[[Any], Any]]]:
    """Yield (class, name, maker of what stands in, from the original) for methods of
    objects that turn traced values into plain arrays."""
    yield np.vectorize, "__call__", _vectorized
    if "scipy.sparse" in sys.modules:
        base = sys.modules["scipy.sparse"].csr_array
        for kind in base.__mro__:
            for name in ("_matmul_dispatch", "_rmatmul_dispatch"):
                if name in vars(kind):
                    yield kind, name, _sparse


def _vectorized(original: Any) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if holds_tracer(args) or holds_tracer(list(kwargs.values())):
            return vectorized(self, args, kwargs)
        return original(self, *args, **kwargs)

    return call


def _sparse(original: Any) -> Any:
    entries = importlib.import_module("wengert.scipy.sparse.entries")
    left = original.__name__ == "_matmul_dispatch"

    def dispatch(self: Any, other: Any) -> Any:
        if not holds_tracer(other):
            return original(self, other)
        matrix = entries.entries_of(self)
        return matrix @ other if left else other @ matrix

    return dispatch


def _functions(original: types.ModuleType, stand_in: Any) -> Iterator[tuple[Any, Any]]:
    # Not dir(original), which would load all that SciPy opens on first use.
    for name, value in list(vars(original).items()):
        if not name.startswith("_") and callable(value) or name in ("r_", "c_"):
            yield value, getattr(stand_in, name, value)


def _scipy(parts: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield those parts of SciPy that the program has loaded and wengert offers."""
    for name in parts:
        ours = importlib.import_module(f"wengert.scipy.{name}")
        yield sys.modules[f"scipy.{name}"], ours
