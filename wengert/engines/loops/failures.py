"""What a function answers where a routine of LAPACK fails, and NumPy's words for it.

Whoever called runs the function plainly then, and NumPy raises.
"""

from __future__ import annotations

__all__ = ["FAILURES", "INDEFINITE", "NO_EIGENVALUES", "NO_SVD", "SINGULAR"]

INDEFINITE, SINGULAR, NO_EIGENVALUES, NO_SVD = -2, -3, -4, -5

FAILURES = {
    INDEFINITE: "Matrix is not positive definite",
    SINGULAR: "Singular matrix",
    NO_EIGENVALUES: "Eigenvalues did not converge",
    NO_SVD: "SVD did not converge",
}
