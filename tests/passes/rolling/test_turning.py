"""A step begins where the fewest bytes are carried."""

import numpy as np

from wengert import grad, trace
from wengert.passes.prepare import prepare


def test_no_array_is_carried_through_the_gradient_of_a_loop_that_fills_one():
    def f(x):
        y = np.zeros(60)
        y[0] = x[0]
        for i in range(1, 60):
            y[i] = 0.5 * y[i - 1] + x[i] * x[i]
        return np.sum(y)

    x = np.linspace(0.1, 1.0, 60)
    graph = prepare(trace(grad(f), x))
    scans = [e for e in graph.equations if e.primitive.name == "scan"]
    assert scans
    for scan in scans:
        carries = scan.params["carries"]
        assert all(var.type.size == 1 for var in scan.outputs[:carries])
