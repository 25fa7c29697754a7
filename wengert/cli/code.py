"""The commands `c` and `python`: write code that needs no wengert, and say where."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wengert.cli.options import InputError
from wengert.cli.target import Target
from wengert.engines.c import Source, identifier
from wengert.engines.python import PythonSource
from wengert.operators import hessian, jacobian, to_c, value_and_grad
from wengert.operators.python_code import to_python

__all__ = ["write_c", "write_python"]


class First(NamedTuple):
    """The value and its first derivative: the names of outputs are made of these."""

    value: Any
    gradient: Any


class Second(NamedTuple):
    """The value and its derivatives up to the second."""

    value: Any
    gradient: Any
    hessian: Any


def write_c(target: Target, options: argparse.Namespace) -> str:
    """Write the value and the derivatives up to an order as C; say what was written.

    Raises
    ------
    InputError
        If the files cannot be written.
    """
    f = _derivatives(target, options.order)
    source = to_c(f, *target.values, name=_name(target, options))
    paths = _written(source, options)
    _, code, main = paths
    lines = [f"wrote {path}" for path in paths]
    return "\n".join(
        [*lines, "", f"to check: cc -std=c99 -O3 {code} {main} -lm && ./a.out"]
    )


def write_python(target: Target, options: argparse.Namespace) -> str:
    """Write the value and the derivatives up to an order as NumPy code.

    Raises
    ------
    InputError
        If the files cannot be written.
    """
    f = _derivatives(target, options.order)
    source = to_python(f, *target.values, name=_name(target, options))
    return "\n".join(f"wrote {path}" for path in _written(source, options))


def _name(target: Target, options: argparse.Namespace) -> str:
    if options.name is not None:
        return str(options.name)
    title = target.title.rpartition(":")[2].rpartition(".")[2]
    return "f" if target.expression is not None else identifier(title)


def _written(source: Source | PythonSource, options: argparse.Namespace) -> list[Path]:
    try:
        return source.write(options.folder)
    except OSError as error:
        raise InputError(f"cannot write {error.filename}: {error.strerror}") from None


def _derivatives(target: Target, order: int) -> Callable[..., Any]:
    f = target.f
    wrt: Any = target.wrt if len(target.wrt) > 1 else target.wrt[0]
    is_number = np.ndim(f(*target.values)) == 0

    @functools.wraps(f)
    def first(*values: Any) -> Any:
        if is_number:
            return First(*value_and_grad(f, wrt)(*values))
        return First(f(*values), jacobian(f, wrt)(*values))

    @functools.wraps(f)
    def second(*values: Any) -> Any:
        value, gradient = first(*values)
        return Second(value, gradient, hessian(f, wrt)(*values))

    return (f, first, second)[order]
