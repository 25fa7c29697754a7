"""Whether operations on tensors are recorded: a switch for each thread."""

from __future__ import annotations

import threading
from contextlib import ContextDecorator
from typing import Any

__all__ = ["enable_grad", "is_grad_enabled", "no_grad", "recording"]


class Recording(threading.local):
    """The switch."""

    on = True


recording = Recording()


class Switched(ContextDecorator):
    """Stand around what runs with the switch in one position, or decorate it."""

    _position: bool

    def __init__(self) -> None:
        self._before: list[bool] = []

    def _recreate_cm(self) -> Any:
        return type(self)()  # a decorated function may run in many threads

    def __enter__(self) -> None:
        self._before.append(recording.on)
        recording.on = self._position

    def __exit__(self, *_: object) -> None:
        recording.on = self._before.pop()


class no_grad(Switched):
    """Record nothing: results require no gradient, and leaves may be written to.

    Examples
    --------
    >>> from wengert.imperative import tensor
    >>> x = tensor(3.0, requires_grad=True)
    >>> with no_grad():
    ...     x -= 1.0
    >>> x
    tensor(2., requires_grad=True)
    """

    _position = False


class enable_grad(Switched):
    """Record, inside of `no_grad` too.

    Examples
    --------
    >>> with no_grad(), enable_grad():
    ...     is_grad_enabled()
    True
    """

    _position = True


def is_grad_enabled() -> bool:
    """Tell whether operations on tensors are recorded in this thread.

    Examples
    --------
    >>> is_grad_enabled()
    True
    """
    return recording.on
