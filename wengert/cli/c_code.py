"""The command `c`: the files of C code, and how to compile them."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from wengert.cli.options import InputError
from wengert.cli.target import Target
from wengert.engines.c import identifier
from wengert.operators import hessian, jacobian, to_c, value_and_grad

__all__ = ["write_c"]


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
    name = options.name
    if name is None:
        title = target.title.rpartition(":")[2].rpartition(".")[2]
        name = "f" if target.expression is not None else identifier(title)
    source = to_c(_derivatives(target, options.order), *target.values, name=name)
    try:
        paths = source.write(options.folder)
    except OSError as error:
        raise InputError(f"cannot write {error.filename}: {error.strerror}") from None
    _, code, main = paths
    lines = [f"wrote {path}" for path in paths]
    return "\n".join(
        [*lines, "", f"to check: cc -std=c99 -O3 {code} {main} -lm && ./a.out"]
    )


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
