"""From a NumPy callable and its arguments to a primitive's row.

Order of questions: is it about metadata only (np.shape)? Has it a face, with NumPy's
own signature? Is it answered by a row as it is? Otherwise it has no rule, and says so.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import MissingRuleError, TracerLeakError, user_source
from wengert.graph.primitive import FACES, PRIMITIVES, lookup
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array
from wengert.primitives.indexing import filled, indexed_shape, resolve
from wengert.primitives.updating import last_writes
from wengert.trace.views import SNAPSHOTS, VIEWING, detached, snapshot

__all__ = [
    "METADATA",
    "PRINTING",
    "as_array",
    "function",
    "missing",
    "open_special",
    "rebound",
    "ufunc_method",
    "write_out",
]

# Questions about shape and dtype, answered at once and never recorded.
METADATA: frozenset[Callable[..., Any]] = frozenset(
    {
        np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.common_type,
        np.iscomplexobj, np.isrealobj, np.min_scalar_type, np.shares_memory,
        np.may_share_memory,
    }
)  # fmt: skip
# Printing shows values and records nothing.
PRINTING = frozenset({np.array_repr, np.array_str, np.array2string})

_UFUNC_METHODS: dict[tuple[Any, str], Callable[..., Any]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.logical_and, "reduce"): np.all,
    (np.logical_or, "reduce"): np.any,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
}


def function(
    called: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Answer a call of a NumPy function in which some argument is a Tracer."""
    if kwargs and kwargs.get("out") is not None:
        out = kwargs["out"]
        y = function(called, args, {**kwargs, "out": None})
        return write_out(called.__name__, y, (out,))
    face = FACES.get(called)
    if face is not None:
        y = face(*args, **kwargs)
        if called in SNAPSHOTS:
            return snapshot(called, y, args, kwargs)
        return y if called in VIEWING else detached(y, args)
    if called in METADATA:
        return called(*map(_stand_in, args), **kwargs)
    if called in PRINTING:
        for a in args:
            if hasattr(type(a), "__wengert_bind__"):
                a.level.noted("puts a traced value into a text")
        return called(*(getattr(a, "whole", a) for a in args), **kwargs)
    row = lookup(called)
    if row is not None and not kwargs:
        return row(*args)
    raise missing(called, args, kwargs)


def open_special() -> None:
    """Open the rows of scipy.special, where the program has loaded it.

    A ufunc without a row may be one of its; `import wengert` does not load SciPy.
    """
    if "scipy.special" in sys.modules:
        importlib.import_module("wengert.primitives.special")


