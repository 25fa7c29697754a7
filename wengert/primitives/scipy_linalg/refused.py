"""Functions of scipy.linalg that are not differentiated, each with its reason."""

from __future__ import annotations

import scipy.linalg

from wengert.primitives.refusal import refuse_all

__all__: list[str] = []

refuse_all(
    scipy.linalg,
    {
        "it changes the form of eigenvectors that `eig` gave": "cdf2rdf",
        "the order and the signs in it are the algorithm's own": "cossin ordqz qz "
        "rsf2csf",
        "the order and the signs in it are the algorithm's own; use `eig`, or the "
        "matrix function that is wanted": "schur",
        "it is a norm of derivatives; write it with `expm_frechet`": "expm_cond",
        "the derivative of the function at matrices is not known": "funm",
        "its basis is determined up to the algorithm's own choices only": "hessenberg",
        "its pivots come in blocks of one or two that jump": "ldl",
        "its scales are powers of two, which jump": "matrix_balance",
        "its basis is not determined; use a projector, `I - pinv(A) @ A`": "null_space",
        "the updated factors follow from no formula of their own: factor anew": ""
        "qr_delete qr_insert qr_update",
        "write it with `qr` and a product": "qr_multiply",
    },
)
