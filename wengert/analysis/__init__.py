"""Analyses: what a Graph tells about its function."""

from wengert.analysis.cost import Work, measure, peak_memory

__all__ = ["Work", "measure", "peak_memory"]
