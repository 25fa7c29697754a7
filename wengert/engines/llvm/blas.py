"""BLAS and LAPACK, called by compiled code through the pointers that SciPy exports.

`scipy.linalg.cython_blas` and `cython_lapack` hold the address and the C signature of
each routine. As in Fortran, every argument is a pointer and matrices are column-major;
of the signature, what matters is how many there are, how wide an integer is, and what
comes back.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from wengert.engines.llvm.symbols import add_symbol, capsule_pointer
from wengert.errors import EngineError

__all__ = ["Routine", "declare_routines", "routine"]

_SIGNATURE = re.compile(r"(.*?) ?\((.*)\)")
# A C type, as in the signatures → an LLVM type. Cython's own names end in d or s.
_TYPES = {"void": "void", "d": "double", "s": "float", "int": "i32"}
_POINTED = {
    **{"char": "char", "d": "double", "s": "float", "int": "i32"},
    **dict.fromkeys(["long", "int64_t", "long long"], "i64"),
}
_NAMES = {"i32": "int", "i64": "int"}


class Routine(NamedTuple):
    """A routine of BLAS or LAPACK that compiled code may call.

    Attributes
    ----------
    symbol : str
        Its name in IR: `wengert_dgemm`.
    result : str
        What it returns, as an LLVM type: `void` for most, `double` for `ddot`.
    arguments : tuple of str
        For each argument, what the pointer points to: `char`, `int`, `double` or
        `float`.
    integer : str
        The LLVM type of every `int` that arguments point to: `i32`, or `i64` where
        SciPy was built so.
    """

    symbol: str
    result: str
    arguments: tuple[str, ...]
    integer: str

    @property
    def declaration(self) -> str:
        """The line of IR that lets a module call it."""
        pointers = ", ".join(["ptr"] * len(self.arguments))
        return f"declare {self.result} @{self.symbol}({pointers}) nounwind"


@cache
def routine(name: str) -> Routine:
    """Register a routine of float64 or float32 for compiled code.

    Parameters
    ----------
    name : str
        As in Fortran: `dgemm`, `spotrf`.

    Returns
    -------
    Routine

    Raises
    ------
    EngineError
        If SciPy exports none of this name, or one of complex numbers.

    Cost
    ----
    Opens `scipy.linalg` the first time.
    """
    for module in ("cython_blas", "cython_lapack"):
        exported = importlib.import_module(f"scipy.linalg.{module}").__pyx_capi__
        if name in exported:
            address, signature = capsule_pointer(exported[name])
            found = _routine(name, signature)
            add_symbol(found.symbol, address)
            return found
    raise EngineError(
        f"SciPy exports no routine {name!r} of BLAS or LAPACK; "
        'engine "numpy" runs without it'
    )


def declare_routines(routines: Iterable[Routine]) -> str:
    """Write the lines of IR that several routines need, each once."""
    return "\n".join(dict.fromkeys(found.declaration for found in routines))


def _routine(name: str, signature: str) -> Routine:
    match = _SIGNATURE.fullmatch(signature)
    result = _TYPES.get(_base(match[1])) if match else None
    arguments = match[2].split(", ") if match else []
    kinds = [_POINTED.get(_base(part.removesuffix(" *"))) for part in arguments]
    pointers = all(part.endswith(" *") for part in arguments)
    if result is None or not pointers or None in kinds:
        raise EngineError(
            f"routine {name!r} cannot be called from compiled code: {signature}; "
            'engine "numpy" runs without it'
        )
    widths = {kind for kind in kinds if kind in ("i32", "i64")}
    integer = "i64" if "i64" in widths else "i32"
    known = tuple(_NAMES.get(str(kind), str(kind)) for kind in kinds)
    return Routine(f"wengert_{name}", result, known, integer)


def _base(kind: str) -> str:
    """Shorten `__pyx_t_5scipy_6linalg_11cython_blas_d` to `d`."""
    return kind.rsplit("_", 1)[-1] if kind.startswith("__pyx_t_") else kind
