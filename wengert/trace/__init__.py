"""Tracers: what f runs on, and how NumPy reaches them."""

from wengert.trace import writing

__all__ = ["writing"]
