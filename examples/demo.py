"""The main job: explain two derivatives, then fit real data with exact ones.

Run by `make demo`. First the two examples that lectures on automatic differentiation
trace by hand; then a nonlinear fit to data of the U.S. National Institute of Standards
and Technology, whose certified parameters it must reach; last, a picture of the graph.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from nist import Problem, load
from scipy.optimize import least_squares

from wengert import explain, jacobian

OUT = Path("out")


def f(x1, x2):
    """Be the function that lectures trace: ln x1 + x1·x2 − sin x2."""
    return np.log(x1) + x1 * x2 - np.sin(x2)


def griewank_walther(x1, x2):
    """Be the first example of Griewank & Walther's book, step by step."""
    v1 = x1 / x2
    v2 = np.sin(v1)
    v3 = np.exp(x2)
    v4 = v1 - v3
    v5 = v2 + v4
    return v5 * v4


def thurber(b, x):
    """Model the electron mobility in a semiconductor: a cubic over a cubic."""
    top = b[0] + x * (b[1] + x * (b[2] + x * b[3]))
    bottom = 1 + x * (b[4] + x * (b[5] + x * b[6]))
    return top / bottom


def fit(problem: Problem, start: np.ndarray) -> np.ndarray:
    """Fit by least squares with the exact Jacobian; print how it went."""

    def residual(b):
        return thurber(b, problem.x) - problem.y

    found = least_squares(residual, start, jac=jacobian(residual), x_scale="jac",
                          method="trf", xtol=1e-15, ftol=1e-15, gtol=1e-15,
                          max_nfev=1000)  # fmt: skip
    b, certified = found.x, problem.certified
    digits = -np.log10(np.maximum(abs(b - certified) / abs(certified), 1e-11))
    # Standard deviations from the exact Jacobian at the solution.
    degrees = len(problem.y) - len(b)
    variance = (residual(b) ** 2).sum() / degrees
    deviations = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)) * variance)
    print("      parameter        found            certified    digits   std deviation")
    for i, row in enumerate(zip(b, certified, digits, deviations, strict=True)):
        b_i, certified_i, digits_i, deviation = row
        print(f"      b{i + 1}      {b_i:18.10e} {certified_i:18.10e}   {digits_i:5.1f}"
              f"   {deviation:12.4e}")  # fmt: skip
    print(f"      residual sum of squares {(residual(b) ** 2).sum():.10e}, "
          f"certified {problem.residual:.10e}")  # fmt: skip
    print(f"      {found.nfev} evaluations, {found.njev} exact Jacobians")
    return digits


def main() -> int:
    """Do the main job; give 0 if the certified parameters were reached."""
    print("1. ln x1 + x1·x2 − sin x2 at (2, 5)\n")
    first = explain(f)(2.0, 5.0)
    print(first)

    print("\n2. (sin(x1/x2) + x1/x2 − exp x2)·(x1/x2 − exp x2) at (1.5, 0.5)\n")
    print(explain(griewank_walther)(1.5, 0.5))

    print("\n3. NIST StRD Thurber: 37 measurements, 7 parameters, two starting points")
    problem = load("Thurber")
    worst = min(fit(problem, start).min() for start in (problem.start1, problem.start2))
    print(f"   worst agreement with the certified parameters: {worst:.1f} digits")

    OUT.mkdir(exist_ok=True)
    picture = OUT / "graph.svg"
    first.save_graph(picture)
    print(f"\n4. the graph of example 1, values forward and adjoints back: {picture}")
    return 0 if worst >= 6 else 1


if __name__ == "__main__":
    sys.exit(main())
