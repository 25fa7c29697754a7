"""Passes: from a Graph to an equal Graph that costs less."""

from wengert.passes.prune import drop_dead, merge_equal, prune
from wengert.passes.reroll import reroll
from wengert.passes.simplify import simplify

__all__ = ["drop_dead", "merge_equal", "prune", "reroll", "simplify"]
