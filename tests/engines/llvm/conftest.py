"""Entries to be tested: the native one, and the one by ctypes."""

from collections import Counter

import pytest

from tests.engines.llvm.runs import native_run, went_slow
from wengert.engines.llvm.entry import make_entry
from wengert.engines.llvm.layout import unusual_layout


@pytest.fixture(params=["native", "ctypes"])
def native(request):
    if request.param == "native" and unusual_layout():
        pytest.skip(unusual_layout())
    return request.param == "native"


@pytest.fixture
def make(native):
    def make(ir, arguments, results, captures=(), slow=None, arena=0, **options):
        address, keep = ir if isinstance(ir, tuple) else native_run(ir)
        return make_entry(
            *(address, arena, arguments, results, captures, slow or went_slow),
            **{"keep": keep, "native": native, **options},
        )

    return make


COUNTS: Counter[str] = Counter()


@pytest.fixture(scope="session")
def native_counts():
    return COUNTS


def pytest_terminal_summary(terminalreporter):
    if COUNTS:
        terminalreporter.write_line(
            f"native code beside the NumPy interpreter: {COUNTS['rows']} primitives "
            f"in {COUNTS['cases']} cases, {COUNTS['programs']} random programs"
        )
