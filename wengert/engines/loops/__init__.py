"""From a Graph to loops over elements: what the engines that print code share."""

from wengert.engines.loops.lowering import lower
from wengert.engines.loops.program import Program

__all__ = ["Program", "lower"]
