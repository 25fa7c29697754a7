"""A picture as DOT, the language of Graphviz: for its layouts, printers and editors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape

from wengert.explanation.picture import Edge, Node, Picture

__all__ = ["to_dot"]

_FORWARD, _BACKWARD = "#1d5fc4", "#c0420c"
_FILLS = {
    "input": "#e7f0fd",
    "captured": "#f1eee4",
    "operation": "#f6f7f9",
    "output": "#e6f4ea",
}


def to_dot(picture: Picture) -> str:
    """Write a picture as a directed graph in DOT.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    str
        For `dot -Tpdf`, say. Adjoints are edges of their own that the layout ignores.

    Examples
    --------
    >>> from wengert.explanation.picture import make_picture
    >>> from wengert.explanation.sweeps import Sweeps
    >>> print(to_dot(make_picture(Sweeps.of(lambda x: x, (2.0,))))[:14])
    digraph "y = f
    """
    return "".join(f"{line}\n" for line in _lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    title = _quoted(picture.title)
    yield f"digraph {title} {{"
    yield f'  graph [rankdir=LR, label={title}, labelloc=t, fontname="Helvetica"]'
    yield '  node [shape=box, style="rounded,filled", fontname="Helvetica"]'
    yield '  edge [fontname="Helvetica", fontsize=10]'
    for number, node in enumerate(picture.nodes):
        yield f"  n{number} [{_node(node)}]"
    for edge in picture.edges:
        yield from _edge(edge)
    yield "}"


def _node(node: Node) -> str:
    rows = [f"<B>{_html(node.symbol)}</B>"]
    for line in node.lines:
        rows.append(f'<FONT COLOR="{_FORWARD}">{_html(line.forward)}</FONT>')
        if line.backward:
            rows.append(f'<FONT COLOR="{_BACKWARD}">{_html(line.backward)}</FONT>')
    kind, _, again = node.kind.partition(" ")
    style = ', style="rounded,filled,dashed"' if again else ""
    return (
        f'label=<{"<BR/>".join(rows)}>, fillcolor="{_FILLS[kind]}"{style}, '
        f"tooltip={_quoted(node.tip)}"
    )


def _edge(edge: Edge) -> Iterator[str]:
    yield (
        f"  n{edge.source} -> n{edge.target} [label={_quoted(edge.forward)}, "
        f'color="{_FORWARD}", fontcolor="{_FORWARD}"]'
    )
    if edge.backward is not None:
        yield (
            f"  n{edge.target} -> n{edge.source} [label={_quoted(edge.backward)}, "
            f'color="{_BACKWARD}", fontcolor="{_BACKWARD}", style=dashed, '
            f"constraint=false, tooltip={_quoted(edge.tip)}]"
        )


# DOT has no place for characters that steer a terminal.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


def _quoted(text: str) -> str:
    """Write a quoted string, in which DOT knows the escapes of quote and backslash."""
    return json.dumps(_CONTROL.sub("\ufffd", text), ensure_ascii=False)


def _html(text: str) -> str:
    return escape(_CONTROL.sub("\ufffd", text).replace("\n", " "), quote=False) or " "
