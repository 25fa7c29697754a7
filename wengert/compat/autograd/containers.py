"""`autograd.builtins` and `autograd.misc.flatten`: containers that hold boxes.

Boxes are held in Python's own containers, so `tuple`, `list`, `dict`, `type` and
`isinstance` are Python's own but for one thing: a box shows the type of its value.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.compat.autograd.boxes import getval
from wengert.compat.autograd.derivation import make_vjp
from wengert.primitives.axes import as_array

__all__ = ["flatten", "flatten_func", "isinstance", "type"]


def isinstance(x: Any, classes: Any) -> bool:
    """Tell whether the value in a box is of a class."""
    return builtins.isinstance(getval(x), classes)


def type(x: Any, *args: Any) -> Any:
    """Give the type of the value in a box; with more arguments, make a class."""
    return builtins.type(x, *args) if args else builtins.type(getval(x))


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Put all numbers of a container into one vector; give it, and the way back.

    Keys of dictionaries come in sorted order; int and float become one dtype.
    """
    unflatten, flat = (
        make_vjp(_flat, value) if tree.flatten(value)[0] else _empty(value)
    )
    return flat, unflatten


def _flat(value: Any) -> Any:
    leaves, _ = tree.flatten(value)
    return np.concatenate([np.ravel(as_array(leaf)) for leaf in leaves])


def _empty(value: Any) -> tuple[Callable[[Any], Any], Any]:
    return lambda _: value, np.array([])


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Any, Any, Any]:
    """Make of a function from containers to containers one from vectors to vectors."""
    flat, unflatten = flatten(example)
    return lambda x, *args: flatten(func(unflatten(x), *args))[0], unflatten, flat
