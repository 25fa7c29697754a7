"""`wengert.numpy`: NumPy's namespace, for code that makes arrays while it is traced.

Everything is NumPy's own, but for two things. Arrays that are made inside a traced run
(`zeros`, `full`, `array`, …) can take up traced values. And lists of traced values may
stand wherever NumPy takes lists: `array([x[0], 1.0])`, `sum([a, b])`. Outside a traced
run the results are plain arrays.

>>> import wengert.numpy as wnp
>>> from wengert import grad
>>> def f(x):
...     y = wnp.zeros(2)
...     y[0] = x[0] * x[1]
...     return wnp.sum(y)
>>> grad(f)(wnp.array([2.0, 3.0]))
array([3., 2.])

Code that imports NumPy itself needs no change: see `wengert/trace/standing.py`.
"""

from typing import Any

import numpy

from wengert.numpy import creation, scalars, tricks
from wengert.numpy.namespace import Namespace

__all__ = ["creation", "scalars", "tricks"]

_namespace = Namespace(
    numpy,
    {
        **{name: getattr(creation, name) for name in creation.__all__},
        **{name: getattr(tricks, name) for name in tricks.__all__},
        **scalars.numbers,
    },
    submodules={"fft", "linalg"},
)


def __getattr__(name: str) -> Any:
    value = globals()[name] = _namespace.find(__name__, name)
    return value


def __dir__() -> list[str]:
    return dir(numpy)
