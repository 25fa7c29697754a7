"""Functions of scipy.integrate that are not differentiated, each with its reason."""

from __future__ import annotations

import scipy.integrate

from wengert.primitives.refusal import refuse_all

__all__: list[str] = []

refuse_all(
    scipy.integrate,
    {
        "its steps are chosen inside of compiled code; a differential equation needs "
        "a solver that carries sensitivities": "solve_ivp odeint solve_bvp",
        "its points are random, or chosen by the values": "cubature qmc_quad nsum "
        "tanhsinh lebedev_rule newton_cotes",
    },
)
