"""SciPy's special functions, called by compiled code through pointers.

`scipy.special.cython_special` exports C functions; those of float64 arguments and a
float64 result can be called lane by lane, without the GIL.
"""

from __future__ import annotations

import importlib
import re
from functools import cache
from typing import NamedTuple

from wengert.engines.llvm.symbols import add_symbol, capsule_pointer

__all__ = ["Special", "special_symbol"]

# A C function's signature as Cython writes it; the last argument says nothing to C.
_SIGNATURE = re.compile(r"double \(((?:double, )+)int __pyx_skip_dispatch\)")


class Special(NamedTuple):
    """A special function that compiled code may call.

    Attributes
    ----------
    symbol : str
        Its name in IR; its parameters are `arity` doubles and one i32, which is 0.
    arity : int
        How many float64 it takes.
    """

    symbol: str
    arity: int


@cache
def special_symbol(name: str) -> Special | None:
    """Register a function of `scipy.special` under a name for compiled code.

    Parameters
    ----------
    name : str
        As in `scipy.special`: `psi`, `gammaln`, `ndtri`.

    Returns
    -------
    Special or None
        None where SciPy has no C function of float64 by this name.

    Cost
    ----
    Opens `scipy.special` the first time.
    """
    exported = importlib.import_module("scipy.special.cython_special").__pyx_capi__
    # A function of several types is exported once for each, numbered.
    names = (name, *(f"__pyx_fuse_{number}{name}" for number in range(4)))
    for candidate in names:
        if candidate in exported:
            address, signature = capsule_pointer(exported[candidate])
            if match := _SIGNATURE.fullmatch(signature):
                symbol = f"wengert_special_{name}"
                add_symbol(symbol, address)
                return Special(symbol, match[1].count("double"))
    return None
