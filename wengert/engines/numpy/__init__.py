"""The NumPy engine: the meaning of a Graph."""

from wengert.engines.numpy.interpret import NumpyEngine

__all__ = ["NumpyEngine"]
