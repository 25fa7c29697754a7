"""The recurrences that follow from derivatives: they close, or grow by chains."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sp

import wengert.scipy.linalg as sl
from wengert import taylor
from wengert.transforms import recurrences

CLOSED = {
    "exp": (np.exp, 1),
    "sin": (np.sin, 3),
    "tan": (np.tan, 3),
    "log": (np.log, 2),
    "sqrt": (np.sqrt, 2),
    "arctan": (np.arctan, 4),
    "erf": (sp.erf, 5),
    "k1": (sp.k1, 40),
    "dawsn": (sp.dawsn, 40),
    "elliprd": (lambda x: sp.elliprd(x, 2.0, 3.0), 120),
}
CHAINS = {
    "gammaln": (sp.gammaln, 8),
    "j0": (sp.j0, 8),
    "jv": (lambda x: sp.jv(0.3, x), 10),
    "hyp2f1": (lambda x: sp.hyp2f1(0.3, 0.7, 1.1, x), 3),
}


@pytest.fixture
def nodes(monkeypatch):
    """Count the nodes that are made."""
    made = []
    enter = recurrences.System.enter

    def counted(self, row, *rest):
        made.append(row.name)
        return enter(self, row, *rest)

    monkeypatch.setattr(recurrences.System, "enter", counted)
    return made


@pytest.mark.parametrize("name", CLOSED)
def test_a_closed_system_is_of_one_size(name, nodes):
    f, most = CLOSED[name]
    counts = []
    for order in (4, 8, 16):
        nodes.clear()
        taylor(f, 0.7, 1.0, order)
        counts.append(len(nodes))
    assert counts[0] == counts[1] == counts[2] <= most


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_grows_with_the_order(name, nodes):
    f, most = CHAINS[name]
    for order in (4, 8, 16):
        nodes.clear()
        taylor(f, 0.7, 1.0, order)
        assert len(nodes) <= most * (order + 1)


def test_factors_of_matrices_close(nodes):
    a, v = np.array([[2.0, 0.3], [0.3, 1.0]]), np.array([[0.1, 0.2], [0.2, -0.4]])
    for f in (
        np.linalg.eigh,
        np.linalg.qr,
        np.linalg.svd,
        np.linalg.cholesky,
        sl.sqrtm,
    ):
        counts = []
        for order in (4, 8):
            nodes.clear()
            taylor(f, a, v, order)
            counts.append(len(nodes))
        assert counts[0] == counts[1] < 60


def test_rows_with_rules_by_hand_need_no_nodes(nodes):
    taylor(lambda x: (x * x + 1) / x - x**3 + x**2.5, 0.7, 1.0, 5)
    assert nodes == []


def test_zeros_are_not_computed_with():
    """A coefficient that is zero by structure leaves infinities alone."""
    with np.errstate(all="raise"):
        assert taylor(lambda x: x * np.inf, 1.0, 0.0, 0) == [np.inf]
    assert taylor(lambda x: 3 * x + 1, 2.0, 1.0, 4) == [7.0, 3.0, 0.0, 0.0, 0.0]


def test_warnings_are_those_of_the_function():
    with np.errstate(all="raise"):
        assert taylor(np.sqrt, 0.0, 1.0, 1) == [0.0, np.inf]
        with pytest.raises(FloatingPointError):
            taylor(np.log, 0.0, 1.0, 1)
