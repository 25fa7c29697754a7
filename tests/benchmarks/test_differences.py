"""The accuracy table of differences: wengert is nearest, of what is installed."""

import numpy as np

from benchmarks.rows.differences import Found, measure, peers
from benchmarks.setting import Setting
from benchmarks.slopes import CASES
from benchmarks.timing import Effort
from wengert.numeric import derivative


def test_wengert_is_nearest_and_honest():
    table = measure(Setting(Effort(quick=True), peers=False))
    rows = {row[0]: row[1:] for row in table.rows}
    assert set(rows) == set(peers())
    mean, _, _, near, held, *_ = rows["wengert"]
    assert float(mean) < 1e-13 and int(near) >= 35 and float(held.strip("%")) >= 95
    for name in ("numdifftools", "scipy.differentiate"):
        if rows[name][0] != "not installed":
            assert float(mean) < float(rows[name][0])


def test_the_slopes_are_right():
    for case in CASES:
        x = np.array(case.points)
        found = derivative(case.f, x)
        np.testing.assert_allclose(found.value, case.slope(x), rtol=1e-6)


def test_what_a_library_says_is_a_number():
    for way in peers().values():
        if way is not None:
            found = way(np.exp, 1.0)
            assert isinstance(found, Found) and abs(found.value - np.e) < 1e-8
