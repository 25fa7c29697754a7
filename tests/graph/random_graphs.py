"""Random Graphs and inputs for them, for Hypothesis; and what tests do with Graphs."""

import warnings

import numpy as np
from hypothesis import strategies as st

import wengert.primitives  # noqa: F401  (rows are registered by import)
from wengert.engines import open_engine
from wengert.errors import GuardError
from wengert.graph import ArrayType, GraphBuilder, Var, lookup

SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, 0.1)
DTYPES = tuple(np.dtype(code) for code in ("f8", "f8", "f4", "c16", "i8", "?"))
SHAPES = ((), (3,), (2, 3), (1, 3))
RESHAPED = ((), (1,), (1, 1), (3,), (1, 3), (3, 1), (6,), (1, 2, 3))
UNARY = ("negative", "positive", "square", "absolute", "conjugate", "real", "copy")
BINARY = ("add", "subtract", "multiply", "divide", "maximum", "power", "less")

floats = st.sampled_from(SPECIAL) | st.floats(-4, 4)


def elements(dtype):
    """Numbers of a dtype, hard ones often among them."""
    if dtype.kind == "b":
        return st.booleans()
    if dtype.kind in "iu":
        return st.integers(0 if dtype.kind == "u" else -9, 9)
    if dtype.kind == "c":
        return st.builds(complex, floats, floats)
    return floats


@st.composite
def arrays(draw, dtype, shape):
    size = int(np.prod(shape, dtype=int))
    flat = draw(st.lists(elements(dtype), min_size=size, max_size=size))
    with np.errstate(all="ignore"):
        return np.array(flat).astype(dtype).reshape(shape)[()]


@st.composite
def literals(draw):
    """Python numbers and NumPy scalars."""
    dtype = draw(st.sampled_from(DTYPES))
    value = draw(elements(dtype))
    with np.errstate(all="ignore"):
        return dtype.type(value) if draw(st.booleans()) else value


@st.composite
def graphs(draw, most=12):
    """Draw a Graph together with inputs for it."""
    build = GraphBuilder()
    inputs, atoms = [], []
    for _ in range(draw(st.integers(0, 3))):
        array = draw(
            arrays(draw(st.sampled_from(DTYPES)), draw(st.sampled_from(SHAPES)))
        )
        inputs.append(array)
        atoms.append(build.input(ArrayType.of(array)))
    for _ in range(draw(st.integers(0, 2))):
        atoms.append(
            build.constant(draw(arrays(DTYPES[0], draw(st.sampled_from(SHAPES)))))
        )
    for _ in range(draw(st.integers(0, most))):
        name, inputs_of_it, params = draw(applications(atoms))
        try:
            atoms += build.add(lookup(name), inputs_of_it, params)
        except (TypeError, ValueError, IndexError, AttributeError):
            continue  # these types do not go together
        if atoms[-1].type.size == 1 and atoms[-1].type.dtype.kind == "b":
            if draw(st.booleans()):
                build.guard(atoms[-1], draw(st.booleans()))
    outputs = draw(st.lists(st.sampled_from(atoms), max_size=3)) if atoms else []
    # The last ones too, which depend on most.
    return build.finish(outputs + atoms[-draw(st.integers(1, 4)) :]), inputs


@st.composite
def applications(draw, atoms):
    """Draw a primitive, inputs and params, which may or may not go together."""
    choices = st.builds(lambda value: GraphBuilder().constant(value), literals())
    if atoms:
        choices = st.sampled_from(atoms) | st.sampled_from(atoms) | choices
    kinds = ("unary", "binary", "binary", "shape") if atoms else ("binary",)
    kind = draw(st.sampled_from(kinds))
    x = draw(choices if kind == "binary" else st.sampled_from(atoms))
    if kind == "unary":
        return draw(st.sampled_from(UNARY)), [x], {}
    if kind == "binary":
        return draw(st.sampled_from(BINARY)), [x, draw(choices)], {}
    if not isinstance(x, Var):
        return "negative", [x], {}
    shape = x.type.shape
    axes = draw(st.permutations(range(len(shape))))
    return draw(
        st.sampled_from(
            [
                ("reshape", [x], {"shape": draw(st.sampled_from(RESHAPED))}),
                ("broadcast_to", [x], {"shape": draw(st.sampled_from(SHAPES))}),
                ("transpose", [x], {"axes": tuple(axes)}),
                ("sum", [x], {"axes": tuple(axes[:1]), "keepdims": False}),
                ("flip", [x], {"axis": tuple(axes[:1])}),
                ("cast", [x], {"dtype": draw(st.sampled_from(DTYPES[:4]))}),
                ("stack", [x], {"axis": 0}),
                ("where", [draw(choices), x, draw(choices)], {}),
            ]
        )
    )


def run(graph, inputs):
    """Run a Graph; give its outputs, or the kind of exception where it fails."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return open_engine("numpy").compile(graph)(*inputs)
        except GuardError:
            return GuardError
        except ArithmeticError:
            return ArithmeticError  # 1j/np.float64(0) is Python's affair
        except ValueError:
            return ValueError  # an integer to a negative power


def same_bits(x, y):
    """Tell whether two results are equal in type and bit for bit; NaNs are alike."""
    if isinstance(x, type) or isinstance(y, type):
        return x is y
    return len(x) == len(y) and all(map(_same_array, x, y))


def _same_array(x, y):
    x, y = np.asarray(x), np.asarray(y)
    if x.dtype != y.dtype or x.shape != y.shape:
        return False
    parts = [(x.real, y.real), (x.imag, y.imag)] if x.dtype.kind == "c" else [(x, y)]
    return all(_same_part(a, b) for a, b in parts)


def _same_part(x, y):
    if x.dtype.kind != "f":
        return np.array_equal(x, y)
    return np.array_equal(x, y, equal_nan=True) and np.array_equal(
        np.signbit(x) & (x == x), np.signbit(y) & (y == y)
    )
