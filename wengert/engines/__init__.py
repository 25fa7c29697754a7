"""Engines: from a Graph to a callable on arrays."""

import importlib
from typing import Any

from wengert.engines.engine import (
    Capabilities,
    Compiled,
    Engine,
    Entering,
    Inspectable,
    Legible,
    engine_names,
    open_engine,
    register_engine,
)
from wengert.engines.inspection import Inspection
from wengert.engines.numpy import NumpyEngine

__all__ = [
    "Capabilities",
    "Compiled",
    "Engine",
    "Entering",
    "Inspectable",
    "Inspection",
    "Legible",
    "NumpyEngine",
    "engine_names",
    "open_engine",
    "register_engine",
]


def _open_llvm(accuracy: str = "fast") -> Any:
    engine = importlib.import_module("wengert.engines.llvm.engine")
    return engine.LlvmEngine(accuracy)


register_engine("llvm", _open_llvm)
# Mathematical functions as the C library has them, not to 4 units in the last place.
register_engine("llvm-exact", lambda: _open_llvm("exact"))
