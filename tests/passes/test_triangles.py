"""Systems with factors of Cholesky and QR are triangular."""

import numpy as np

from wengert import scan, trace
from wengert.engines import NumpyEngine
from wengert.graph.walk import count, inner_graphs
from wengert.passes.triangles import solve_triangles

RNG = np.random.default_rng(0)
A = RNG.normal(size=(2, 4, 4)) + 4 * np.eye(4)
SPD = A @ np.swapaxes(A, -1, -2)
B = RNG.normal(size=(4, 3))


def turn(x):
    return np.swapaxes(x, -1, -2)


def both(f, *args):
    graph = trace(f, *args)
    changed = solve_triangles(graph)
    run = NumpyEngine().compile
    for y, expected in zip(run(changed)(*args), run(graph)(*args), strict=True):
        np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
    return count(graph), count(changed)


def test_factors_and_their_transposes():
    def f(a, spd, b):
        root, (q, r) = np.linalg.cholesky(spd), np.linalg.qr(a)
        upper = np.linalg.cholesky(spd, upper=True)
        solve = np.linalg.solve
        triangles = [root, turn(root), turn(turn(root)), r, turn(r), upper]
        return [solve(x, b) for x in triangles], solve(q, b)

    before, after = both(f, A, SPD, B)
    assert before["solve"] == 7
    assert after["solve"] == 1
    assert after["triangular_solve"] == 6


def test_other_permutations_are_no_transposes():
    def f(spd, b):
        root = np.linalg.cholesky(np.stack([spd, spd]))
        return np.linalg.solve(np.transpose(root, (1, 0, 2, 3)), b)

    assert both(f, SPD, B)[1]["solve"] == 1


def test_in_bodies():
    def f(spd, b):
        def step(c, x):
            root = np.linalg.cholesky(x)
            return np.linalg.solve(root, c), x[0]

        return scan(step, b, spd)[0]

    graph = trace(f, SPD, B)
    (body,) = [b for e in solve_triangles(graph).equations for b in inner_graphs(e)]
    assert count(body)["triangular_solve"] == 1
    both(f, SPD, B)


def test_nothing_to_do():
    graph = trace(lambda x: np.linalg.cholesky(x), SPD)
    assert solve_triangles(graph) is graph
