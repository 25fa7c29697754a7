"""`numpy.fft`, also for lists of traced values."""

from typing import Any

import numpy as _numpy

from wengert.numpy.namespace import Namespace as _Namespace

__all__: list[str] = sorted(_numpy.fft.__all__)

_namespace = _Namespace(_numpy.fft, {}, submodules=set())


def __getattr__(name: str) -> Any:
    value = globals()[name] = _namespace.find(__name__, name)
    return value


def __dir__() -> list[str]:
    return dir(_numpy.fft)
