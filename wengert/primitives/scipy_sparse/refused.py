"""Functions of scipy.sparse that are not differentiated, each with its reason."""

from __future__ import annotations

import scipy.sparse
import scipy.sparse.linalg

from wengert.primitives.refusal import refuse_all

__all__: list[str] = []

_UNWRITTEN = "a rule for traced entries is not written"

refuse_all(
    scipy.sparse,
    {
        _UNWRITTEN: "block_array bmat expand_dims extract kronsum permute_dims "
        "save_npz spdiags swapaxes tril triu find",
    },
)
refuse_all(
    scipy.sparse.linalg,
    {
        "the derivatives of its vectors need all others; of a small matrix, use "
        "scipy.linalg": "eigs eigsh lobpcg svds",
        "an incomplete factor is no function of the matrix that has a formula": "spilu",
        "a least squares problem has a rule in scipy.linalg.lstsq only": "lsmr lsqr",
        "its inverse is dense; use spsolve": "inv",
        _UNWRITTEN: "expm funm_multiply_krylov is_sptriangular onenormest spbandwidth "
        "aslinearoperator",
    },
)
