"""Native mathematics: within its stated bounds at any width, whatever the machine has.

The reference is NumPy in extended precision, where the platform has it; of float32,
NumPy in float64.
"""

from functools import cache

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.llvm.loops import DTYPES, Applied
from wengert.engines.llvm import mathematics
from wengert.engines.llvm.compiler import compile_module
from wengert.engines.llvm.kernels import DIRECT, RESCUED
from wengert.engines.llvm.mathematics import join_functions, source_of, vector_function
from wengert.engines.llvm.target import Target, generic_target, host_target
from wengert.errors import EngineError

WIDTHS = (1, 2, 3, 4, 7, 8, 16)
EXTENDED = np.finfo(np.longdouble).nmant > 60

# ----- the table: name → the range tested, and the bounds in ulp -----

EVERYWHERE = (-np.inf, np.inf)
# Stated for accuracy "fast", whichever source is taken: float64, float32.
BOUNDS = {
    "acos": ((-1, 1), 4, 4),
    "acosh": ((1, np.inf), 4, 4),
    "asin": ((-1, 1), 4, 4),
    "asinh": (EVERYWHERE, 4, 4),
    "atan": (EVERYWHERE, 4, 4),
    "atanh": ((-1, 1), 4, 4),
    "cbrt": (EVERYWHERE, 4, 4),
    "cos": (EVERYWHERE, 4, 4),
    "cosh": ((-720, 720), 4, 4),
    "exp": ((-750, 715), 4, 4),
    "exp2": ((-1080, 1030), 4, 4),
    "expm1": ((-50, 715), 4, 4),
    "log": ((0, np.inf), 4, 4),
    "log10": ((0, np.inf), 4, 4),
    "log1p": ((-1, np.inf), 4, 4),
    "log2": ((0, np.inf), 4, 4),
    "sin": (EVERYWHERE, 4, 4),
    "sinh": ((-720, 720), 4, 4),
    "tan": (EVERYWHERE, 4, 4),
    "tanh": ((-30, 30), 4, 4),
}
BINARY = {"atan2": (4, 4), "fmod": (0.5, 0.5), "hypot": (4, 4), "pow": (4, 4)}
# Our own kernels of float64, wherever they run; of float32 they compute in float64.
KERNELS = {
    "cos": 1.6,
    "exp": 1.2,
    "exp2": 1.2,
    "expm1": 2.6,
    "log": 1.2,
    "log1p": 1.7,
    "log2": 2.0,
    "pow": 1.3,
    "sin": 1.6,
    "tan": 3.2,
    "tanh": 2.7,
}
# Of accuracy "exact": as good as the C library. That of glibc's cbrt is 4 ulp.
EXACT = {**dict.fromkeys([*BOUNDS, *BINARY], 2.0), "cbrt": 4.0}

NUMPY = {
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "atanh": np.arctanh,
    "pow": np.power,
}

# ----- what to test on -----

ODD = [0.0, np.inf, np.nan, 1.0, 2.0, 3.0, 0.5, 1.5, 5e-324, 1e-310, 2.2e-308, 1e-45]
ODD += [1e-20, 1e-8, 0.7071067811865475, 0.7071067811865476, np.pi / 2, np.pi, 20.0]
ODD += [88.72, 104.0, 709.78, 709.79, 710.47, 745.13, 746.0, 1023.5, 1024.0, 1075.0]
ODD += [99999.9, 100001.0, 1e5, 1e6, 1e15, 1e22, 3.4e38, 1.7976931348623157e308]
ODD = np.array([*ODD, *(-value for value in ODD)])


def points(low, high, dtype, seed):
    """Draw from a range evenly, by size, and near 0 and 1; and the odd numbers."""
    draw = np.random.default_rng(seed)
    big = np.log(np.finfo(DTYPES[dtype]).max)
    sizes = np.exp(draw.uniform(-big, big, 4000)) * draw.choice([-1, 1], 4000)
    finite = np.clip([low, high], -99999, 99999)
    drawn = [
        draw.uniform(*finite, 6000),
        sizes,
        draw.normal(size=6000) * 3,
        1 + draw.normal(size=2000) * 1e-3,
    ]
    x = np.concatenate([*drawn, -drawn[-1]])
    with np.errstate(all="ignore"):
        x = np.concatenate([x[(x >= low) & (x <= high)], ODD])
        return x.astype(DTYPES[dtype])


def reference(name, *arguments):
    """Compute in the next larger precision."""
    wide = np.longdouble if arguments[0].dtype == np.float64 else np.float64
    function = NUMPY.get(name) or getattr(np, name)
    with np.errstate(all="ignore"):
        return function(*(argument.astype(wide) for argument in arguments))


