"""`install()`: from then on, `import autograd` finds the modules of modules.py."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Sequence
from typing import Any

from wengert.compat.autograd.errors import ImportedError
from wengert.compat.autograd.modules import MODULES, PACKAGES, fill

__all__ = ["install", "uninstall"]


class Finder(importlib.abc.Loader):
    """Find and load the stand-ins; `sys.meta_path` asks it first."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Describe a module of autograd, if it is one; `path`, `target` do not matter.

        Of autograd there are no others: what is not there is not found elsewhere.
        """
        del path, target
        if name in MODULES:
            package = name in PACKAGES
            return importlib.machinery.ModuleSpec(
                name, self, origin="wengert", is_package=package
            )
        if name.startswith("autograd."):
            raise ModuleNotFoundError(
                f"No module named {name!r} in wengert's stand-in for autograd",
                name=name,
            )
        return None

    def create_module(self, spec: Any) -> None:
        """Leave it to Python."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Put the names into the module."""
        fill(module)


_finder = Finder()


def install() -> None:
    """Let `import autograd` give the stand-in, in this process.

    Call it before anything imports autograd. Twice is as good as once.

    Raises
    ------
    ImportedError
        If another autograd has been imported.

    Notes
    -----
    Cost: that of `import wengert`; the modules are made when they are imported.
    """
    if _finder in sys.meta_path:
        return
    found = sys.modules.get("autograd")
    if found is not None:
        raise ImportedError(
            f"autograd has been imported already, from {found.__file__!r}; functions "
            "that hold names of it would go on using it. Call install() first, before "
            "the packages that import autograd."
        )
    sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Undo `install()`: the next `import autograd` gives the real one, if there is one.

    Modules that have imported names of the stand-in keep them.
    """
    if _finder not in sys.meta_path:
        return
    sys.meta_path.remove(_finder)
    for name in [
        n for n in sys.modules if n == "autograd" or n.startswith("autograd.")
    ]:
        del sys.modules[name]
