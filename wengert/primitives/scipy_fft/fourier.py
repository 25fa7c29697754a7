"""Fourier transforms by SciPy's names: NumPy's faces serve, with SciPy's keywords."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.fft

from wengert.graph.primitive import FACES, answers
from wengert.primitives.axes import refuse
from wengert.primitives.refusal import refuse_all

__all__: list[str] = []


def _along_one(name: str) -> None:
    numpys: Callable[..., Any] = FACES[getattr(np.fft, name)]

    def face(
        x: Any, n: Any = None, axis: int = -1, norm: Any = None,
        overwrite_x: bool = False, workers: Any = None, *, plan: Any = None,
    ) -> Any:  # fmt: skip
        refuse(f"scipy.fft.{name}", plan=plan)
        return numpys(x, n, axis, norm)

    face.__name__ = face.__qualname__ = name
    answers(getattr(scipy.fft, name))(face)


def _along_many(name: str, default: Any) -> None:
    numpys: Callable[..., Any] = FACES[getattr(np.fft, name)]

    def face(
        x: Any, s: Any = None, axes: Any = default, norm: Any = None,
        overwrite_x: bool = False, workers: Any = None, *, plan: Any = None,
    ) -> Any:  # fmt: skip
        refuse(f"scipy.fft.{name}", plan=plan)
        if s is not None and np.ndim(s) == 0:
            s = (int(s),)
        if axes is not None and np.ndim(axes) == 0:
            axes = (int(axes),)
        return numpys(x, s, axes, norm)

    face.__name__ = face.__qualname__ = name
    answers(getattr(scipy.fft, name))(face)


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    _along_one(_name)
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    _along_many(_name, None)
for _name in ("fft2", "ifft2", "rfft2", "irfft2"):
    _along_many(_name, (-2, -1))
for _name in ("fftshift", "ifftshift"):
    if getattr(scipy.fft, _name) is not getattr(np.fft, _name):
        answers(getattr(scipy.fft, _name))(FACES[getattr(np.fft, _name)])

refuse_all(
    scipy.fft,
    {
        "a rule is not written": "fht ifht hfft2 hfftn ihfft2 ihfftn",
    },
)