def errors_in_ulp(found, exact):
    """Give the error of each number; inf where a sign, an inf or a NaN is wrong."""
    with np.errstate(all="ignore"):
        rounded = exact.astype(found.dtype)
        ulp = np.spacing(np.abs(rounded)).astype(exact.dtype)
        errors = np.abs(found - exact) / ulp
    # What overflows may do so an ulp early or late.
    limits = np.finfo(found.dtype)
    over = np.abs(exact) / exact.dtype.type(limits.max) - 1
    edge = (np.isinf(found) != np.isinf(rounded)) & (np.abs(over) < 4 * limits.eps)
    plain = np.isfinite(rounded) & np.isfinite(found)
    same = (found == rounded) | (np.isnan(found) & np.isnan(rounded))
    errors[~plain] = np.inf
    errors[edge | (~plain & same)] = 0
    zeros = (rounded == 0) & (found == 0)
    errors[zeros & (np.signbit(rounded) != np.signbit(found))] = np.inf
    return errors


def check(found, exact, bound, *arguments):
    if not EXTENDED and found.dtype == np.float64:
        bound += 1
    errors = errors_in_ulp(found, exact)
    worst = int(np.argmax(errors))
    at = [argument[worst] for argument in arguments]
    assert errors[worst] <= bound, (at, found[worst], exact[worst])


# ----- machines -----


def weaker(*features):
    """Describe this machine as one that has only some features."""
    host = host_target()
    if not all(host.has(feature) for feature in features):
        pytest.skip(f"this machine has not all of {features}")
    return Target(host.triple, "x86-64", ",".join(f"+{name}" for name in features))


MACHINES = {
    "host": host_target,
    "AVX2": lambda: weaker("avx", "avx2", "fma"),
    "AVX": lambda: weaker("avx"),
    "generic": generic_target,
}


@pytest.fixture
def without_libmvec(monkeypatch):
    """Pretend that glibc's vector mathematics is not installed."""
    vector_function.cache_clear()
    monkeypatch.setattr(mathematics, "in_libmvec", lambda name: False)
    yield
    vector_function.cache_clear()


# ----- within the bounds -----


def check_unary(name, dtype, widths, bound=None, **options):
    (low, high), *bounds = BOUNDS[name]
    x = points(low, high, dtype, seed=len(name))
    exact = reference(name, x)
    function = Applied(name, dtype, widths, **options)
    bound = bound or bounds[dtype == "f32"]
    for width in widths:
        check(function(width, x), exact, bound, x)


def check_binary(name, dtype, widths, bound=None, **options):
    draw = np.random.default_rng(len(name))
    x = np.concatenate([np.exp(draw.normal(size=3000) * 20), draw.normal(size=3000)])
    y = draw.normal(size=6000) * 10
    y[3000:] = np.round(y[3000:])
    grid = [values.ravel() for values in np.meshgrid(ODD, ODD)]
    with np.errstate(all="ignore"):
        x = np.concatenate([x, grid[0]]).astype(DTYPES[dtype])
        y = np.concatenate([y, grid[1]]).astype(DTYPES[dtype])
    exact = reference(name, x, y)
    function = Applied(name, dtype, widths, arity=2, **options)
    bound = bound or BINARY[name][dtype == "f32"]
    for width in widths:
        check(function(width, x, y), exact, bound, x, y)


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("name", BOUNDS)
def test_functions_are_within_their_bounds(name, dtype):
    check_unary(name, dtype, WIDTHS)


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_are_within_their_bounds(name, dtype):
    check_binary(name, dtype, WIDTHS)


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("name", [*DIRECT, *RESCUED])
def test_kernels_are_within_the_bounds_without_libmvec(name, dtype, without_libmvec):
    assert source_of(name, dtype, 8) == ("kernel" if host_target().fuses else "libm")
    bound = KERNELS[name] if dtype == "f64" else 1.0
    test = check_binary if name in BINARY else check_unary
    test(name, dtype, WIDTHS[1:], bound)


@pytest.mark.parametrize("machine", ["AVX2", "AVX", "generic"])
@pytest.mark.parametrize("name", ["exp", "log", "sin", "tanh", "atan", "pow"])
def test_older_machines_are_right(name, machine):
    for dtype in ("f64", "f32"):
        test = check_binary if name in BINARY else check_unary
        test(name, dtype, (2, 7, 8), target=MACHINES[machine]())


@pytest.mark.parametrize("machine", ["AVX2", "generic"])
@pytest.mark.parametrize("name", ["exp", "log1p", "cos", "tan", "atan", "pow"])
def test_older_machines_are_right_without_libmvec(name, machine, without_libmvec):
    for dtype in ("f64", "f32"):
        test = check_binary if name in BINARY else check_unary
        test(name, dtype, (2, 7, 8), target=MACHINES[machine]())


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", [*BOUNDS, *BINARY])
def test_every_machine_is_right(name, machine, inline):
    for dtype in ("f64", "f32"):
        test = check_binary if name in BINARY else check_unary
        test(
            name, dtype, (*WIDTHS, 5, 10, 32), target=MACHINES[machine](), inline=inline
        )


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("name", [*BOUNDS, *BINARY])
def test_the_exact_option_is_the_library_of_c(name, dtype):
    assert source_of(name, dtype, 4, "exact") == "libm"
    test = check_binary if name in BINARY else check_unary
    test(name, dtype, (1, 3), EXACT[name], accuracy="exact")


