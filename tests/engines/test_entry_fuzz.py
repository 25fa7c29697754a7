"""Thousands of wrong, odd and hostile arguments: none crashes, none is taken for right.

Each run is a process of its own with a checking allocator, so that a crash, or a write
beyond the end of what was allocated, is a failed test and not the end of all tests.
"""

import os
import re
import subprocess
import sys

import pytest

from tests.house.files import ROOT
from wengert.engines.llvm.layout import unusual_layout

pytestmark = pytest.mark.skipif(unusual_layout() != "", reason=unusual_layout())


def fuzz(calls, seed, allocator):
    """Run the fuzzer; return what it counted: ran, odd, ran, odd."""
    done = subprocess.run(
        [
            *(sys.executable, "-X", "faulthandler", "-W", "error"),
            *("-m", "tests.engines.entry_fuzzing"),
            *("--calls", str(calls), "--seed", str(seed)),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONMALLOC": allocator, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "nothing crashed" in done.stdout
    counts = re.findall(r"(\d+) ran, (\d+) went slow", done.stdout)
    return [int(count) for pair in counts for count in pair]


def test_thousands_of_odd_calls():
    counts = fuzz(2000, 0, "debug")
    # All four happen: a fuzzer that only ever goes slow tests nothing.
    assert len(counts) == 4 and min(counts) > 100, counts


@pytest.mark.slow
@pytest.mark.parametrize("allocator", ["debug", "default"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_million_odd_calls(seed, allocator):
    # Each goes to three entries, and to half as many again while arguments change.
    counts = fuzz(70_000, seed, allocator)
    assert min(counts) > 1000, counts
