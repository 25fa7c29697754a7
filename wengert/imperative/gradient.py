"""`grad(outputs, inputs)`: gradients as results, with nothing added to any `grad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.errors import ArgumentError, user_source
from wengert.imperative.sweep import Sweep
from wengert.imperative.tensors import Tensor, seed_of
from wengert.imperative.vertices import Vertex, parents

__all__ = ["grad"]


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | str | Sequence[Tensor | str],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """Compute gradients of tensors with respect to others, leaves or not.

    Parameters
    ----------
    outputs : Tensor or sequence of them
        Their gradients are added up.
    inputs : Tensor, name, or sequence of them
        A name is that of a tensor in the graph: `y.name = "hidden"`.
    grad_outputs : array or sequence, optional
        A cotangent for each output, of its shape; None for one real number.
    retain_graph : bool, optional
        Whether the graph can be swept again; by default as `create_graph`.
    create_graph : bool
        Whether the gradients are themselves recorded, for higher derivatives.
    allow_unused : bool
        Give None for inputs that the outputs do not depend on.

    Returns
    -------
    tuple of Tensor
        One for each input.

    Raises
    ------
    ArgumentError
        If an input is not used, unknown, or requires no gradient.
    FreedGraphError
        If the graph was swept before.

    Notes
    -----
    Cost: ≤ 4 evaluations of what was recorded since the earliest input.

    Examples
    --------
    >>> from wengert.imperative import tensor
    >>> x = tensor(2.0, requires_grad=True)
    >>> h = x**2
    >>> h.name = "h"
    >>> grad(h**3, [x, "h"], create_graph=True)
    (tensor(192., grad_fn=<multiply>), tensor(48., grad_fn=<multiply>))
    """
    outputs, inputs = _sequence(outputs), _sequence(inputs)
    seeds = _sequence(grad_outputs)
    if grad_outputs is None:
        seeds = [None] * len(outputs)
    if len(seeds) != len(outputs):
        raise ArgumentError(
            f"grad: {len(seeds)} grad_outputs for {len(outputs)} outputs "
            f"(at {user_source()}). Give one for each, or None."
        )
    roots = [_vertex_of(y, "output") for y in outputs]
    seeds = [seed_of(*pair, "grad") for pair in zip(outputs, seeds, strict=True)]
    wanted = [
        _found(roots, x) if isinstance(x, str) else _vertex_of(x, "input")
        for x in inputs
    ]
    ledger = outputs[0].level
    if any(x.level is not ledger for x in [*outputs, *inputs] if type(x) is Tensor):
        raise ArgumentError(
            "grad: tensors of traced values and of plain ones, which have graphs of "
            f"their own (at {user_source()})."
        )
    sweep = Sweep(ledger, roots, [y.value for y in outputs], set(wanted), create_graph)
    sweep.run(seeds, create_graph if retain_graph is None else retain_graph)
    results = [sweep.found.get(vertex) for vertex in wanted]
    for x, result in zip(inputs, results, strict=True):
        if result is None and not allow_unused:
            raise ArgumentError(
                f"grad: the outputs do not depend on the input {_shown(x)} (at "
                f"{user_source()}). With allow_unused=True its gradient is None."
            )
    return tuple(
        x_bar if x_bar is None or ledger.holds(x_bar) else ledger.constant(x_bar)
        for x_bar in results
    )


def _sequence(x: Any) -> Sequence[Any]:
    return x if isinstance(x, list | tuple) else [x]


def _vertex_of(x: Any, what: str) -> Vertex:
    if type(x) is not Tensor:
        raise ArgumentError(
            f"grad: the {what} must be a tensor, not {type(x).__name__} "
            f"(at {user_source()}). For functions of arrays there is wengert.grad."
        )
    return x._vertex(f"grad: an {what}, the gradient")


def _found(roots: Sequence[Vertex], label: str) -> Vertex:
    """Find the latest vertex of a name in a graph."""
    waiting, seen = list(roots), set(roots)
    latest: Vertex | None = None
    while waiting:
        vertex = waiting.pop()
        if vertex.known.label == label and (
            latest is None or latest.birth < vertex.birth
        ):
            latest = vertex
        fresh = [p for p in parents(vertex.entry) if p not in seen]
        seen.update(fresh)
        waiting += fresh
    if latest is None:
        known = sorted({v.known.label for v in seen if v.known.label})
        raise ArgumentError(
            f"grad: no tensor of the name {label!r} in the graph "
            f"(at {user_source()}); there are: {', '.join(known) or 'none'}. "
            'Name one so: y.name = "…".'
        )
    return latest


def _shown(x: Any) -> str:
    return repr(x) if isinstance(x, str) else f"of shape {np.shape(x)}"
