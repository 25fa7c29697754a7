"""Problems of bundle adjustment, in the format of "Bundle Adjustment in the Large".

The file has four parts: `cameras points observations`; a line `camera point x y` for
each observation; nine numbers for each camera, one a line; three for each point. A
camera is a rotation vector, a translation, the focal length and two coefficients of
radial distortion, and looks along −z.

Agarwal, Snavely, Seitz & Szeliski (2010), Bundle Adjustment in the Large, ECCV.
"""

from __future__ import annotations

import bz2
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["Problem", "read", "write"]


class Problem(NamedTuple):
    """Pictures of points, and a guess at where cameras and points are.

    Attributes
    ----------
    camera, point : int arrays (n,)
        Which camera sees which point in each observation.
    seen : array (n, 2)
        Where, in pixels from the middle of the picture, y upwards.
    cameras : array (c, 9)
    points : array (p, 3)
    """

    camera: np.ndarray
    point: np.ndarray
    seen: np.ndarray
    cameras: np.ndarray
    points: np.ndarray


def read(path: Path) -> Problem:
    """Read a problem, from `.txt` or as published from `.txt.bz2`.

    Raises
    ------
    ValueError
        If the file has not as many numbers as its first line says, or an observation
        is of a camera or point that is not there.
    """
    opened = bz2.open if path.suffix == ".bz2" else open
    with opened(path, "rt", encoding="ascii") as file:
        numbers = np.array(file.read().split(), dtype=float)
    if len(numbers) < 3:
        raise ValueError(f"{path} has no first line `cameras points observations`.")
    cameras, points, n = numbers[:3].astype(int)
    expected = 3 + 4 * n + 9 * cameras + 3 * points
    if len(numbers) != expected:
        raise ValueError(
            f"{path} holds {len(numbers)} numbers, but {cameras} cameras, {points} "
            f"points and {n} observations take {expected}."
        )
    table, rest = numbers[3 : 3 + 4 * n].reshape(n, 4), numbers[3 + 4 * n :]
    camera, point = table[:, :2].T.astype(int)
    for name, index, count in (("camera", camera, cameras), ("point", point, points)):
        if n and not (index.min() >= 0 and index.max() < count):
            raise ValueError(
                f"{path} has an observation of {name} {index.max()}, but {count} "
                f"{name}s, which count from 0."
            )
    return Problem(
        camera, point, table[:, 2:],
        rest[: 9 * cameras].reshape(cameras, 9), rest[9 * cameras :].reshape(points, 3),
    )  # fmt: skip


def write(problem: Problem, path: Path) -> None:
    """Write a problem, with all digits."""
    camera, point, seen, cameras, points = problem
    lines = [f"{len(cameras)} {len(points)} {len(seen)}"]
    for row in zip(camera, point, seen.tolist(), strict=True):
        lines.append(f"{row[0]} {row[1]}     {row[2][0]!r} {row[2][1]!r}")
    lines += [repr(x) for x in [*cameras.ravel().tolist(), *points.ravel().tolist()]]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
