"""Bundle adjustment, as in ADBench: the sparse Jacobian of all residuals.

An observation is of one point, by one camera. A camera has 11 numbers: rotation (3),
centre (3), focal length, principal point (2), radial distortion (2). Its residuals are
two errors of the projection, times the weight w of the observation; a residual 1 − w²
of each weight stands below them. Source: Srajer, Kukelova and Fitzgibbon (2018),
doi:10.1080/10556788.2018.1435651.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

import wengert
from benchmarks.gradbench.case import Case
from benchmarks.programs import Native, Program

__all__ = ["SIZES", "Scene", "case", "residuals", "scene"]

SIZES = ((10, 200, 1000), (49, 7776, 31_843), (257, 65_132, 225_911))

CAMERA, POINT = 11, 3


@dataclass(frozen=True)
class Scene:
    """Cameras (m, 11), points (q, 3), weights (p,), and who saw what, where.

    Attributes
    ----------
    cameras, points, weights : array
    camera_of, point_of : integer array (p,)
    features : array (p, 2)
    """

    cameras: Any
    points: Any
    weights: Any
    camera_of: Any
    point_of: Any
    features: Any

    def gathered(self, out: Any = None) -> Any:
        """Give what each observation depends on, (p, 15), in `out` if given."""
        parts = self.cameras[self.camera_of], self.points[self.point_of]
        return np.concatenate((*parts, self.weights[:, None]), axis=1, out=out)

    def pattern(self) -> tuple[Any, Any]:
        """Give columns and row starts of the Jacobian, which stay as they are."""
        p, points_at = len(self.weights), self.cameras.size
        weights_at = points_at + self.points.size
        columns = np.concatenate(
            (
                CAMERA * self.camera_of[:, None] + np.arange(CAMERA),
                points_at + POINT * self.point_of[:, None] + np.arange(POINT),
                weights_at + np.arange(p)[:, None],
            ),
            axis=1,
        )
        twice = np.repeat(columns, 2, axis=0).ravel()
        indices = np.concatenate((twice, weights_at + np.arange(p)))
        width = columns.shape[1]
        starts = np.concatenate(
            (width * np.arange(2 * p), 2 * p * width + np.arange(p + 1))
        )
        # SciPy's own type of index: others it converts at each call.
        return indices.astype(np.int32), starts.astype(np.int32)

    def jacobian(self, entries: Any, pattern: tuple[Any, Any]) -> Any:
        """Put entries into a sparse matrix."""
        shape = 3 * len(self.weights), pattern[0][-1] + 1
        return csr_matrix((entries, *pattern), shape=shape)

    def entries(self, blocks: Any) -> Any:
        """List the entries: the blocks (p, 2, 15), and then those of the weights."""
        return np.concatenate((blocks.ravel(), -2.0 * self.weights))


def scene(cameras: int, points: int, observations: int) -> Scene:
    """Make a scene of which every point is in front of every camera."""
    random = np.random.default_rng(points)
    all_cameras = random.normal(size=(cameras, CAMERA)) * np.repeat(
        [0.1, 0.1, 1.0, 1.0, 0.01], [3, 3, 1, 2, 2]
    )
    all_cameras[:, 6] += 500.0
    all_points = random.uniform(-1.0, 1.0, (points, POINT)) + [0.0, 0.0, 5.0]
    return Scene(
        all_cameras,
        all_points,
        random.uniform(0.5, 1.5, observations),
        random.integers(cameras, size=observations),
        random.integers(points, size=observations),
        random.normal(size=(observations, 2)),
    )


def case(cameras: int, points: int, observations: int) -> Case:
    """Make the program for as many cameras, points and observations."""
    made = scene(cameras, points, observations)
    write = writer(made.features)

    def by_hand(z: Any) -> Any:
        _, pullback = wengert.vjp(write(np), z)
        seeds = np.broadcast_to(np.eye(2)[:, None], (2, len(z), 2))
        return np.stack([pullback(seed)[0] for seed in seeds], axis=1)

    def symbolic(ca: Any, p: int) -> tuple[Any, Any]:
        z, feature = ca.SX.sym("z", 15), ca.SX.sym("feature", 2)
        columns = [z[i] for i in range(15)]
        r = residuals(ca, columns, [feature[0], feature[1]])
        block = ca.densify(ca.jacobian(ca.vertcat(*r), z).T)
        one = ca.Function("one", [z, feature], [block])
        z = ca.MX.sym("z", 15, p)
        return z, one.map(p)(z, made.features.T)

    def rowwise(xp: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        def row(z: Any, feature: Any) -> Any:
            return xp.stack(residuals(xp, [z[i] for i in range(15)], feature))

        return row, (xp.asarray(made.features),)

    native = Native("ba.cpp", (made.features,), (observations,))
    program = Program(write, by_hand, symbolic=symbolic, native=native, rowwise=rowwise)
    label = f"{cameras} cameras, {observations:,} observations"
    return Case(label, program, made)


def writer(features: Any) -> Callable[[Any], Callable[[Any], Any]]:
    """Make r(z), (p, 15) → (p, 2)."""

    def write(xp: Any) -> Callable[[Any], Any]:
        seen = xp.asarray(features)

        def r(z: Any) -> Any:
            columns = [z[:, i] for i in range(15)]
            return xp.stack(residuals(xp, columns, [seen[:, 0], seen[:, 1]]), axis=1)

        return r

    return write


def residuals(xp: Any, z: list[Any], seen: list[Any]) -> tuple[Any, Any]:
    """Project points into cameras, and compare: a column for each of the 15 numbers."""
    rotation, centre, focal, principal = z[0:3], z[3:6], z[6], z[7:9]
    distortion, point, weight = z[9:11], z[11:14], z[14]
    x, y, depth = _rotated(
        xp, rotation, [a - b for a, b in zip(point, centre, strict=True)]
    )
    x, y = x / depth, y / depth
    square = x * x + y * y
    scale = 1.0 + distortion[0] * square + distortion[1] * (square * square)
    u = focal * (x * scale) + principal[0] - seen[0]
    v = focal * (y * scale) + principal[1] - seen[1]
    return weight * u, weight * v


def _rotated(xp: Any, rotation: list[Any], p: list[Any]) -> list[Any]:
    """Rotate by Rodrigues' formula; no camera of the scene is unrotated."""
    angle = xp.sqrt(sum(r * r for r in rotation))
    cosine, sine = xp.cos(angle), xp.sin(angle)
    a, b, c = (r / angle for r in rotation)
    across = b * p[2] - c * p[1], c * p[0] - a * p[2], a * p[1] - b * p[0]
    along = (a * p[0] + b * p[1] + c * p[2]) * (1.0 - cosine)
    axis = a, b, c
    return [p[i] * cosine + across[i] * sine + axis[i] * along for i in range(3)]
