"""smoothness: tell whether f is smooth at a point, and where it is not."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert.analysis.closeness import Close, close_calls
from wengert.errors import ArgumentError
from wengert.explanation.inputs import Inputs
from wengert.explanation.smoothness_report import Finding, SmoothnessReport
from wengert.operators.arguments import Output, Wrt, name_of
from wengert.trace.staging import stage_function

__all__ = ["smoothness"]

_STRIDE = 1e-3  # to the point nearby, relative to what is above 1


def smoothness(
    f: Callable[..., Any], argnums: Wrt = None, tolerance: float = 1e-8
) -> Callable[..., SmoothnessReport]:
    """Make the function that tells where f is not smooth, or nearly so, at a point.

    Parameters
    ----------
    f : callable
        Any Python function of NumPy code.
    argnums : int or sequence of int, optional
        Which positional arguments are inputs. By default all floats and
        floating-point arrays are; Python ints, if there is nothing else.
    tolerance : float, default 1e-8
        How near a kink, a jump or a pole is reported: absolutely; for ties and
        comparisons relative to what is compared, where that is above 1; for matrices
        relative to the largest singular value or eigenvalue.

    Returns
    -------
    callable
        Takes f's arguments, gives a `SmoothnessReport`: true where nothing was found.

    Raises
    ------
    ArgumentError
        If f has no floating-point argument, or the tolerance is no number ≥ 0.

    Notes
    -----
    Cost: two runs of f, of which one is traced, and some 50 µs for each operation.

    Operations are looked at one by one: `abs(x) ** 2` is reported at 0, though smooth.
    What is smooth by itself in the branch taken, and far from the edge of the branch,
    is not; nor is a tie that holds all around the point, as that of `max(x, x)`.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 14.

    Examples
    --------
    >>> import numpy as np
    >>> report = smoothness(lambda x: np.abs(x).sum())(np.array([1.0, 0.0]))
    >>> report.is_smooth, report.findings[0].kind, report.findings[0].index
    (False, 'kink', (1,))
    >>> smoothness(np.sin)(0.0).is_smooth
    True
    """
    if not tolerance >= 0:
        raise ArgumentError(
            f"smoothness: tolerance={tolerance!r} is no number ≥ 0; give 1e-8, say."
        )

    @functools.wraps(f, updated=())
    def examined(*args: Any, **kwargs: Any) -> SmoothnessReport:
        inputs = Inputs(f, args, kwargs, argnums)
        output = Output(f, has_aux=False)

        def flat(*leaves: Any) -> list[Any]:
            return output.take(inputs.call(leaves))

        with np.errstate(all="ignore"):
            graph = stage_function(flat, inputs.leaves, unrolled=True)[1]
            close = close_calls(graph, inputs.leaves, _nearby(inputs.leaves), tolerance)
        title = f"{name_of(f)}({', '.join(inputs.names)})".replace("<lambda>", "f")
        return SmoothnessReport(
            title, tuple(_joined(close)), tolerance, len(graph.equations)
        )

    return examined


def _nearby(leaves: Sequence[Any]) -> list[Any]:
    """Step aside, in a direction that is special to no function."""
    rng = np.random.default_rng(14)
    moved = []
    for x in leaves:
        step = rng.uniform(0.5, 1, x.shape) * rng.choice([-1, 1], x.shape)
        if x.dtype.kind == "c":
            step = step * np.exp(1j * rng.uniform(0.5, 1))
        step = step * _STRIDE * np.maximum(1, np.abs(x))
        moved.append((x + step).astype(x.dtype))
    return moved


def _joined(close: Sequence[Close]) -> list[Finding]:
    """Make one finding of what one line does again and again, in a loop."""
    groups: dict[Any, list[Close]] = {}
    for item in close:
        key = item.name, item.edge, item.decides, item.source
        groups.setdefault(key if item.source else item, []).append(item)
    findings = []
    for group in groups.values():
        nearest = min(group, key=lambda item: item.distance)
        edge = nearest.edge
        findings.append(
            Finding(
                operation=nearest.name,
                kind=edge.kind,
                place=edge.place,
                values=nearest.values,
                distance=nearest.distance,
                derivative=edge.derivative,
                index=nearest.index,
                count=sum(item.count for item in group),
                decides=nearest.decides,
                source=nearest.source,
            )
        )
    return findings
