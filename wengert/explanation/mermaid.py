"""A picture as Mermaid, the diagrams that Markdown pages show without a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wengert.explanation.picture import Node, Picture

__all__ = ["to_mermaid"]

_FORWARD, _BACKWARD = "#1d5fc4", "#c0420c"
_CLASSES = {
    "input": "fill:#e7f0fd,stroke:#5b8bd6,color:#1c2330",
    "captured": "fill:#f1eee4,stroke:#a3997b,color:#1c2330",
    "operation": "fill:#f6f7f9,stroke:#9aa3b2,color:#1c2330",
    "output": "fill:#e6f4ea,stroke:#4f9d69,color:#1c2330",
}
# Nodes up to which the diagram runs from left to right.
_FEW = 12


def to_mermaid(picture: Picture) -> str:
    """Write a picture as a Mermaid flowchart.

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    str
        For a block of Markdown that begins with three backticks and `mermaid`.

    Examples
    --------
    >>> from wengert.explanation.picture import make_picture
    >>> from wengert.explanation.sweeps import Sweeps
    >>> to_mermaid(make_picture(Sweeps.of(lambda x: x, (2.0,)))).splitlines()[3:5]
    ['flowchart LR', '  n0["<b>x</b><br/>v₀ = 2<br/>v̄₀ = 1"]:::input']
    """
    return "".join(f"{line}\n" for line in _lines(picture))


def _lines(picture: Picture) -> Iterator[str]:
    yield "---"
    yield f'title: "{_title(picture.title)}"'
    yield "---"
    yield f"flowchart {'LR' if len(picture.nodes) <= _FEW else 'TB'}"
    for number, node in enumerate(picture.nodes):
        yield f"  n{number}{_node(node)}:::{_class(node)}"
    forward, backward = [], []
    count = 0
    for edge in picture.edges:
        yield f'  n{edge.source} -->|"{_text(edge.forward)}"| n{edge.target}'
        forward.append(count)
        count += 1
        if edge.backward is not None:
            # Not from target to source: Mermaid would lay out a cycle.
            share = _text(f"← {edge.backward}")
            yield f'  n{edge.source} -.-|"{share}"| n{edge.target}'
            backward.append(count)
            count += 1
    for links, colour in ((forward, _FORWARD), (backward, _BACKWARD)):
        if links:
            numbers = ",".join(map(str, links))
            yield f"  linkStyle {numbers} stroke:{colour},color:{colour}"
    for kind in dict.fromkeys(map(_class, picture.nodes)):
        name, _, again = kind.partition("_")
        dashes = ",stroke-dasharray:3 2" if again else ""
        yield f"  classDef {kind} {_CLASSES[name]}{dashes}"


def _class(node: Node) -> str:
    return node.kind.replace(" ", "_")


def _node(node: Node) -> str:
    rows = [f"<b>{_text(node.symbol)}</b>"]
    for line in node.lines:
        rows += [_text(text) for text in (line.forward, line.backward) if text]
    label = f'"{"<br/>".join(rows)}"'
    return f"([{label}])" if node.kind == "output" else f"[{label}]"


# All that Mermaid, its Markdown or its HTML might take for something else.
_SPECIAL = re.compile(r'["#&<>`\\*_~|;{}\x00-\x1f\x7f\ud800-\udfff]')


def _text(text: str) -> str:
    """Write text between quotes: special characters by their numbers, as `#35;`."""
    return _SPECIAL.sub(lambda m: f"#{max(ord(m[0]), 32)};", text) or " "


def _title(text: str) -> str:
    """Write text as a string of YAML."""
    text = re.sub("[\x00-\x1f\x7f\ud800-\udfff]", " ", text)
    return text.replace("\\", "\\\\").replace('"', '\\"')
