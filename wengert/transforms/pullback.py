"""The sweep: from the cotangents of what f returned to those of its inputs."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.graph.types import is_inexact
from wengert.primitives.arithmetic import scale
from wengert.primitives.nans import may_have_nan
from wengert.trace.captured import Captured
from wengert.trace.levels import staging
from wengert.trace.tracer import Tracer
from wengert.transforms.buffer import Buffer
from wengert.transforms.rules import rescue
from wengert.transforms.writing import pull_write

__all__ = ["Pullback", "has_nan"]

Entry = tuple[Any, ...]
Product = Callable[[Any, Any], Any]


class Pullback:
    """The linear map ȳ ↦ x̄ of one recorded run. It may be called many times."""

    def __init__(
        self,
        entries: list[Entry],
        captured: Captured,
        inputs: list[Any],
        outputs: list[int],
        values: Sequence[Any] = (),
    ) -> None:
        self._entries = entries
        self._captured = captured
        self._inputs = inputs
        self._outputs = outputs  # indices; -1 for an output that is a constant
        self._values = values  # what f returned, where that is known
        self._last = max(outputs, default=-1)

    def __call__(self, y_bars: Sequence[Any]) -> list[Any]:
        """Sweep back from the outputs' cotangents (None for zero) to the inputs'."""
        self._captured.check()
        # Partials may be infinite where the cotangent is zero; that is no news.
        with np.errstate(all="ignore"):
            if staging.depth:
                return self._sweep(y_bars, scale)
            x_bars = self._sweep(y_bars, operator.mul)
            for x_bar in x_bars:
                if has_nan(x_bar):
                    return self._rescued(y_bars, x_bars)
        return x_bars

    def _rescued(self, y_bars: Sequence[Any], x_bars: list[Any]) -> list[Any]:
        """Sweep once more, with products in which zero wins: the NaN may be 0·inf."""
        finite = self._asks_for_finite(y_bars)
        if isinstance(finite, Tracer):  # a batch, of which some members may be
            strong = self._sweep(y_bars, rescue)
            return [np.where(finite, *x) for x in zip(strong, x_bars, strict=True)]
        return self._sweep(y_bars, rescue) if finite else x_bars

    def _asks_for_finite(self, y_bars: Sequence[Any]) -> Any:
        """Tell whether what is differentiated is finite: of log(1 + exp(1000)), which
        overflows, the zero in 0·inf is not that of a branch not taken."""
        answers = [
            np.all(np.isfinite(y) | (y_bar == 0))
            for y, y_bar in zip(self._values, y_bars, strict=False)
            if y_bar is not None and is_inexact(y.dtype)
        ]
        return functools.reduce(operator.and_, answers, np.True_)

    def _sweep(self, y_bars: Sequence[Any], product: Product) -> list[Any]:
        entries, count = self._entries, len(self._inputs)
        bars: list[Any] = [None] * max(self._last + 1, count)
        for k, y_bar in zip(self._outputs, y_bars, strict=True):
            if k >= 0 and y_bar is not None:
                bars[k] = y_bar if bars[k] is None else bars[k] + y_bar
        for k in range(self._last, count - 1, -1):
            y_bar = bars[k]
            if y_bar is not None:
                bars[k] = None
                entry = entries[k]
                pull = entry[0]
                if type(y_bar) is Buffer and pull is not pull_write:
                    y_bar = y_bar.finished()
                pull(bars, y_bar, entry, product)
        return [_finished(bars[k], like) for k, like in enumerate(self._inputs)]


def _finished(x_bar: Any, like: Any) -> Any:
    if x_bar is None:
        return np.zeros(like.shape, like.dtype)[()]
    return x_bar.finished() if type(x_bar) is Buffer else x_bar


def has_nan(x: Any) -> bool:
    """Tell whether there is a NaN in an array, or inside a Tracer."""
    while isinstance(x, Tracer):
        x = x.whole
    return may_have_nan(x)
