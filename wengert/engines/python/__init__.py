"""Graph → the source of a Python module that needs NumPy and SciPy only."""

from wengert.engines.python.module import Argument, module_of
from wengert.engines.python.source import PythonSource

__all__ = ["Argument", "PythonSource", "module_of"]
