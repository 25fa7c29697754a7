"""Calls and results described for an engine that takes them as users write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from wengert.engines import Engine, Entering
from wengert.engines.signature import Argument, Dict, List, Result, Static, Tuple
from wengert.errors import EngineError
from wengert.operators.compilation.calls import Call
from wengert.operators.compilation.containers import LEAF
from wengert.operators.compilation.paths import Path

__all__ = ["arguments_of", "make_entry", "result_of"]


class Unfit(Exception):
    """Say that a container is of a class of its own."""


def make_entry(
    engine: Engine, call: Call, path: Path, slow: Callable[..., Any]
) -> Callable[..., Any] | None:
    """Let the engine make what stands in the place of f; None where it cannot.

    Objects that the signature refers to weakly would be kept alive by it, so there is
    none for calls with such.
    """
    if not isinstance(engine, Entering) or call.weak:
        return None
    try:
        arguments, result = arguments_of(call), result_of(path)
        return engine.entry(path.graph, arguments, result, slow)
    except (Unfit, EngineError):
        return None


def arguments_of(call: Call) -> tuple[Argument, ...]:
    """Describe positional arguments.

    Raises
    ------
    Unfit
        If there are keywords, or containers that are no tuple, list or dict.
    """
    kinds = (
        Static(leaf) if type(kind) is tuple else kind
        for leaf, kind in zip(call.leaves, call.kinds, strict=True)
    )
    if any(name is not None for name, _ in call.structure):
        raise Unfit
    return tuple(_describe(structure, kinds) for _, structure in call.structure)


def result_of(path: Path) -> Result:
    """Describe the result of a path.

    Raises
    ------
    Unfit
        If there are containers that are no tuple, list or dict.
    """
    described: Result = _describe(path.outline.structure, iter(path.outline.leaves))
    return described


def _describe(structure: Any, leaves: Iterator[Any]) -> Any:
    if structure is LEAF:
        return next(leaves)
    kind, told, *parts = structure
    if kind not in (tuple, list, dict):
        raise Unfit
    items = tuple(_describe(part, leaves) for part in parts)
    if kind is dict:
        return Dict(tuple(key for _, key in told), items)
    return Tuple(items) if kind is tuple else List(items)
