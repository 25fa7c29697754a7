"""One row of a table of matrix calculus: a function, and its derivative as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wengert.symbolic import (
    MatrixDerivative,
    matrix_gradient,
    matrix_hessian,
    matrix_jacobian,
)

__all__ = ["Identity"]

_SIZES = {"m": 4, "n": 3, "p": 2, "q": 5, "1": 1}
_ASSUMED: dict[str, Callable[[Any], Any]] = {
    "definite": lambda x: x @ x.T + np.eye(len(x)),
    "symmetric": lambda x: x + x.T,
    "orthogonal": lambda x: np.linalg.qr(x)[0],
    "positive": lambda x: np.abs(x) + 0.1,
    "probability": lambda x: np.abs(x) / np.sum(np.abs(x)),
}
_OPERATORS = {
    "gradient": matrix_gradient,
    "jacobian": matrix_jacobian,
    "hessian": matrix_hessian,
}


@dataclass(frozen=True)
class Identity:
    """One row of the table.

    Attributes
    ----------
    family, statement : str
        Where it stands, and what is differentiated, as people write it.
    f : callable
    arrays : str
        The arguments with their sizes, `"x:n A:mn"`; that by which f is
        differentiated stands first. Nothing behind the colon is a scalar.
    expected : str
        The derivative.
    kind : str
    assumptions : dict
        Trait → the name of an argument, or several.
    """

    family: str
    statement: str
    f: Callable[..., Any]
    arrays: str
    expected: str
    kind: str = "gradient"
    assumptions: dict[str, Any] = field(default_factory=dict)

    @property
    def by(self) -> str:
        """Name the argument by which f is differentiated."""
        return self.arrays.partition(":")[0]

    def arguments(self) -> dict[str, Any]:
        """Make an example of the arguments, of which all is true that is assumed."""
        rng = np.random.default_rng(len(self.arrays))
        made: dict[str, Any] = {}
        for word in self.arrays.split():
            name, _, letters = word.partition(":")
            shape = tuple(_SIZES[one] for one in letters)
            x = rng.normal(size=shape) if shape else float(rng.normal())
            traits = [trait for trait, n in self.assumptions.items() if name in n]
            for trait in traits:
                x = _ASSUMED[trait](x)
            made[name] = x
        return made

    def derivative(self) -> MatrixDerivative:
        """Find the derivative."""
        operator = _OPERATORS[self.kind](self.f, self.by, **self.assumptions)
        return operator(**self.arguments())
