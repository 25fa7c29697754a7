"""Sparsity: which elements of the outputs of a Graph depend on which of its inputs."""

from wengert.analysis.sparsity.detection import Dependence, dependence
from wengert.analysis.sparsity.knowledge import NUMBERS, Condition
from wengert.analysis.sparsity.patterns import MOST_ENTRIES

__all__ = [
    "MOST_ENTRIES",
    "NUMBERS",
    "Condition",
    "Dependence",
    "dependence",
]
