"""Show how a derivative comes about: tables of the three sweeps, and drawings."""

from wengert.explain.anomalies import Anomaly
from wengert.explain.explanation import Explanation, explain
from wengert.explain.sweeps import Accumulation, Sweeps
from wengert.explain.tables import Line, Table, Tables

__all__ = [
    "Accumulation",
    "Anomaly",
    "Explanation",
    "Line",
    "Sweeps",
    "Table",
    "Tables",
    "explain",
]
