"""Coefficients of explicit Runge–Kutta methods.

References: Hairer, Nørsett & Wanner (1993), Solving Ordinary Differential Equations I,
ch. II.1 to II.6; Dormand & Prince (1980), J. Comput. Appl. Math. 6; Bogacki & Shampine
(1989), Appl. Math. Lett. 2.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BOSH3", "DOPRI5", "EULER", "HEUN", "MIDPOINT", "RK4", "Row", "Tableau"]

Row = tuple[float, ...]


@dataclass(frozen=True)
class Tableau:
    """Stages kᵢ = f(t + cᵢh, y + h Σⱼ aᵢⱼ kⱼ), and y(t + h) = y + h Σᵢ bᵢ kᵢ.

    Attributes
    ----------
    a : tuple of rows
        From the second stage on.
    error, bump : tuple
        Weights of the estimated error and of c₄ (interpolation.py), for all stages and
        for the slope at the end; empty where there is none.
    """

    c: Row
    a: tuple[Row, ...]
    b: Row
    error: Row = ()
    bump: Row = ()


EULER = Tableau((0.0,), (), (1.0,))
MIDPOINT = Tableau((0.0, 0.5), ((0.5,),), (0.0, 1.0))
HEUN = Tableau((0.0, 1.0), ((1.0,),), (0.5, 0.5))
RK4 = Tableau(
    (0.0, 0.5, 0.5, 1.0),
    ((0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)),
    (1 / 6, 1 / 3, 1 / 3, 1 / 6),
)
BOSH3 = Tableau(
    (0.0, 1 / 2, 3 / 4),
    ((1 / 2,), (0.0, 3 / 4)),
    (2 / 9, 1 / 3, 4 / 9),
    (5 / 72, -1 / 12, -1 / 9, 1 / 8),
)
DOPRI5 = Tableau(
    (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0),
    (
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    ),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40),
    (
        -12715105075 / 11282082432,
        0.0,
        87487479700 / 32700410799,
        -10690763975 / 1880347072,
        701980252875 / 199316789632,
        -1453857185 / 822651844,
        69997945 / 29380423,
    ),
)
