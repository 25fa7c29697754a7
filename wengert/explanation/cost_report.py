"""The report of what a derivative costs: numbers, and the same as text for people."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wengert.analysis.cost import Work
from wengert.analysis.sizes import show_bytes
from wengert.explanation.grid import (
    STYLE,
    factor,
    html_table,
    markdown_table,
    plural,
    text_table,
)

__all__ = ["CostReport", "Way"]

# Kinds of operations that are listed; the rest is one line.
_KINDS = 12
# What the ways lead to, where it is no Jacobian.
_THINGS = {"hessian": "Hessian", "taylor": "series", "memory": "gradient"}
# How jacobian is asked for a way that is for some f alone.
_ASKED_FOR = {"sparse": "sparse=True", "eliminate": 'mode="eliminate"'}
# Of a line of text.
_WIDTH = 79


@dataclass(frozen=True)
class Way:
    """One way to a derivative.

    Attributes
    ----------
    name : str
        "forward, one by one", "forward, all at once", "reverse", "reverse, all at
        once", "compressed Jacobian", "eliminated, for jit", …
    mode : str
        What `jacobian(f, mode=...)` calls it: "forward", "reverse" or "eliminate";
        "sparse" for `sparse=True`; "product", "taylor", "nested" or "checkpoint" where
        another question was asked.
    sweeps : int
        Tangents, or adjoint sweeps.
    flops, bytes : int
        Of all of them, with f itself.
    memory : int
        Bytes at the worst moment, with seeds and result, without inputs and captured
        arrays.
    """

    name: str
    mode: str
    sweeps: int
    flops: int
    bytes: int
    memory: int


@dataclass(frozen=True)
class CostReport:
    """What f, its tangents and its adjoints cost. Prints as a table.

    Attributes
    ----------
    title : str
        The call: `f(x1, x2)`.
    inputs, outputs : int
        Number of elements: n and m, the Jacobian being m × n.
    work : Work
        Of one run of f.
    tangent, adjoint : Work
        Of f with one tangent; of f with one adjoint sweep.
    memory_reverse : int
        Bytes that the reverse sweep keeps of the run of f: each distinct array once,
        inputs and captured arrays that it needs again included.
    ways : tuple of Way
    of : str
        What was asked for: "jacobian", "sweeps", "hessian", "taylor" or "memory".
    """

    title: str
    inputs: int
    outputs: int
    work: Work
    tangent: Work
    adjoint: Work
    memory_reverse: int
    ways: tuple[Way, ...]
    of: str = "jacobian"

    # ----- numbers -----

    @property
    def operations(self) -> Mapping[str, int]:
        """How many operations of each kind one run of f makes."""
        return self.work.operations

    @property
    def flops(self) -> int:
        """The floating-point operations of one run of f."""
        return self.work.flops

    @property
    def bytes(self) -> int:
        """The bytes that one run of f reads and writes."""
        return self.work.bytes

    @property
    def memory_forward(self) -> int:
        """The bytes of f's intermediate values at the worst moment."""
        return self.work.peak

    @property
    def tangent_multiple(self) -> float:
        """The flops of f with one tangent, in multiples of f."""
        return self.multiple(self.tangent.flops, self.tangent.bytes)

    @property
    def adjoint_multiple(self) -> float:
        """The flops of f with one adjoint sweep, in multiples of f."""
        return self.multiple(self.adjoint.flops, self.adjoint.bytes)

    def multiple(self, flops: int, bytes: int) -> float:
        """Give a cost in multiples of f: by flops, or by bytes if f has no flops."""
        if self.work.flops:
            return flops / self.work.flops
        return bytes / self.work.bytes if self.work.bytes else math.nan

    def way(self, name: str) -> Way:
        """Give a way by its name."""
        return next(way for way in self.ways if way.name == name)

    @property
    def cheapest(self) -> Way:
        """The way of the fewest flops; of the least traffic or memory, if they tie.

        Of a Jacobian among those that take a sweep for each input, or output."""
        return min(self._sweeping or self._whole, key=_price)

    @property
    def _is_jacobian(self) -> bool:
        return self.of in ("jacobian", "sweeps")

    @property
    def _sweeping(self) -> list[Way]:
        """The ways whose mode `jacobian` chooses by itself for any f."""
        ways = self.ways if self._is_jacobian else ()
        return [way for way in ways if way.mode in ("forward", "reverse")]

    @property
    def _whole(self) -> list[Way]:
        """The ways to all that was asked for: not one product with it."""
        return [way for way in self.ways if way.mode != "product"]

    @property
    def best(self) -> str:
        """The better mode for `jacobian(f, mode=...)`, "forward" or "reverse"; what
        else was asked for, that of the cheapest way."""
        return self.cheapest.mode

    @property
    def reason(self) -> str:
        """Why that is the better mode, in a sentence or two."""
        best, other = self.cheapest, self._rival
        if not (self.work.flops or self.work.bytes):
            return (
                "f only views its inputs; either way the derivative moves data alone."
            )
        n, m = plural(self.inputs, "input"), plural(self.outputs, "output")
        costs = f"{self._times(best)} instead of {self._times(other)}"
        if best.mode == "reverse":
            sweeps = plural(self.outputs, "adjoint sweep")
            return (
                f"{sweeps} for {m} against {plural(self.inputs, 'tangent')} for {n}: "
                f"{costs}. The sweep keeps {show_bytes(self.memory_reverse)} of f's "
                "run."
            )
        tangents = plural(self.inputs, "tangent")
        reason = (
            f"{tangents} for {n} against {plural(self.outputs, 'adjoint sweep')} for "
            f"{m}: {costs}, and nothing of the run is kept."
        )
        slow = self.way("forward, one by one")
        if slow.memory < best.memory:
            reason += (
                f" One by one the tangents take {show_bytes(slow.memory)} in place of "
                f"{show_bytes(best.memory)}, for {self._times(slow)}."
            )
        return reason

    @property
    def _rival(self) -> Way:
        """The cheapest way of the other mode."""
        others = [way for way in self._sweeping if way.mode != self.best]
        return min(others, key=_price)

    # ----- text -----

    def text(self) -> str:
        """Write the report as plain text."""
        return "\n\n".join(
            [
                self._heading(),
                text_table(*self._operations_table()),
                text_table(*self._ways_table()),
                "\n".join(textwrap.fill(remark, _WIDTH) for remark in self._remarks()),
            ]
        )

    def markdown(self) -> str:
        """Write the report in Markdown."""
        return "\n\n".join(
            [
                f"**{self._heading()}**",
                markdown_table(*self._operations_table()),
                markdown_table(*self._ways_table()),
                *self._remarks(),
            ]
        )

    def html(self) -> str:
        """Write the report as an HTML element."""
        remarks = "".join(f"<p>{html.escape(text)}</p>\n" for text in self._remarks())
        return (
            f'<div class="wengert-grid">\n<style>{STYLE}</style>\n'
            f"<p><strong>{html.escape(self._heading())}</strong></p>\n"
            f"{html_table(*self._operations_table())}"
            f"{html_table(*self._ways_table())}{remarks}</div>\n"
        )

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<CostReport of {self._heading()}: best {self.best}>"

    def _repr_html_(self) -> str:
        return self.html()

    def _heading(self) -> str:
        sizes = f"{plural(self.inputs, 'input')}, {plural(self.outputs, 'output')}"
        return f"Cost of {self.title}: {sizes}"

    def _operations_table(self) -> tuple[list[str], list[list[str]]]:
        work = self.work
        rows = [
            [name, f"{count:,}", f"{work.flops_by[name]:,}"]
            for name, count in work.operations.items()
        ]
        if len(rows) > _KINDS:
            rest = list(work.operations)[_KINDS - 1 :]
            count = sum(work.operations[name] for name in rest)
            flops = sum(work.flops_by[name] for name in rest)
            rows[_KINDS - 1 :] = [
                [f"{len(rest)} other kinds", f"{count:,}", f"{flops:,}"]
            ]
        rows.append(["f in all", f"{work.equations:,}", f"{work.flops:,}"])
        return ["operation", "count", "flops"], rows

    def _ways_table(self) -> tuple[list[str], list[list[str]]]:
        what = _THINGS.get(self.of, "gradient" if self.outputs == 1 else "Jacobian")
        rows = [
            [
                way.name + (" (best)" if way is self.cheapest else ""),
                f"{way.sweeps:,}",
                f"{way.flops:,}",
                factor(self.multiple(way.flops, way.bytes)),
                show_bytes(way.memory),
            ]
            for way in self.ways
        ]
        return [f"way to the {what}", "sweeps", "flops", "× f", "memory"], rows

    def _remarks(self) -> Iterator[str]:
        work = self.work
        yield (
            f"f reads {show_bytes(work.bytes_read)}, writes "
            f"{show_bytes(work.bytes_written)}, and holds at most "
            f"{show_bytes(work.peak)} of intermediate values."
        )
        if not (work.flops or work.bytes):
            if self._is_jacobian:
                yield f"Best: {self.best}. {self.reason}"
            return
        yield (
            f"f with one tangent costs {factor(self.tangent_multiple)} × f; with one "
            f"adjoint sweep {factor(self.adjoint_multiple)} × f, for which "
            f"{show_bytes(self.memory_reverse)} are kept."
        )
        if not self._is_jacobian:
            yield f"Best: {self.cheapest.name}, {self._times(self.cheapest)}."
            return
        yield f"Best: {self.best}. {self.reason[0].upper()}{self.reason[1:]}"
        for way in self.ways:
            if way.mode in _ASKED_FOR and way.flops < self.cheapest.flops:
                yield f"With jacobian(f, {_ASKED_FOR[way.mode]}): {self._times(way)}."

    def _times(self, way: Way) -> str:
        return f"{factor(self.multiple(way.flops, way.bytes))} × f"


def _price(way: Way) -> tuple[int, ...]:
    return way.flops, way.bytes, way.sweeps, way.memory
