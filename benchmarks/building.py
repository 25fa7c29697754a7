"""Compile C and C++ with the system's compiler, for the peers that need it."""

from __future__ import annotations

import ctypes
import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["FLAGS", "built", "compiler", "folder", "shared", "told"]

# Strict arithmetic, as everywhere in the tables: no -ffast-math.
FLAGS = ["-O3", "-march=native", "-fPIC", "-shared"]


def compiler(source: str) -> str | None:
    """Find the compiler of a source file, by its ending."""
    return shutil.which("g++" if source.endswith(".cpp") else "gcc")


def told() -> str:
    """Name the compiler, its version, and how it is called."""
    asked = [str(compiler(".c")), "--version"]
    first, *_ = subprocess.run(
        asked, capture_output=True, check=True, text=True
    ).stdout.splitlines()
    return f"{first}, {' '.join(FLAGS)}"


@functools.cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Make the folder that what is compiled goes into; it lasts as long as we do."""
    return tempfile.TemporaryDirectory(prefix="wengert-benchmarks-")


def built(source: Path) -> Path:
    """Compile one file to a shared library, in the folder that ends with the run."""
    target = Path(folder().name) / f"{source.stem}.so"
    command = [str(compiler(source.name)), *FLAGS, str(source), "-o", str(target)]
    subprocess.run([*command, "-lm"], check=True, capture_output=True, text=True)
    return target


@functools.cache
def shared(source: Path) -> ctypes.CDLL:
    """Compile and load one file, once."""
    return ctypes.CDLL(str(built(source)))
