"""A pendulum's length, damping and first angle from a noisy film of its swing.

The angle follows θ″ = −(g/L) sin θ − c θ′; it is measured 20 times a second with an
error of 3°. Least squares with the exact Jacobian of the solution finds L, c and θ(0),
and the same Jacobian tells how sure they are. Whether that is true, hundreds of
repetitions of the experiment show: 95 % of the intervals must hold the truth.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from picture import canvas, command
from scipy import stats
from scipy.optimize import least_squares

from wengert import jacfwd, jit, ode

NAMES = ("length", "damping", "first angle")
UNITS = ("m", "1/s", "rad")
TRUTH = np.array([0.8, 0.12, 2.2])
START = np.array([1.0, 0.05, 1.5])
TIMES = np.linspace(0, 10, 201)
NOISE = np.radians(3)


def swing(t, y, p):
    """Give the slopes of angle and angular velocity."""
    length, damping, _ = p
    return np.stack([y[1], -9.81 / length * np.sin(y[0]) - damping * y[1]])


def angle(p):
    """Solve for the angles (201,) at the times of the film."""
    start = np.stack([p[2], 0.0])
    return ode.solve(swing, start, TIMES, p, method="rk4", steps=4)[:, 0]


class Fit(NamedTuple):
    """Parameters (3,), their standard errors (3,) and correlations (3, 3)."""

    parameters: np.ndarray
    errors: np.ndarray
    correlations: np.ndarray


# Three parameters: forward mode gives 201 rows in one sweep of three tangents.
compiled_angle, compiled_jacobian = jit(angle), jit(jacfwd(angle))


def fit(measured: np.ndarray) -> Fit:
    """Fit by Levenberg–Marquardt; cov = s² (JᵀJ)⁻¹."""

    def residual(p):
        return compiled_angle(p) - measured

    found = least_squares(residual, START, jac=compiled_jacobian, method="lm",
                          x_scale="jac")  # fmt: skip
    variance = 2 * found.cost / (TIMES.size - TRUTH.size)
    covariance = variance * np.linalg.inv(found.jac.T @ found.jac)
    errors = np.sqrt(np.diag(covariance))
    return Fit(found.x, errors, covariance / np.outer(errors, errors))


class Outcome(NamedTuple):
    """The first fit, all scores (k, 3), and the part of intervals that hold (3,)."""

    fit: Fit
    scores: np.ndarray
    coverage: np.ndarray


def main(quick: bool = False, folder: Path = Path("out")) -> Outcome:
    """Fit once, then again and again to new noise; print and draw."""
    rng, exact = np.random.default_rng(7), angle(TRUTH)
    films = exact + NOISE * rng.normal(size=(100 if quick else 1000, TIMES.size))
    fits = [fit(film) for film in films]
    scores = np.array([(one.parameters - TRUTH) / one.errors for one in fits])
    bound = stats.t.ppf(0.975, TIMES.size - TRUTH.size)
    outcome = Outcome(fits[0], scores, np.mean(np.abs(scores) < bound, axis=0))
    print(f"                  truth      found   std error   "
          f"95 % hold, of {len(films)}")  # fmt: skip
    for row in zip(NAMES, TRUTH, *fits[0][:2], outcome.coverage, UNITS, strict=True):
        name, truth, found, error, held, unit = row
        print(f"{name:<12} {truth:10.4f} {found:10.4f}  {error:10.4f}   "
              f"{100 * held:6.1f} %   {unit}")  # fmt: skip
    draw(films[0], outcome, folder / "pendulum.png")
    return outcome


def draw(film: np.ndarray, outcome: Outcome, path: Path) -> None:
    """Draw the film with the fitted swing, and the scores of all repetitions."""
    with canvas(path, 2, size=(9, 3.2)) as (left, right):
        left.plot(TIMES, film, ".", color="0.6", ms=4, label="measured")
        left.plot(TIMES, angle(outcome.fit.parameters), "C0", label="fitted")
        left.set(xlabel="time (s)", ylabel="angle (rad)", title="One experiment")
        left.legend()
        z = np.linspace(-4, 4, 200)
        for name, scores in zip(NAMES, outcome.scores.T, strict=True):
            right.hist(scores, np.linspace(-4, 4, 33), density=True, histtype="step",
                       label=name, linewidth=1.4)  # fmt: skip
        right.plot(z, stats.norm.pdf(z), "k--", linewidth=1, label="normal law")
        right.set(xlabel="(found − truth) / standard error", ylabel="density",
                  title=f"{len(outcome.scores)} experiments")  # fmt: skip
        right.legend()


if __name__ == "__main__":
    command(main, __doc__)
