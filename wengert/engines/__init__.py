"""Engines: from a Graph to a callable on arrays."""

from wengert.engines.engine import (
    Capabilities,
    Compiled,
    Engine,
    Entering,
    Legible,
    engine_names,
    open_engine,
    register_engine,
)
from wengert.engines.numpy import NumpyEngine

__all__ = [
    "Capabilities",
    "Compiled",
    "Engine",
    "Entering",
    "Legible",
    "NumpyEngine",
    "engine_names",
    "open_engine",
    "register_engine",
]
