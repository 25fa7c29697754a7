"""What the house tests look at: every file of the repository, found by itself."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "wengert"

# Parts of wengert that need a library which only an extra installs.
OPTIONAL = {"autograd", "cupy", "dask", "matplotlib", "pymanopt", "sympy"}

# Made by tools, not by people.
GENERATED = {"__pycache__", "build", "dist", "out"}
TOOLS = {".git", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".venv"}


def files(root: Path = ROOT, suffixes: tuple[str, ...] = ()) -> list[Path]:
    """List the files below a folder, those of the given suffixes or all, in order."""
    return sorted(
        path for path in _walk(root) if not suffixes or path.suffix in suffixes
    )


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            skipped = path.name in GENERATED | TOOLS or path.name.endswith(".egg-info")
            # Another virtual environment, whatever its name.
            if not skipped and not (path / "pyvenv.cfg").exists():
                yield from _walk(path)
        elif path.suffix != ".pyc":
            yield path


def relative(path: Path) -> str:
    """Name a file as people do, from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """Name a file of the package as Python imports it."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def opened(name: str) -> ModuleType:
    """Import a module, or skip the test where an optional library is missing."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split(".")[0] in OPTIONAL:
            pytest.skip(f"needs {error.name}")
        raise
