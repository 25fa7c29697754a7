"""Sparse Jacobians and Hessians: patterns, few sweeps, entries by their places."""

from wengert.operators.sparse.jacobians import (
    DenseByColors,
    SparseHessian,
    SparseJacobian,
)

__all__ = ["DenseByColors", "SparseHessian", "SparseJacobian"]
