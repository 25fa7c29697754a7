"""Chains: arrays that a loop writes to, and does not read.

Where a loop carries an array only to put one part after the other into it,

    for k in …:  a = update[index=(k,)] a v_k      or   a = add a (scatter[…] v_k)

the parts can be stacked by the loop and put into the array after it, all at once. The
parts that are added are added in another order then.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np

from wengert.passes.rolling.places import Form, Spread, spread
from wengert.passes.rolling.steps import Carried, Fixed, Inner, Loop, Role
from wengert.primitives.indexing import indexed_shape

__all__ = ["Chain", "Link", "chains"]

Ints = np.ndarray[Any, Any]


class Link(NamedTuple):
    """One writing in each step: the equation, what it puts in, and where."""

    position: int
    part: Role
    spread: Spread | None
    index: Any
    adds: bool
    form: Form
    starts: Ints


class Chain(NamedTuple):
    """The writings of one step into a carried array, one after the other."""

    carried: Carried
    links: list[Link]


# Where an output of a step is used: the position of the equation, and the input.
Readers = dict[int, list[tuple[int, int]]]


def chains(loop: Loop, wanted: Collection[int]) -> list[Chain]:
    """Find the chains of a loop.

    Parameters
    ----------
    loop : Loop
    wanted : collection of int
        Outputs of a step, by their numbers, of which the loop is to give more than the
        last.
    """
    inner: Readers = {}
    carried: dict[Carried, list[tuple[int, int]]] = {}
    for position, roles in enumerate(loop.roles):
        for i, role in enumerate(roles):
            if isinstance(role, Inner):
                inner.setdefault(role.offset, []).append((position, i))
            elif isinstance(role, Carried):
                carried.setdefault(role, []).append((position, i))
    busy = [role.offset for role in carried]
    found = []
    for role, readers in carried.items():
        if len(role.starts) > 1 or len(readers) > 1 or busy.count(role.offset) > 1:
            continue
        links = _links(loop, role, readers[0], inner, {*wanted, *busy})
        if links and _may_be_reordered(links):
            found.append(Chain(role, links))
    return found


def _links(
    loop: Loop,
    carried: Carried,
    reader: tuple[int, int],
    inner: Readers,
    refused: Collection[int],
) -> list[Link] | None:
    links = []
    while True:
        link = _link(loop, *reader)
        if link is None:
            return None
        links.append(link)
        offset = loop.offset(link.position)
        readers = inner.get(offset, [])
        if offset == carried.offset:
            return links if not readers else None
        if len(readers) != 1 or offset in refused:
            return None
        (reader,) = readers


def _link(loop: Loop, position: int, i: int) -> Link | None:
    listing = loop.listing
    equation = listing.graph.equations[loop.start + position]
    name, roles = equation.primitive.name, loop.roles[position]
    if name == "update" and i == 0:
        return _written(loop, position, position, roles[1], adds=False)
    if name != "add" or not isinstance(other := roles[1 - i], Inner):
        return None
    giver = loop.position(other.offset)
    scattered = listing.graph.equations[loop.start + giver]
    if scattered.primitive.name != "scatter":
        return None
    if scattered.outputs[0].type != equation.outputs[0].type:
        return None
    return _written(loop, position, giver, loop.roles[giver][0], adds=True)


def _written(
    loop: Loop, position: int, indexed: int, part: Role, *, adds: bool
) -> Link | None:
    listing = loop.listing
    i = loop.start + indexed
    if i not in listing.places or (adds and isinstance(part, Fixed)):
        return None
    equation = listing.graph.equations[i]
    form, starts = listing.places[i][0], loop.starts(indexed)
    if not starts.size or not np.ptp(starts, axis=0).any():
        # The same place in each step: what is added there is summed.
        if not adds:
            return None
        index = equation.params["index"]
        return Link(position, part, None, index, adds, form, starts)
    told = spread(form, starts)
    if not (adds or _is_whole(equation, part)):
        return None
    return Link(position, part, told, told.at, adds, form, starts)


def _is_whole(equation: Any, part: Role) -> bool:
    """Tell whether what an update puts in has the shape of its place.

    A single number may also be spread over a place.
    """
    target, value = equation.outputs[0].type, equation.inputs[1].type
    shape = getattr(value, "shape", ())
    if isinstance(part, Fixed):
        return shape == ()
    return shape == indexed_shape(target.shape, equation.params["index"])


def _may_be_reordered(links: list[Link]) -> bool:
    """Tell whether writings may be made link by link instead of step by step."""
    updates = [link for link in links if not link.adds]
    if not updates:
        return True
    if any(link.spread is None or link.form != links[0].form for link in links):
        return False
    taken = [part for part in links[0].form if part is not None]
    moving = [axis for axis, part in enumerate(taken) if part == ()]
    places = np.concatenate([link.starts[:, moving] for link in links])
    return len(np.unique(places, axis=0)) == len(places)