@cache
def kernel(name):
    """Make the kernel; where there is none, what stands in for it is as good."""
    return Applied(name, "f64", (8,))


@given(
    st.lists(st.floats(), min_size=1, max_size=20),
    st.sampled_from(sorted(set(KERNELS) - {"pow"})),
)
@settings(deadline=None)
def test_kernels_of_any_number(numbers, name):
    x = np.array(numbers)
    check(kernel(name)(8, x), reference(name, x), KERNELS[name], x)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*DIRECT, "sin", "cos", "tan"])
def test_kernels_at_millions_of_points(name):
    draw = np.random.default_rng(1)
    low, high = BOUNDS[name][0]
    x = np.concatenate(
        [
            draw.uniform(*np.clip([low, high], -99999, 99999), 2_000_000),
            draw.integers(-(2**63), 2**63 - 1, 2_000_000).view(np.float64),
            # Near multiples of π/2, where reductions cancel.
            np.arange(60_000) * (np.pi / 2),
        ]
    )
    check(kernel(name)(8, x), reference(name, x), KERNELS[name], x)


# ----- what is an instruction, and what is SciPy's -----


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("name", ["sqrt", "fabs", "floor", "ceil", "trunc", "rint"])
def test_instructions_are_exact(name, dtype):
    x = points(-1e9, 1e9, dtype, seed=0)
    for machine in ("host", "generic"):
        function = Applied(name, dtype, WIDTHS, target=MACHINES[machine]())
        for width in WIDTHS:
            with np.errstate(all="ignore"):
                exact = getattr(np, name)(x)
            np.testing.assert_array_equal(function(width, x), exact)


@pytest.mark.parametrize("name", ["copysign", "fmax", "fmin", "maximum", "minimum"])
def test_instructions_of_two_are_exact(name):
    x, y = (values.ravel() for values in np.meshgrid(ODD, ODD))
    function = Applied(name, "f64", WIDTHS, arity=2)
    for width in WIDTHS:
        np.testing.assert_array_equal(function(width, x, y), getattr(np, name)(x, y))


SPECIAL = {"psi": 1, "ndtri": 1, "i0e": 1, "j1": 1, "expit": 1, "gammaln": 1}
SPECIAL |= {"erf": 1, "erfc": 1, "xlogy": 2, "betaln": 2}


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("name", SPECIAL)
def test_special_functions_are_those_of_scipy(name, dtype):
    draw = np.random.default_rng(2)
    given = draw.uniform(0.05, 0.95, (SPECIAL[name], 50)).astype(DTYPES[dtype])
    function = Applied(name, dtype, (1, 3, 8), arity=SPECIAL[name])
    exact = getattr(scipy.special, name)(*given.astype(np.float64))
    for width in (1, 3, 8):
        tolerance = {"f64": 1e-14, "f32": 3e-7}[dtype]
        np.testing.assert_allclose(function(width, *given), exact, rtol=tolerance)


# ----- inlined -----


def instructions(*names):
    """Count the instructions of a loop that calls some functions of one argument."""
    functions = [vector_function(name, "f64", 4) for name in names]
    calls = "\n".join(
        f"  %r{i} = call <4 x double> @{function.symbol}(<4 x double> %x)\n"
        f"  %p{i} = getelementptr <4 x double>, ptr %o, i64 {i}\n"
        f"  store <4 x double> %r{i}, ptr %p{i}, align 8"
        for i, function in enumerate(functions)
    )
    head = "\ndefine void @f(<4 x double> %x, ptr %o) {\n"
    text = join_functions(functions) + head + calls + "\n  ret void\n}\n"
    body = compile_module(text).assembly().split("\nf:")[1].split("Lfunc_end")[0]
    return sum(line.startswith("\tv") for line in body.splitlines())


def test_sine_and_cosine_share_their_reduction():
    if source_of("sin", "f64", 4) != "kernel":
        pytest.skip("this machine has no fused multiply-add")
    alone = instructions("sin") + instructions("cos")
    assert instructions("sin", "cos") < 0.8 * alone


# ----- names -----


def test_numpy_names_are_known():
    assert vector_function("arcsin", "f64", 4) == vector_function("asin", "f64", 4)


def test_an_unknown_function_is_refused():
    with pytest.raises(EngineError, match="no_such_function"):
        vector_function("no_such_function", "f64", 4)


@pytest.mark.parametrize("name", ["exp", "sin", "pow", "atan", "psi"])
def test_the_text_is_the_same_each_time(name):
    before = vector_function(name, "f64", 10)
    vector_function.cache_clear()
    assert vector_function(name, "f64", 10) == before
    assert len(set(before.parts)) == len(before.parts)
