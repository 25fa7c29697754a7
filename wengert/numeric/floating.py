"""Functions of floating leaves alone: all else is closed over.

Integers, booleans and strings among the arguments have no tangents, and integers among
the outputs no derivatives. What remains is a function that a forward or reverse mode
can take whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.errors import ArgumentError
from wengert.numeric.points import is_inexact
from wengert.tree import flatten, unflatten

__all__ = ["only_floating"]


def only_floating(
    f: Callable[..., Any], args: tuple[Any, ...], names: list[str]
) -> tuple[Callable[..., Any], tuple[Any, ...], list[str]]:
    """Close f over all that cannot be moved, and drop outputs that cannot move.

    Parameters
    ----------
    f : callable
        From positional trees to a tree.
    args : tuple of trees
    names : list of str
        What the arguments are called.

    Returns
    -------
    f, args, names
        Arguments without floating leaves are gone; elsewhere None stands in place of
        such leaves, in outputs also. f itself where there are none.

    Raises
    ------
    ArgumentError
        Where no argument or no output has a floating leaf.

    Cost
    ----
    1 evaluation of f.

    Examples
    --------
    >>> def power(x, n):
    ...     return x**n, n
    >>> f, args, names = only_floating(power, (3.0, 2), ["x", "n"])
    >>> args, names, f(3.0)
    ((3.0,), ['x'], (9.0, None))
    """
    taken = [flatten(arg) for arg in args]
    masks = [[is_inexact(leaf) for leaf in leaves] for leaves, _ in taken]
    if not any(any(mask) for mask in masks):
        raise ArgumentError(
            "no argument has a floating leaf to differentiate by; "
            "perhaps you meant 1.0 for 1, or np.asarray(x, dtype=float)?"
        )
    outputs, _ = flatten(f(*args))
    output_mask = [is_inexact(leaf) for leaf in outputs]
    if not any(output_mask):
        kinds = [str(getattr(y, "dtype", type(y).__name__)) for y in outputs]
        raise ArgumentError(
            f"f returned no floating number: {', '.join(kinds) or 'nothing'}"
        )
    if all(all(mask) for mask in masks) and all(output_mask):
        return f, args, names
    kept = [i for i, mask in enumerate(masks) if any(mask)]

    def floating(*moving: Any) -> Any:
        full = list(args)
        for i, arg in zip(kept, moving, strict=True):
            leaves, structure = taken[i]
            given = iter(flatten(arg)[0])
            pairs = zip(leaves, masks[i], strict=True)
            full[i] = unflatten(
                structure, [next(given) if moves else leaf for leaf, moves in pairs]
            )
        return _with_holes(f(*full), output_mask)

    pruned = tuple(_with_holes(args[i], masks[i]) for i in kept)
    return floating, pruned, [names[i] for i in kept]


def _with_holes(tree: Any, mask: list[bool]) -> Any:
    # None is an empty container: the structure keeps its keys, the leaf is gone.
    leaves, structure = flatten(tree)
    pairs = zip(leaves, mask, strict=True)
    return unflatten(structure, [leaf if keep else None for leaf, keep in pairs])
