"""What `cost` predicts is what runs, for every way, on the corpus of programs."""

import numpy as np
import pytest

from tests.analysis.counting import count
from tests.analysis.ways import NAMES, Ways
from tests.cases import CASES
from wengert import scan, while_loop
from wengert.errors import ArgumentError, NotScalarError
from wengert.explanation.accumulations import accumulation
from wengert.explanation.costs import cost

FACTOR = 1.5
# So many operations, and bytes, are no matter of factors.
FEW = {"flops": 16, "bytes": 256, "memory": 256}
# Programs whose sums over axes, or tape of writes, are predicted less well.
LOOSE = 2.5
# A few of each kind for every day; the others are behind the mark `slow`.
SOME = CASES[::9]


def comparisons(case):
    """Give, for each way and quantity, what is predicted and what is counted."""
    ways = Ways(case)
    scalar = [ways.ys[k].shape for k in ways.wanted] == [()]
    for of in ("jacobian", "taylor", "memory", *["hessian"] * scalar):
        report = cost(case.f, of=of)(*case.args)
        if of == "jacobian":
            run = ways.count(ways.f)
            work = report.work
            yield "f", "flops", work.flops, run.flops
            yield "f", "bytes", work.bytes, run.bytes
            yield "f", "memory", work.peak, run.peak
        for way in report.ways:
            if way.name in NAMES:
                run = ways.count(getattr(ways, NAMES[way.name]))
                yield way.name, "flops", way.flops, run.flops
                yield way.name, "bytes", way.bytes, run.bytes
                if way.mode != "taylor":  # told for a compiled one
                    yield way.name, "memory", way.memory, run.peak


def near(a, b, factor, few):
    return a <= factor * b + few and b <= factor * a + few


def check(cases):
    far, all_of_them = [], 0
    for case in cases:
        for way, what, predicted, counted in comparisons(case):
            all_of_them += 1
            found = case.name, way, what, predicted, counted
            assert near(predicted, counted, LOOSE, FEW[what]), found
            if not near(predicted, counted, FACTOR, FEW[what]):
                far.append(found)
    assert len(far) <= 0.02 * all_of_them, far


@pytest.mark.filterwarnings("ignore")
def test_costs_are_those_that_are_counted():
    check(SOME)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_costs_of_the_whole_corpus_are_those_that_are_counted():
    check(CASES)


@pytest.mark.filterwarnings("ignore")
def test_the_mode_that_jacobian_chooses_is_among_the_cheapest():
    good = 0
    for case in CASES:
        report = cost(case.f, of="sweeps")(*case.args)
        mode = "forward" if report.outputs > report.inputs else "reverse"
        own = min(way.flops for way in report.ways if way.mode == mode)
        good += own <= 2 * report.cheapest.flops
    assert good >= 0.95 * len(CASES)


def test_elimination_costs_what_accumulation_says():
    f, x = lambda x: np.stack([x[0] * x[1], np.sin(x[1])]), np.ones(2)
    way = cost(f)(x).way("eliminated, for jit")
    assert way.flops == accumulation(f)(x).work.flops


def test_a_compressed_jacobian_costs_as_many_sweeps_as_colours():
    report = cost(lambda x: x[1:] * x[:-1])(np.ones(1000))
    assert report.way("compressed Jacobian").sweeps == 2
    assert report.way("compressed Jacobian").flops < report.cheapest.flops / 100
    assert "sparse=True" in str(report)


def test_a_full_jacobian_is_not_compressed():
    assert all(
        way.mode != "sparse" for way in cost(lambda x: x / x.sum())(np.ones(9)).ways
    )


def test_steps_of_a_while_loop_are_those_of_the_run():
    def doubled(x):
        return while_loop(lambda v: v < 1000, lambda v: v * 1.5, x)

    near_end, far = (cost(doubled)(x) for x in (600.0, 1.0))
    assert near_end.flops < far.flops / 5
    assert far.flops == pytest.approx(count(doubled, 1.0).flops, abs=2)
    assert far.adjoint.flops > 3 * near_end.adjoint.flops


def test_a_scan_with_few_states_costs_steps_that_run_twice():
    def f(kept):
        def step(c, a):
            return np.sin(c * a), None

        def loss(x):
            return scan(step, x[0], x, checkpoint=kept)[0]

        return cost(loss, of="sweeps")(np.ones(64))

    plain, few = f(None), f(4)
    assert plain.adjoint.flops < few.adjoint.flops < 3 * plain.adjoint.flops


def test_a_series_costs_the_square_of_its_order_and_nesting_doubles():
    f = lambda x: np.exp(np.sin(x))  # noqa: E731
    series = [cost(f, of="taylor", order=k)(0.5).ways for k in (2, 4)]
    (a, nested_a), (b, nested_b) = [[way.flops for way in ways] for ways in series]
    assert b < 4 * a and nested_b > 3 * nested_a and b < nested_b


def test_a_product_with_the_hessian_is_a_small_multiple_of_f():
    report = cost(lambda x: (np.sin(x) * x).sum(), of="hessian")(np.ones(50))
    product = report.way("one product, hvp")
    assert report.multiple(product.flops, product.bytes) < 12
    assert report.way("compressed Hessian").sweeps == 1
    assert report.best == "sparse" and "Hessian" in str(report)


def test_a_checkpoint_costs_one_more_run_of_f():
    f = lambda x: np.exp(np.sin(np.exp(np.sin(x)))).sum()  # noqa: E731
    plain, again = cost(f, of="memory")(np.ones(50)).ways
    assert plain.flops < again.flops <= plain.flops + cost(f)(np.ones(50)).flops + 50


def test_other_questions_are_refused():
    with pytest.raises(ArgumentError, match="'jacobian', 'sweeps', 'hessian'"):
        cost(np.sin, of="gradient")
    with pytest.raises(ArgumentError, match="order=0"):
        cost(np.sin, of="taylor", order=0)
    with pytest.raises(ArgumentError, match="needs a function"):
        cost(None)
    with pytest.raises(NotScalarError, match="one scalar"):
        cost(np.sin, of="hessian")(np.ones(3))
