"""Write docs/pictures/: the V of a difference's error, and a comparison of methods.

`python scripts/pages/pictures.py` writes them; times in the comparison are those of the
machine that it runs on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from wengert import compare, numeric

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"


def write() -> None:
    """Write both pictures."""
    FOLDER.mkdir(exist_ok=True)
    schemes = ("forward", "central", "central4", "central8", "complex")
    numeric.error_study(np.exp, 0.0, scheme=schemes).save(FOLDER / "error_study.svg")

    def f(x: float) -> float:
        return np.exp(x**2) / (1 + x)

    compare(f)(1.0).save(FOLDER / "compare.svg")


if __name__ == "__main__":
    write()
