"""The mathematics: one row a primitive, one file a family.

Importing this package registers every row and every face.
"""

from wengert.primitives import (
    arithmetic,
    comparison,
    complexes,
    contraction,
    control,
    decompositions,
    exponential,
    fourier,
    indexing,
    interpolation,
    joining,
    linalg,
    moving,
    norms,
    ordering,
    products,
    reductions,
    running,
    selection,
    shaping,
    statistics,
    trigonometric,
)

__all__ = [
    "arithmetic",
    "comparison",
    "complexes",
    "contraction",
    "control",
    "decompositions",
    "exponential",
    "fourier",
    "indexing",
    "interpolation",
    "joining",
    "linalg",
    "moving",
    "norms",
    "ordering",
    "products",
    "reductions",
    "running",
    "selection",
    "shaping",
    "statistics",
    "trigonometric",
]
