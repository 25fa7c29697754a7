"""Stages of a program, the structure of their Jacobians, and the cost of brackets."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.operators.random_fields import examples
from wengert import jacobian, trace
from wengert.transforms import blocks
from wengert.transforms.blocks import Block, Blocks, find_chain

A = np.arange(12.0).reshape(3, 4) / 7 - 0.5


def distances(n, p):
    """Give D: Rᴾ → Rᴺˣᴺ."""
    weights = np.random.default_rng(n + p).normal(size=(n, n, p))
    return lambda theta: weights @ theta


def chain_of(f, x):
    return find_chain(trace(f, x))


def kinds(f, x):
    return [stage.block.kind for stage in chain_of(f, x).stages]


@examples(40)
@given(st.integers(2, 7), st.integers(1, 7))
def test_the_costs_of_f_k_d(n, p):
    """L(θ) = f(K(D(θ))): written out, N² + N⁴ + N²P entries; N⁴P + N²P or N⁴ + N²P
    multiplications; with K's structure a small multiple of D's N²P entries."""
    d = distances(n, p)
    chain = chain_of(lambda theta: np.linalg.norm(np.exp(-(d(theta) ** 2))), np.ones(p))
    assert [stage.block.kind for stage in chain.stages] == [
        "dense",
        "diagonal",
        "dense",
    ]
    assert chain.entries == n**2 + n**4 + n**2 * p
    cost = {b.text: (b.dense, b.structured) for b in chain.brackets}
    assert cost["J3·(J2·J1)"] == (n**4 * p + n**2 * p, 2 * n**2 * p)
    assert cost["(J3·J2)·J1"] == (n**4 + n**2 * p, n**2 + n**2 * p)
    assert chain.best.structured == min(c for _, c in cost.values())


OPERATIONS = {
    "identity": (lambda x: -x, lambda x: np.reshape(x, (2, 2)), lambda x: x + 3),
    "diagonal": (np.sin, lambda x: 3 * x, lambda x: np.where(x > 0, x, 2 * x)),
    "ones": (np.sum, lambda x: x[::-1], lambda x: np.concatenate([x, x]), np.cumsum),
    "dense": (lambda x: A @ x, np.linalg.norm, lambda x: np.outer(x, x)),
}


@pytest.mark.parametrize("kind", OPERATIONS)
def test_structure_is_that_of_the_jacobian(kind):
    x = np.array([0.3, -0.7, 1.1, 2.0])
    for f in OPERATIONS[kind]:
        j = jacobian(f)(x).reshape(-1, 4)
        assert kinds(f, x) == [kind]
        if kind in ("identity", "diagonal"):
            assert np.array_equal(j, np.diag(np.diag(j)))
        if kind == "identity":
            assert np.array_equal(abs(j), np.eye(4))
        if kind == "ones":
            assert set(np.unique(j)) <= {-1.0, 0.0, 1.0}


def test_a_number_spread_over_an_array():
    # One entry in each row: a product with it scales columns, or copies rows.
    (stage,) = chain_of(lambda x: x * A, 2.0).stages
    assert stage.block == Block(12, 1, "spread")


def test_stages_are_cut_where_all_paths_meet():
    def f(x, y):
        joined = np.sin(x) * y + x
        return np.exp(A @ joined)[:2]

    graph = trace(f, np.ones(4), np.ones(4))
    sizes = [(s.block.rows, s.block.columns) for s in find_chain(graph).stages]
    assert sizes == [(4, 8), (3, 4), (3, 3), (2, 3)]
    assert len(find_chain(graph, [0]).stages) == 4
    assert find_chain(graph, [0]).stages[0].block == Block(4, 4, "diagonal")


def test_several_outputs_and_none():
    graph = trace(lambda x: (np.sin(x), np.cos(x)), np.ones(3))
    (stage,) = find_chain(graph).stages
    assert (stage.block.rows, stage.block.columns) == (6, 3)
    nothing = find_chain(trace(lambda x: np.floor(x), np.ones(3)))
    assert nothing.stages == () and nothing.brackets == ()


def test_an_output_that_is_used_again():
    def f(x):
        y = np.sin(x)
        return y, np.sum(y)

    stages = chain_of(f, np.ones(3)).stages
    assert [s.block.kind for s in stages] == ["diagonal", "ones"]
    assert stages[1].block.rows == 4


@examples(40)
@given(st.lists(st.integers(1, 9), min_size=3, max_size=6), st.booleans())
def test_the_best_brackets_are_the_least_of_all_orders(sizes, structured):
    pairs = zip(sizes, sizes[1:], strict=False)
    chain = [Block(rows, columns, "dense") for columns, rows in pairs]
    best = blocks._cheapest(chain, structured)
    between = range(1, len(chain))
    costs = [
        blocks._cost(chain, structured, order)
        for order in itertools.permutations(between)
    ]
    assert blocks._cost(chain, structured, best) == min(costs)


def test_brackets_are_written_as_the_order_sets_them():
    assert blocks._bracketed(4, (1, 2, 3)) == "J4·(J3·(J2·J1))"
    assert blocks._bracketed(4, (3, 2, 1)) == "((J4·J3)·J2)·J1"
    assert blocks._bracketed(4, (1, 3, 2)) == "(J4·J3)·(J2·J1)"


@examples(40)
@given(
    st.sampled_from(["identity", "diagonal", "dense"]),
    st.sampled_from(["identity", "diagonal", "dense"]),
    st.integers(1, 5),
)
def test_products_of_structures(later, earlier, n):
    algebra = Blocks(structured=True)
    product = algebra.times(Block(n, n, later), Block(n, n, earlier))
    order = ["identity", "diagonal", "dense"]
    assert product.kind == order[max(order.index(later), order.index(earlier))]
    dense = Blocks(structured=False)
    dense.times(Block(n, n, later), Block(n, n, earlier))
    assert algebra.multiplications <= dense.multiplications == n**3
