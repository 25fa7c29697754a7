"""One step of RODAS, a Rosenbrock method of order 4 for stiff systems.

It is L-stable and stiffly accurate, and instead of iterating it solves, in each of six
stages, linear equations with W = 1/(γh) − ∂f/∂y. Since the Jacobian is part of the
formula, the step is an explicit program, and its derivatives are those of that program.

Reference: Hairer & Wanner (1996), Solving Ordinary Differential Equations II, ch. IV.7
and IV.10.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ode.runge_kutta import Slope, weighted
from wengert.ode.tableaux import Row
from wengert.operators.jacobian import jacfwd

__all__ = ["RodasStep"]

GAMMA = 0.25
C = (0.0, 0.386, 0.21, 0.63, 1.0, 1.0)
# Of ∂f/∂t, in each stage.
D = (0.25, -0.1043, 0.1035, -0.0362, 0.0, 0.0)
A: tuple[Row, ...] = (
    (1.544,),
    (0.9466785280815826, 0.2557011698983284),
    (3.314825187068521, 2.896124015972201, 0.9986419139977817),
    (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895),
)
# The last two stages stand where the one before has led.
A = (*A, (*A[3], 1.0))
COUPLING: tuple[Row, ...] = (
    (-5.6688,),
    (-2.430093356833875, -0.2063599157091915),
    (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
    (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.7089089320616),
    (
        8.083246795921522,
        -7.981132988064893,
        -31.52159432874371,
        16.31930543123136,
        -6.058818238834054,
    ),
)
DENSE = (
    (
        10.12623508344586,
        -7.487995877610167,
        -34.80091861555747,
        -7.992771707568823,
        1.025137723295662,
    ),
    (
        -0.6762803392801253,
        6.087714651680015,
        16.43084320892478,
        24.76722511418386,
        -6.594389125716872,
    ),
)


class RodasStep:
    """The step from y at t to `after` at t + h, as `ExplicitStep` is one."""

    def __init__(self, f: Slope, t: Any, y: Any, h: Any, slope: Any = None) -> None:
        self._y = y
        by_t, by_y = jacfwd(f, (0, 1))(t, y)
        matrix = np.eye(y.shape[0]) / (GAMMA * h) - by_y
        here = f(t, y) if slope is None else slope
        stages = [np.linalg.solve(matrix, here + h * D[0] * by_t)]
        for c, d, a, coupling in zip(C[1:], D[1:], A, COUPLING, strict=True):
            base = y + weighted(a, stages)
            right = f(t + c * h, base) + weighted(coupling, stages) / h
            stages.append(np.linalg.solve(matrix, right + h * d * by_t if d else right))
        self._stages = stages
        self.error = stages[5]
        self.after = base + self.error

    # The next step begins with a slope of its own.
    slope = None

    def coefficients(self) -> list[Any]:
        """Give c₀ … c₄ of the polynomial within the step: see interpolation.py."""
        stages = self._stages[:5]
        turns = [weighted(row, stages) for row in DENSE]
        return [self._y, self.after - self._y, *turns, np.zeros_like(self._y)]
