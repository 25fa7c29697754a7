"""The programs of GradBench, in plain NumPy, with data made from a seed."""

from benchmarks.gradbench import ba, gmm, llsq, lse, lstm, ode

__all__ = ["PROGRAMS"]

PROGRAMS = {"gmm": gmm, "lstm": lstm, "ba": ba, "ode": ode, "llsq": llsq, "lse": lse}
