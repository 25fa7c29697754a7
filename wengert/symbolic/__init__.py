"""Formulas in and out: derivatives as people write them."""

from wengert.symbolic.matrices import (
    MatrixDerivative,
    matrix_gradient,
    matrix_hessian,
    matrix_jacobian,
)

__all__ = [
    "MatrixDerivative",
    "matrix_gradient",
    "matrix_hessian",
    "matrix_jacobian",
]
