"""The faces of scipy.ndimage. Opened by `wengert.scipy.ndimage`."""

from wengert.primitives.scipy_ndimage import filters, moving, ranks, refused

__all__ = ["filters", "moving", "ranks", "refused"]