def ufunc_method(
    ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Answer a ufunc call with keywords, or a method such as reduce or outer."""
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    outs = kwargs.pop("out", None)
    if outs is not None and any(out is not None for out in outs):
        where = kwargs.pop("where", True)
        ys = ufunc_method(ufunc, method, inputs, kwargs)
        return write_out(name, ys, outs, where)
    if method == "at":
        return update_at(ufunc, *inputs)
    if method == "__call__":
        return _call_with_keywords(ufunc, inputs, kwargs)
    if method == "outer" and not kwargs:
        x, y = map(as_array, inputs)
        return ufunc(x[(...,) + (None,) * y.ndim], y)
    called = _UFUNC_METHODS.get((ufunc, method))
    if called is None:
        raise missing(ufunc, inputs, kwargs, name)
    if method in ("reduce", "accumulate"):
        # Unlike np.sum, ufunc.reduce works along axis 0 unless told otherwise.
        kwargs.setdefault("axis", inputs[1] if len(inputs) > 1 else 0)
    return function(called, inputs[:1], kwargs)


def _call_with_keywords(
    ufunc: Any, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    dtype = kwargs.pop("dtype", None)
    for harmless in ("casting", "order", "subok"):
        kwargs.pop(harmless, None)
    if kwargs:
        raise missing(ufunc, inputs, kwargs)
    y = ufunc(*inputs)
    return y if dtype is None else y.astype(dtype)


def write_out(name: str, ys: Any, outs: tuple[Any, ...], where: Any = True) -> Any:
    """Write results into the arrays that out= names, by NumPy's rules for casting.

    Raises
    ------
    TracerLeakError
        If one is a plain array, which cannot hold a traced value.
    """
    results = []
    shape = np.broadcast_shapes(*(out.shape for out in outs if out is not None))
    for y, out in zip(ys if isinstance(ys, tuple) else (ys,), outs, strict=True):
        if out is None:
            results.append(
                y if y.shape == shape else np.copy(np.broadcast_to(y, shape))
            )
            continue
        if not hasattr(type(out), "__wengert_bind__"):
            raise TracerLeakError(
                f"np.{name} was to write a traced value into a plain array (out=, or "
                f"B += x) at {user_source()}. Write B = B + x, or drop out=."
            )
        _check_out(name, y, out)
        out[...] = y if where is True else np.where(where, y, out)
        results.append(out)
    return tuple(results) if isinstance(ys, tuple) else results[0]


def _check_out(name: str, y: Any, out: Any) -> None:
    if not np.can_cast(y.dtype, out.dtype, "same_kind"):
        raise TypeError(
            f"np.{name}: cannot cast the result from {y.dtype} to out's "
            f"{out.dtype} (at {user_source()})"
        )
    if not _fits(y.shape, out.shape):
        raise ValueError(
            f"np.{name}: the result of shape {y.shape} does not fit into out of "
            f"shape {out.shape} (at {user_source()})"
        )


def rebound(ufunc: Any, inputs: tuple[Any, ...]) -> Any:
    """Be `B += x` for a plain B that only this statement sees: `B = B + x`."""
    array, y = inputs[0], ufunc(*inputs)
    _check_out(ufunc.__name__, y, array)
    if y.shape != array.shape:
        y = np.broadcast_to(y, array.shape)
    return y if y.dtype == array.dtype else y.astype(array.dtype)


def _fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    pairs = zip(shape[::-1], into[::-1], strict=False)
    return len(shape) <= len(into) and all(n in (1, m) for n, m in pairs)


def update_at(ufunc: Any, a: Any, key: Any, *operands: Any) -> None:
    """Be `ufunc.at`: update places of an array, those that are named twice, twice."""
    index, indices, unique = resolve(a.shape, key)
    shape = indexed_shape(a.shape, index, [i.shape for i in indices])
    if unique or last_writes(a.shape, index, indices) is None:
        a[key] = ufunc(a[key], *operands)
    elif ufunc in (np.add, np.subtract):
        v = np.broadcast_to(as_array(*operands), shape)
        params = {"index": index, "shape": a.shape, "unique": False}
        a[...] = ufunc(a, PRIMITIVES["scatter_add"](v, *indices, **params))
    else:
        where = np.arange(a.size).reshape(a.shape)[filled(index, indices)]
        spread = [np.broadcast_to(as_array(v), shape) for v in operands]
        for place in np.ndindex(shape):
            one = np.unravel_index(where[place], a.shape)
            a[one] = ufunc(a[one], *(v[place] for v in spread))


def missing(
    called: Any,
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    name: str | None = None,
) -> MissingRuleError:
    """Make the error of a NumPy call that has no rule: call, types, line."""
    name = name or str(getattr(called, "__name__", repr(called)))
    module = getattr(called, "__module__", None) or (
        "numpy" if getattr(np, name, None) is called else type(called).__name__
    )
    # A library's private files are none of the caller's concern.
    module = ".".join(part for part in module.split(".") if part[:1] != "_")
    shown = [repr(ArrayType.of(a)) if hasattr(a, "dtype") else repr(a) for a in args]
    shown += [f"{key}={value!r}" for key, value in (kwargs or {}).items()]
    return MissingRuleError(
        f"{module}.{name}({', '.join(shown)}) has no derivative rule "
        f"(at {user_source()}). Write it with functions that docs/coverage.md lists, "
        "or keep it from the derivative with wengert.stop_gradient(x)."
    )


def _stand_in(arg: Any) -> Any:
    """Replace a Tracer by an array of its shape and dtype that takes no memory."""
    if hasattr(type(arg), "__wengert_bind__"):
        return arg.stand_in
    return arg
