"""The imperative programs go where their gradients by hand go."""

import numpy as np

from examples.imperative import least_squares, main, network


def test_least_squares_by_hand():
    rng = np.random.default_rng(1)
    A, y = rng.normal(size=(500, 100)), rng.normal(size=500)
    found, losses = least_squares(A, y)
    x = np.zeros(100)
    for k in range(500):
        e = y - A @ x
        if k in (0, 499):
            np.testing.assert_allclose(losses[k], 0.5 * e @ e, rtol=1e-12)
        x -= 1e-4 * -A.T @ e
    np.testing.assert_allclose(found, x, rtol=1e-10)
    best = np.linalg.lstsq(A, y, rcond=None)[0]
    assert np.linalg.norm(found - best) < 1e-3 * np.linalg.norm(best)


def test_a_network_by_hand():
    rng = np.random.default_rng(2)
    xs, ys = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    start = rng.normal(size=(4, 3)), rng.normal(size=(2, 4))
    *found, losses = network(*start, xs, ys, rate=1e-3, steps=5)
    W1, W2 = (W.copy() for W in start)
    for k in range(5):
        Z = W1 @ xs.T
        E = ys.T - W2 @ np.maximum(Z, 0)
        np.testing.assert_allclose(losses[k], np.sum(E**2), rtol=1e-12)
        step = -2 * E @ np.maximum(Z, 0).T
        W1 -= 1e-3 * (-2 * (W2.T @ E) * (Z > 0)) @ xs
        W2 -= 1e-3 * step
    np.testing.assert_allclose(found[0], W1, rtol=1e-11)
    np.testing.assert_allclose(found[1], W2, rtol=1e-11)


def test_the_example_says_how_far_it_came(capsys):
    main()
    assert capsys.readouterr().out.count("→") == 2
