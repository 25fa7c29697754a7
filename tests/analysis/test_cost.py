"""Costs are counted, and the counts are those of what really runs."""

import importlib
import itertools

import numpy as np
import pytest

from wengert.analysis.cost import VIEWS, held_bytes, measure, owners, peak_memory
from wengert.errors import ArgumentError
from wengert.explanation.costs import cost, residuals
from wengert.graph import PRIMITIVES
from wengert.graph.parse import parse
from wengert.operators import trace
from wengert.transforms.forward import push_function
from wengert.transforms.reverse import record_function

RNG = np.random.default_rng(4)
A = RNG.normal(size=(50, 40))
B = RNG.normal(size=50)
W = RNG.normal(size=(30, 20))


def t1(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def layer(x):
    return np.tanh(A @ x + B)


def total(a, b, x):
    return np.tanh(a @ x + b).sum()


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def kernel(theta):
    """L(θ) = f(K(D(θ))): a matrix of squared distances, a kernel, a sum."""
    points = W * theta
    distances = ((points[:, None, :] - points[None, :, :]) ** 2).sum(-1)
    return np.exp(-distances).sum()


def pairs(x):
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] * x[i - 1]
    return s


# ----- one run of a Graph -----


def test_flops_bytes_and_kinds_of_a_small_graph():
    work = measure(trace(lambda x: (x * np.sin(x)).sum(), np.ones(1000)))
    assert work.operations == {"multiply": 1, "sin": 1, "sum": 1}
    assert work.flops == 3000 and work.equations == 3
    assert work.bytes_read == 8000 + 16000 + 8000
    assert work.bytes_written == 8000 + 8000 + 8
    assert work.peak == 16000


def test_a_product_of_matrices_costs_what_its_row_says():
    work = measure(trace(lambda a, b: a @ b, np.ones((3, 4)), np.ones((4, 5))))
    assert work.flops_by == {"matmul": 2 * 3 * 4 * 5}


def test_single_precision_moves_half_the_bytes():
    double, single = (
        measure(trace(lambda x: x * x, np.ones(100, dtype))) for dtype in "df"
    )
    assert double.bytes == 2 * single.bytes and double.flops == single.flops


def test_numbers_cost_no_bytes():
    assert measure(trace(lambda x: 2.0 * x, np.ones(10))).bytes_read == 80


def test_moving_data_reads_no_more_than_it_writes():
    work = measure(trace(lambda x: np.stack([x[0], x[1]]), np.ones(1000)))
    assert work.flops == 0 and work.bytes < 100


def test_an_empty_graph_costs_nothing():
    work = measure(trace(lambda x: x, np.ones(3)))
    assert (work.flops, work.bytes, work.peak, work.equations) == (0, 0, 0, 0)


def test_a_chain_needs_the_memory_of_two_values():
    def chain(x):
        for _ in range(50):
            x = np.sin(x)
        return x

    assert measure(trace(chain, np.ones(10))).peak == 160


def test_views_take_no_memory_but_keep_it():
    graph = trace(lambda x: (np.exp(x)[1:4] * 2.0).sum(), np.ones(100))
    assert peak_memory(graph) == 800 + 24
    (view,) = graph.equations[1].outputs
    assert owners(graph)[view] is graph.equations[0].outputs[0]
    assert held_bytes(graph, [view, graph.equations[0].outputs[0]]) == 800


def test_an_element_is_a_number_of_its_own():
    graph = trace(lambda x: np.exp(x)[1], np.ones(100))
    (element,) = graph.equations[1].outputs
    assert held_bytes(graph, [element]) == 8


def test_a_large_array_is_broadcast_as_a_view():
    x = np.ones(3)
    assert np.shares_memory(PRIMITIVES["broadcast_to"].impl(x, shape=(1000, 3)), x)


@pytest.mark.parametrize("name", sorted(PRIMITIVES.keys() - {"broadcast_to"}))
def test_views_are_those_of_numpy(name):
    # Of real arrays real(x) is x; complex ones show what is a view.
    row = PRIMITIVES[name]
    dtype = np.dtype(complex if name in ("real", "imag") else float)
    shared = [
        any(isinstance(x, np.ndarray) and np.shares_memory(x, y) for x in sample.inputs)
        for sample in itertools.islice(row.samples(RNG, dtype), 20)
        if isinstance(y := row.impl(*sample.inputs, **sample.params), np.ndarray)
        and y.size
        and any(isinstance(x, np.ndarray) and x.ndim for x in sample.inputs)
    ]
    assert any(shared) == (name in VIEWS)


