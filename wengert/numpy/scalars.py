"""`math`, `cmath` and `float` for traced scalars.

Outside NumPy's protocols Python turns a traced value into a number, which has no
derivative. These stand in for them, and are the originals for plain numbers.
"""

from __future__ import annotations

import cmath
import contextlib
import importlib
import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.primitives.axes import as_array, holds_tracer
from wengert.trace.levels import staging
from wengert.trace.staging import raising
from wengert.trace.views import known_value, memory

__all__ = ["cmath_", "complex_", "float_", "math_", "numbers"]


def _scalar(x: Any) -> Any:
    """Give a traced array of one element as a scalar, as `float` takes it."""
    if not hasattr(type(x), "__wengert_bind__"):
        return x
    return x if x.shape == () else x.reshape(())


def _special(name: str) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        return getattr(importlib.import_module("scipy.special"), name)(*args)

    return function


def _log(x: Any, base: Any = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _is_close(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> bool:
    largest = np.maximum(np.abs(a), np.abs(b))
    return bool(np.abs(a - b) <= np.maximum(rel_tol * largest, abs_tol))


_MATH: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in ("sqrt exp exp2 cbrt expm1 log2 log10 log1p sin cos tan sinh cosh "
                     "tanh degrees radians copysign fmod modf ldexp").split()
    },
    "acos": np.arccos, "asin": np.arcsin, "atan": np.arctan, "atan2": np.arctan2,
    "acosh": np.arccosh, "asinh": np.arcsinh, "atanh": np.arctanh,
    "log": _log, "pow": np.power, "fabs": np.abs,
    "hypot": lambda *x: np.sqrt(sum(v * v for v in x)) if len(x) != 2 else np.hypot(*x),
    "dist": lambda p, q: np.sqrt(sum((a - b) ** 2 for a, b in zip(p, q, strict=True))),
    "fsum": lambda values: sum(values),
    "prod": lambda values, *, start=1: math.prod(values, start=start),
    "sumprod": lambda p, q: sum(a * b for a, b in zip(p, q, strict=True)),
    "remainder": lambda x, y: x - y * np.rint(x / y),
    "erf": _special("erf"), "erfc": _special("erfc"),
    "gamma": _special("gamma"), "lgamma": _special("gammaln"),
    "isnan": lambda x: bool(np.isnan(x)), "isinf": lambda x: bool(np.isinf(x)),
    "isfinite": lambda x: bool(np.isfinite(x)), "isclose": _is_close,
}  # fmt: skip
_CMATH: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in "sqrt exp log10 sin cos tan".split()},
    **{name: getattr(np, name) for name in "sinh cosh tanh".split()},
    "acos": np.arccos, "asin": np.arcsin, "atan": np.arctan,
    "acosh": np.arccosh, "asinh": np.arcsinh, "atanh": np.arctanh, "log": _log,
    "phase": np.angle, "polar": lambda z: (np.abs(z), np.angle(z)),
    "rect": lambda r, phi: r * np.exp(1j * phi),
}  # fmt: skip


_OF_VECTORS = frozenset({"dist", "fsum", "prod", "sumprod"})


def _lifted(
    original: Callable[..., Any], traced: Callable[..., Any], kind: type
) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        if not holds_tracer(args):
            return original(*args, **kwargs)
        # For what it raises: math.sqrt(-1.0) is an error, not a NaN.
        batch = _in_batch(args)
        try:
            if batch is None:
                original(*map(_plain, args), **kwargs)
        except (ValueError, OverflowError, ZeroDivisionError) as error:
            _note(args, raising(error))
            raise
        if original.__name__ not in _OF_VECTORS:
            args = tuple(map(_scalar, args))
        if kind is complex:
            args = tuple(x + 0j if x.dtype.kind != "c" else x for x in args)
        # Where the original would raise for a member, it will, when its turn comes.
        with contextlib.nullcontext() if batch is None else np.errstate(all="ignore"):
            y = traced(*args, **kwargs)
        if original.__name__ in _RAISING_NOTHING:
            return y
        if batch is not None and not all(map(_is_finite, _parts(y))):
            raise batch.level.refuse(batch, f"{original.__name__} raises for a value")
        if staging.strict:
            _expect_finite(args, y)
        return y

    function.__name__ = original.__name__
    function.__doc__ = original.__doc__
    return function


_RAISING_NOTHING = frozenset(
    "fabs copysign atan atan2 tanh asinh erf erfc cbrt isnan isinf isfinite isclose "
    "modf phase".split()
)


def _parts(y: Any) -> tuple[Any, ...]:
    return y if isinstance(y, tuple) else (y,)


def _is_finite(x: Any) -> bool:
    return bool(np.isfinite(x))


def _in_batch(x: Any) -> Any:
    """Find what differs between the members of a batch, in arguments or inside of
    Tracers; None if nothing does."""
    if isinstance(x, list | tuple):
        return next((found for v in x if (found := _in_batch(v)) is not None), None)
    while hasattr(type(x), "__wengert_bind__"):
        if x.level.has_examples:
            return x
        x = x.value
    return None


def _expect_finite(args: Any, y: Any) -> None:
    """Guard against what the original would raise: it gives no NaN and no infinity, but
    for such arguments."""
    for part in _parts(y):
        if not np.isfinite(part):
            _note(args, "gives Python's math functions what is not finite")


def _note(args: Any, what: str) -> None:
    for x in args:
        if isinstance(x, list | tuple):
            _note(x, what)
        while hasattr(type(x), "__wengert_bind__"):
            x.level.noted(what)
            x = x.value


def _plain(x: Any) -> Any:
    if isinstance(x, list | tuple):
        return [_plain(v) for v in x]
    if not hasattr(type(x), "__wengert_bind__"):
        return x
    value = known_value(x)
    return value.item() if value.shape == () else value


def _standing(
    module: types.ModuleType, functions: dict[str, Callable[..., Any]], kind: type
) -> Any:
    namespace = dict(vars(module))
    for name, function in functions.items():
        if hasattr(module, name):
            namespace[name] = _lifted(getattr(module, name), function, kind)
    return types.SimpleNamespace(**namespace)


math_ = _standing(math, _MATH, float)
cmath_ = _standing(cmath, _CMATH, complex)


class _Number(type):
    """The type of what stands for float and complex: it compares and checks as they."""

    original: type
    dtype: np.dtype[Any]

    def __call__(cls, *args: Any) -> Any:
        if not holds_tracer(args):
            return cls.original(*args)
        if len(args) == 2:
            x = _scalar(args[0]) + 1j * _scalar(args[1])
        elif issubclass(cls.original, np.generic):
            x = as_array(*args)  # np.float64 takes arrays too
        else:
            x = as_array(*args)
            float(memory(x)) if cls.original is float else complex(memory(x))
            x = _scalar(x)
        return x.astype(cls.dtype)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.original)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.original)

    def __eq__(cls, other: Any) -> Any:
        return other is cls.original or type.__eq__(cls, other)

    def __hash__(cls) -> int:
        return hash(cls.original)

    def __repr__(cls) -> str:
        return repr(cls.original)


def _number(original: Any, dtype: Any) -> Any:
    return _Number(
        original.__name__,
        (original,),
        {"original": original, "dtype": np.dtype(dtype), "__doc__": original.__doc__},
    )


float_ = _number(float, np.float64)
complex_ = _number(complex, np.complex128)
# NumPy's own, by the names under which NumPy has them.
numbers = {
    name: _number(getattr(np, name), getattr(np, name))
    for name in ("float16 float32 float64 longdouble complex64 complex128 clongdouble "
                 "half single double csingle cdouble").split()
}  # fmt: skip
