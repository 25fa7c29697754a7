"""The solution of an initial-value problem at given times."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, ShapeError, user_source
from wengert.ode.continuous import with_continuous_adjoint
from wengert.ode.integration import Problem
from wengert.ode.methods import method_of
from wengert.ode.sensitivities import with_sensitivities
from wengert.ode.state import State, System, plain
from wengert.ode.step_size import Control
from wengert.operators.arguments import check_callable
from wengert.trace.levels import staging
from wengert.trace.tracer import Tracer

__all__ = ["problem_of", "solve", "times_of"]

ADJOINTS: dict[str, Callable[..., Any]] = {
    "continuous": with_continuous_adjoint,
    "discrete": Problem.solve,
    "forward": with_sensitivities,
}


def solve(
    f: Callable[..., Any],
    y0: Any,
    t: Any,
    *args: Any,
    method: str = "dopri5",
    steps: int | None = None,
    rtol: float = 1e-8,
    atol: Any = 1e-8,
    first_step: float | None = None,
    max_step: float = np.inf,
    max_steps: int = 100_000,
    adjoint: str = "discrete",
    checkpoints: int | None = None,
) -> Any:
    """Solve dy/dt = f(t, y, *args) with y(t[0]) = y0, and give y at the times t.

    Parameters
    ----------
    f : callable
        `f(t, y, *args)`, in SciPy's order (`jax.experimental.ode.odeint` has y first):
        dy/dt, alike in structure and shapes to y. For an array (n,), a list of n
        numbers will do.
    y0 : pytree of floats
        Real or complex.
    t : array (k,)
        Times, increasing or decreasing; the first is that of y0.
    *args
        Parameters of f: pytrees. What is differentiated should stand here rather than
        be a variable that f sees: that works too, but costs the memory of all steps.
    method : str
        Adaptive: "dopri5" (Dormand & Prince, orders 5 and 4; SciPy's RK45), "bosh3"
        (Bogacki & Shampine, 3 and 2; RK23), and for stiff systems "rodas4" (Rosenbrock,
        4 and 3). Fixed steps: "rk4", "heun", "midpoint", "euler".
    steps : int
        For fixed steps: how many from each time to the next; 1 if left out.
    rtol, atol : float
        A step's error is at most about `atol + rtol·|y|`; atol may be of y0's form.
    first_step, max_step, max_steps
        Length of the first step, the greatest length, how many steps may be tried.
    adjoint : str
        What reverse mode does. "discrete": goes back through the steps, each run again.
        "continuous": solves the adjoint equation back in time. "forward": carries the
        Jacobian along forwards, for few parameters.
    checkpoints : int, optional
        How many states the discrete adjoint keeps, at the price of running steps again;
        one for each step if left out.

    Returns
    -------
    pytree like y0 of arrays (k, …)

    Raises
    ------
    IntegrationError
        If the end is not reached. Compiled code gives nan instead.
    ShapeError
        If f returns another structure or other shapes than y has, or t has no axis.
    ArgumentError
        If y0 holds integers, t is not strictly monotone, or an option is unknown.

    Notes
    -----
    Differentiable in y0, args and t, by both modes and to any order; f may itself use
    derivatives. Derivatives are those of the steps taken, with their lengths as
    constants, and agree with finite differences of the exact solution within the
    tolerances; with "continuous", they are approximated as y is. Under `jit` all is a
    native loop, which chooses its steps in each run.

    Cost: dopri5 evaluates f 6 times a step. Reverse mode with "discrete" runs each step
    twice, and pulls it back once; with c checkpoints of N steps, each step is run again
    at most r times, where binom(c + r, c) ≥ N. Memory: c states.

    References
    ----------
    Hairer, Nørsett & Wanner (1993), Solving Ordinary Differential Equations I, ch. II;
    Hairer & Wanner (1996), II, ch. IV.7. Griewank & Walther (2008), ch. 12.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad, ode
    >>> decay = lambda t, y, k: -k * y
    >>> t = np.array([0.0, 1.0, 2.0])
    >>> ode.solve(decay, 1.0, t, 0.5).round(6)
    array([1.      , 0.606531, 0.367879])
    >>> d = grad(lambda k: ode.solve(decay, 1.0, t, k)[-1])(0.5)
    >>> round(d, 6), round(-2 * np.exp(-1.0), 6)
    (-0.735759, np.float64(-0.735759))
    """
    if adjoint not in ADJOINTS:
        raise ArgumentError(
            f"ode.solve: there is no adjoint {adjoint!r} (at {user_source()}); there "
            f"are {', '.join(ADJOINTS)}."
        )
    state, problem = problem_of(
        "ode.solve", f, y0, method, steps,
        rtol, atol, first_step, max_step, max_steps, checkpoints,
    )  # fmt: skip
    times, y = times_of("ode.solve", t), state.start
    args = tree.map_leaves(_number, args)
    if times.shape == (1,):
        return state.restore(y[None])
    if adjoint != "discrete" and state.dtype.kind == "c":
        raise ArgumentError(
            f"ode.solve: adjoint={adjoint!r} is for real states (at {user_source()}). "
            "adjoint='discrete' takes complex ones."
        )
    return state.restore(ADJOINTS[adjoint](problem, y, times, args))


def problem_of(
    operator_name: str, f: Any, y0: Any, method: str, steps: Any,
    rtol: Any, atol: Any, first_step: Any, max_step: Any, max_steps: Any,
    checkpoints: Any,
) -> tuple[State, Problem]:  # fmt: skip
    """Check the options that `solve` and `trajectory` share."""
    check_callable(operator_name, f)
    state, found = State(operator_name, y0), method_of(operator_name, method)
    if found.estimate is not None and steps is not None:
        raise ArgumentError(
            f"{operator_name}: {method} chooses its steps; steps={steps} is for fixed "
            f"ones, such as rk4 (at {user_source()}). Set rtol and atol, or max_step."
        )
    for name, value in (
        ("steps", steps), ("checkpoints", checkpoints), ("max_steps", max_steps)
    ):  # fmt: skip
        if value is not None and operator.index(value) < 1:
            raise ArgumentError(
                f"{operator_name}: {name}={value} must be at least 1 (at "
                f"{user_source()})."
            )
    for name, value in (
        ("rtol", rtol), ("atol", atol), ("max_step", max_step),
        ("first_step", 1.0 if first_step is None else first_step),
    ):  # fmt: skip
        if not all(_is_positive(x) for x in tree.flatten(value)[0]):
            raise ArgumentError(
                f"{operator_name}: {name}={value} must be positive (at "
                f"{user_source()})."
            )
    control = Control(
        max(float(rtol), 100 * float(np.finfo(float).eps)),
        state.vector("atol", atol), first_step, max_step, max_steps,
    )  # fmt: skip
    system = System(f, state)
    return state, Problem(
        operator_name, system, found, steps or 1, control, checkpoints
    )


def times_of(operator_name: str, t: Any) -> Any:
    """Check times, and make them floats.

    Raises
    ------
    ShapeError
        If they are no array (k,).
    ArgumentError
        If they are not strictly increasing or decreasing, as far as they are known.
    """
    times = np.stack(t) if isinstance(t, list | tuple) and t else t
    if not isinstance(times, Tracer):
        times = np.asarray(times)
    if times.ndim != 1 or times.shape[0] == 0:
        raise ShapeError(
            f"{operator_name}: t has the shape {times.shape} (at {user_source()}); it "
            "must be an array of times (k,), of which the first is that of y0."
        )
    times = times.astype(float)
    if not (staging.depth and isinstance(times, Tracer)):
        gaps = np.diff(plain(times))
        if not (np.all(gaps > 0) or np.all(gaps < 0)):
            raise ArgumentError(
                f"{operator_name}: t must be strictly increasing or decreasing (at "
                f"{user_source()}), but is {plain(times)}. Sort the times."
            )
    return times


def _number(leaf: Any) -> Any:
    return np.float64(leaf) if type(leaf) is float else leaf


def _is_positive(x: Any) -> bool:
    values = np.asarray(x)
    return values.dtype.kind in "iuf" and bool(np.all(values > 0))
