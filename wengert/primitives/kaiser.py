"""NumPy's one Bessel function, of which its Kaiser window is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.graph.primitive import answers
from wengert.primitives.axes import as_array

__all__: list[str] = []


@answers(np.i0)
def i0(x: Any) -> Any:
    """Give I₀(x), by SciPy's ufunc, which has a row; real x only, as NumPy says."""
    from scipy import special

    x = as_array(x)
    if x.dtype.kind == "c":
        raise TypeError("i0 not supported for complex values")
    return special.i0(x)
