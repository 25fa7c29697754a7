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

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import FACES, lookup
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array

__all__ = [
    "METADATA",
    "PRINTING",
    "as_array",
    "function",
    "missing",
    "open_special",
    "ufunc_method",
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
    face = FACES.get(called)
    if face is not None:
        return face(*args, **kwargs)
    if called in METADATA:
        return called(*map(_stand_in, args), **kwargs)
    if called in PRINTING:
        return called(*(getattr(a, "value", a) for a in args), **kwargs)
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
    if kwargs.pop("out", None) is not None:
        raise MissingRuleError(
            f"np.{name} was to write a traced value into an existing array (out=, or "
            f"B += x) at {user_source()}. Write B = B + x, or drop out=."
        )
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
        return np.broadcast_to(np.zeros((), arg.dtype), arg.shape)
    return arg
