"""What is asked about a Graph: uses, lifetimes, what is needed, counts."""

from dataclasses import replace

from hypothesis import given, settings

from tests.graph.random_graphs import graphs
from wengert.graph import Var, name_vars
from wengert.graph.parse import parse
from wengert.graph.walk import (
    consumers,
    count,
    is_ordered,
    last_uses,
    needed,
    producers,
    releases,
)

GRAPH = parse("""graph(v-1: f64[], v0: f64[]) {
  capture c0: f64[2] = [1.0, 2.0]
  v1: f64[] = multiply v-1 v-1
  v2: f64[] = negative v1
  v3: f64[] = add v1 2.0
  v4: f64[2] = multiply c0 v3
  return v4, v3
}""")
NAMES = name_vars(GRAPH)
VARS = {name: var for var, name in NAMES.items()}


def test_producers():
    giver = {NAMES[var]: e.primitive.name for var, e in producers(GRAPH).items()}
    assert giver == {"v1": "multiply", "v2": "negative", "v3": "add", "v4": "multiply"}


def test_consumers_are_in_order_and_each_once():
    uses = {
        NAMES[var]: [NAMES[e.outputs[0]] for e in equations]
        for var, equations in consumers(GRAPH).items()
    }
    assert uses == {
        "v-1": ["v1"],
        "v0": [],
        "c0": ["v4"],
        "v1": ["v2", "v3"],
        "v2": [],
        "v3": ["v4"],
        "v4": [],
    }


def test_last_uses():
    last = {NAMES[var]: index for var, index in last_uses(GRAPH).items()}
    assert last == {
        "v-1": 0, "v0": -1, "c0": 3, "v1": 2, "v2": 1, "v3": 4, "v4": 4,
    }  # fmt: skip


def test_releases():
    dead = [sorted(NAMES[var] for var in vars) for vars in releases(GRAPH)]
    assert dead == [["v-1"], ["v2"], ["v1"], ["c0"]]


def test_order():
    assert is_ordered(GRAPH)
    first, second, *rest = GRAPH.equations
    assert not is_ordered(replace(GRAPH, equations=(second, first, *rest)))
    assert not is_ordered(
        replace(GRAPH, outputs=(*GRAPH.outputs, VARS["v1"], Var(None)))
    )


def test_needed():
    def names(*wanted):
        equations = needed(GRAPH, [VARS[name] for name in wanted])
        return [NAMES[equation.outputs[0]] for equation in equations]

    assert names("v4") == ["v1", "v3", "v4"]
    assert names("v2", "v3") == ["v1", "v2", "v3"]
    assert names("v0", "c0") == []


def test_count():
    assert count(GRAPH) == {"multiply": 2, "negative": 1, "add": 1}


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_a_var_is_released_once_and_only_after_its_last_use(drawn):
    graph, _ = drawn
    assert is_ordered(graph)
    gone = set()
    for equation, dead in zip(graph.equations, releases(graph), strict=True):
        assert gone.isdisjoint(equation.inputs)
        assert gone.isdisjoint(dead)
        gone.update(dead)
    assert gone.isdisjoint(graph.outputs)
