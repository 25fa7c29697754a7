"""What is read and written for all steps at once is what the steps read and write."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert.passes.rolling.places import (
    columns,
    index_of,
    is_told,
    place_of,
    plain_index,
    spread,
)
from wengert.primitives.indexing import filled

SHAPE = (5, 6, 7)


@st.composite
def indices(draw):
    parts = []
    for n in SHAPE[: draw(st.integers(1, 3))]:
        kind = draw(st.sampled_from("isn"))
        if kind == "n":
            parts.append(None)
        if kind == "i":
            parts.append(draw(st.integers(-n, n - 1)))
        else:
            bounds = st.none() | st.integers(-n - 1, n + 1)
            step = draw(st.sampled_from([None, 1, 2, -1, -3]))
            parts.append(slice(draw(bounds), draw(bounds), step))
    if draw(st.booleans()) and len([p for p in parts if p is not None]) < 3:
        parts.insert(draw(st.integers(0, len(parts))), Ellipsis)
    return tuple(parts)


@given(indices())
def test_an_index_is_put_together_again(index):
    x = np.arange(210).reshape(SHAPE)
    form, starts = place_of(index, SHAPE)
    np.testing.assert_array_equal(x[plain_index(form, starts)], x[index])


@settings(deadline=None)
@given(st.data())
def test_all_steps_at_once(data):
    """Of a form with integers and slices that move evenly or not."""
    x = np.arange(210).reshape(SHAPE)
    form, first = place_of(data.draw(indices()), SHAPE)
    starts = np.tile(first, (4, 1))
    axes = [part for part in form if part is not None]
    for axis, part in enumerate(axes):
        if part == () and data.draw(st.booleans()):
            even = st.sampled_from([[0, 1, 2, 3], [4, 3, 2, 1], [0, 1, 2, 2]])
            uneven = st.lists(st.integers(0, 4), min_size=4, max_size=4)
            starts[:, axis] = data.draw(even | uneven)
        elif part in {(2, 1), (3, 1)} and () not in axes and data.draw(st.booleans()):
            starts[:, axis] = [0, 2, 1, 2]
    if not np.ptp(starts, axis=0).any() or not is_told(form, starts):
        return
    steps = np.stack([x[plain_index(form, row)] for row in starts])
    told = spread(form, starts)
    read = np.moveaxis(x[filled(told.at, told.indices)], told.axis, 0)
    np.testing.assert_array_equal(read, steps)
    if told.unique:
        assert len(np.unique(read)) == read.size
    for k in range(4):
        given_k = [column[k] for column, _ in columns(form, starts)]
        one = x[filled(index_of(form, starts), given_k)]
        np.testing.assert_array_equal(one, steps[k])
