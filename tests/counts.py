"""What tests count, added up at the end of the run.

A count travels with the report of its test, so that it arrives from whichever process
ran the test.
"""

from __future__ import annotations

from collections import Counter


def counting(request, kind):
    """Yield a Counter whose entries go into the report of the test that runs."""
    counts: Counter[str] = Counter()
    yield counts
    request.node.user_properties.append((kind, dict(counts)))


def total(terminalreporter, kind):
    """Add up the counts of one kind over all tests of the run."""
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, of_one in getattr(report, "user_properties", ()):
                if name == kind:
                    counts.update(of_one)
    return counts
