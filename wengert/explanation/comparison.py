"""One derivative by every method, side by side: its value, its error and what it costs.

Symbols, forward mode, reverse mode, Taylor coefficients, native code, the complex step
and each finite difference of `wengert.numeric` compute the same Jacobian. Law: all of
them agree, to rounding for the first of them, to the truncation and rounding errors of
its step for a difference; where they do not, f has a kink there, or is no analytic
function, or a rule is wrong.

Example: for f = x² at 3, central differences give 6 to about 1e-10, forward differences
to about 1e-8, the complex step and both modes exactly.
"""

from __future__ import annotations

import math
import re
import time
import tracemalloc
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, WengertError
from wengert.explanation.comparison_report import Comparison, Matrix, Row
from wengert.explanation.inputs import Inputs
from wengert.explanation.methods import Counted, Method, methods
from wengert.explanation.naming import name_outputs
from wengert.explanation.values import show_value
from wengert.graph.equations import Graph
from wengert.operators import trace
from wengert.operators.arguments import Output, Wrt, name_of

__all__ = ["Comparison", "Row", "compare"]

# What takes the imaginary part away, so that a complex step comes out wrong.
_NOT_ANALYTIC = frozenset(
    {"absolute", "angle", "conjugate", "fabs", "imag", "norm", "real", "sign"}
)
_WRONG = 1e-6  # relative error above which a complex step is no rounding error
_TRUSTED = ("reverse mode", "forward mode", "complex step", "extrapolation")


def compare(
    f: Callable[..., Any], argnums: Wrt = None, budget: float = 0.02
) -> Callable[..., Comparison]:
    """Make the function that differentiates f by every method, side by side.

    Parameters
    ----------
    f : callable
        Of numbers, arrays or pytrees of them, to the same.
    argnums : int or sequence of int, optional
        Which arguments to differentiate in; default all that are floats or arrays of
        floats.
    budget : float
        Seconds for which each method runs again and again to be timed.

    Returns
    -------
    callable
        Takes f's arguments, gives a Comparison: `print` it, or read its rows.

    Raises
    ------
    ArgumentError
        If there is nothing to differentiate in. Errors of f itself are passed on; what
        goes wrong in one method stands in its row.

    Notes
    -----
    Cost: about 100·n evaluations of f for n inputs, `budget` for each method, and one
    compilation. Formulas and Taylor coefficients take part where `wengert.symbolic`
    and `wengert.taylor` are installed, and f is real.
    See Griewank & Walther (2008), ch. 1.

    Examples
    --------
    >>> found = compare(lambda x: x**3)(2.0)
    >>> found["reverse mode"].derivative
    array([[12.]])
    >>> bool(1e-9 < found["forward"].error < 1e-6)
    True
    """

    def compared(*args: Any, **kwargs: Any) -> Comparison:
        inputs = Inputs(f, args, kwargs, argnums)
        counted = Counted(_of_leaves(inputs, f, args, kwargs), name_of(f))
        xs, rows = inputs.leaves, []
        with np.errstate(all="ignore"):
            value = counted(*xs)
            ys = [np.asarray(y) for y in Output(f, has_aux=False).take(value)]
            if not ys:
                raise ArgumentError(f"{name_of(f)} returned {value!r}: no number")
            graph = _traced(counted, xs)
            for method in methods(counted, ys, xs):
                try:
                    with warnings.catch_warnings():
                        # That f drops the imaginary part is a reason, not a warning.
                        warnings.simplefilter("error", np.exceptions.ComplexWarning)
                        row = _row(method, counted, ys, xs, graph, budget)
                except Exception as error:
                    row = Row(method.name, method.scheme, note=_reason(error))
                rows.append(row)
            reference, rows = _judge(rows)
            rows = _doubt(rows, counted, xs)
        named = zip(inputs.names, xs, strict=True)
        point = ", ".join(f"{name} = {show_value(x, 6)}" for name, x in named)
        outputs = name_outputs(lambda y: tree.paths(value, y), inputs.names)
        symbol = f"∂{_names(outputs)}/∂{_names(inputs.names)}"
        return Comparison(
            f"{symbol} of {name_of(f)} at {point}", reference, tuple(rows)
        )

    return compared


