"""Initial-value problems whose solutions are differentiable."""

from wengert.ode.events import Event
from wengert.ode.solve import solve
from wengert.ode.trajectory import Solution, trajectory

__all__ = ["Event", "Solution", "solve", "trajectory"]
