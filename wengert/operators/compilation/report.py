"""What became of a jitted function's calls of one signature, to be printed."""

from __future__ import annotations

from dataclasses import dataclass

from wengert.engines import Engine, Inspectable, Inspection
from wengert.errors import Source
from wengert.operators.compilation.paths import Path

__all__ = ["PathReport", "Report", "report_path"]


@dataclass(frozen=True)
class PathReport:
    """One recorded path.

    Attributes
    ----------
    guards : tuple of (told, Source)
        What Python was told, and where; in order.
    equations, traced_equations : int
        Of the Graph after the passes, and before.
    captures : int
        Arrays from outside, read at each call.
    trace_seconds, compile_seconds : float
    direct : bool
        Whether the engine has put native code in the place of f.
    inspection : Inspection or None
        What the engine has made of it: stages, fused loops, memory, what runs on NumPy.
    """

    guards: tuple[tuple[bool | int, Source | None], ...]
    equations: int
    traced_equations: int
    captures: int
    trace_seconds: float
    compile_seconds: float
    direct: bool
    inspection: Inspection | None

    def __str__(self) -> str:
        lines = [
            f"equations: {self.equations} ({self.traced_equations} as traced), "
            f"captured arrays: {self.captures}",
            f"traced in {1e3 * self.trace_seconds:.1f} ms, "
            f"compiled in {1e3 * self.compile_seconds:.1f} ms"
            + (", entered directly" if self.direct else ""),
            *(f"guard: {told} at {source}" for told, source in self.guards),
        ]
        if self.inspection is not None:
            lines += str(self.inspection).splitlines()
        return "\n    ".join(lines)


@dataclass(frozen=True)
class Report:
    """What is known of calls like the one that `jit(f).report(*args)` was given.

    Attributes
    ----------
    name, engine : str
    signatures : int
        How many the function has been called with.
    paths : tuple of PathReport
        The one that fitted last comes first.
    refusal : str or None
        Why calls like this one run as plain Python.
    """

    name: str
    engine: str
    signatures: int
    paths: tuple[PathReport, ...]
    refusal: str | None

    def __str__(self) -> str:
        lines = [
            f"jit of {self.name}, engine {self.engine!r}, signatures: {self.signatures}"
        ]
        if self.refusal:
            lines.append(f"  runs as plain Python: {self.refusal}")
        lines += [f"  path {k}: {path}" for k, path in enumerate(self.paths)]
        return "\n".join(lines)

    def details(self) -> str:
        """Show, of each path, what the engine has made: each group of equations that
        share loops, with what it reads and writes."""
        lines = []
        for k, path in enumerate(self.paths):
            lines.append(f"path {k}")
            shown = "" if path.inspection is None else path.inspection.details()
            lines += [f"  {line}" for line in shown.splitlines()]
        return "\n".join(lines)


def report_path(path: Path, engine: Engine) -> PathReport:
    """Report on one path."""
    recorded = path.recorded
    return PathReport(
        tuple((guard.told, guard.source) for guard in path.graph.guards),
        len(path.graph.equations),
        recorded.equations,
        len(path.graph.captures),
        recorded.traced,
        recorded.compiled,
        path.entry is not None,
        engine.inspect(path.graph) if isinstance(engine, Inspectable) else None,
    )
