"""Complex numbers: conjugate, real and imaginary part, angle.

The first three are linear over the reals only. Cotangents pair without conjugation:
that of z = x + iy is z̄ = ∂f/∂x − i ∂f/∂y, so that Re(z̄·ż) is the change of f.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wengert.graph.primitive import answers
from wengert.graph.types import ArrayType
from wengert.primitives.axes import as_array
from wengert.primitives.batches import aligned
from wengert.primitives.forms import linear, ufunc_type
from wengert.primitives.samplers import reals

__all__: list[str] = []


def _part_type(x: Any) -> ArrayType:
    return ArrayType(x.shape, np.zeros((), x.dtype).real.dtype)


conjugate = linear(
    "conjugate", np.conjugate,
    impl=np.conjugate,
    type=ufunc_type(np.conjugate),
    transpose=lambda _, y_bar: np.conjugate(y_bar),
    batch=aligned,
    sample=reals(-2, 2), ref="DLMF 1.9(i)", symbol="conj",
)  # fmt: skip
real = linear(
    "real", np.real,
    impl=lambda x: x.real,
    type=_part_type,
    transpose=lambda x, y_bar: y_bar + 0j if x[0].dtype.kind == "c" else y_bar,
    batch=aligned,
    sample=reals(-2, 2), ref="DLMF 1.9(i)", symbol="Re",
)  # fmt: skip
imag = linear(
    "imag", np.imag,
    impl=lambda x: x.imag,
    type=_part_type,
    # The seed first: a Python complex times np.float64 is a Python complex.
    transpose=lambda x, y_bar: y_bar * (-1j if x[0].dtype.kind == "c" else 0),
    batch=aligned,
    sample=reals(-2, 2), ref="DLMF 1.9(i)", symbol="Im",
)  # fmt: skip


@answers(np.angle)
def angle_face(z: Any, deg: Any = False) -> Any:
    """Give the argument of a complex number."""
    z = as_array(z)
    angle = np.arctan2(np.imag(z), np.real(z))
    return angle * (180 / math.pi) if deg else angle


@answers(np.real_if_close)
def real_if_close_face(a: Any, tol: Any = 100) -> Any:
    """Give the real part if all imaginary parts are close to zero.

    Which it is, is asked once: the trace keeps that question as a guard.
    """
    a = as_array(a)
    if a.dtype.kind != "c":
        return a
    if tol > 1:
        tol = tol * np.finfo(a.dtype).eps
    return np.real(a) if np.all(np.absolute(np.imag(a)) < tol) else a
