"""How the examples draw, and the command line that they share.

Run it: it makes every picture of docs/gallery.md again, in docs/pictures.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from shutil import copy
from typing import Any

GALLERY = (
    "photograph",
    "trebuchet",
    "pendulum",
    "heat",
    "bundle_adjustment",
    "beside_scikit_learn",
)
STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
}


@contextmanager
def canvas(
    path: Path,
    columns: int,
    rows: int = 1,
    size: tuple[float, float] = (9, 3),
    colours: int | None = None,
) -> Iterator[Any]:
    """Give axes (rows · columns,) to draw on, and save them when the block ends.

    Parameters
    ----------
    path : Path
        Of the PNG; its folder is made.
    columns, rows : int
        Of panels, of equal size.
    size : (float, float)
        Width and height of all in inches.
    colours : int, optional
        How many colours to keep: photographs are too large with all of them.

    Raises
    ------
    SystemExit
        If matplotlib is missing.
    """
    try:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from PIL import Image
    except ImportError as error:
        raise SystemExit(
            f"There is no picture, since {error.name} is missing: "
            "pip install 'wengert[plot]'."
        ) from None
    with matplotlib.rc_context(STYLE):
        # Not by pyplot, which opens windows and keeps every figure.
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure.subplots(rows, columns, squeeze=False).ravel()
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=100)
    if colours is not None:
        with Image.open(path) as image:
            fewer = image.convert("RGB").quantize(colours)
        fewer.save(path, optimize=True)
    print(f"wrote {path}")


def command(main: Callable[..., Any], doc: str | None, **files: str) -> None:
    """Run an example's `main(quick=…, folder=…)` as the command line says.

    Files that it takes besides are given by name, each with what it holds.
    """
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("folder", nargs="?", default="out", type=Path,
                        help="where the picture goes (default: out)")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="a smaller problem")
    for name, content in files.items():
        parser.add_argument(f"--{name}", type=Path, help=content)
    main(**vars(parser.parse_args()))


def main() -> None:
    """Run all examples, and save their pictures in docs/pictures."""
    shown = Path(__file__).parents[1] / "docs" / "pictures"
    for name in GALLERY:
        print(f"\n----- {name} -----")
        start = time.perf_counter()
        import_module(name).main(folder=Path("out"))
        copy(Path("out") / f"{name}.png", shown)
        print(f"{time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
