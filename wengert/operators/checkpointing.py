"""Compute once more, or keep: `checkpoint`, known by this name in JAX and PyTorch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import ArgumentError, user_source
from wengert.graph.equations import Graph
from wengert.graph.extract import taking, useful
from wengert.operators.arguments import check_callable, name_of
from wengert.operators.bodies import own_copy, written_for
from wengert.passes.exact import graph_key
from wengert.primitives.checkpointing import checkpoint as checkpoint_
from wengert.primitives.checkpointing import checkpoint_name as name_
from wengert.trace.levels import running
from wengert.trace.tracer import Tracer
from wengert.transforms.policies import POLICIES, Policy, SaveOnly

__all__ = ["checkpoint", "checkpoint_name", "save_only"]


def checkpoint(
    f: Callable[..., Any] | None = None, *, policy: Policy = "nothing"
) -> Callable[..., Any]:
    """Let derivatives of f keep what f was given, and compute the rest once more.

    Parameters
    ----------
    f : callable
        Takes and returns pytrees. It may close over traced values.
    policy : str or callable
        Which values of f are kept all the same:

        * "nothing": none.
        * "products": those of contractions, linear algebra and transcendental
          functions; sums, products of elements and moves of data are done once more.
        * "everything": all, as without checkpoint.
        * `save_only("a", "b")`: those that are called so, by `checkpoint_name`.
        * a callable `(primitive_name, input_types, params) → bool`. It is asked for
          each operation whether its result is kept.

    Returns
    -------
    callable
        Called as f, with its values and derivatives. Without f, a decorator.

    Raises
    ------
    ArgumentError
        If there is no such policy; in calls, if f writes to an argument.

    Notes
    -----
    Known elsewhere as remat. Reverse mode runs f twice and its pullback once. Between
    the two runs it keeps f's arguments, the traced values that f closes over, and what
    the policy says; memory for the rest is needed while this one call is swept. Where
    f asks for a value (`if x > 0`), it is run once more to see its answer.

    References
    ----------
    Griewank & Walther (2008), Evaluating Derivatives, ch. 12.

    Examples
    --------
    >>> import numpy as np
    >>> from wengert import grad
    >>> layer = checkpoint(lambda w, x: np.tanh(w @ x))
    >>> w, x = np.eye(2), np.zeros(2)
    >>> grad(lambda w: layer(w, layer(w, x + 1)).sum())(w).round(3)
    array([[0.695, 0.695],
           [0.695, 0.695]])
    """
    _check_policy(policy)
    if f is None:
        return functools.partial(checkpoint, policy=policy)
    check_callable("checkpoint", f)

    @functools.wraps(f, updated=())
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if not running.depth:
            return f(*args, **kwargs)
        return _call(f, policy, args, kwargs)

    return checkpointed


def checkpoint_name(x: Any, name: str) -> Any:
    """Name a value, for `checkpoint(f, policy=save_only(name))`.

    Parameters
    ----------
    x : pytree of arrays and floats
    name : str

    Returns
    -------
    pytree
        Of the same values.

    Examples
    --------
    >>> from wengert import grad
    >>> grad(lambda x: checkpoint_name(x * x, "square") * x)(2.0)
    12.0
    """
    return tree.map_leaves(
        lambda leaf: name_(leaf, name=name) if isinstance(leaf, Tracer) else leaf, x
    )


def save_only(*names: str) -> SaveOnly:
    """Make the policy of `checkpoint` that keeps values of these names only.

    Parameters
    ----------
    *names : str
        As given to `checkpoint_name`.

    Examples
    --------
    >>> from wengert import grad
    >>> f = checkpoint(
    ...     lambda x: checkpoint_name(x * x, "square") * x, policy=save_only("square")
    ... )
    >>> grad(f)(2.0)
    12.0
    """
    return SaveOnly(frozenset(names))


def _check_policy(policy: Any) -> None:
    if callable(policy) or isinstance(policy, str) and policy in POLICIES:
        return
    raise ArgumentError(
        f"checkpoint: policy={policy!r} is none of {', '.join(map(repr, POLICIES))}, "
        "save_only(…), or a function of an operation's name, input types and params."
    )


def _call(
    f: Callable[..., Any], policy: Policy, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Write f down, and call the row."""
    leaves, structure = tree.flatten((args, kwargs))
    places = [i for i, v in enumerate(leaves) if isinstance(v, Tracer | np.ndarray)]
    inputs = [own_copy(v) if isinstance(v, Tracer) else v for v in _at(leaves, places)]
    given: list[Any] = []

    def flat(*values: Any) -> Any:
        given[:] = values
        filled = list(leaves)
        for i, value in zip(places, values, strict=True):
            filled[i] = value
        args, kwargs = tree.unflatten(structure, filled)
        return f(*args, **kwargs)

    body, output = written_for(flat, inputs)
    for i, value in zip(places, given, strict=True):
        if getattr(value, "is_mutable", False):
            path = tree.paths((args, kwargs), "arguments")[i]
            raise ArgumentError(
                f"checkpoint: {name_of(f)} writes to its argument {path} (at "
                f"{user_source()}), and would do so again when it is run once more. "
                "Let it write to a copy."
            )
    used = sorted(useful(body.graph, body.graph.outputs))
    graph = _known(taking(body.graph, used))
    values = _at([*body.values, *inputs], used)
    y = checkpoint_(*values, body=graph, policy=policy)
    return output.restore(y)


# By their keys, the Graphs written down last; a Graph that is the same object has its
# derivative ready.
_KNOWN: dict[Any, Graph] = {}


def _known(graph: Graph) -> Graph:
    """Find the same Graph, written down before."""
    key = graph_key(graph)
    found = _KNOWN.pop(key, graph)
    while len(_KNOWN) >= 256:
        _KNOWN.pop(next(iter(_KNOWN)), None)
    _KNOWN[key] = found
    return found


def _at(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    return [values[i] for i in places]
