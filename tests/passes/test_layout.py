"""Captured arrays in another order than that of memory."""

import numpy as np
import pytest

from wengert import jit, trace
from wengert.passes.layout import in_memory_order


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (0, 2, 1)])
def test_a_transposed_array_is_read_where_it_stands(axes):
    held = np.arange(24.0).reshape(2, 3, 4)
    view = held.transpose(axes)
    (capture,) = in_memory_order(trace(lambda x: x * view, view)).captures
    assert capture.value.flags.c_contiguous
    assert np.shares_memory(capture.value, held)
    f = jit(lambda x: x * view).compile(view)
    held += 1.0
    np.testing.assert_array_equal(f(view), view * view)


def test_what_no_transpose_straightens_stays():
    view = np.arange(24.0).reshape(4, 6)[:, ::2]
    graph = trace(lambda x: x * view, view)
    assert in_memory_order(graph) is graph
