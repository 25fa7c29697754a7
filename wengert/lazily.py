"""Open parts of the library on first use, so that `import wengert` stays fast."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["opener"]


def opener(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the `__getattr__` of a package (PEP 562) for names that live elsewhere.

    Parameters
    ----------
    package : str
        The package's `__name__`.
    homes : mapping
        Name → module that defines it. A module's own path means the module itself.

    Returns
    -------
    callable
        Finds a name, and keeps it in the package for the next time.
    """

    def find(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(home)
        found = module if home == f"{package}.{name}" else getattr(module, name)
        setattr(sys.modules[package], name, found)
        return found

    return find
