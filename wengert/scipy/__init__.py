"""SciPy with derivatives: a drop-in for the parts that do not answer traced values.

`from wengert.scipy import linalg` gives every function of `scipy.linalg`, which on
plain arrays is SciPy's own. What is not offered here is SciPy's itself:
`wengert.scipy.constants`, say.
"""

from typing import Any

import scipy

from wengert.lazily import opener

__all__ = [
    "fft",
    "integrate",
    "interpolate",
    "linalg",
    "ndimage",
    "signal",
    "sparse",
    "spatial",
    "special",
    "stats",
]

_open = opener(__name__, {name: f"{__name__}.{name}" for name in __all__})


def __getattr__(name: str) -> Any:
    return _open(name) if name in __all__ else getattr(scipy, name)


def __dir__() -> list[str]:
    return sorted({*__all__, *dir(scipy)})
