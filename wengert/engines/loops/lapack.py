"""Rows of linear algebra: loops, and calls of LAPACK and BLAS."""

from __future__ import annotations

from wengert.engines.loops.decompositions import DECOMPOSITIONS
from wengert.engines.loops.matrices import Surroundings, Writer
from wengert.engines.loops.systems import SYSTEMS
from wengert.graph import Equation

__all__ = ["lower_lapack"]

_RULES = DECOMPOSITIONS | SYSTEMS


def lower_lapack(around: Surroundings, equation: Equation) -> None:
    """Add the steps of an equation of one of the rows in `kinds.LAPACK`."""
    _RULES[equation.primitive.name](Writer(around, equation))
