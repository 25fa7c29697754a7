"""The tree of exceptions, and the user's own line to put into their messages.

```
WengertError
├── ArgumentError (TypeError)       an argument cannot be differentiated
├── ShapeError (ValueError)         shapes or structures do not fit
├── NotScalarError (ShapeError)     grad of a function whose output is no real scalar
├── MissingRuleError (TypeError)    a NumPy call has no rule
├── RuleError (ValueError)          a rule of the user's own does not fit its function
├── TracerLeakError (TypeError)     a traced value would turn into a plain number
├── ControlFlowError (TypeError)    Python asks for a value in the body of a loop
│   └── MemberValueError            … or for one that differs within a batch
├── DensePatternError (ValueError)  a sparse derivative would have too many entries
├── EscapedTracerError (RuntimeError)  a traced value was used after its trace had ended
├── CapturedArrayError (RuntimeError)  an array was changed after f had used it
├── FreedGraphError (RuntimeError)  a tensor's graph was swept before, and freed
├── GraphError (ValueError)         a Graph is malformed: types, order, unknown names
├── GuardError (RuntimeError)       a Graph was run where another branch would be taken
├── BudgetError (MemoryError)       a gradient does not fit into so much memory
├── IntegrationError (RuntimeError)  a differential equation could not be solved
├── EngineError (LookupError)       an engine is unknown or cannot do what a Graph asks
├── ConvergenceError (RuntimeError) a solver did not find what it was to find
├── SingularError (ValueError)      a linear system has no one solution
├── NanError (FloatingPointError)   under debug_nans, an operation made a nan or inf
└── ExpressionError (ValueError)    an expression on the command line cannot be read
```

`BatchWarning` (UserWarning) says that `vmap` takes the members one by one,
`DifferencesWarning` (UserWarning) says that derivatives are finite differences,
`PathWarning` (UserWarning) that a jitted function runs as plain Python.

Each message names what failed, the shapes or types, the user's own line where one is
known, and the next step.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

__all__ = [
    "ArgumentError",
    "BatchWarning",
    "BudgetError",
    "CapturedArrayError",
    "ControlFlowError",
    "ConvergenceError",
    "DensePatternError",
    "DifferencesWarning",
    "EngineError",
    "EscapedTracerError",
    "ExpressionError",
    "FreedGraphError",
    "GraphError",
    "GuardError",
    "IntegrationError",
    "MemberValueError",
    "MissingRuleError",
    "NanError",
    "NotScalarError",
    "PathWarning",
    "RuleError",
    "ShapeError",
    "SingularError",
    "Source",
    "TracerLeakError",
    "WengertError",
    "is_ours",
    "user_source",
]


class WengertError(Exception):
    """Be the base of every error that wengert raises on purpose."""


class ArgumentError(WengertError, TypeError):
    """Refuse an argument that cannot be differentiated.

    Fails: `grad(f)(np.array([1, 2]))`. Repair: `grad(f)(np.array([1.0, 2.0]))`.
    """


class ShapeError(WengertError, ValueError):
    """Refuse shapes, dtypes or structures that do not fit together.

    Fails: `jvp(np.sin, (x,), (x[:2],))`. Repair: give the tangent the shape of `x`.
    """


class NotScalarError(ShapeError):
    """Refuse the gradient of a function whose output is no real scalar.

    Fails: `grad(np.sin)(np.ones(3))`. Repair: `jacobian(np.sin)(np.ones(3))`.
    """


class MissingRuleError(WengertError, TypeError):
    """Refuse a NumPy call that has no rule, instead of guessing a derivative.

    Fails: `grad(lambda x: np.unwrap(x).sum())(x)`. Repair: write it with NumPy calls
    listed in docs/coverage.md.
    """


class RuleError(WengertError, ValueError):
    """Refuse what a rule of the user's own returned: wrong number, shape or dtype.

    Fails: `@f.vjp` on a rule that returns `x_bar`. Repair: return `(x_bar,)`, a tuple
    with a cotangent for each argument.
    """


class TracerLeakError(WengertError, TypeError):
    """Refuse to turn a traced value into a plain number, which has no derivative.

    Fails: `math.exp(x)`. Repair: `np.exp(x)`.
    """


class ControlFlowError(WengertError, TypeError):
    """Refuse a question of Python about a value in the body of a loop or a branch: the
    body is written down once, for all steps, and has no values.

    Fails: `scan(lambda c, x: (c + x if x > 0 else c, None), 0.0, xs)` under `jit`.
    Repair: `np.where(x > 0, c + x, c)`, or `cond`.
    """


class MemberValueError(ControlFlowError):
    """Python asks for a value that differs between the members of a batch.

    Seen by `vmap` only, which then runs f for each member: `if x > 0:` in f. Repair:
    `cond`, `while_loop` or np.where, which keep the batch together.

    Attributes
    ----------
    level : object
        The run that holds the batch.
    source : Source or None
        The user's line.
    """

    level: object = None
    source: Source | None = None


class DensePatternError(WengertError, ValueError):
    """Refuse a sparse derivative with so many entries that it is none.

    Fails: `jacobian(lambda x: x / x.sum(), sparse=True)(np.ones(10**5))`, where each
    output depends on each input. Repair: products, `jvp`, `vjp` and `hvp`.
    """


class EscapedTracerError(WengertError, RuntimeError):
    """Refuse a traced value that outlived the call which made it.

    Fails: a list outside `f` that collected values inside `f`, used afterwards.
    Repair: return the values from `f`, with `has_aux=True` if they are no output.
    """


class CapturedArrayError(WengertError, RuntimeError):
    """Refuse a derivative whose constants were changed after the function used them.

    Fails: `w[:] = i; s = s + (x * w).sum()` in a loop, for a large work array `w`.
    Repair: `x * w.copy()`.
    """


class FreedGraphError(WengertError, RuntimeError):
    """Refuse a second sweep through a graph of tensors that the first has freed.

    Fails: `loss.backward(); loss.backward()`.
    Repair: `loss.backward(retain_graph=True)` the first time.
    """


class GraphError(WengertError, ValueError):
    """Refuse a Graph that is not a well-typed Wengert list."""


class GuardError(WengertError, RuntimeError):
    """Refuse inputs for which the traced function would take another branch.

    Fails: the Graph of `x if x > 0 else -x`, traced at 1.0 and run at -1.0.
    Repair: trace the function again with these inputs.
    """


class IntegrationError(WengertError, RuntimeError):
    """Refuse a solution of a differential equation that does not reach its end.

    f is not finite, steps become too small, or too many.

    Fails: `ode.solve(lambda t, y: y**2, 1.0, [0.0, 2.0])`, which is infinite at t = 1.
    Repair: end before that; for stiff systems `method="rodas4"`.
    """


class BudgetError(WengertError, MemoryError):
    """Refuse a budget of memory that is too small, however much is computed twice.

    Fails: `grad(f, memory="1kB")(x)`, for a large x. Repair: `memory=` the number of
    bytes that the message names.
    """


class EngineError(WengertError, LookupError):
    """Refuse an engine that is unknown, or a Graph that it cannot run.

    Fails: `open_engine("fortran")`. Repair: one of `engine_names()`.
    """


class ConvergenceError(WengertError, RuntimeError):
    """Refuse a point that does not solve its equations: it has no derivative.

    Fails: `implicit.root(lambda x: x**2 + 1, 0.5)`, which has no root.
    Repair: another starting point or solver, or `tol=` for one that is meant to be less
    exact.
    """


class SingularError(WengertError, ValueError):
    """Refuse a linear system whose matrix is singular, or nearly so.

    Fails: `implicit.linear_solve(np.ones((2, 2)), b)`. As the derivative of a solution
    it means that the solution is not isolated, or not differentiable: x² = θ at θ = 0.
    Repair: take out equations that say the same, or regularise.
    """


class NanError(WengertError, FloatingPointError):
    """Refuse an operation, under `debug_nans`, or a difference that is nan or inf.

    Fails: `with debug_nans(): np.log(x - 3)` at a traced x = 2, and
    `numeric.gradient(np.log, -1.0)`. Repair: keep the argument in the domain, at the
    line that the message names.

    Attributes
    ----------
    primitive : str
        The operation, by its name.
    sweep : str
        "primal", "tangent" or "adjoint".
    kind : str
        "nan" or "inf".
    source : Source or None
        The user's line.
    state : object
        Where a descent stood before the step that it stopped.
    """

    primitive: str = ""
    sweep: str = ""
    kind: str = ""
    source: Source | None = None
    state: object = None


class ExpressionError(WengertError, ValueError):
    """Refuse an expression that is not plain arithmetic of known functions.

    Fails: `wengert explain "x.real"`. Repair: use names, numbers and listed functions.
    """


class BatchWarning(UserWarning):
    """Warn, once for each line, that `vmap` runs f for one member after the other.

    The result is right; it takes as long as a loop. Python asks there for a value that
    differs between members, as in `if x > 0:`, or f uses what cannot be traced. Repair:
    what the message names.
    """


class DifferencesWarning(UserWarning):
    """Say, once for a function, that derivatives through it are finite differences.

    Given: by functions that `numeric.with_differences` made. To silence it, state the
    function's derivative: `wengert.primitive`.
    """


class PathWarning(UserWarning):
    """Say, once for arguments of one kind, that a jitted function runs as plain Python.

    Given: where a call cannot be recorded (f writes to its arguments, draws random
    numbers, prints traced values), or where f takes too many paths. The message names
    the reason, the line, and the way out.
    """


class Source(NamedTuple):
    """A place in the user's own code."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
# Libraries that call back into traced values; a user's own line lies outside them.
_LIBRARIES = tuple(
    os.sep + os.path.join("site-packages", name) + os.sep for name in ("numpy", "scipy")
)


def is_ours(file: str) -> bool:
    """Tell whether a source file belongs to wengert, NumPy or SciPy."""
    return file.startswith(_PACKAGE) or any(part in file for part in _LIBRARIES)


def user_source(skip: int = 1) -> Source | None:
    """Find the innermost frame that is the user's own.

    Parameters
    ----------
    skip : int
        Frames to leave out at the top, this function's own included.

    Returns
    -------
    Source or None
        File, line and function; None where every frame is the library's.
    """
    frame = sys._getframe(skip)
    while frame is not None:
        file = frame.f_code.co_filename
        if not is_ours(file):
            return Source(file, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back  # type: ignore[assignment]
    return None
