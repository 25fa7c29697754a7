"""Count what the conformance tests compared, and print the counts at the end."""

from __future__ import annotations

from collections import Counter

import pytest

_COUNTS: Counter[tuple[str, str, int]] = Counter()
_NAMES: set[str] = set()


class Conformance:
    """Collect the comparisons of one run."""

    def count(self, name, dtype, report):
        _NAMES.add(name)
        for record in report.records:
            _COUNTS[(dtype, record.mode, record.order)] += 1


@pytest.fixture
def conformance():
    return Conformance()


def pytest_terminal_summary(terminalreporter):
    if not _COUNTS:
        return
    terminalreporter.section("conformance")
    terminalreporter.line(f"{len(_NAMES)} primitives with a derivative, compared by")
    terminalreporter.line(
        f"{'dtype':>8} {'order':>6} {'modes':>10} {'comparisons':>12}"
    )
    for (dtype, modes, order), n in sorted(_COUNTS.items(), key=str):
        terminalreporter.line(f"{dtype:>8} {order:>6} {modes:>10} {n:>12}")
