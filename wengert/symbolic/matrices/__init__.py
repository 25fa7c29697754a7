"""Matrix calculus: derivatives of NumPy functions, written with matrices."""

from wengert.symbolic.matrices.derivative import (
    matrix_gradient,
    matrix_hessian,
    matrix_jacobian,
)
from wengert.symbolic.matrices.formula import MatrixDerivative

__all__ = [
    "MatrixDerivative",
    "matrix_gradient",
    "matrix_hessian",
    "matrix_jacobian",
]
