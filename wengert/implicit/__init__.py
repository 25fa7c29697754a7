"""Solutions of equations, differentiable by the implicit-function theorem.

Roots, fixed points, minima and linear systems; and any other solver, by the equations
that its solution satisfies.
"""

from wengert.implicit.argmin import argmin
from wengert.implicit.black_box import differentiate, root_of
from wengert.implicit.fixed_point import fixed_point
from wengert.implicit.linear import linear_solve
from wengert.implicit.root import root

__all__ = [
    "argmin",
    "differentiate",
    "fixed_point",
    "linear_solve",
    "root",
    "root_of",
]
