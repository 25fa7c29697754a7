"""How well a rod conducts heat, all along it, from thermometers at its two ends.

uₜ = (k(x) uₓ)ₓ on 0 < x < 1, heated at one end, then at the other, and otherwise
insulated. Only the temperatures at the ends are measured, with noise. The unknown is k
at 40 places: log k is found by least squares with a penalty on its slope, whose weight
is the most probable one. Each implicit time step solves a linear system; the gradient
of the misfit goes back through all of them, one transposed solve a step, whatever the
number of unknowns.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from picture import canvas, command
from scipy.optimize import minimize

from wengert import jacobian, jit, scan, value_and_grad

CELLS = 40
WIDTH = 1 / CELLS
X = (np.arange(CELLS) + 0.5) * WIDTH
STEP = 0.01
TIMES = STEP * np.arange(1, 151)
# Heat flows into the left end first, later into the right one.
FLUX = np.stack([(TIMES <= 0.2) * 1.0, ((TIMES > 0.7) & (TIMES <= 0.9)) * 1.0], axis=1)
NOISE = 0.002
TRUTH = 0.6 + 0.4 * np.exp(-(((X - 0.3) / 0.15) ** 2)) - 0.15 * np.tanh((X - 0.7) / 0.1)


def conduction(k):
    """Give the matrix (n, n) of −(k uₓ)ₓ; what flows out of a cell enters the next."""
    # Two halves of different material in a row: their resistances add.
    between = 2 * k[1:] * k[:-1] / (k[1:] + k[:-1]) / WIDTH**2
    nothing = np.zeros(1)
    here = np.concatenate([nothing, between]) + np.concatenate([between, nothing])
    return np.diag(here) - np.diag(between, 1) - np.diag(between, -1)


def ends(log_k):
    """Simulate the temperatures (150, 2) at both ends, by the backward Euler method."""
    k = np.exp(log_k)
    system = np.eye(CELLS) + STEP * conduction(k)
    inlets = np.eye(CELLS)[:, [0, -1]] * STEP / WIDTH

    def advance(u, flux):
        u = np.linalg.solve(system, u + inlets @ flux)
        # From the middle of a cell to the wall there is half a cell of gradient flux/k.
        return u, u[[0, -1]] + flux / k[[0, -1]] * WIDTH / 2

    return scan(advance, np.zeros(CELLS), FLUX)[1]


def misfits(log_k, measured):
    """Compare with the thermometers, in units of their noise: (300,)."""
    return ((ends(log_k) - measured) / NOISE).ravel()


def slopes(log_k):
    """Give d log k/dx times √Δx, whose square sums to the integral of the square."""
    return np.diff(log_k) / np.sqrt(WIDTH)


@jit
@value_and_grad
def objective(log_k, measured, weight):
    """Be half the sum of squares of misfits and weighted slopes."""
    misfit, slope = misfits(log_k, measured), slopes(log_k)
    return (misfit @ misfit + weight * (slope @ slope)) / 2


def invert(measured, weight, start):
    """Find log k for one weight of the penalty."""
    return minimize(objective, start, (measured, weight), jac=True, method="L-BFGS-B",
                    options={"maxiter": 500, "ftol": 1e-10})  # fmt: skip


class Outcome(NamedTuple):
    """Conductivities (n,), their standard deviations in log k (n,), misfit, error."""

    k: np.ndarray
    deviations: np.ndarray
    misfit: float
    error: float


def judged(log_k, measured, weight):
    """Give the log evidence for the weight, and the standard deviations of log k.

    Around the answer the residuals are nearly linear: the Gauss–Newton matrix is the
    inverse of the covariance, with the penalty as what was known before (Laplace).
    """
    J, S = jacobian(misfits)(log_k, measured), jacobian(slopes)(log_k)
    inverse = J.T @ J + weight * S.T @ S
    evidence = (len(S) * np.log(weight) - np.linalg.slogdet(inverse)[1]) / 2
    evidence -= objective(log_k, measured, weight)[0]
    return evidence, np.sqrt(np.diag(np.linalg.inv(inverse)))


def main(quick: bool = False, folder: Path = Path("out")) -> Outcome:
    """Invert with less and less penalty, and take the most probable; print and draw."""
    rng = np.random.default_rng(3)
    exact = ends(np.log(TRUTH))
    measured = exact + NOISE * rng.normal(size=exact.shape)
    log_k, best, outcome = np.full(CELLS, np.log(0.5)), -np.inf, None
    print(" penalty   misfit per datum   log evidence   error of k   gradients")
    for weight in (100.0, 10.0) if quick else 10.0 ** np.arange(3, -1, -0.5):
        found = invert(measured, weight, log_k)
        log_k = found.x
        evidence, deviations = judged(log_k, measured, weight)
        misfit = np.mean(misfits(log_k, measured) ** 2)
        error = np.sqrt(np.mean((np.exp(log_k) / TRUTH - 1) ** 2))
        print(f"{weight:8.1f} {misfit:15.3f} {evidence:17.1f} {100 * error:12.1f} %"
              f" {found.njev:8d}")  # fmt: skip
        if evidence > best:
            best = evidence
            outcome = Outcome(np.exp(log_k), deviations, misfit, error)
    draw(measured, outcome, folder / "heat.png")
    return outcome


def draw(measured: np.ndarray, outcome: Outcome, path: Path) -> None:
    """Draw what the thermometers said, and what it tells about k."""
    with canvas(path, 2, size=(9, 3.2)) as (left, right):
        for side, name, colour in ((0, "left end", "C0"), (1, "right end", "C3")):
            left.plot(TIMES, measured[:, side], ".", color=colour, ms=3, alpha=0.5)
            fitted = ends(np.log(outcome.k))[:, side]
            left.plot(TIMES, fitted, color=colour, label=name)
        left.set(xlabel="time", ylabel="temperature", title="Thermometers and fit")
        left.legend()
        spread = np.exp(2 * outcome.deviations)
        right.fill_between(
            X, outcome.k / spread, outcome.k * spread, color="C2", alpha=0.25,
            linewidth=0, label="±2 standard deviations",
        )  # fmt: skip
        right.plot(X, outcome.k, "C2", label="found")
        right.plot(X, TRUTH, "k--", linewidth=1, label="truth")
        right.set(xlabel="place along the rod", ylabel="conductivity", ylim=(0, None),
                  title="What the ends tell of the inside")  # fmt: skip
        right.legend()


if __name__ == "__main__":
    command(main, __doc__)
