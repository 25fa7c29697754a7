"""Containers come apart into leaves and go together again as they were."""

from __future__ import annotations

import collections
import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert.operators import vjp
from wengert.tree import LEAF, flatten, map_leaves, paths, unflatten

Pair = collections.namedtuple("Pair", "left right")


@dataclasses.dataclass
class Box:
    content: Any
    label: Any = None

    def __post_init__(self):
        if self.content is None:
            raise ValueError("nothing to put in")


@dataclasses.dataclass(frozen=True, slots=True)
class Sealed:
    content: Any
    derived: Any = dataclasses.field(init=False, default=1.0)


TREES = {
    "a number": 1.0,
    "an array": np.ones(2),
    "a string": "abc",
    "none": None,
    "empty": [(), {}, [None]],
    "a list": [1.0, [2.0], (3.0,)],
    "a dict, out of order": {"b": 1.0, "a": {"d": 2.0, "c": 3.0}},
    "keys of many kinds": {1: 1.0, "a": 2.0, (0, 1): 3.0, None: 4.0},
    "an ordered dict": collections.OrderedDict(b=1.0, a=2.0),
    "a named tuple": Pair(1.0, [2.0]),
    "a dataclass": Box([1.0, Box(2.0)], Pair(3.0, None)),
    "a frozen dataclass": {"x": Sealed(2.0)},
    "a class": Box,
    "an object": object(),
}


def same(a, b):
    return bool(np.all(a == b)) and type(a) is type(b)


@pytest.mark.parametrize("name", TREES)
def test_what_comes_apart_goes_together(name):
    tree = TREES[name]
    leaves, structure = flatten(tree)
    assert structure.num_leaves == len(leaves) == len(paths(tree))
    assert same(unflatten(structure, leaves), tree)
    assert same(map_leaves(lambda leaf: leaf, tree), tree)
    assert flatten(tree)[1] == structure


@pytest.mark.parametrize(
    "name", [n for n in TREES if n not in ("a class", "an object")]
)
def test_a_path_leads_to_its_leaf(name):
    tree = TREES[name]
    for path, leaf in zip(paths(tree, "tree"), flatten(tree)[0], strict=True):
        assert eval(path, {"tree": tree}) is leaf


def test_dicts_keep_the_order_in_which_they_were_written():
    tree = {"z": 1.0, "a": 2.0}
    assert list(map_leaves(lambda v: v, tree)) == ["z", "a"]
    seen = []
    vjp(lambda t: seen.extend(t) or t["z"], tree)
    assert seen == ["z", "a"]


def test_a_single_leaf_has_the_simplest_structure():
    for leaf in (1.0, 1, 1j, True, "a", np.ones(2), np.float32(1), object()):
        assert flatten(leaf) == ([leaf], LEAF) or flatten(leaf)[1] is LEAF
    with pytest.raises(ValueError):
        unflatten(LEAF, [1.0, 2.0])


def test_a_tracer_is_a_leaf():
    seen = []
    vjp(lambda x: seen.append(flatten([x, {"a": x}])) or x, np.ones(2))
    ((leaves, structure),) = seen
    assert len(leaves) == 2 and structure == flatten([0.0, {"a": 0.0}])[1]


def test_structures_differ_where_trees_do():
    trees = [1.0, [1.0], (1.0,), {"a": 1.0}, {"b": 1.0}, [None, 1.0], Pair(1.0, ())]
    structures = [flatten(tree)[1] for tree in trees]
    for i, a in enumerate(structures):
        for j, b in enumerate(structures):
            assert (a == b) == (i == j)


def test_results_of_a_map_need_not_pass_the_checks_of_a_dataclass():
    assert map_leaves(lambda _: None, Box(1.0, 2.0)).content is None


def test_other_sequences_and_sets_are_leaves():
    for value in (range(3), {1, 2}, frozenset({1}), iter([1]), b"ab"):
        assert flatten(value)[1] is LEAF


NESTED = st.recursive(
    st.none() | st.floats(allow_nan=False) | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.builds(Pair, inner, inner)
        | st.builds(Sealed, inner)
    ),
    max_leaves=8,
)


@settings(derandomize=True, database=None, deadline=None, max_examples=100)
@given(NESTED)
def test_any_tree_goes_together_again(tree):
    leaves, structure = flatten(tree)
    assert unflatten(structure, leaves) == tree
    assert flatten(unflatten(structure, range(len(leaves))))[0] == list(
        range(len(leaves))
    )
