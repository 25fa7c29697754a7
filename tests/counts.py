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


def show(terminalreporter):
    """Print what the conformance tests and those of native code compared."""
    _show_conformance(terminalreporter)
    counts = _total(terminalreporter, "native")
    if counts:
        terminalreporter.write_line(
            f"native code beside the NumPy interpreter: {counts['rows']} primitives "
            f"in {counts['cases']} cases, {counts['programs']} random programs"
        )


def _show_conformance(terminalreporter):
    counts = _total(terminalreporter, "conformance")
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


def _total(terminalreporter, kind):
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, of_one in getattr(report, "user_properties", ()):
                if name == kind:
                    counts.update(of_one)
    return counts
