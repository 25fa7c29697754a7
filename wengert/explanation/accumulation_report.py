"""The report of Jacobian accumulation: brackets, orders of elimination, the way taken.

Two readings of one program. Array by array it is a chain of stages with a Jacobian
each, and the question is how to set the brackets. Element by element it is a graph of
partial derivatives, and the question is in which order its vertices are eliminated.
Beside both stand the sweeps, which make no intermediate Jacobian at all.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wengert.analysis.cost import Work
from wengert.errors import WengertError
from wengert.explanation.cost_report import CostReport
from wengert.explanation.draw import write_picture
from wengert.explanation.grid import (
    STYLE,
    factor,
    html_table,
    markdown_table,
    plural,
    text_table,
)
from wengert.explanation.naming import subscript
from wengert.explanation.picture import Edge, Line, Node, Picture
from wengert.explanation.values import show_number
from wengert.graph.equations import Graph
from wengert.operators.arguments import strip
from wengert.transforms.accumulation import Accumulated
from wengert.transforms.blocks import Chain, Stage
from wengert.transforms.elimination import Order

__all__ = ["AccumulationReport"]

_Table = tuple[list[str], list[list[str]]]
# Of a line of text; vertices that a picture can show; names of operations in a line.
_WIDTH, _VERTICES, _NAMES = 79, 200, 4


@dataclass(frozen=True, eq=False)
class AccumulationReport:
    """What each way to the Jacobian costs. Prints as tables.

    Attributes
    ----------
    title : str
        The call: `f(x1, x2)`.
    names : list of str
        Of the elements of the inputs.
    cost : CostReport
        Of f and its sweeps.
    chain : Chain
        The program array by array.
    elimination : Accumulated or None
        The program element by element; None where it is too large, or complex.
    work : Work or None
        Of f with the Jacobian by elimination.
    refusal : str
        Why there is no elimination.
    """

    title: str
    names: Sequence[str]
    cost: CostReport
    chain: Chain
    elimination: Accumulated | None
    work: Work | None
    refusal: str = ""

    # ----- numbers -----

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders of elimination that were tried."""
        return self.elimination.orders if self.elimination else ()

    def order(self, name: str) -> Order:
        """Give an order by its name: "forward", "Markowitz", "refined", say."""
        return next(order for order in self.orders if order.name == name)

    @property
    def taken(self) -> Order | None:
        """The order of the fewest multiplications."""
        return self.elimination.taken if self.elimination else None

    @property
    def jacobian(self) -> Graph | None:
        """The Graph of f's partial derivatives and their accumulation."""
        return self.elimination.graph if self.elimination else None

    @property
    def best(self) -> str:
        """The mode for `jacobian(f, mode=...)`: that of the fewest flops."""
        if self.work is not None and self.work.flops < self.cost.cheapest.flops:
            return "eliminate"
        return self.cost.best

    # ----- text -----

    def text(self) -> str:
        """Write the report as plain text."""
        tables = [text_table(*table) for table in self._tables()]
        remarks = [textwrap.fill(remark, _WIDTH) for remark in self._remarks()]
        return "\n\n".join([self._heading(), *tables, "\n".join(remarks)])

    def markdown(self) -> str:
        """Write the report in Markdown."""
        tables = [markdown_table(*table) for table in self._tables()]
        return "\n\n".join([f"**{self._heading()}**", *tables, *self._remarks()])

    def html(self) -> str:
        """Write the report as an HTML element."""
        tables = "".join(html_table(*table) for table in self._tables())
        remarks = "".join(f"<p>{html.escape(text)}</p>\n" for text in self._remarks())
        return (
            f'<div class="wengert-grid">\n<style>{STYLE}</style>\n'
            f"<p><strong>{html.escape(self._heading())}</strong></p>\n"
            f"{tables}{remarks}</div>\n"
        )

    def graph(self, format: str = "svg") -> str:
        """Draw the linearised computational graph: vertices, and partials as arrows.

        Parameters
        ----------
        format : {"svg", "dot", "mermaid"}

        Raises
        ------
        WengertError
            If there is none, or it is too large for a picture.
        """
        return write_picture(self._picture(), format)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<AccumulationReport of {self._heading()}: best {self.best}>"

    def _repr_html_(self) -> str:
        return self.html()

    def _heading(self) -> str:
        inputs = plural(self.cost.inputs, "input")
        return (
            f"Accumulation of {self.title}: {inputs}, "
            f"{plural(self.cost.outputs, 'output')}"
        )

    def _tables(self) -> Iterator[_Table]:
        if len(self.chain.stages) > 1:
            yield self._stages()
            yield self._brackets()
        if self.orders:
            yield self._orders()
        yield self._ways()

    def _stages(self) -> _Table:
        rows = [
            [
                f"J{k}",
                _operations(stage),
                f"{stage.block.rows:,} × {stage.block.columns:,}",
                stage.block.kind,
                f"{stage.block.size:,}",
                f"{stage.block.entries:,}",
            ]
            for k, stage in enumerate(self.chain.stages, 1)
        ]
        kept = sum(stage.block.entries for stage in self.chain.stages)
        rows.append(["in all", "", "", "", f"{self.chain.entries:,}", f"{kept:,}"])
        head = ["stage", "operations", "Jacobian", "structure", "written out", "kept"]
        return head, rows

    def _brackets(self) -> _Table:
        best = self.chain.best
        rows = [
            [
                _cut(b.text, 40),
                b.name + (" (best)" if b is best else ""),
                f"{b.dense:,}",
                f"{b.structured:,}",
            ]
            for b in self.chain.brackets
        ]
        return ["multiplications of", "order", "written out", "with structure"], rows

    def _orders(self) -> _Table:
        rows = [
            [
                order.name + (" (taken)" if order is self.taken else ""),
                f"{order.multiplications:,}",
                f"{order.additions:,}",
            ]
            for order in self.orders
        ]
        return ["order of elimination", "multiplications", "additions"], rows

    def _ways(self) -> _Table:
        ways = [(way.name, way.flops, way.bytes) for way in self.cost.ways]
        if self.work is not None:
            ways.append(("elimination", self.work.flops, self.work.bytes))
        rows = [
            [name, f"{flops:,}", factor(self.cost.multiple(flops, size))]
            for name, flops, size in ways
        ]
        return ["way, f included", "flops", "× f"], rows

    def _remarks(self) -> Iterator[str]:
        if self.elimination is None:
            yield f"Not element by element: {self.refusal}"
        else:
            edges = [
                w for into in self.elimination.partials.edges for w in into.values()
            ]
            known = sum(strip(w) is w for w in edges)
            yield (
                f"Element by element: "
                f"{len(self.elimination.partials.edges):,} vertices, "
                f"{plural(len(edges), 'partial derivative')}, {known:,} of them "
                "numbers that are known beforehand. Of the products, those with 1 and "
                "−1 and of such numbers are not counted."
            )
        yield f'Best: jacobian(f, mode="{self.best}").'

    # ----- picture -----

    def _picture(self) -> Picture:
        if self.elimination is None:
            raise WengertError(f"there is no graph to draw: {self.refusal}")
        partials = self.elimination.partials
        if len(partials.edges) > _VERTICES:
            raise WengertError(
                f"{self.title} has {len(partials.edges):,} vertices, element by "
                f"element; at most {_VERTICES} can be read. The text of the report has "
                "no such limit."
            )
        picture = Picture(self._heading(), along="partial derivative")
        labels = dict(zip(partials.inputs, self.names, strict=True))
        for v, name in enumerate(partials.names):
            symbol = labels.get(v, name)
            kind = "input" if v in labels else "operation"
            picture.nodes.append(Node(kind, symbol, (Line(f"v{subscript(v)}"),)))
        for v, into in enumerate(partials.edges):
            for u, weight in into.items():
                picture.edges.append(Edge(u, v, _weight(weight), None))
        for k, cell in enumerate(partials.outputs):
            if cell.vertex is not None:
                line = Line(f"= v{subscript(cell.vertex)}")
                picture.nodes.append(Node("output", f"y{subscript(k)}", (line,)))
                picture.edges.append(
                    Edge(cell.vertex, len(picture.nodes) - 1, "", None)
                )
        return picture


def _operations(stage: Stage) -> str:
    names = list(dict.fromkeys(stage.operations))
    more = ["…"] if len(names) > _NAMES else []
    return ", ".join([*names[:_NAMES], *more])


def _weight(weight: object) -> str:
    return show_number(strip(weight), 3)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
