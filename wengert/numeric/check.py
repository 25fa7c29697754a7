"""Check derivatives against differences, to any order, in any mixture of modes.

For a function f, a random direction v (one leaf of the arguments at a time) and a
random y_bar, three things must agree, of which the first is found by differences:

    J v  =  jvp(f, x, v)                        (mode "fwd")
    <y_bar, J v>  =  <vjp(f, x)(y_bar), v>      (mode "rev")

and then the same for the functions that these two modes make, (x, v) ↦ jvp(f, x, v)
and (x, y_bar) ↦ vjp(f, x)(y_bar), whose own derivatives are the second ones of f; and
so on. With two modes, order k takes 2ᵏ paths: fwd∘fwd, rev∘fwd, fwd∘rev, rev∘rev, …
The method is that of `check_grads` in HIPS autograd. The pairing of complex vectors is
the bilinear one, without conjugation, of which the real part is taken:
Re Σ y_bar·(J v) = Re Σ x_bar·v for every v; so for holomorphic f, x_bar = y_bar·f'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError
from wengert.numeric.floating import only_floating
from wengert.numeric.level import Level, Request
from wengert.numeric.report import Record, Report
from wengert.numeric.schemes import find_scheme
from wengert.numeric.seeds import Seeds
from wengert.numeric.steps import Step, valid_step

__all__ = ["check_derivatives"]

_MODES = ("fwd", "rev")


def check_derivatives(
    f: Callable[..., Any],
    args: Sequence[Any],
    *,
    jvp: Callable[..., Any] | None,
    vjp: Callable[..., Any] | None,
    modes: Iterable[str] = _MODES,
    order: int = 2,
    rtol: float | None = None,
    atol: float | None = None,
    seed: int = 0,
    scheme: str = "ridders",
    step: Step = None,
    dtypes: bool = True,
) -> Report:
    """Check a forward and a reverse mode against differences of f.

    Known elsewhere as check_grads and gradcheck.

    Parameters
    ----------
    f : callable
        From positional trees of numbers to a tree of numbers.
    args : tuple of trees
        Where. Only floating leaves, real or complex, are moved; integers, booleans,
        strings and other leaves stay fixed, and jvp and vjp never see them: arguments
        without floating leaves are closed over, others have None in place of fixed
        leaves, and so have outputs in place of integers.
    jvp : callable or None
        ``jvp(f, primals, tangents) -> (y, y_dot)``; None where "fwd" is not checked.
    vjp : callable or None
        ``vjp(f, *primals) -> (y, pullback)`` with ``pullback(y_bar)`` a tuple of
        cotangents, one per primal; None where "rev" is not checked.
    modes : iterable of {"fwd", "rev"}
        What to check, and to nest in each other.
    order : int
        The highest order of derivatives.
    rtol, atol : float or None
        Relative and absolute tolerance; None chooses by dtype and order, see
        `wengert.numeric.tolerances`. For functions with values below 1e-12 or so,
        give ``atol=0``.
    seed : int
        Of the random directions.
    scheme : str
        How to difference; a name of `SCHEMES`. With a one-sided scheme all directions
        are positive, so that "ridders_forward" checks derivatives from the right in
        each element, at a kink say.
    step : float, "automatic" or None
        See `estimate`. The unit is the size of the leaf that is moved.
    dtypes : bool
        Whether tangents must have the dtypes of the outputs, and cotangents those of
        the arguments.

    Returns
    -------
    Report
        True where all is well. A record per path of modes and leaf; orders above a
        failure are not looked at.

    Raises
    ------
    ArgumentError
        For no floating arguments, outputs that are not numbers or have no floating
        ones among them, an unknown mode or scheme, an order below 1, a step that is
        not positive, or a mode without its function.
    ShapeError
        Where the shape of f's output changes with its argument.

    Cost
    ----
    At order 1, per floating leaf of the arguments, 8 to 42 evaluations of f, and one
    jvp; one vjp for all. Each further order does the same with each mode's function in
    place of f, whose seeds are arguments as well.

    Examples
    --------
    >>> def f(x):
    ...     return x**3
    >>> def jvp(f, primals, tangents):    # right for this f alone
    ...     (x,), (x_dot,) = primals, tangents
    ...     return f(x), 3 * x**2 * x_dot
    >>> x = np.array([1.0, -2.0])
    >>> bool(check_derivatives(f, (x,), jvp=jvp, vjp=None, modes=["fwd"], order=1))
    True
    >>> def wrong(f, primals, tangents):
    ...     y, y_dot = jvp(f, primals, tangents)
    ...     return y, 1.001 * y_dot
    >>> report = check_derivatives(f, (x,), jvp=wrong, vjp=None, modes=["fwd"], order=1)
    >>> report.passed, report.worst.output
    (False, 'f(x)[1]')
    """
    chosen = (modes,) if isinstance(modes, str) else tuple(modes)
    _check_request(args, chosen, order, jvp, vjp)
    positional = tuple(args)
    if len(positional) == 1:
        names = ["x"]
    else:
        names = [f"args[{i}]" for i in range(len(positional))]
    found = find_scheme(scheme)
    request = Request(
        jvp, vjp, chosen, int(order), rtol, atol, found, valid_step(step), dtypes
    )
    seeds = Seeds(seed, positive=bool(found.side))
    records = _run(request, seeds, f, positional, names, ())
    return Report(getattr(f, "__name__", repr(f)), tuple(records))


def _run(
    request: Request,
    seeds: Seeds,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    names: list[str],
    applied: tuple[str, ...],
) -> list[Record]:
    """Check f in every mode, then the functions that the modes make of it."""
    f, args, names = only_floating(f, args, names)
    level = Level(request, seeds, f, args, names, applied)
    records = []
    for mode in request.modes:
        found = level.check(mode)
        records += found
        # The derivative of a wrong derivative is wrong too, and says nothing new.
        right = all(record.passed for record in found)
        if right and level.order < request.order:
            records += _run(request, seeds, *level.derived(mode), (mode, *applied))
    return records


def _check_request(
    args: object,
    modes: tuple[str, ...],
    order: object,
    jvp: Callable[..., Any] | None,
    vjp: Callable[..., Any] | None,
) -> None:
    if not isinstance(args, (tuple, list)):
        raise ArgumentError(
            f"args must be a tuple of positional arguments, not {type(args).__name__}; "
            "perhaps you meant (x,)?"
        )
    if not modes:
        raise ArgumentError("there is no mode to check; give 'fwd', 'rev' or both")
    for mode in modes:
        if mode not in _MODES:
            raise ArgumentError(f"unknown mode {mode!r}; the modes are 'fwd' and 'rev'")
    for mode, name, function in (("fwd", "jvp", jvp), ("rev", "vjp", vjp)):
        if mode in modes and function is None:
            raise ArgumentError(f"mode {mode!r} needs {name}, which is None")
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)) or order < 1:
        raise ArgumentError(f"order must be an integer of at least 1, not {order!r}")
