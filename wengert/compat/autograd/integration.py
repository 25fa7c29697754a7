"""`autograd.scipy.integrate.odeint`, differentiated by the adjoint equation.

For ẏ = f(y, t, θ) the cotangent λ of y runs backwards by λ̇ = −(∂f/∂y)ᵀλ, takes up the
cotangents of the outputs where they stand, and leaves θ̄ = ∫ (∂f/∂θ)ᵀλ dt.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.integrate

from wengert.compat.autograd.containers import flatten
from wengert.compat.autograd.derivation import make_vjp
from wengert.compat.autograd.primitives import primitive_with_methods
from wengert.compat.autograd.rules import defvjp_argnums

__all__ = ["odeint"]


@primitive_with_methods
def odeint(func: Any, y0: Any, t: Any, args: Any = (), **kwargs: Any) -> Any:
    """Be scipy.integrate.odeint; `args`, by position, are differentiated too."""
    return scipy.integrate.odeint(func, y0, t, tuple(args), **kwargs)


def _pull(argnums: Any, y: Any, call: Any, kwargs: Any) -> Any:
    func, y0, t, args = (*call, ())[:4]
    theta, unflatten = flatten(args)
    n = np.shape(y)[1]

    def flat_func(parts: Any) -> Any:
        state, time, parameters = parts
        return func(state, time, *unflatten(parameters))

    def backwards(state: Any, time: Any, theta: Any) -> Any:
        y, w = state[:n], state[n : 2 * n]
        pull, y_dot = make_vjp(flat_func, (y, time, theta))
        y_bar, _, theta_bar = pull(-w)
        return np.concatenate([np.ravel(y_dot), np.ravel(y_bar), np.ravel(theta_bar)])

    def pull(g: Any) -> Any:
        w, theta_bar = g[-1], np.zeros(np.shape(theta))
        slopes = [func(y[i], t[i], *args) for i in range(len(t))]
        t_bar = [np.dot(slopes[i], g[i]) for i in range(1, len(t))]
        for i in range(len(t) - 1, 0, -1):
            state = np.concatenate([y[i], w, theta_bar])
            ends = np.stack([t[i], t[i - 1]])
            state = odeint(backwards, state, ends, (theta,), **kwargs)[1]
            w, theta_bar = state[n : 2 * n] + g[i - 1], state[2 * n :]
        # A later start is a run from a point that lies less far along.
        t_bar.insert(0, -np.dot(slopes[0], w - g[0]))
        x_bars = (None, w, np.stack(t_bar), unflatten(theta_bar))
        return [x_bars[argnum] for argnum in argnums]

    return pull


defvjp_argnums(odeint, _pull)
