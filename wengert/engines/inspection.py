"""What an engine tells of a Graph that it has compiled, to be printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from wengert.errors import Source

__all__ = ["Fallback", "Fused", "Inspection", "StageInspection"]


@dataclass(frozen=True)
class Fallback:
    """An equation that runs on NumPy, and why.

    Attributes
    ----------
    primitive : str
    source : Source or None
        The user's line.
    reason : str
    """

    primitive: str
    source: Source | None
    reason: str

    def __str__(self) -> str:
        where = f" at {self.source}" if self.source else ""
        return f"{self.primitive}{where}: {self.reason}"


@dataclass(frozen=True)
class Fused:
    """Equations that became one function of native code.

    Attributes
    ----------
    domain : tuple of int or None
        What its loops go over; None for a step of its own, such as a matrix product.
    primitives : tuple of str
        Of the equations over its domain. Views and pieces belong to no group: they are
        read in place. What another group computes and does not store is computed here.
    loops, products, parallel : int
        Loop nests, of which there are several where pieces meet; matrix products, and
        other calls of BLAS and LAPACK; loop nests that are cut into parts for threads.
    reads, writes : tuple of str
        Buffers: what kind, which (of scratch memory, from which byte on), the dtype and
        the number of elements.
    inner : tuple of Fused
        Those of the bodies of a loop or a branch.
    """

    domain: tuple[int, ...] | None
    primitives: tuple[str, ...]
    loops: int
    products: int
    parallel: int
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    inner: tuple[Fused, ...] = ()

    def everything(self) -> Iterator[Fused]:
        """List this group, and all within it."""
        yield self
        for group in self.inner:
            yield from group.everything()

    def __str__(self) -> str:
        over = "" if self.domain is None else f" over {list(self.domain)}"
        counts = _listed((self.loops, "loop"), (self.products, "product"))
        counts += f", {self.parallel} cut for threads" if self.parallel else ""
        lines = [
            f"{', '.join(_counted(self.primitives)) or 'copies'}{over}: "
            f"{counts or 'no loops'}",
            f"  reads {', '.join(self.reads) or 'nothing'}",
            f"  writes {', '.join(self.writes) or 'nothing'}",
        ]
        for group in self.inner:
            lines += [f"  | {line}" for line in str(group).splitlines()]
        return "\n".join(lines)


@dataclass(frozen=True)
class StageInspection:
    """Equations that run together, as native code or on NumPy.

    Attributes
    ----------
    equations : int
    groups : tuple of Fused
        Of native code, in the order in which they run.
    fallbacks : tuple of Fallback
        Of a stage on NumPy, one for each equation.
    outputs : int
    scratch : int
        Bytes of memory beside inputs and outputs.
    lowering, compiling : float
        Seconds from the Graph to code as text, and from there to machine code.
    cached : bool
        Whether the machine code came from the cache on disk.
    """

    equations: int
    outputs: int
    groups: tuple[Fused, ...] = ()
    fallbacks: tuple[Fallback, ...] = ()
    scratch: int = 0
    lowering: float = 0.0
    compiling: float = 0.0
    cached: bool = False

    @property
    def is_native(self) -> bool:
        """Whether it is native code."""
        return not self.fallbacks

    def everything(self) -> Iterator[Fused]:
        """List the groups, and those of the bodies within."""
        for group in self.groups:
            yield from group.everything()

    def __str__(self) -> str:
        if not self.is_native:
            names = ", ".join(_counted(tuple(f.primitive for f in self.fallbacks)))
            return f"NumPy: {names}"
        lines = [
            "native: "
            + _listed((self.equations, "equation"), (self.outputs, "output"))
            + f", {self.scratch} bytes of scratch memory"
        ]
        for group in self.groups:
            lines += [f"  {line}" for line in str(group).splitlines()]
        return "\n".join(lines)


@dataclass(frozen=True)
class Inspection:
    """What became of a Graph; printed, a summary in a few lines.

    Attributes
    ----------
    stages : tuple of StageInspection
        In the order in which they run.
    threads : int
        How many a long loop may go on.
    """

    stages: tuple[StageInspection, ...]
    threads: int

    @property
    def native(self) -> tuple[StageInspection, ...]:
        """The stages that are native code."""
        return tuple(stage for stage in self.stages if stage.is_native)

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        """The equations that run on NumPy."""
        return tuple(found for stage in self.stages for found in stage.fallbacks)

    def details(self) -> str:
        """Show each stage and each group."""
        return "\n".join(f"stage {k}, {stage}" for k, stage in enumerate(self.stages))

    def __str__(self) -> str:
        lines = [f"{_listed((len(self.stages), 'stage'))}, {len(self.native)} native"]
        if self.native:
            lines += [self._code(), self._times()]
        listed = Counter(map(str, self.fallbacks))
        lines += [
            f"on NumPy: {text}" + (f" (× {n})" if n > 1 else "")
            for text, n in listed.items()
        ]
        return "\n".join(lines)

    def _code(self) -> str:
        groups = [group for stage in self.native for group in stage.everything()]
        parallel = sum(group.parallel for group in groups)
        cut = f" ({parallel} on up to {self.threads} threads)" if parallel else ""
        counts = (
            _listed((len(groups), "group")),
            _listed((sum(group.loops for group in groups), "loop")) + cut,
            _listed((sum(group.products for group in groups), "product")),
            f"{sum(stage.scratch for stage in self.native)} bytes of scratch memory",
        )
        return ", ".join(filter(None, counts))

    def _times(self) -> str:
        lowering = sum(stage.lowering for stage in self.native)
        compiling = sum(stage.compiling for stage in self.native)
        cached = all(stage.cached for stage in self.native)
        what = "machine code from the cache" if cached else "machine code"
        return f"lowered in {1e3 * lowering:.1f} ms, {what} in {1e3 * compiling:.1f} ms"


def _counted(names: tuple[str, ...]) -> list[str]:
    """Name each once, with how often: `multiply × 2`."""
    return [f"{name} × {n}" if n > 1 else name for name, n in Counter(names).items()]


def _listed(*counts: tuple[int, str]) -> str:
    return ", ".join(f"{n} {what}{'s' * (n != 1)}" for n, what in counts if n)
