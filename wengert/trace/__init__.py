"""Tracers: what f runs on, and how NumPy reaches them."""

__all__: list[str] = []
