"""Names that compiled code may call, and where they are in this process.

Code names a function (`exp`, `_ZGVeN8v_exp`, `wengert_dgemm`), never an address: so
what was compiled in one process can be loaded into another.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from functools import cache

__all__ = ["add_symbol", "capsule_pointer", "find_symbol", "in_libm", "in_libmvec"]

_REGISTERED: dict[str, int] = {}


def add_symbol(name: str, address: int) -> None:
    """Tell what compiled code means by a name.

    Parameters
    ----------
    name : str
        The same in every process.
    address : int
        Where the function is in this process, for as long as the process lives.

    Raises
    ------
    ValueError
        If the name has another address already, or the address is null.
    """
    if not address:
        raise ValueError(f"symbol {name!r} has no address")
    if _REGISTERED.setdefault(name, address) != address:
        raise ValueError(f"symbol {name!r} is registered with another address")


def find_symbol(name: str) -> int | None:
    """Give the address of a name: registered, in libmvec or in libm; None elsewhere."""
    if name in _REGISTERED:
        return _REGISTERED[name]
    library = _libmvec() if name.startswith("_ZGV") else _libm()
    return _address(library, name)


def capsule_pointer(capsule: object) -> tuple[int, str]:
    """Give the address in a capsule, and its name: for Cython, the C signature."""
    name = _capsule_name(capsule)
    return _capsule_pointer(capsule, name), name.decode()


def in_libm(name: str) -> bool:
    """Tell whether the C library has a mathematical function of this name."""
    return _address(_libm(), name) is not None


def in_libmvec(name: str) -> bool:
    """Tell whether glibc's vector mathematics has a function of this name."""
    return _address(_libmvec(), name) is not None


_capsule_name = ctypes.pythonapi.PyCapsule_GetName
_capsule_name.restype = ctypes.c_char_p
_capsule_name.argtypes = [ctypes.py_object]
_capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_capsule_pointer.restype = ctypes.c_void_p
_capsule_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def _address(library: ctypes.CDLL | None, name: str) -> int | None:
    try:
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value
    except AttributeError:
        return None


@cache
def _libm() -> ctypes.CDLL | None:
    """Open the C library's mathematics: apart on Linux, within the C library else."""
    if sys.platform == "win32":
        return _opened("ucrtbase.dll")
    if sys.platform.startswith("linux"):
        return _opened("libm.so.6") or _opened(None)
    return _opened(ctypes.util.find_library("m")) or _opened(None)


@cache
def _libmvec() -> ctypes.CDLL | None:
    """Open glibc's vector mathematics; there is none on macOS, Windows and musl."""
    return _opened("libmvec.so.1") if sys.platform.startswith("linux") else None


def _opened(name: str | None) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except (OSError, TypeError):
        return None
