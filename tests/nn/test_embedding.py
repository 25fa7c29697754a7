import numpy as np
import pytest

from tests.nn.gradients import check
from wengert import jit, nn
from wengert.errors import ArgumentError


def test_derivatives():
    table = nn.embedding_params(np.random.default_rng(0), 5, 3)["table"]
    indices = np.array([[0, 4], [4, 4]])
    np.testing.assert_array_equal(nn.embedding(indices, table), table[indices])
    check(lambda table: nn.embedding(indices, table), table)


@pytest.mark.parametrize("wrong", [-1, 5])
def test_an_index_that_is_none(wrong):
    look_up = jit(nn.embedding)
    for _ in range(3):
        look_up(np.array([0, 4]), np.eye(5))
    for f in (nn.embedding, look_up):
        with pytest.raises(IndexError):
            f(np.array([0, wrong]), np.eye(5))


def test_indices_that_are_no_integers():
    with pytest.raises(ArgumentError, match="embedding: .* integers"):
        nn.embedding(np.array([0.0]), np.eye(2))
