"""Read a data set of NIST's Statistical Reference Datasets, nonlinear regression.

Each file states in its header at which lines its parts stand:

```
File Format:   ASCII
               Starting Values   (lines 41 to 42)
               Certified Values  (lines 41 to 47)
               Data              (lines 61 to 74)
```
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["DATA", "Problem", "load"]

DATA = Path(__file__).parent / "data"
"""The folder of the data files."""

Vector = npt.NDArray[np.float64]

_RANGE = re.compile(r"^\D*?(\w+)(?: Values)?\s*\(lines\s+(\d+)\s+to\s+(\d+)\)")
_PARAMETER = re.compile(r"^\s*b\d+\s*=\s*(.*)$")


@dataclass(frozen=True, eq=False)
class Problem:
    """A model's data, and what a fit of it must find.

    Parameters
    ----------
    name : str
        NIST's name of the set.
    start1, start2 : array (p,)
        Two starting points; the second is nearer to the solution.
    certified, deviations : array (p,)
        The parameters of the best fit to 11 digits, and their standard deviations.
    residual : float
        The sum of squares of the residuals at the best fit.
    x, y : array (m,)
        The predictor and the response; several predictors are an array (k, m).
    """

    name: str
    start1: Vector
    start2: Vector
    certified: Vector
    deviations: Vector
    residual: float
    x: Vector
    y: Vector


def load(name: str, folder: Path = DATA) -> Problem:
    """Read one data set by its name.

    Parameters
    ----------
    name : str
        Such as `"Misra1a"`.
    folder : Path, optional
        Where `<name>.dat` stands; the folder of the examples by default.

    Returns
    -------
    Problem

    Raises
    ------
    FileNotFoundError
        With the names that there are, where there is no such set.
    ValueError
        Where the file is not in NIST's form.

    Examples
    --------
    >>> problem = load("Misra1a")
    >>> problem.certified
    array([2.38942129e+02, 5.50156432e-04])
    >>> problem.x.shape, problem.residual
    ((14,), 0.12455138894)
    """
    path = folder / f"{name}.dat"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in folder.glob("*.dat")))
        raise FileNotFoundError(
            f"no data set {name!r} in {folder.name}/; there are {known}"
        )
    lines = path.read_text(encoding="ascii").splitlines()
    parts = {
        match[1]: match.groups()[1:] for match in map(_RANGE.match, lines) if match
    }
    if set(parts) != {"Starting", "Certified", "Data"}:
        raise ValueError(f"{path.name} does not state where its values stand")

    def part(title: str) -> list[str]:
        first, last = map(int, parts[title])
        return lines[first - 1 : last]

    rows = [
        match[1].split() for match in map(_PARAMETER.match, part("Starting")) if match
    ]
    start1, start2, certified, deviations = np.array(rows, dtype=np.float64).T
    (residual,) = (
        float(line.split(":")[1])
        for line in part("Certified")
        if line.startswith("Residual Sum of Squares:")
    )
    y, *predictors = np.array(
        [line.split() for line in part("Data")], dtype=np.float64
    ).T
    x = predictors[0] if len(predictors) == 1 else np.array(predictors)
    return Problem(name, start1, start2, certified, deviations, residual, x, y)
