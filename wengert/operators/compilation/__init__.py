"""What `jit` is made of: calls taken apart, paths recorded, and calls on Tracers."""

__all__: list[str] = []
