"""The Graph, a typed Wengert list: made, printed, read, checked; and the primitive."""

from wengert.graph.build import GraphBuilder
from wengert.graph.check import check
from wengert.graph.equations import (
    Atom,
    Capture,
    Equation,
    Graph,
    Guard,
    Literal,
    Var,
)
from wengert.graph.literals import is_scalar
from wengert.graph.parse import parse
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
    answers,
    lookup,
    register,
)
from wengert.graph.rebuild import copy_equation, rebuild
from wengert.graph.show import name_vars, show, show_equation
from wengert.graph.types import ArrayType
from wengert.graph.walk import (
    consumers,
    count,
    inner_graphs,
    is_ordered,
    last_uses,
    needed,
    producers,
    releases,
)

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
    "Var",
    "answers",
    "check",
    "consumers",
    "copy_equation",
    "count",
    "inner_graphs",
    "is_ordered",
    "is_scalar",
    "last_uses",
    "lookup",
    "name_vars",
    "needed",
    "parse",
    "producers",
    "rebuild",
    "register",
    "releases",
    "show",
    "show_equation",
]
