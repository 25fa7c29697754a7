"""The Graph, a typed Wengert list, and the record of a primitive.

What computing does without is imported from its own file, so that `import wengert`
stays fast: `check`, `parse`, `rebuild` and `walk`.
"""

from wengert.graph.build import GraphBuilder
from wengert.graph.equations import (
    Atom,
    Capture,
    Equation,
    Graph,
    Guard,
    Literal,
    Var,
)
from wengert.graph.literals import is_scalar, strong
from wengert.graph.primitive import (
    PRIMITIVES,
    Constant,
    Elementwise,
    General,
    Kink,
    Linear,
    Missing,
    Multilinear,
    Primitive,
    Sample,
    Structured,
    answers,
    lookup,
    register,
)
from wengert.graph.show import name_vars, show, show_equation
from wengert.graph.types import ArrayType

__all__ = [
    "PRIMITIVES",
    "ArrayType",
    "Atom",
    "Capture",
    "Constant",
    "Elementwise",
    "Equation",
    "General",
    "Graph",
    "GraphBuilder",
    "Guard",
    "Kink",
    "Linear",
    "Literal",
    "Missing",
    "Multilinear",
    "Primitive",
    "Sample",
    "Structured",
    "Var",
    "answers",
    "is_scalar",
    "lookup",
    "name_vars",
    "register",
    "show",
    "show_equation",
    "strong",
]
