"""Entries to be tested: the native one, and the one by ctypes."""

import pytest

from tests.counts import counting
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


@pytest.fixture
def native_counts(request):
    yield from counting(request, "native")
