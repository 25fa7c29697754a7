"""Count what the conformance tests compared, and print the counts at the end."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.counts import counting, total


@pytest.fixture
def compared(request):
    yield from counting(request, "conformance")


def pytest_terminal_summary(terminalreporter):
    counts = total(terminalreporter, "conformance")
    if not counts:
        return
    names, kinds = set(), Counter()
    for key, n in counts.items():
        name, kind = key.split(maxsplit=1)
        names.add(name)
        kinds[kind] += n
    terminalreporter.section("conformance")
    terminalreporter.line(f"{len(names)} primitives with a derivative, compared by")
    terminalreporter.line(
        f"{'dtype':>8} {'order':>6} {'modes':>10} {'comparisons':>12}"
    )
    for kind, n in sorted(kinds.items()):
        dtype, order, modes = kind.split(maxsplit=2)
        terminalreporter.line(f"{dtype:>8} {order:>6} {modes:>10} {n:>12}")