def test_copies_multiply_what_is_counted():
    graph = parse(
        """graph(x: f64[10]) {
        y = sin x
        z = cos y
        return z
    }"""
    )
    (_, z) = (equation.outputs[0] for equation in graph.equations)
    work = measure(graph, {z: 5})
    assert work.flops == 10 + 50 and work.peak == 80 + 400


# ----- what is counted is what runs -----


class Counting(np.ndarray):
    """An array that counts the elements that NumPy computes with it."""

    flops = 0

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        plain = [np.asarray(x) if isinstance(x, Counting) else x for x in inputs]
        if out is not None:
            kwargs["out"] = tuple(map(np.asarray, out))
        y = getattr(ufunc, method)(*plain, **kwargs)
        if method == "reduce":
            Counting.flops += np.size(plain[0])
        elif ufunc is np.matmul:
            Counting.flops += 2 * np.size(y) * plain[0].shape[-1]
        elif ufunc not in (np.equal, np.not_equal):  # checks for NaN
            Counting.flops += np.size(y)
        return counting(y)

    def __bool__(self):
        return bool(np.asarray(self).all())


def counting(x):
    return np.asarray(x).view(Counting)


def counted(run, *args):
    Counting.flops = 0
    run(*args)
    return Counting.flops


PROGRAMS = [
    (t1, (2.0, 5.0)),
    (t1, (np.ones(100), np.full(100, 2.0))),
    (layer, (np.ones(40),)),
    (total, (A, B, np.ones(40))),
    (rosenbrock, (np.ones(1000),)),
    (kernel, (np.ones(20),)),
]
IDS = ["t1", "t1 of arrays", "layer", "total", "rosenbrock", "kernel"]


@pytest.mark.parametrize(("f", "args"), PROGRAMS, ids=IDS)
def test_flops_are_those_of_the_arrays_that_run(f, args, monkeypatch):
    # Subclasses of arrays are refused, but this one is to look inside.
    levels = importlib.import_module("wengert.trace.levels")
    monkeypatch.setattr(levels, "_PLAIN", (np.ndarray, np.memmap, Counting))
    report = cost(f)(*args)
    xs = [counting(np.asarray(x, float)) for x in args]

    def flat(*leaves):
        return [f(*leaves)]

    def tangent():
        push_function(flat, xs, [[counting(np.ones(x.shape)) for x in xs]])

    def adjoint():
        ys, pullback = record_function(flat, xs)
        pullback([counting(np.ones(y.shape)) for y in ys])

    assert counted(f, *xs) == report.flops
    assert counted(tangent) == pytest.approx(report.tangent.flops, rel=0.01)
    assert counted(adjoint) == pytest.approx(report.adjoint.flops, rel=0.01)


@pytest.mark.parametrize(
    ("f", "args"), [*PROGRAMS, (pairs, (np.ones(20),))], ids=[*IDS, "pairs"]
)
def test_residuals_are_what_the_tape_keeps(f, args):
    xs = [np.asarray(x, float)[()] for x in args]
    _, pullback = record_function(lambda *leaves: [f(*leaves)], xs)
    kept = {}
    stack = list(pullback._entries)
    while stack:
        value = stack.pop()
        if isinstance(value, tuple):
            stack += value
        elif isinstance(value, np.ndarray | np.generic):
            while isinstance(value.base, np.ndarray):
                value = value.base
            kept[id(value)] = value
    held = sum(value.nbytes for value in kept.values())
    assert cost(f)(*args).memory_reverse == held


def test_the_slope_of_a_sum_keeps_nothing():
    assert residuals(trace(lambda x: (2.0 * x + 1.0).sum(), np.ones(5))) == set()


def test_a_loop_over_elements_is_linear_forward_and_back():
    short, long = (cost(pairs)(np.ones(n)).adjoint.flops for n in (50, 100))
    assert long == pytest.approx(2 * short, rel=0.05)


def test_adjoints_of_slices_are_added_in_place():
    def slices(x):
        return (x[1:3] * x[3:5] * x[5:7]).sum()

    graph = trace(lambda x: x[1:3], np.ones(1000))
    assert measure(graph).bytes == 0
    assert cost(slices)(np.ones(1000)).adjoint.flops < 100


