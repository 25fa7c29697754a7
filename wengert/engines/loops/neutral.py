"""Where reductions begin."""

from __future__ import annotations

import math
from typing import Any

from wengert.engines.loops.expressions import FLOATS, Type

__all__ = ["neutral"]


def neutral(op: str, type: Type) -> Any:
    """Give the number that changes nothing when it is combined with another."""
    if op in ("max", "min"):
        if type in FLOATS:
            return -math.inf if op == "max" else math.inf
        if type == "bool":
            return op == "min"
        bits = int(type[1:])
        signed = type[0] == "i"
        low = -(1 << (bits - 1)) if signed else 0
        high = (1 << (bits - signed)) - 1
        return low if op == "max" else high
    return {"add": 0, "mul": 1, "or": False, "and": True}[op]
