"""The faces of scipy.spatial.distance. Opened by `wengert.scipy.spatial`."""

from wengert.primitives.scipy_spatial import distances

__all__ = ["distances"]
