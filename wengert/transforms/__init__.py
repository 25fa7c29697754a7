"""Transforms that make derivatives: one idea, one file."""

__all__: list[str] = []
