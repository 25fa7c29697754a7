"""The source of a Python module that holds one function, and its arrays."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wengert.errors import ArgumentError

__all__ = ["PythonSource"]


@dataclass(frozen=True)
class PythonSource:
    """A module of NumPy code that needs no wengert; prints as its text.

    Attributes
    ----------
    name : str
        Of the function, and of the files.
    code : str
        The text of the module.
    arrays : dict
        Captured arrays too long for the text, by name. The module loads them from
        `name.npz` beside it.
    """

    name: str
    code: str
    arrays: Mapping[str, Any]

    def __str__(self) -> str:
        return self.code

    def write(self, folder: str | Path) -> list[Path]:
        """Write `name.py`, and `name.npz` if there are arrays; give the paths.

        Raises
        ------
        OSError
            If the folder cannot be written to.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        paths = [folder / f"{self.name}.py"]
        paths[0].write_text(self.code, encoding="utf-8")
        if self.arrays:
            paths.append(folder / f"{self.name}.npz")
            np.savez(paths[1], **self.arrays)
        return paths

    def function(self) -> Callable[..., Any]:
        """Run the module, and give its function."""
        with tempfile.TemporaryDirectory() as folder:
            path = self.write(folder)[0]
            spec = importlib.util.spec_from_file_location(self.name, path)
            if spec is None or spec.loader is None:
                raise ArgumentError(f"{self.name}.py is no module of Python")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        function: Callable[..., Any] = getattr(module, self.name)
        return function
