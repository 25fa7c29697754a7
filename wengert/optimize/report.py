"""What a run has evaluated, how often, and where its time went."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

__all__ = ["Count", "Report"]


@dataclass
class Count:
    """The calls of one function.

    Attributes
    ----------
    calls : int
    seconds : float
        Spent in them.
    compiled_at : int or None
        The call from which on they run compiled.
    """

    calls: int = 0
    seconds: float = 0.0
    compiled_at: int | None = None


@dataclass
class Report:
    """What a run has evaluated. Prints as a table.

    Attributes
    ----------
    title : str
    counts : dict of str to Count
        By what is evaluated: "value", "gradient", "product", …
    seconds : float
        The whole run.
    remarks : list of str
        What went wrong, or nearly.
    """

    title: str
    counts: dict[str, Count] = field(default_factory=dict)
    seconds: float = 0.0
    remarks: list[str] = field(default_factory=list)
    _begin: float = 0.0

    def count(self, what: str) -> Count:
        """Give the counter of one function."""
        return self.counts.setdefault(what, Count())

    @property
    def solver_seconds(self) -> float:
        """What the run took besides evaluations."""
        return self.seconds - sum(count.seconds for count in self.counts.values())

    def calls(self, what: str) -> int:
        """Tell how often something was evaluated."""
        return self.counts[what].calls if what in self.counts else 0

    def __enter__(self) -> Report:
        self._begin = perf_counter()
        return self

    def __exit__(self, *_: Any) -> None:
        self.seconds = perf_counter() - self._begin

    def __str__(self) -> str:
        rows = [
            (what, str(count.calls), count.seconds, _compiled(count))
            for what, count in self.counts.items()
        ]
        rows.append(("solver", "", self.solver_seconds, ""))
        rows.append(("total", "", self.seconds, ""))
        width = max(len(row[0]) for row in rows)
        lines = [self.title, f"  {'':{width}}  {'calls':>7}  {'seconds':>9}"]
        lines += [
            f"  {what:{width}}  {calls:>7}  {seconds:9.4f}{note}"
            for what, calls, seconds, note in rows
        ]
        return "\n".join(lines + [f"  {remark}" for remark in self.remarks])


def _compiled(count: Count) -> str:
    if count.compiled_at is None:
        return ""
    return f"  compiled from call {count.compiled_at} on"
