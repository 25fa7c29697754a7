"""The report of sparsity: what it counts, and its forms."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from wengert import sparsity
from wengert.explanation import SparsityReport


def neighbours(x):
    return x[1:] * x[:-1]


def arrow(x):
    return np.concatenate([[np.sum(x**2)], x[0] * x[1:]])


def test_counts():
    report = sparsity(neighbours)(np.ones(9))
    assert isinstance(report, SparsityReport)
    assert report.shape == (8, 9) and report.pattern.dtype == bool
    assert (report.forward, report.reverse, report.sweeps) == (2, 0, 2)
    assert report.dense_sweeps == 8 and report.density == 16 / 72
    assert report.columns.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0]
    reverse = sparsity(neighbours, mode="reverse")(np.ones(9))
    assert (reverse.forward, reverse.reverse) == (0, 2)


def test_text_draws_the_pattern():
    diagonal = str(sparsity(np.sin)(np.ones(8)))
    assert diagonal == (
        "jacobian of sin: 8 × 8, 8 entries (12.50%)\n"
        "1 forward sweep instead of 8: 8 times fewer\n\n⠑⢄⠀⠀\n⠀⠀⠑⢄"
    )


@pytest.mark.parametrize(
    ("f", "x", "said"),
    [
        (arrow, np.ones(50), "2 forward sweeps and 1 reverse sweep instead of 50"),
        (lambda x: np.ones(2), np.ones(3), "no sweeps instead of 2"),
        (lambda x: np.outer(x, x), np.ones(2), "2 forward sweeps instead of 2"),
    ],
)
def test_sweeps_are_told(f, x, said):
    assert said in sparsity(f)(x).text()


def test_products_are_told():
    report = sparsity(lambda x: np.sum(x**3), of="hessian")(np.ones(4))
    assert "1 product with the Hessian instead of 4" in str(report)


@pytest.mark.parametrize("n", [3, 40, 5000])
def test_the_picture_has_a_square_for_each_entry_or_patch(n):
    report = sparsity(neighbours)(np.ones(n))
    squares = ElementTree.fromstring(report.svg()).findall("{*}rect")
    assert len(squares) - 1 <= 3 * 96
    if n <= 96:
        assert len(squares) - 1 == report.pattern.nnz
        assert len({s.get("fill") for s in squares[1:]}) == report.sweeps
    assert report.svg() in report._repr_html_()


def test_markdown_and_repr():
    report = sparsity(neighbours)(np.ones(9))
    assert report.markdown().startswith("**jacobian of neighbours: 8 × 9")
    assert repr(report).startswith("<SparsityReport of jacobian of neighbours")


def test_empty_ones():
    assert sparsity(neighbours)(np.ones(1)).sweeps == 0
    assert "0 × 1" in str(sparsity(neighbours)(np.ones(1)))
    ElementTree.fromstring(sparsity(neighbours)(np.ones(1)).svg())
