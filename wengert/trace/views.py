"""Views: which Tracers share the memory of another, as NumPy's views share an array's.

What is written to an array is seen by its views, and the other way round. Tracers of
arrays that nobody writes to need not know; so a view only notes where it came from, and
the array weakly notes its views, for the day when one of them is written to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from weakref import ref

import numpy as np

from wengert.graph.primitive import Primitive

__all__ = ["link", "memory", "places", "shares_memory", "views_of"]


def memory(x: Any) -> Any:
    """Give the array at the bottom of nested Tracers."""
    while hasattr(type(x), "__wengert_bind__"):
        x = x.value
    return x


def shares_memory(y: Any, x: Any) -> bool:
    """Tell whether y, just made from x, is a view of it."""
    y, x = memory(y), memory(x)
    if type(y) is not np.ndarray or type(x) is not np.ndarray:
        return False
    if y is x:
        return True
    base = y.base
    return base is not None and (base is x or base is x.base)


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
