"""Views: which Tracers share the memory of another, as NumPy's views share an array's.

What is written to an array is seen by its views, and the other way round. Tracers of
arrays that nobody writes to need not know; so a view only notes where it came from, and
the array weakly notes its views, for the day when one of them is written to.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import ref

import numpy as np

from wengert.graph.primitive import FACES, Primitive

__all__ = [
    "SNAPSHOTS",
    "VIEWING",
    "Pick",
    "Recall",
    "detached",
    "example",
    "has_value",
    "known_value",
    "link",
    "memory",
    "places",
    "same_array",
    "shares_memory",
    "snapshot",
    "views_of",
]

_NAMES = """
    apply_over_axes array_split asanyarray asarray ascontiguousarray asfortranarray
    astype atleast_1d atleast_2d atleast_3d broadcast_arrays diff dsplit einsum
    expand_dims flip fliplr ix_
    flipud hsplit imag matrix_transpose meshgrid moveaxis nan_to_num permute_dims ravel
    real real_if_close reshape rollaxis rot90 split squeeze swapaxes transpose
    trim_zeros unstack vsplit
""".split()
# Functions of NumPy that may give views of their argument; all others give copies.
VIEWING: frozenset[Any] = frozenset(
    {
        *(getattr(np, name) for name in _NAMES if hasattr(np, name)),
        np.linalg.matrix_power,
        getattr(np.linalg, "matrix_transpose", np.transpose),
    }
)  # fmt: skip
# These give views that nobody may write to, where the rows that say them may copy.
SNAPSHOTS: frozenset[Any] = frozenset(
    {
        np.broadcast_to, np.diag, np.diagonal, np.linalg.diagonal,
        np.lib.stride_tricks.sliding_window_view,
    }
)  # fmt: skip


def memory(x: Any) -> Any:
    """Give the array at the bottom of nested Tracers."""
    while hasattr(type(x), "__wengert_bind__"):
        x = x.value
    return x


def known_value(x: Any) -> Any:
    """Give the array at the bottom of nested Tracers, for who will look at its values.

    Raises
    ------
    ControlFlowError
        In the body of a branch or loop, which has no values.
    """
    while hasattr(type(x), "__wengert_bind__"):
        if x.level.has_examples:
            x = x.level.agreed(x, "a function looks at a value")
            continue
        if not x.level.has_values:
            raise x.level.no_value()
        x = x.value
    return x


def has_value(x: Any) -> bool:
    """Tell whether Python may be told a value: not in the body of a branch or loop, nor
    where it differs between the members of a batch."""
    while hasattr(type(x), "__wengert_bind__"):
        if not x.level.has_values:
            return False
        x = x.value
    return True


def example(x: Any) -> Any:
    """Give a plain value to try things on: that of x, or of the first member of a
    batch; ones in the body of a branch or loop."""
    value = x
    while hasattr(type(value), "__wengert_bind__"):
        level = value.level
        if not (level.has_values or level.has_examples):
            return np.ones(x.shape, x.dtype)[()]
        value = value.value
    return value


def shares_memory(y: Any, x: Any) -> bool:
    """Tell whether y, just made from x, is a view of it."""
    y, x = memory(y), memory(x)
    if type(y) is not np.ndarray or type(x) is not np.ndarray:
        return False
    return _owner(y) is _owner(x)


def _owner(x: Any) -> Any:
    while isinstance(x.base, np.ndarray):
        x = x.base
    return x


def _traced(x: Any) -> bool:
    return hasattr(type(x), "__wengert_bind__")


def _top(x: Any) -> Any:
    """Give the array that x, a Tracer, is a view of; itself if it is none."""
    if x.is_mutable:
        return x.state.root
    while (origin := getattr(x, "origin", None)) is not None:
        x = origin[0]
    return x


def same_array(x: Any, y: Any) -> bool:
    """Tell whether x and y are views of one traced array, or one is of the other."""
    return _traced(x) and _traced(y) and _top(x) is _top(y)


def detached(y: Any, args: Any) -> Any:
    """Copy what a function has given where it shares memory with an argument.

    Rows are free to give views, `tile` of one copy say, where NumPy never does.
    """
    if type(y) in (list, tuple):
        return type(y)(detached(part, args) for part in y)
    if not _traced(y) or not (y.is_mutable or hasattr(y, "origin") or _among(y, args)):
        return y
    top = _top(y)
    return FACES[np.copy](y) if any(_top(x) is top for x in _tracers(args)) else y


def _among(y: Any, args: Any) -> bool:
    return any(x is y for x in _tracers(args))


def _tracers(args: Any) -> Iterator[Any]:
    for x in args:
        if type(x) in (list, tuple):
            yield from _tracers(x)
        elif _traced(x):
            yield x


class Recall:
    """A call of NumPy that gives a view, in the place of a row that says it."""

    def __init__(self, called: Any, args: Any, kwargs: Mapping[str, Any]) -> None:
        self.name: str = called.__name__
        self._called, self._args, self._kwargs = called, args, kwargs

    def impl(self, x: Any) -> Any:
        """Call the function once more."""
        return self._called(x, *self._args, **self._kwargs)


class Pick(Recall):
    """`x[key]` with a key that has no value yet, in the place of a row: the step of a
    loop, say. NumPy gives a view there, and the row a copy."""

    def __init__(self, key: Any) -> None:
        super().__init__(operator.getitem, (key,), {})
        self.key = key


def snapshot(called: Any, y: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
    """Let what a function has given see what is written to the argument later."""
    x: Any = args[0] if args else None
    if not _traced(x) or not _traced(y) or x.shape == ():
        return detached(y, args)
    if called is np.diag and x.ndim == 1:  # a new matrix
        return y
    if y is x:
        y = FACES[np.copy](x)
    recall: Any = Recall(called, args[1:], kwargs)
    if x.is_mutable:
        return x.derived(y, recall)
    if not hasattr(y, "origin"):
        link(y, x, recall, {})
    return y


def link(view: Any, x: Any, row: Primitive, params: Mapping[str, Any]) -> None:
    """Note that a Tracer is a view of another: `row` of it."""
    view.origin = (x, row, params)
    note(x, view)


def note(x: Any, view: Any) -> None:
    """Note a view of a Tracer, weakly, with the level of both."""
    known = x.level.views
    views = known.get(id(x))
    if views is None:
        known[id(x)] = [ref(view)]
        return
    views.append(ref(view))
    count = len(views)
    if count >= 32 and count & (count - 1) == 0:
        views[:] = [r for r in views if r() is not None]


def views_of(x: Any) -> Iterator[Any]:
    """Yield the views of a Tracer that are still in use."""
    for reference in x.level.views.get(id(x), ()):
        view = reference()
        # An id may have belonged to another Tracer before, whose views have changed.
        if view is not None and view.origin is not None and view.origin[0] is x:
            yield view


def places(view: Any, base: Any) -> tuple[Any, ...]:
    """Find where in a dense array the elements of a view of it stand.

    Returns
    -------
    tuple of int arrays
        One for each axis of the base, of the view's shape: base[places] is the view.

    Examples
    --------
    >>> a = np.zeros((2, 3))
    >>> places(a.T[1:, 0], a)
    (array([0, 0]), array([1, 2]))
    """
    item = base.itemsize
    start = view.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    flat = np.asarray(start // item)
    for n, stride in zip(view.shape, view.strides, strict=True):
        flat = flat[..., None] + np.arange(n) * (stride // item)
    # Axes in the order in which memory runs through them.
    order = sorted(range(base.ndim), key=lambda i: (-base.strides[i], i))
    found = np.unravel_index(flat, [base.shape[i] for i in order])
    return tuple(found[order.index(i)] for i in range(base.ndim))
