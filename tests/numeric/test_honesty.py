"""Error bars hold the true error: in 95 of 100 cases at least, and are not cautious."""

import numpy as np
import pytest

from benchmarks.slopes import CASES
from wengert.numeric import derivative, estimate

WAYS = {
    "ridders": ("ridders", None),
    "automatic": ("central4", "automatic"),
    "automatic of order 2": ("central", "automatic"),
    "automatic of order 8": ("central8", "automatic"),
}


@pytest.mark.parametrize("way", WAYS)
def test_bars_hold_the_error_at_every_scale(way):
    held, tight = [], []
    for case in CASES:
        for x in case.points:
            found = estimate(case.f, np.float64(x), 1.0, *WAYS[way])
            error = abs(found.value - case.slope(x))
            held.append(error <= found.error)
            tight.append(found.error / abs(case.slope(x)))
    assert len(held) >= 30
    assert np.mean(held) >= 0.95
    assert np.median(tight) < 1e-8


@pytest.mark.parametrize("way", WAYS)
def test_bars_hold_the_error_under_noise(way):
    held = []
    for digits in (4, 6, 8, 10, 12):
        x = np.random.default_rng(digits).uniform(0.5, 3.0, 200)

        def rounded(x, digits=digits):
            return np.round(np.exp(np.sin(x)), digits)

        found = derivative(rounded, x, *WAYS[way])
        error = np.abs(found.value - np.exp(np.sin(x)) * np.cos(x))
        held.append(np.mean(error <= found.error))
        # The best that noise lets a scheme of order 2 do is about noise^(2/3).
        assert np.median(error) < 10 * 10.0 ** (-digits * 2 / 3)
    # Of 1000 cases; at no level of noise are many fewer held.
    assert np.mean(held) >= 0.95 and min(held) >= 0.93
