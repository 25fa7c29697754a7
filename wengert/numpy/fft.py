"""`numpy.fft`, also for lists of traced values."""

from typing import Any

import numpy

from wengert.numpy.namespace import Namespace

__all__: list[str] = []

_namespace = Namespace(numpy.fft, {}, submodules=set())


def __getattr__(name: str) -> Any:
    value = globals()[name] = _namespace.find(__name__, name)
    return value


def __dir__() -> list[str]:
    return dir(numpy.fft)
