"""Functions of scipy.linalg that are not differentiated, each with its reason."""

from __future__ import annotations

from typing import Any, NoReturn

import scipy.linalg

from wengert.errors import MissingRuleError, user_source
from wengert.graph.primitive import answers

__all__ = ["Refusal"]

_ORDER = "the order and the signs in it are the algorithm's own"
_UPDATE = "the updated factors follow from no formula of their own: factor anew"
_REASONS = {
    "cdf2rdf": "it changes the form of eigenvectors that `eig` gave",
    "cossin": _ORDER,
    "expm_cond": "it is a norm of derivatives; write it with `expm_frechet`",
    "funm": "the derivative of the function at matrices is not known",
    "hessenberg": "its basis is determined up to the algorithm's own choices only",
    "ldl": "its pivots come in blocks of one or two that jump",
    "matrix_balance": "its scales are powers of two, which jump",
    "null_space": "its basis is not determined; use a projector, `I - pinv(A) @ A`",
    "ordqz": _ORDER,
    "qr_delete": _UPDATE,
    "qr_insert": _UPDATE,
    "qr_multiply": "write it with `qr` and a product",
    "qr_update": _UPDATE,
    "qz": _ORDER,
    "rsf2csf": _ORDER,
    "schur": _ORDER + "; use `eig`, or the matrix function that is wanted",
}


class Refusal:
    """Answer a function by an error that says why it has no rule."""

    def __init__(self, name: str, why: str) -> None:
        self.__name__ = name
        self.why = why

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """Raise MissingRuleError, with the reason and the user's line."""
        raise MissingRuleError(
            f"scipy.linalg.{self.__name__} has no derivative rule: {self.why} (at "
            f"{user_source()}). Write it with functions that docs/coverage.md lists, "
            "or keep it from the derivative with wengert.stop_gradient(x)."
        )


for _name, _why in _REASONS.items():
    answers(getattr(scipy.linalg, _name))(Refusal(_name, _why))
