"""One picture of both sweeps: the values go forward, the adjoints come back.

`draw` puts together what the other files know: what to show (`picture`), where it
stands (`layout`, `straighten`, `placement`, `captions`), and how it is written (`svg`,
`dot`, `mermaid`)."""

from __future__ import annotations

from wengert.errors import ArgumentError, WengertError
from wengert.explanation.dot import to_dot
from wengert.explanation.mermaid import to_mermaid
from wengert.explanation.picture import Picture, make_picture
from wengert.explanation.svg import to_svg
from wengert.explanation.sweeps import Sweeps

__all__ = ["draw", "write_picture"]

_WRITERS = {"svg": to_svg, "dot": to_dot, "mermaid": to_mermaid}
# More operations than this are no picture; Mermaid itself takes so many arrows.
_OPERATIONS, _ARROWS = 400, 500


def draw(sweeps: Sweeps, format: str = "svg") -> str:
    """Draw the Graph of a function with the values and the adjoints of its sweeps.

    Parameters
    ----------
    sweeps : Sweeps
        Without adjoints, the values alone are drawn.
    format : str
        "svg", a picture; "dot", for Graphviz; "mermaid", for Markdown pages.

    Returns
    -------
    str

    Raises
    ------
    ArgumentError
        If the format is unknown.
    WengertError
        If the Graph is too large for a picture.
    ImportError
        If the library fast-sugiyama, which lays out the SVG, is not installed.

    Notes
    -----
    Inputs and captured arrays are nodes, and so are operations, each with its value in
    one colour and its adjoint in another; of an array they show shape and norm. A solid
    arrow carries a value to where it is used; beside it a dashed one brings back what
    that use adds to the adjoint. In the SVG, the tip of a node is its equation, and the
    tip of an arrow the formula of what it brings back.

    Examples
    --------
    >>> import numpy as np
    >>> sweeps = Sweeps.of(lambda x: x * np.sin(x), (2.0,))
    >>> draw(sweeps)[:40]
    '<svg xmlns="http://www.w3.org/2000/svg" '
    """
    if format == "svg" and (count := len(sweeps.graph.equations)) > _OPERATIONS:
        raise _too_large(sweeps, f"{count} operations", _OPERATIONS)
    picture = make_picture(sweeps)
    arrows = sum(1 if edge.backward is None else 2 for edge in picture.edges)
    if format == "mermaid" and arrows > _ARROWS:
        raise _too_large(sweeps, f"{arrows} arrows", _ARROWS)
    return write_picture(picture, format)


def write_picture(picture: Picture, format: str) -> str:
    """Write a picture as "svg", "dot" or "mermaid".

    Raises
    ------
    ArgumentError
        If the format is unknown.
    """
    writer = _WRITERS.get(format)
    if writer is None:
        known = ", ".join(map(repr, _WRITERS))
        raise ArgumentError(f"format={format!r}; it is one of {known}")
    return writer(picture)


def _too_large(sweeps: Sweeps, size: str, most: int) -> WengertError:
    return WengertError(
        f"{sweeps.title} makes a picture of {size}; at most {most} can be read. Draw "
        'one of its steps, or call it with smaller data; or take format="dot" to '
        "Graphviz, whose sfdp lays out thousands of nodes. The tables of "
        "explain(f)(...) have no such limit."
    )
