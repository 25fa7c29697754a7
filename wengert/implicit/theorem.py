"""The implicit-function theorem: derivatives of what a solver has found.

Where F(x, θ) = 0 and ∂F/∂x is regular, x is a function of θ nearby, and

    ẋ = −(∂F/∂x)⁻¹ (∂F/∂θ) θ̇,      θ̄ = −(∂F/∂θ)ᵀ (∂F/∂x)⁻ᵀ x̄

How x was found does not matter. Both rules are products of derivatives of F and linear
systems (systems.py), with x and θ as arguments: so they are differentiated in turn.

Worked example, `F(x, θ) = x² − θ` at θ = 4: the solver gives x = 2, ∂F/∂x = 4 and
∂F/∂θ = −1, so ẋ = θ̇/4. Differentiated once more, `θ̇/(2x)` gives −ẋ θ̇/(2x²) = −θ̇²/32.

References
----------
Griewank & Walther (2008), ch. 15.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, SingularError, user_source
from wengert.implicit.captures import Captures
from wengert.implicit.convergence import check_converged
from wengert.implicit.linear_solvers import solver_of
from wengert.implicit.solvers import Map, Solver
from wengert.implicit.systems import System, pull, push, solve
from wengert.operators.jacobian import jacobian
from wengert.operators.primitive import ByArgument, primitive
from wengert.operators.products import jvp, vjp
from wengert.trace.tracer import Tracer
from wengert.transforms.watching import unwatched

__all__ = ["Equations", "Problem", "solution"]

_START = 1e-3  # of x0, in the size of an unknown
_REGULAR = 0.25  # the change of ∂F/∂x, relative, in the step that is left


@dataclass(frozen=True)
class Problem:
    """What is to be solved, and how.

    Attributes
    ----------
    name : str
        Of the operator.
    functions : tuple
        The user's: what they capture is differentiated too.
    residual : callable
        `(functions, v, inputs) → vector`, as long as v; zero at the solution.
    find : callable
        `(functions, v0, inputs, equations) → v`, on plain arrays.
    linear_solver : str, callable or None
        See `linear_solvers.py`.
    tol : float
        The residual allowed, relative to its terms.
    symmetric : bool
        Whether the derivative of the residual is.
    verify : callable or None
        `(v, equations)`: raises if a solution is not of the kind that was asked for.
    """

    name: str
    functions: tuple[Any, ...]
    residual: Callable[..., Any]
    find: Callable[..., Any]
    linear_solver: Any
    tol: float
    symmetric: bool = False
    verify: Callable[..., None] | None = None


class Equations:
    """The equations at plain values of all but the unknowns."""

    def __init__(
        self,
        name: str,
        residual: Callable[[Any], Any],
        solver: Callable[[Any], Solver],
    ) -> None:
        self._name, self._residual, self._solver = name, residual, solver

    def __call__(self, v: Any) -> Any:
        """Give the residual."""
        y = self._residual(v)
        if isinstance(y, Tracer):
            raise ArgumentError(
                f"{self._name}: its function uses a traced value that it does "
                f"not take as an argument (at {user_source()}), in a place where it "
                "cannot be found. Pass it as one of the parameters."
            )
        return y

    def jacobian(self, v: Any) -> Any:
        """Give the derivative of the residual, as a matrix."""
        return jacobian(self._residual)(v)

    def step(self, v: Any, residual: Any) -> Any:
        """Solve for Newton's step."""
        return self._solver(v)(residual, False)


