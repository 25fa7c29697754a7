"""What a training went through, epoch by epoch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["History"]

_LINES = 12


class History:
    """A column of numbers for each thing that was measured, a row for each epoch.

    Prints as a table. `history["loss"]` is a column.

    Parameters
    ----------
    columns : mapping, optional
        Name → numbers.

    Examples
    --------
    >>> history = History({"loss": [2.0, 0.5], "accuracy": [0.5, 0.9]})
    >>> print(history)
    epoch     loss  accuracy
        1        2       0.5
        2      0.5       0.9
    >>> history["loss"]
    array([2. , 0.5])
    """

    def __init__(self, columns: Mapping[str, Any] | None = None) -> None:
        given = (columns or {}).items()
        self._columns = {name: list(map(float, values)) for name, values in given}

    @property
    def names(self) -> list[str]:
        """What was measured: "loss", "validation loss", metrics, "seconds"."""
        return list(self._columns)

    def add(self, row: Mapping[str, float]) -> None:
        """Add the row of an epoch."""
        for name, value in row.items():
            self._columns.setdefault(name, []).append(float(value))

    def __getitem__(self, name: str) -> Any:
        return np.array(self._columns[name])

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), []))

    def __str__(self) -> str:
        widths = {name: max(8, len(name)) for name in self._columns}
        head = ["epoch", *(name.rjust(width) for name, width in widths.items())]
        lines = ["  ".join(head)]
        for at in _chosen(len(self)):
            cells = [f"{at + 1:5}"]
            for name, width in widths.items():
                cells.append(f"{self._columns[name][at]:.4g}".rjust(width))
            lines.append("  ".join(cells))
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<History of {len(self)} epochs: {', '.join(self._columns)}>"

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Plot the losses, and metrics below them, over the epochs.

        Parameters
        ----------
        path : str or path, optional
            Where to save the plot; its ending tells the format.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            Without matplotlib, which the extra `plot` installs.
        """
        from matplotlib.figure import Figure

        shown = [name for name in self._columns if name != "seconds"]
        losses = [name for name in shown if name.endswith("loss")]
        metrics = [name for name in shown if name not in losses]
        figure = Figure(figsize=(6.4, 4.8), layout="constrained")
        panels = figure.subplots(1 + bool(metrics), 1, sharex=True, squeeze=False)[:, 0]
        epochs = np.arange(1, len(self) + 1)
        for axes, names in zip(panels, (losses, metrics), strict=False):
            for name in names:
                axes.plot(epochs, self[name], label=name)
            axes.legend()
        # A loss may be negative, a likelihood for instance.
        if all(np.all(self[name] > 0) for name in losses):
            panels[0].set_yscale("log")
        panels[-1].set_xlabel("epoch")
        if path is not None:
            figure.savefig(path)
        return figure


def _chosen(count: int) -> list[int]:
    """Choose the rows that are printed: all, or some evenly apart."""
    picked = np.linspace(0, count - 1, min(count, _LINES)).round()
    return [int(at) for at in picked]
