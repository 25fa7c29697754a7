"""What a function of the user's calls its arguments, and what it closes over."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["captured_names", "operator_of", "root_names"]

_OPERATORS = __name__.rpartition(".")[0]


def root_names(f: Callable[..., Any], count: int) -> list[str]:
    """Name the first `count` arguments, as the signature does.

    Examples
    --------
    >>> root_names(lambda x, *rest: x, 3)
    ['x', 'rest[0]', 'rest[1]']
    """
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    roots: list[str] = []
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            roots += [f"{p.name}[{k}]" for k in range(count - len(roots))]
        elif p.kind is not p.KEYWORD_ONLY and p.kind is not p.VAR_KEYWORD:
            roots.append(p.name)
    roots += [f"arg{k}" for k in range(len(roots), count)]
    return roots[:count]


def captured_names(f: Any) -> dict[int, str]:
    """Map objects, by id, to what a function calls them: in its closure, its module,
    the object whose method it is; of `grad(f)`, what f calls them."""
    f = inspect.unwrap(f)
    owner = getattr(f, "__self__", f)
    names: dict[int, str] = {}
    for namespace in (type(owner), owner):
        attributes = getattr(namespace, "__dict__", {})
        names |= {id(value): name for name, value in attributes.items()}
    f = getattr(f, "__func__", f if hasattr(f, "__code__") else type(f).__call__)
    code = getattr(f, "__code__", None)
    if code is None:
        return names
    known = getattr(f, "__globals__", {})
    names |= {id(known[name]): name for name in code.co_names if name in known}
    for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=True):
        try:
            names[id(cell.cell_contents)] = name
        except ValueError:  # a cell that is still empty
            continue
    return names


def operator_of(f: Callable[..., Any]) -> str:
    """Name the operator that made f, `grad` of `grad(loss)`; empty for the user's own.

    Examples
    --------
    >>> from wengert.operators import grad
    >>> operator_of(grad(abs)), operator_of(abs)
    ('grad', '')
    """
    code = getattr(f, "__code__", None)
    module = getattr(f, "__globals__", {}).get("__name__", "")
    if code is None or not module.startswith(_OPERATORS):
        return ""
    return str(code.co_qualname.partition(".")[0])
