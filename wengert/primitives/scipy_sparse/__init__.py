"""Rows of sparse matrices. Opened by `wengert.scipy.sparse`."""

from wengert.primitives.scipy_sparse import products, refused, systems

__all__ = ["products", "refused", "systems"]
