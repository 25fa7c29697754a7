"""The algebra of matrix expressions: functions that make them, in normal form.

Scalars stand before matrices, transposes inside of products, (AB)ᵀ = BᵀAᵀ, and like
terms are one term. A⁻¹A, QᵀQ of an orthogonal Q, Iv and 1ᵀ1 are computed,
diag(a)b = a ∘ b, (uwᵀ) ∘ X = diag(u) X diag(w), tr is cyclic. Sums in products stay as
they are: `collecting.py` expands them and takes out common factors.

The four files call each other: a product may be a sum, and a transpose a product.
"""

from wengert.symbolic.matrices.entries import (
    apply,
    hadamard,
    power,
    softmax,
)
from wengert.symbolic.matrices.products import (
    multiply,
    outer_parts,
)
from wengert.symbolic.matrices.sums import (
    add,
    count_of,
    factors_of,
    magnitude,
    negate,
    number,
    scale,
    split,
    subtract,
)
from wengert.symbolic.matrices.transposes import (
    check_square,
    diag,
    diag_of,
    flips,
    inverse,
    kronecker,
    trace,
    transpose,
)

__all__ = [
    "add",
    "apply",
    "check_square",
    "count_of",
    "diag",
    "diag_of",
    "factors_of",
    "flips",
    "hadamard",
    "inverse",
    "kronecker",
    "magnitude",
    "multiply",
    "negate",
    "number",
    "outer_parts",
    "power",
    "scale",
    "softmax",
    "split",
    "subtract",
    "trace",
    "transpose",
]
