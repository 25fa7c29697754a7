"""What `check_derivatives` found, as records and as text."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from wengert.numeric.schemes import Array

__all__ = ["Record", "Report"]


@dataclass(frozen=True, slots=True)
class Record:
    """One comparison; of arrays, the worst element.

    Parameters
    ----------
    mode : str
        The path of modes, outermost first: "rev∘fwd" is reverse mode applied to
        x ↦ jvp(f, x, v).
    order : int
        Of the derivative: the number of modes in the path.
    argument : str
        The leaf that was moved: `x['w'][0]`; for a comparison of values, all of them.
    output : str
        The element of the output compared, `f(x)[1]`, or the pairing <y_bar, J v>.
    expected, got : float or complex
        By differences, and by the rule under check.
    error : float
        |got − expected|.
    tolerance : float
        What it may be.
    estimate : float
        The difference's own error estimate.
    step : float
        The difference's step; NaN where none was taken.
    direction : array or None
        v, where the leaf was moved to; of the shape of the leaf.
    passed : bool
    note : str
        What else there is to say: both NaN, wrong shape, an unreliable difference.
    """

    mode: str
    order: int
    argument: str
    output: str
    expected: complex = float("nan")
    got: complex = float("nan")
    error: float = float("nan")
    tolerance: float = float("nan")
    estimate: float = 0.0
    step: float = float("nan")
    direction: Array | None = field(default=None, compare=False)
    passed: bool = True
    note: str = ""

    @property
    def severity(self) -> float:
        """Give error / tolerance; infinite where the two cannot be compared."""
        if not (np.isfinite(self.error) and self.tolerance > 0):
            return 0.0 if self.passed else np.inf
        return self.error / self.tolerance

    def __str__(self) -> str:
        text = (
            f"{self.mode}, order {self.order}, by {self.argument}, {self.output}: "
            f"expected {self.expected:.12g}, got {self.got:.12g}, "
            f"error {self.error:.3g}, tolerance {self.tolerance:.3g}"
        )
        return f"{text} ({self.note})" if self.note else text


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check; true where every record passed.

    Parameters
    ----------
    function : str
        The name of what was checked.
    records : tuple of Record
        In the order in which they were made.

    Examples
    --------
    >>> good = Record("fwd", 1, "x", "f(x)", 2.0, 2.0, 0.0, 1e-7)
    >>> bool(Report("square", (good,)))
    True
    >>> bad = Record("rev", 1, "x", "<y_bar, J v>", 2.0, 2.001, 1e-3, 1e-7,
    ...              passed=False)
    >>> Report("square", (good, bad)).worst.mode
    'rev'
    """

    function: str
    records: tuple[Record, ...]

    @property
    def passed(self) -> bool:
        """Tell whether every record passed."""
        return all(record.passed for record in self.records)

    @property
    def failures(self) -> tuple[Record, ...]:
        """List the records that did not pass."""
        return tuple(record for record in self.records if not record.passed)

    @property
    def worst(self) -> Record:
        """Find the record with the largest error beside its tolerance."""
        return max(self.records, key=lambda r: (not r.passed, r.severity))

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        count, failures = len(self.records), self.failures
        worst = self.worst
        if not failures:
            head = f"derivatives of {self.function}: all {count} comparisons passed"
        else:
            head = (
                f"derivatives of {self.function}: "
                f"{len(failures)} of {count} comparisons failed"
            )
        lines = [head, *_detailed(worst)]
        others = [record for record in failures if record is not worst]
        if others:
            lines.append("also failed:")
            lines.extend(f"  {record}" for record in others)
        return "\n".join(lines)

    def raise_if_failed(self) -> None:
        """Raise AssertionError with the text of the report, unless all passed.

        Raises
        ------
        AssertionError
            Where a record failed.
        """
        if not self.passed:
            raise AssertionError(str(self))


def _detailed(record: Record) -> list[str]:
    lines = [
        f"worst: mode {record.mode}, order {record.order}, "
        f"argument {record.argument}, output {record.output}"
    ]
    if record.direction is not None:
        shown = np.array2string(
            record.direction, precision=6, threshold=12, edgeitems=3, prefix=" " * 13
        )
        lines.append(f"  direction  {shown}")
    if np.isnan(record.step):
        lines.append(f"  expected   {record.expected:.12g}")
    else:
        lines.append(
            f"  difference {record.expected:.12g}"
            f"   (error estimate {record.estimate:.2g}, step {record.step:.3g})"
        )
    lines.append(f"  rule       {record.got:.12g}")
    lines.append(f"  error      {record.error:.3g}   tolerance {record.tolerance:.3g}")
    if record.note:
        lines.append(f"  note       {record.note}")
    return lines
