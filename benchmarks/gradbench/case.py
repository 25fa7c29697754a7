"""One program at one size."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import wengert
from benchmarks.programs import Program

__all__ = ["Case", "eager", "for_jax"]


@dataclass(frozen=True)
class Case:
    """A program with what it is differentiated at.

    Attributes
    ----------
    label : str
        The size, as the tables say it.
    program : Program
    x : array
        All parameters, one after the other.
    """

    label: str
    program: Program
    x: Any


def eager(write: Callable[[Any], Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Give value and gradient by wengert's eager mode."""
    return wengert.value_and_grad(write(np))


def for_jax(
    compiled: Callable[[Any], Callable[[Any], Any]],
    write: Callable[[Any], Callable[[Any], Any]],
) -> Callable[[Any], Callable[[Any], Any]]:
    """Write with `compiled(jax)` for JAX, whose long loops are `scan`; else plainly."""

    def chosen(xp: Any) -> Callable[[Any], Any]:
        if xp.__name__ == "jax.numpy":
            return compiled(importlib.import_module("jax"))
        return write(xp)

    return chosen
