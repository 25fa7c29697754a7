"""The faces of scipy.linalg, and the rows that NumPy's own algebra does not need.

Opened by `wengert.scipy.linalg`, so that `import wengert` does not load SciPy. Rows
compute with SciPy; where NumPy has the same decomposition, its row serves.
"""

from wengert.primitives.scipy_linalg import (
    banded,
    equations,
    factorizations,
    functions,
    refused,
    spectra,
    structured,
    systems,
    toeplitz,
    triangular,
)

__all__ = [
    "banded",
    "equations",
    "factorizations",
    "functions",
    "refused",
    "spectra",
    "structured",
    "systems",
    "toeplitz",
    "triangular",
]
