"""Bundle adjustment: where cameras stood, and what they saw, from pictures alone.

A scene of points on a vault and its floor is photographed from an arc of cameras, and
written in the format of "Bundle Adjustment in the Large"; `--file` takes any problem of
that collection instead. SciPy minimises the errors of reprojection, with a sparse
Jacobian: a row depends on one camera and one point, 12 of thousands of unknowns.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from bal import Problem, read, write
from picture import canvas, command
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from wengert import jacobian, jit

NOISE = 0.5  # pixels


def rotated(axis, points):
    """Turn points (n, 3) about axes (n, 3) by their lengths in radians (Rodrigues)."""
    angle = np.sqrt(np.sum(axis**2, axis=1, keepdims=True))
    unit = axis / angle
    along = np.sum(unit * points, axis=1, keepdims=True) * unit
    across = np.cross(unit, points)
    return along + np.cos(angle) * (points - along) + np.sin(angle) * across


def project(cameras, points):
    """Give the pixels (n, 2) at which cameras (n, 9) see points (n, 3)."""
    placed = rotated(cameras[:, :3], points) + cameras[:, 3:6]
    flat = -placed[:, :2] / placed[:, 2:]
    square = np.sum(flat**2, axis=1)
    focal, k1, k2 = cameras[:, 6:].T
    return (focal * (1 + k1 * square + k2 * square**2))[:, None] * flat


def residual_of(problem: Problem):
    """Make the function of all unknowns, in a row, whose squares are to be least."""
    count = problem.cameras.size

    def residual(x):
        cameras, points = x[:count].reshape(-1, 9), x[count:].reshape(-1, 3)
        seen = project(cameras[problem.camera], points[problem.point])
        return (seen - problem.seen).ravel()

    return residual


def adjust(problem: Problem):
    """Minimise with the sparse Jacobian, compiled; give SciPy's result."""
    residual = residual_of(problem)
    start = np.concatenate([problem.cameras.ravel(), problem.points.ravel()])
    return least_squares(jit(residual), start, jac=jit(jacobian(residual, sparse=True)),
                         x_scale="jac", ftol=1e-6, method="trf")  # fmt: skip


# ----- a scene -----


def scene(cameras: int, points: int, seed: int = 0) -> tuple[Problem, np.ndarray]:
    """Photograph a vault; give a problem with a bad guess, and where the points are."""
    rng = np.random.default_rng(seed)
    turn, along = rng.uniform(0, np.pi, points), rng.uniform(-3, 3, points)
    places = np.stack([2 * np.cos(turn), along, 2 * np.sin(turn)], axis=1)
    floor = rng.random(points) < 0.3
    places[floor, 2] = 0
    # An arc of cameras in front, each upright and looking at about the middle.
    where = np.linspace(-0.9, 0.9, cameras)
    stands = np.stack([9 * np.sin(where), -9 * np.cos(where),
                       2 + np.sin(4 * where)], axis=1)  # fmt: skip
    truth = np.array([looking(stand, rng.normal([0, 0, 0.8], 0.3)) for stand in stands])
    truth[:, 6:] += rng.normal(0, [20, 0.01, 0.002], (cameras, 3))
    camera, point = np.divmod(np.arange(cameras * points), points)
    # A camera finds six points in ten.
    found = rng.random(camera.size) < 0.6
    camera, point = camera[found], point[found]
    seen = project(truth[camera], places[point])
    seen = seen + NOISE * rng.normal(size=seen.shape)
    spread = [0.01] * 3 + [0.1] * 3 + [30, 0.02, 0.005]
    guess = truth + spread * rng.normal(size=truth.shape)
    problem = Problem(
        camera, point, seen, guess, places + 0.1 * rng.normal(size=places.shape)
    )
    return problem, places


