"""Any tree of arguments goes in, and comes out as a result, as it was."""

import ctypes

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.entry_fuzzing import as_text, value_of
from tests.engines.llvm.runs import is_slow, python_run, went_slow
from wengert.engines.llvm.entry import make_entry
from wengert.engines.signature import (
    Array,
    Complex,
    Constant,
    Dict,
    Float,
    List,
    NumpyScalar,
    Static,
    Tuple,
    leaf_type,
    traced_leaves,
)

DTYPES = st.sampled_from("?bhilBHILefdFD").map(np.dtype)
SHAPES = st.lists(st.integers(0, 3), max_size=4).map(tuple)
LEAVES = st.one_of(
    st.builds(Array, SHAPES, DTYPES),
    st.builds(NumpyScalar, DTYPES),
    st.just(Float()),
    st.just(Complex()),
    st.builds(Static, st.sampled_from([None, True, 1, "mode", b"x", ..., len])),
)
KEYS = st.one_of(st.integers(), st.text(max_size=3), st.none(), st.booleans())


def containers(items):
    rows = st.lists(items, max_size=6).map(tuple)
    dicts = st.dictionaries(KEYS, items, max_size=6)
    return st.one_of(
        rows.map(Tuple),
        rows.map(List),
        dicts.map(lambda d: Dict(tuple(d), tuple(d.values()))),
    )


TREES = st.recursive(LEAVES, containers, max_leaves=30)


def result_of(tree):
    """Give the result that is the argument."""
    match tree:
        case Static(value):
            return Constant(value)
        case Dict(keys, items):
            return Dict(keys, tuple(map(result_of, items)))
        case Tuple(items) | List(items):
            return type(tree)(tuple(map(result_of, items)))
    return tree


@settings(deadline=None, max_examples=60)
@given(
    st.lists(TREES, max_size=4),
    st.sampled_from([0, 5000]),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_what_goes_in_comes_out(trees, arena, release_gil, rng):
    sizes = [leaf_type(leaf).nbytes for leaf in traced_leaves(trees)]

    def run(inputs, outputs, _):
        for number, size in enumerate(sizes):
            ctypes.memmove(outputs[number], inputs[number], size)
        return 0

    address, keep = python_run(run, unlocked=release_gil)
    result = Tuple(tuple(map(result_of, trees)))
    options = {"keep": keep, "release_gil": release_gil}
    both = [
        make_entry(
            *(address, arena, tuple(trees), result, (), went_slow),
            **{"native": native, **options},
        )
        for native in (True, False)
    ]
    for _ in range(3):
        args = [value_of(tree, rng) for tree in trees]
        expected = tuple(args)
        for f in both:
            y = f(*args)
            assert not is_slow(y)
            assert as_text(y) == as_text(expected)
