"""Colourings: valid on any pattern, and few on those that people meet."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from wengert.analysis.coloring import color_columns, color_star, color_two_sided
from wengert.analysis.coloring.columns import ORDERS
from wengert.analysis.coloring.grids import color_grid
from wengert.errors import ArgumentError


@st.composite
def patterns(draw, most=14):
    m, n = draw(st.integers(1, most)), draw(st.integers(1, most))
    share = draw(st.sampled_from([0.05, 0.2, 0.5, 1.0]))
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).random((m, n)) < share


def sparse(dense):
    return scipy.sparse.csr_array(np.asarray(dense, bool))


def band(n, *offsets):
    i, j = np.indices((n, n))
    return np.isin(j - i, offsets)


def laplacian(side, dim):
    line, eye = band(side, -1, 0, 1), np.eye(side, dtype=bool)
    if dim == 2:
        return np.kron(line, eye) | np.kron(eye, line)
    return (
        np.kron(np.kron(line, eye), eye)
        | np.kron(np.kron(eye, line), eye)
        | np.kron(np.kron(eye, eye), line)
    )


def arrow(n):
    dense = np.eye(n, dtype=bool)
    dense[0] = dense[:, 0] = True
    return dense


# ----- what a colouring must do, tested by definition -----


def columns_are_apart(dense, colors):
    """No two columns of a colour meet in a row, and all with entries have one."""
    for row in dense:
        own = colors[row]
        if (own < 0).any() or len(set(own)) < len(own):
            return False
    return True


def every_entry_is_read(dense, columns, rows):
    for i, j in zip(*np.nonzero(dense), strict=True):
        by_column = columns[j] >= 0 and (dense[i] & (columns == columns[j])).sum() == 1
        by_row = rows[i] >= 0 and (dense[:, j] & (rows == rows[i])).sum() == 1
        if not (by_column or by_row):
            return False
    return True


def is_star_coloring(dense, colors):
    """Neighbours differ, and each path of four vertices has three colours."""
    n = len(dense)
    near = [[j for j in range(n) if dense[i, j] and j != i] for i in range(n)]
    for a in range(n):
        for b in near[a]:
            if colors[a] == colors[b]:
                return False
            for c in near[b]:
                for d in near[c]:
                    if len({a, b, c, d}) == 4 and (
                        colors[a] == colors[c] and colors[b] == colors[d]
                    ):
                        return False
    return True


# ----- columns -----


@settings(deadline=None, max_examples=60)
@given(patterns(), st.sampled_from(["auto", *ORDERS]))
def test_columns_of_a_color_meet_in_no_row(dense, order):
    colors = color_columns(sparse(dense), order)
    assert columns_are_apart(dense, colors)
    used = np.unique(colors[colors >= 0])
    assert used.tolist() == list(range(len(used)))
    assert ((colors >= 0) == dense.any(axis=0)).all()


@pytest.mark.parametrize(
    ("dense", "count"),
    [
        (band(50, -1, 0, 1), 3),
        (band(50, -2, -1, 0, 1, 2), 5),
        (band(50, 0, 7), 2),
        (laplacian(9, 2), 5),
        (laplacian(10, 2), 5),
        (laplacian(5, 3), 7),
        (np.kron(np.eye(8, dtype=bool), np.ones((3, 4), bool)), 4),
        (np.ones((4, 6), bool), 6),
        (np.zeros((4, 6), bool), 0),
    ],
)
def test_well_known_patterns_get_the_fewest_colors(dense, count):
    colors = color_columns(sparse(dense))
    assert columns_are_apart(dense, colors)
    assert colors.max(initial=-1) + 1 == count


def test_a_formula_is_checked_where_lines_of_a_grid_end():
    # A ring in each line of the grid: neighbours of the end are at the start.
    side = 6
    ring = band(side, -1, 0, 1) | band(side, side - 1, 1 - side)
    dense = np.kron(np.eye(side, dtype=bool), ring)
    found = color_grid(sparse(dense))
    assert found is None or columns_are_apart(dense, found)
    assert columns_are_apart(dense, color_columns(sparse(dense)))


def test_an_unknown_order_is_refused():
    with pytest.raises(ArgumentError, match="smallest_last"):
        color_columns(sparse(np.eye(2)), "smallest_first")


# ----- two-sided -----


@settings(deadline=None, max_examples=60)
@given(patterns(), st.sampled_from(["auto", "forward", "reverse"]))
def test_every_entry_is_read_from_some_sweep(dense, mode):
    found = color_two_sided(sparse(dense), mode)
    assert every_entry_is_read(dense, found.columns, found.rows)
    if mode == "forward":
        assert found.reverse == 0
    if mode == "reverse":
        assert found.forward == 0


@pytest.mark.parametrize("n", [20, 500])
def test_an_arrow_takes_three_sweeps(n):
    found = color_two_sided(sparse(arrow(n)))
    assert (found.forward, found.reverse) == (2, 1)


def test_full_rows_are_taken_by_reverse_mode():
    dense = band(60, -1, 0, 1)
    dense[[7, 40]] = True
    found = color_two_sided(sparse(dense))
    assert (found.forward, found.reverse) == (3, 2)
    turned = color_two_sided(sparse(dense.T))
    assert turned.forward + turned.reverse <= 5
    assert every_entry_is_read(dense.T, turned.columns, turned.rows)


# ----- stars -----


@settings(deadline=None, max_examples=60)
@given(patterns(most=12))
def test_star_colorings_are_such_and_every_entry_is_read(dense):
    n = min(dense.shape)
    symmetric = dense[:n, :n] | dense[:n, :n].T | np.eye(n, dtype=bool)
    colors = color_star(sparse(symmetric))
    assert is_star_coloring(symmetric, colors)
    assert every_entry_is_read(symmetric, colors, colors)


@settings(deadline=None, max_examples=60)
@given(patterns(most=12))
def test_a_missing_diagonal_does_no_harm(dense):
    n = min(dense.shape)
    symmetric = dense[:n, :n] | dense[:n, :n].T
    colors = color_star(sparse(symmetric))
    assert every_entry_is_read(symmetric, colors, colors)


@pytest.mark.parametrize(
    ("dense", "most"),
    [
        (arrow(2000), 2),
        (arrow(12), 2),
        (band(40, -1, 0, 1), 3),
        (laplacian(12, 2), 5),
        (np.ones((5, 5), bool), 5),
    ],
)
def test_symmetric_patterns_get_few_colors(dense, most):
    assert color_star(sparse(dense)).max() + 1 <= most


def test_stars_need_fewer_colors_than_columns():
    # A tree: of columns as many as the largest degree, of stars a few.
    n = 40
    parent = (np.arange(1, n) - 1) // 6
    dense = np.eye(n, dtype=bool)
    dense[np.arange(1, n), parent] = dense[parent, np.arange(1, n)] = True
    assert color_star(sparse(dense)).max() < color_columns(sparse(dense)).max()


# ----- at size -----


def test_bands_and_blocks_of_a_hundred_thousand_columns():
    n = 10**5
    tridiagonal = scipy.sparse.diags_array(
        [np.ones(n - 1), np.ones(n), np.ones(n - 1)], offsets=[-1, 0, 1], format="csr"
    )
    assert color_columns(tridiagonal).max() == 2
    rows = np.repeat(np.arange(n), 9)
    blocks = scipy.sparse.csr_array(
        (np.ones(9 * n), (rows, rows // 9 * 9 + np.tile(np.arange(9), n)))
    )
    assert color_columns(blocks).max() == 8