def looking(stand: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Make a camera (9,) that stands there, upright, and looks at the middle."""
    back = (stand - middle) / np.linalg.norm(stand - middle)
    right = np.cross([0.0, 0.0, 1.0], back)
    right /= np.linalg.norm(right)
    turn = Rotation.from_matrix([right, np.cross(back, right), back])
    return np.concatenate([turn.as_rotvec(), -turn.apply(stand), [800, -0.05, 0.01]])


def aligned(points: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Move, turn and scale points onto the truth: pictures do not tell these seven."""
    middle, goal = points.mean(0), truth.mean(0)
    turn, fit = Rotation.align_vectors(truth - goal, points - middle)
    placed = turn.apply(points - middle)
    return goal + placed * np.sum(placed * (truth - goal)) / np.sum(placed**2)


# ----- the main job -----


class Outcome(NamedTuple):
    """The root mean square of the errors before and after, in pixels, the result of
    SciPy, and for a scene of our own the points' mean distance from the truth."""

    before: float
    after: float
    found: object
    distance: float | None


def main(
    quick: bool = False, folder: Path = Path("out"), file: Path | None = None
) -> Outcome:
    """Make a scene and write it, or take a file; adjust, print and draw."""
    truth = None
    if file is None:
        problem, truth = scene(*((6, 100) if quick else (16, 700)))
        file = folder / "problem.txt"
        write(problem, file)
        print(f"wrote {file}")
    problem = read(file)
    start = time.perf_counter()
    found = adjust(problem)
    seconds = time.perf_counter() - start
    points = found.x[problem.cameras.size :].reshape(-1, 3)
    first = residual_of(problem)(
        np.concatenate([problem.cameras.ravel(), problem.points.ravel()])
    )
    before, after = (rms(r) for r in (first, found.fun))
    print(f"{len(problem.cameras)} cameras, {len(points)} points, "
          f"{len(problem.seen)} observations; Jacobian {found.jac.shape[0]} × "
          f"{found.jac.shape[1]} with {found.jac.nnz} entries")  # fmt: skip
    print(f"error of reprojection {before:.3f} → {after:.3f} pixels, in "
          f"{found.njev} steps and {seconds:.1f} s")  # fmt: skip
    distance = None
    if truth is not None:
        # Each fitted number takes its share of the noise; seven are not told.
        spent = (found.x.size - 7) / found.fun.size
        distance = rms(aligned(points, truth) - truth)
        first_distance = rms(aligned(problem.points, truth) - truth)
        print(f"  that noise of {NOISE} pixels leaves {NOISE * np.sqrt(1 - spent):.3f}")
        print(f"points {distance:.4f} from the truth, after {first_distance:.4f}")
    draw(problem, found, folder / "bundle_adjustment.png")
    return Outcome(before, after, found, distance)


def rms(errors: np.ndarray) -> float:
    """Give the root of the mean of |rows|², over one or two numbers a row."""
    return float(np.sqrt(np.mean(errors**2)))


def draw(problem: Problem, found, path: Path) -> None:
    """Draw the scene, before and after, along y, and the Jacobian's pattern."""
    count = problem.cameras.size
    with canvas(path, 3, size=(10.5, 3.4), colours=64) as (left, middle, right):
        for axes, title, places in (
            (left, "Before", problem.points),
            (middle, "After", found.x[count:].reshape(-1, 3)),
        ):
            axes.plot(places[:, 0], places[:, 2], ".", color="C0", ms=2)
            axes.set(xlabel="x", ylabel="z", title=f"{title}, seen along the vault",
                     aspect="equal")  # fmt: skip
        rows = np.sort(np.random.default_rng(0).permutation(len(found.fun))[:400])
        pattern = found.jac[rows].tocoo()
        right.plot(pattern.col, pattern.row, "k.", ms=1.5)
        right.axvline(count, color="C3", linewidth=1)
        right.set(xlabel="unknown: cameras | points", ylabel="row, of 400 drawn",
                  title="The Jacobian's entries", ylim=(400, 0))  # fmt: skip


if __name__ == "__main__":
    command(main, __doc__, file="a problem as published, .txt or .txt.bz2")