# ----- each way to the Jacobian -----


def test_many_inputs_call_for_reverse_mode():
    report = cost(total)(A, B, np.ones(40))
    assert (report.inputs, report.outputs) == (2090, 1)
    assert report.best == "reverse" and report.way("reverse").sweeps == 1
    assert "2,090" in report.reason


def test_many_outputs_call_for_forward_mode():
    report = cost(lambda x: np.sin(x * np.arange(1.0, 300.0)))(0.5)
    assert (report.inputs, report.outputs) == (1, 299)
    assert report.best == "forward"
    assert report.way("reverse").flops > 100 * report.cheapest.flops


def test_one_tangent_costs_three_and_one_adjoint_a_small_multiple():
    for f, args in PROGRAMS:
        report = cost(f)(*args)
        assert 1 < report.tangent_multiple <= 3.1, f
        assert 1 < report.adjoint_multiple <= 4, f


def test_structure_and_reverse_mode_cost_a_small_multiple_of_the_loss():
    report = cost(kernel)(np.ones(20))
    assert report.best == "reverse"
    assert report.way("reverse").flops == report.adjoint.flops < 3 * report.flops
    # All N⁴P numbers of the dense derivatives would be far more.
    assert report.way("reverse").memory < 8 * (30**2 + 30**4 + 30**2 * 20)


def test_all_tangents_at_once_save_time_for_memory():
    report = cost(rosenbrock)(np.ones(100))
    slow, fast = report.way("forward, one by one"), report.way("forward, all at once")
    assert slow.sweeps == fast.sweeps == 100
    assert slow.flops == 100 * report.tangent.flops > fast.flops
    assert fast.memory > 20 * slow.memory


def test_adjoint_sweeps_share_one_run_of_f():
    report = cost(layer)(np.ones(40))
    sweep = report.adjoint.flops - report.flops
    assert report.way("reverse").flops == report.flops + 50 * sweep


def test_argnums_choose_what_is_differentiated():
    assert cost(total, argnums=2)(A, B, np.ones(40)).inputs == 40
    assert cost(total, (0, 1))(A, B, np.ones(40)).inputs == 2050


def test_structures_go_in_and_out():
    report = cost(lambda p: {"y": p["a"] * p["b"], "n": 3})({"a": 2.0, "b": np.ones(3)})
    assert (report.inputs, report.outputs) == (4, 3)


def test_a_function_that_only_views_its_input():
    report = cost(lambda x: x[::-1])(np.ones(5))
    assert report.flops == report.bytes == 0 and np.isnan(report.adjoint_multiple)
    assert "only views" in str(report)


def test_no_derivative_no_cost():
    with pytest.raises(ArgumentError, match="no floating-point output"):
        cost(lambda x: x > 0)(1.0)


def test_undefined_values_cost_as_much_as_others():
    assert cost(lambda x: np.log(x) / x)(0.0).flops == 2


# ----- the report -----


def test_report_as_text():
    text = str(cost(t1)(2.0, 5.0))
    assert text.startswith("Cost of t1(x1, x2): 2 inputs, 1 output\n")
    assert "reverse (best)             1     14  2.8" in text
    assert "eliminated, for jit" in text and 'mode="eliminate"' in text
    assert "f in all       5      5" in text
    assert max(map(len, text.splitlines())) <= 88


def test_report_as_markdown_and_html():
    report = cost(lambda x: x * x)(3.0)
    assert "| multiply | 1 | 1 |" in report.markdown()
    html = report._repr_html_()
    assert html.startswith("<div") and html.count("<table>") == 2
    assert repr(report).startswith("<CostReport of Cost of f(x): 1 input")


def test_names_of_the_user_are_escaped_in_html():
    report = cost(lambda p: p["<b>"] * 2.0)({"<b>": 1.0})
    assert "<b>" not in report.html() and "&lt;b&gt;" in report.html()


def test_many_kinds_of_operations_are_summed_up():
    def mixed(x):
        for f in (np.sin, np.cos, np.tan, np.exp, np.sqrt, np.cbrt, np.tanh, np.sinh,
                  np.cosh, np.arctan, np.arcsinh, np.log1p, np.expm1):  # fmt: skip
            x = f(x * 0.1) + 1.0
        return x

    text = cost(mixed)(0.5).text()
    assert "other kinds" in text and "tanh" not in text
