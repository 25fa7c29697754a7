"""Reading and writing at random indices: of a batch as of each member."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert.primitives.index import ARRAY, Index, indexed_shape
from wengert.primitives.indexing import gather_, scatter_add_
from wengert.primitives.updating import update_
from wengert.transforms.batching import batch_function

SIZE = 3
SHAPE = (3, 2, 4, 3)


@st.composite
def indices(draw):
    """Draw an index of an array of SHAPE, and index arrays that fill it."""
    parts = draw(
        st.lists(
            st.sampled_from([ARRAY, slice(None), slice(1, None), 1, None, Ellipsis]),
            min_size=1,
            max_size=5,
        )
    )
    if parts.count(Ellipsis) > 1 or ARRAY not in parts:
        parts = [ARRAY]
    while sum(p is not None and p is not Ellipsis for p in parts) > len(SHAPE):
        parts = parts[:-1]
    if ARRAY not in parts:
        parts = [ARRAY]
    shapes = draw(
        st.lists(
            st.sampled_from([(), (2,), (1, 2), (3, 1), (3, 2)]),
            min_size=parts.count(ARRAY),
            max_size=parts.count(ARRAY),
        )
    )
    mapped = draw(st.lists(st.booleans(), min_size=len(shapes), max_size=len(shapes)))
    return Index(parts), shapes, mapped, draw(st.integers(0, 2**32 - 1))


def drawn(rng, shapes, mapped):
    return [
        rng.integers(0, 2, (SIZE, *shape) if m else shape)
        for shape, m in zip(shapes, mapped, strict=True)
    ]


def run(f, inputs, mapped):
    (y,), (own,) = batch_function(lambda *x: [f(*x)], inputs, mapped, SIZE)
    return y if own else np.stack([y] * SIZE)


def singly(f, inputs, mapped):
    pairs = list(zip(inputs, mapped, strict=True))
    return np.stack([f(*(v[k] if m else v for v, m in pairs)) for k in range(SIZE)])


@settings(max_examples=80, deadline=None)
@given(indices(), st.booleans())
def test_reading(index, array_mapped):
    key, shapes, mapped, seed = index
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(SIZE, *SHAPE) if array_mapped else SHAPE)
    inputs, known = [x, *drawn(rng, shapes, mapped)], [array_mapped, *mapped]

    def f(x, *given):
        return gather_(x, *given, index=key, unique=False)

    if any(known):
        np.testing.assert_array_equal(
            run(f, inputs, known), singly(f, inputs, known), strict=True
        )


@settings(max_examples=80, deadline=None)
@given(indices(), st.booleans())
def test_adding(index, value_mapped):
    key, shapes, mapped, seed = index
    rng = np.random.default_rng(seed)
    selected = indexed_shape(SHAPE, key, shapes)
    v = rng.normal(size=(SIZE, *selected) if value_mapped else selected)
    inputs, known = [v, *drawn(rng, shapes, mapped)], [value_mapped, *mapped]

    def f(v, *given):
        return scatter_add_(v, *given, index=key, shape=SHAPE, unique=False)

    if any(known):
        np.testing.assert_allclose(
            run(f, inputs, known), singly(f, inputs, known), atol=1e-12
        )


@settings(max_examples=80, deadline=None)
@given(indices(), st.booleans(), st.booleans(), st.integers(0, 6))
def test_writing(index, array_mapped, value_mapped, dropped):
    key, shapes, mapped, seed = index
    rng = np.random.default_rng(seed)
    selected = indexed_shape(SHAPE, key, shapes)
    # A value of fewer axes, or of axes of length 1 in excess, broadcasts.
    member = selected[dropped:] if dropped < 5 else (1, 1, *selected)
    # One value for all places, since places may be named twice.
    v = np.full((SIZE, *member) if value_mapped else member, 0.5)
    v = v + np.arange(SIZE).reshape(SIZE, *(1,) * len(member)) if value_mapped else v
    x = rng.normal(size=(SIZE, *SHAPE) if array_mapped else SHAPE)
    inputs = [x, v, *drawn(rng, shapes, mapped)]
    known = [array_mapped, value_mapped, *mapped]

    def f(x, v, *given):
        return update_(x, v, *given, index=key, unique=False)

    if any(known):
        np.testing.assert_array_equal(
            run(f, inputs, known), singly(f, inputs, known), strict=True
        )
