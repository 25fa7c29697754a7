"""Show how a derivative comes about: tables of the sweeps, drawings, costs, comparison.

The package is not called `explain` because that is the name of its main function.
"""

from wengert.explanation.accumulation_report import AccumulationReport
from wengert.explanation.accumulations import accumulation
from wengert.explanation.anomalies import Anomaly
from wengert.explanation.comparison import Comparison, compare
from wengert.explanation.cost_report import CostReport, Way
from wengert.explanation.costs import cost
from wengert.explanation.draw import draw
from wengert.explanation.examination import smoothness
from wengert.explanation.explanation import Explanation, explain
from wengert.explanation.latex_code import to_latex
from wengert.explanation.patterns import sparsity
from wengert.explanation.smoothness_report import Finding, SmoothnessReport
from wengert.explanation.sparsity_report import SparsityReport
from wengert.explanation.sweeps import Accumulation, Sweeps
from wengert.explanation.tables import Line, Table, Tables

__all__ = [
    "Accumulation",
    "AccumulationReport",
    "Anomaly",
    "Comparison",
    "CostReport",
    "Explanation",
    "Finding",
    "Line",
    "SmoothnessReport",
    "SparsityReport",
    "Sweeps",
    "Table",
    "Tables",
    "Way",
    "accumulation",
    "compare",
    "cost",
    "draw",
    "explain",
    "smoothness",
    "sparsity",
    "to_latex",
]