def solution(problem: Problem, v0: Any, inputs: Any) -> Any:
    """Solve, on plain arrays, and give the solution its derivatives in the inputs.

    Parameters
    ----------
    problem : Problem
    v0 : array (n,), real
        Where to start; the solution does not vary with it.
    inputs : pytree
        Of arrays and floats that the residual depends on, and other objects.

    Returns
    -------
    array (n,)

    Raises
    ------
    ConvergenceError, SingularError
    """
    captures = Captures(problem.functions)
    # From here on they are known by their captures; the rules must not keep these.
    problem = dataclasses.replace(problem, functions=())
    leaves, structure = tree.flatten((inputs, captures.release()))

    def at(p: Sequence[Any], v: Any) -> Any:
        inputs, captured = tree.unflatten(structure, p)
        return problem.residual(captures.bind(captured), v, inputs)

    solver = functools.partial(_solver, problem, at)
    system = _system(problem, at, solver)

    def run(v0: Any, *p: Any) -> Any:
        inputs, captured = tree.unflatten(structure, p)
        functions = captures.bind(captured)
        equations = Equations(
            problem.name, lambda v: problem.residual(functions, v, inputs),
            lambda v: solver([v, *p]),
        )  # fmt: skip
        with unwatched():  # a search may pass points where there are nans
            v = problem.find(functions, v0, inputs, equations)
            scales = functools.partial(_moved, at, p, v, v0)
            check_converged(problem.name, v, equations, scales, problem.tol)
            if problem.verify is not None:
                problem.verify(v, equations)
        return v

    def tangent(needed: Mapping[int, Any], v: Any, x: Any, dots: Any, /) -> Any:
        p, moving = list(x[1:]), [i - 1 for i in needed]
        if not moving:
            return None
        p_dot = [dots[i] for i in needed]
        return -solve(system, [v, *p], push(lambda q: at(q, v), p, moving, p_dot))

    def cotangent(needed: Mapping[int, Any], v: Any, x: Any, v_bar: Any, /) -> Any:
        p, moving = list(x[1:]), [i - 1 for i in needed]
        bars: list[Any] = [None] * len(x)
        if moving:
            w = solve(system.T, [v, *p], -v_bar)
            p_bars = pull(lambda q: at(q, v), p, moving, w)
            for i, p_bar in zip(moving, p_bars, strict=True):
                bars[i + 1] = p_bar
        return tuple(bars)

    row = primitive(run, like=lambda v0, *p: v0)
    row.__name__ = problem.name
    # The solution does not vary with where the search for it starts.
    places: dict[int, Any] = {0: None, **dict.fromkeys(range(1, len(leaves) + 1), True)}
    row.rules.jvp = ByArgument(f"the jvp of {problem.name}", places, tangent)
    row.rules.vjp = ByArgument(f"the vjp of {problem.name}", places, cotangent)
    return row(v0, *leaves)


def _system(
    problem: Problem, at: Callable[..., Any], solver: Callable[..., Solver]
) -> System:
    """Make the system with ∂F/∂v, whose parameters are v and those of F."""

    def apply(p: Sequence[Any], u: Any) -> Any:
        return jvp(lambda v: at(p[1:], v), (p[0],), (u,))[1]

    def transposed(p: Sequence[Any], w: Any) -> Any:
        return vjp(lambda v: at(p[1:], v), p[0])[1](w)[0]

    def checked(p: Sequence[Any]) -> Solver:
        made = solver(p)
        _check_regular(problem.name, at, p, made)
        return made

    return System(f"{problem.name}_derivative", apply, transposed, checked)


def _solver(problem: Problem, at: Callable[..., Any], p: Sequence[Any]) -> Solver:
    """Make the solver of systems with ∂F/∂v, at plain parameters."""
    v = p[0]
    back: list[Any] = []  # one run of F on a tape serves all products

    def f(v: Any) -> Any:
        return at(p[1:], v)

    def transposed(w: Any) -> Any:
        if not back:
            back.append(vjp(f, v)[1])
        return back[0](w)[0]

    map = Map(v.size, v.dtype, lambda u: jvp(f, (v,), (u,))[1], transposed)
    return solver_of(
        problem.linear_solver, f"∂F/∂x of {problem.name}", map,
        lambda: jacobian(f)(v), symmetric=problem.symmetric,
    )  # fmt: skip


def _check_regular(
    name: str, at: Callable[..., Any], p: Sequence[Any], solver: Solver
) -> None:
    """Raise SingularError where Newton's step changes ∂F/∂x by more than a part of it.

    At a regular solution the step that is left is one of rounding, and changes nothing.
    At a multiple root, x² = 0, it is half of x, however small x is.
    """
    v = p[0]
    with np.errstate(all="ignore"):
        residual = at(p[1:], v)
        if not np.any(residual):
            return
        step = solver(residual, False)
        moved = jvp(lambda v: at(p[1:], v), (v - step,), (step,))[1]
        change = np.linalg.norm(moved - residual) / np.linalg.norm(residual)
    if change > _REGULAR:
        raise SingularError(
            f"∂F/∂x of {name} is singular at the solution, as far as can be told (at "
            f"{user_source()}): the step of Newton's method that is left changes it by "
            f"{100 * change:.0f} %. Is it a multiple root, or a point where the "
            "function has a kink? It has no derivative there. If the solver was not "
            "exact, run it longer."
        )


def _moved(at: Callable[..., Any], p: Sequence[Any], v: Any, v0: Any) -> Any:
    """Tell how far the residual moves where x and θ move by about their own size.

    Signs at random: a sum that cancels for all alike is not to look small.
    """
    rng = np.random.default_rng(15)
    everything, dots = [v, *p], []
    moving = [
        i for i, x in enumerate(everything)
        if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc"
    ]  # fmt: skip
    for i in moving:
        x = everything[i]
        size = np.abs(x)
        if i == 0:  # for unknowns that are zero, a little of where they started
            size = size + _START * np.abs(v0)
        dots.append((size * rng.choice([-1.0, 1.0], x.shape)).astype(x.dtype))
    return push(lambda q: at(q[1:], q[0]), everything, moving, dots)
