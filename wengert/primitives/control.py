"""Primitives that steer the derivative rather than compute."""

from __future__ import annotations

from wengert.primitives.forms import constant
from wengert.primitives.samplers import reals

__all__ = ["stop_gradient"]

stop_gradient = constant(
    "stop_gradient", (), impl=lambda x: x.copy(), type=lambda x: x, sample=reals(-2, 2),
    why="asked for: the value is to count as a constant",
)  # fmt: skip
