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

import numpy as _numpy

from wengert.numpy import creation as _creation
from wengert.numpy import scalars as _scalars
from wengert.numpy import tricks as _tricks
from wengert.numpy.namespace import Namespace as _Namespace

__all__: list[str] = sorted(set(_numpy.__all__))

_namespace = _Namespace(
    _numpy,
    {
        **{name: getattr(_creation, name) for name in _creation.__all__},
        **{name: getattr(_tricks, name) for name in _tricks.__all__},
        **_scalars.numbers,
    },
    submodules={"fft", "linalg"},
)


def __getattr__(name: str) -> Any:
    value = globals()[name] = _namespace.find(__name__, name)
    return value


def __dir__() -> list[str]:
    return dir(_numpy)