def _of_leaves(inputs: Inputs, f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Give f as a function of the inputs: itself, if it has no other arguments."""
    structures = (tree.flatten(argument)[1] for argument in args)
    plain = all(structure is tree.LEAF for structure in structures)
    if plain and not kwargs and len(args) == len(inputs.leaves):
        return f
    return lambda *leaves: inputs.call(leaves)


def _traced(f: Callable[..., Any], xs: Sequence[Any]) -> Graph | None:
    try:
        return trace(f, *xs)
    except Exception:
        return None  # the modes will say why


def _row(
    method: Method,
    f: Counted,
    ys: Sequence[Any],
    xs: Sequence[Any],
    graph: Graph | None,
    budget: float,
) -> Row:
    """Run one method, and measure it."""
    run = method.prepare()
    f.calls = 0
    derivative, calls = _matrix(run(), ys, xs), f.calls
    return Row(
        method.name,
        method.scheme,
        derivative,
        error=0.0,
        relative=0.0,
        calls=calls,
        seconds=_measure(run, budget),
        operations=method.flops(calls, graph),
        memory=_memory(run),
    )


def _memory(run: Callable[[], Any]) -> int:
    """Give the bytes that one run holds at the worst moment."""
    already = tracemalloc.is_tracing()
    if not already:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        run()
        return max(tracemalloc.get_traced_memory()[1] - before, 0)
    finally:
        if not already:
            tracemalloc.stop()


def _measure(run: Callable[[], Any], budget: float) -> float:
    """Give the seconds that one run takes: the best of several, as long as they fit."""
    best, spent = math.inf, 0.0
    while spent < budget or not spent:
        started = time.perf_counter()
        for _ in range(number := max(1, int(budget / 10 / best))):  # to one reading
            run()
        elapsed = max(time.perf_counter() - started, 1e-9)
        best, spent = min(best, elapsed / number), spent + elapsed
    return best


def _matrix(result: Any, ys: Sequence[Any], xs: Sequence[Any]) -> Matrix:
    """Put the blocks of a Jacobian together: outputs by inputs."""
    found = iter(tree.flatten(result)[0])
    return np.block(
        [[np.reshape(next(found), (y.size, x.size)) for x in xs] for y in ys]
    )


def _judge(rows: list[Row]) -> tuple[str, list[Row]]:
    """Choose the method to measure errors from, and measure them."""
    found = {row.method: row.derivative for row in rows if row.derivative is not None}
    order = [method for method in (*_TRUSTED, *found) if method in found]
    known = [method for method in order if not np.any(np.isnan(found[method]))]
    if not order:
        return "nothing: no method gave a derivative", rows
    best = (known or order)[0]
    reference = found[best]
    size = float(np.max(np.abs(reference), initial=0.0))
    judged = []
    for row in rows:
        if row.derivative is not None:
            # Equal infinities have no difference.
            same = row.derivative == reference
            gap = np.where(same, 0.0, np.abs(row.derivative - reference))
            error = float(np.max(gap, initial=0.0))
            relative = error / size if size else error
            row = replace(row, error=error, relative=relative)
        judged.append(row)
    return best, judged


def _doubt(rows: list[Row], f: Callable[..., Any], xs: Sequence[Any]) -> list[Row]:
    """Say why a complex step is wrong: an analytic f would leave rounding errors."""
    (step,) = (row for row in rows if row.scheme == "complex")
    (forward,) = (row for row in rows if row.method == "forward mode")
    if not (step.relative > _WRONG and forward.relative < _WRONG):
        return rows
    equations = trace(f, *xs).equations
    used = sorted({equation.primitive.name for equation in equations} & _NOT_ANALYTIC)
    note = "wrong: f is not analytic in complex numbers"
    if used:
        note += f", since it contains {', '.join(used)}"
    return [replace(row, note=note) if row is step else row for row in rows]


def _reason(error: Exception) -> str:
    """Say in one line why a method failed."""
    message = " ".join(str(error).split("\n", 1)[0].split())
    if found := re.match(r"ufunc '(\w+)' (not supported|did not contain)", message):
        return f"{found[1]} does not take numbers of this kind"
    if not isinstance(error, WengertError):
        return f"{type(error).__name__}: {message}"
    # Advice on what to call instead is of no use in a table of all there is.
    return re.split(r"[.;] [Pp]erhaps you meant", message)[0]


def _names(names: Sequence[str]) -> str:
    shown = ", ".join([*names[:4], *["…"][: len(names) > 4]])
    return shown if len(names) == 1 else f"({shown})"
