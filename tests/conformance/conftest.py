"""Count what the conformance tests compare."""

from __future__ import annotations

import pytest

from tests.counts import counting


@pytest.fixture
def compared(request):
    yield from counting(request, "conformance")
