"""Laws of the three sweeps, and what is an input of them."""

import numpy as np
import pytest

from wengert.errors import ArgumentError, ShapeError
from wengert.explanation import Sweeps, explain
from wengert.graph.check import check

rng = np.random.default_rng(0)
A = rng.normal(size=(5, 3))
B = rng.normal(size=(3, 3))

PROGRAMS = [
    (lambda x, y: np.sin(x * y) / y + np.sqrt(x), (2.0, 3.0)),
    (lambda x, b: np.tanh(A @ x + b), (rng.normal(size=3), rng.normal(size=5))),
    (lambda s, x: np.sum(s * x, axis=0), (1.5, rng.normal(size=(2, 3)))),
    (lambda x: (x[0] * x[1], np.sum(x[1:] * x[:-1])), (rng.normal(size=4),)),
    (lambda x: x @ B @ x + np.prod(x) + np.max(x), (rng.normal(size=3),)),
    (lambda p: {"a": p["w"] @ p["b"][0], "n": 3.0 * p["b"][1]},
     ({"w": rng.normal(size=(2, 3)), "b": [rng.normal(size=3), 0.5]},)),
    (lambda x: np.where(x > 0, np.sqrt(np.abs(x)), x), (rng.normal(size=5),)),
    (lambda x: np.sort(np.concatenate([x, 2 * x]))[::2].reshape(3, 1).T, (A[:3, 0],)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_tangents_and_adjoints_are_transposes_of_each_other(f, args):
    sweeps = Sweeps.of(f, args)
    seed = [rng.normal(size=var.type.shape) for var in sweeps.graph.inputs]
    seed_bar = [rng.normal(size=np.shape(bar)) for bar in sweeps.seed_bar]
    sweeps = sweeps.with_seed(seed).with_seed_bar(seed_bar)
    pairs = zip(sweeps.graph.inputs, seed, strict=True)
    inward = sum(np.sum(sweeps.adjoints[var] * dot) for var, dot in pairs)
    pairs = zip(sweeps.graph.outputs, seed_bar, strict=True)
    outward = sum(np.sum(sweeps.tangents[var] * bar) for var, bar in pairs)
    assert inward == pytest.approx(outward)


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_tangents_are_differences(f, args):
    sweeps = Sweeps.of(f, args)
    seed = [rng.normal(size=var.type.shape) for var in sweeps.graph.inputs]
    sweeps, h = sweeps.with_seed(seed), 1e-6

    def at(step):
        moved = [
            leaf + step * dot
            for leaf, dot in zip(sweeps.inputs.leaves, seed, strict=True)
        ]
        return Sweeps.of(sweeps.inputs.call, (moved,))

    ahead, behind = at(h), at(-h)
    for k, var in enumerate(sweeps.graph.outputs):
        y_dot = (
            ahead.value(ahead.graph.outputs[k]) - behind.value(behind.graph.outputs[k])
        ) / (2 * h)
        np.testing.assert_allclose(sweeps.tangents[var], y_dot, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_graph_in_the_order_of_a_lecture_is_well_formed(f, args):
    check(Sweeps.of(f, args).graph)


def test_every_inexact_var_has_tangent_and_adjoint():
    sweeps = Sweeps.of(lambda x, y: (np.floor(x) + x, np.argmax(y)), (1.5, A[0]))
    for var in sweeps.names:
        assert (var in sweeps.tangents) == (var.type.dtype.kind == "f")
        assert (var in sweeps.adjoints) == (var.type.dtype.kind == "f")
    x, y = sweeps.graph.inputs
    assert sweeps.adjoints[x] == 1
    np.testing.assert_array_equal(sweeps.adjoints[y], np.zeros(3))


def test_the_last_accumulation_is_the_adjoint():
    sweeps = Sweeps.of(lambda x, y: x * x * y + x, (2.0, 3.0))
    totals = {step.var: step.total for step in sweeps.accumulations}
    assert totals == {var: sweeps.adjoints[var] for var in totals}
    assert sum(step.first for step in sweeps.accumulations) == len(totals)


def test_untaken_side_of_where_stays_zero():
    f = lambda x: np.where(x > 0, np.sqrt(x), 0.0)
    sweeps = Sweeps.of(f, (0.0,))
    assert sweeps.adjoints[sweeps.graph.inputs[0]] == 0


# ----- names -----


def test_names_and_labels():
    sweeps = Sweeps.of(lambda x1, x2: x1 * x2, (2.0, 5.0))
    assert list(sweeps.names.values()) == ["v₋₁", "v₀", "v₁"]
    assert list(sweeps.labels.values()) == ["y", "x1", "x2"]


def test_pytree_leaves_are_named_as_in_python():
    sweeps = Sweeps.of(
        lambda w, *, s: {"out": w["a"][0] * s}, ({"a": [2.0, 3]},), {"s": 4.0}
    )
    assert sweeps.inputs.names == ["w['a'][0]", "s"]
    assert sweeps.results == ["y['out']"]


def test_an_output_never_takes_the_name_of_an_input():
    assert Sweeps.of(lambda y: 2 * y, (1.0,)).results == ["w"]
    assert Sweeps.of(lambda y, w: y * w, (1.0, 2.0)).results == ["f"]


def test_captured_arrays_have_the_users_names():
    def f(x, unused):
        return A @ x + unused

    names = list(Sweeps.of(f, (A[0], A[:, 0]), argnums=0).names.values())
    assert names == ["v₀", "A", "unused", "v₁", "v₂"]
    names = list(Sweeps.of(lambda x: np.ones(3) @ x, (A[0],)).names.values())
    assert names == ["v₀", "c₀", "v₁"]


def test_captured_attributes_have_the_users_names():
    class Model:
        def __init__(self):
            self.weight = A

        def __call__(self, x):
            return self.weight @ x

        def method(self, x):
            return self.weight @ x

    for f in (Model(), Model().method):
        assert "weight" in Sweeps.of(f, (A[0],)).names.values()


def test_varargs_and_functions_without_a_signature():
    assert Sweeps.of(lambda *xs: xs[0] * xs[1], (2.0, 3.0)).inputs.names == ["x1", "x2"]
    f = lambda a, *rest: a * rest[0]
    assert Sweeps.of(f, (2.0, 3.0)).inputs.names == ["a", "rest[0]"]
    assert Sweeps.of(np.multiply, (2.0, 3.0)).inputs.names == ["x1", "x2"]


# ----- which arguments are inputs -----


def test_ints_alone_are_promoted():
    explanation = explain(lambda x, y: x * y)(2, 3)
    assert explanation.gradient == (3.0, 2.0)
    assert type(explanation.gradient[0]) is float


def test_ints_beside_floats_are_static():
    explanation = explain(lambda x, n: sum(x**k for k in range(n)))(2.0, 3)
    assert explanation.gradient == 1 + 2 * 2
    assert explanation.sweeps.inputs.names == ["x"]


def test_argnums_choose_and_promote():
    f = lambda x, n: x**n
    assert explain(f, argnums=1)(2.0, 3).sweeps.inputs.names == ["n"]
    assert explain(f, argnums=(0, 1))(2.0, 3).gradient == pytest.approx(
        (12, 8 * np.log(2))
    )
    assert explain(f, argnums=-2)(2.0, 3).gradient == 12


def test_integer_arrays_strings_and_none_are_static():
    f = lambda x, index, mode, nothing: x[index].sum() if mode == "sum" else nothing
    explanation = explain(f)(np.arange(3.0), np.array([0, 0, 2]), "sum", None)
    np.testing.assert_array_equal(explanation.gradient, [2, 0, 1])


def test_the_gradient_is_arranged_as_the_arguments():
    f = lambda p, n, x: p["w"] * x * n + p["b"][0]
    p_bar, x_bar = explain(f)({"w": 2.0, "b": [1.0, 7]}, 3, np.float32(5)).gradient
    assert p_bar == {"w": 15.0, "b": [1.0, None]}
    assert x_bar == 6
    assert x_bar.dtype == np.float32


def test_complex_input_follows_grad():
    from wengert.operators.gradient import grad

    f = lambda z: np.abs(z * z + 1j) ** 2
    assert explain(f)(1 + 2j).gradient == pytest.approx(grad(f)(1 + 2j))


# ----- errors -----


@pytest.mark.parametrize("args", [(), ("text",), (True,), (np.arange(3),), (None,)])
def test_nothing_to_differentiate_in(args):
    with pytest.raises(ArgumentError, match="nothing to differentiate in"):
        explain(lambda *xs: 1.0)(*args)


def test_argnums_out_of_range_or_of_integers():
    with pytest.raises(ArgumentError, match="called with 1 positional argument"):
        explain(np.sin, argnums=1)(2.0)
    with pytest.raises(ArgumentError, match=r"argument x of .*astype\(float\)"):
        explain(lambda x: x * 1.0, argnums=0)(np.arange(3))


@pytest.mark.parametrize("result", [None, "text", {}, object()])
def test_outputs_that_are_no_numbers(result):
    with pytest.raises(ArgumentError, match="returned"):
        explain(lambda x: result)(2.0)


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        ("z", ArgumentError, "no 'z' here. The names are 'x', 'b'"),
        ({"z": 1.0}, ArgumentError, "no 'z' here"),
        ((1.0,), ShapeError, "1 value for the 2 of x, b. Give one for each"),
        ((np.ones(2), 0), ShapeError, r"seed of x has shape \(2,\), but needs \(3,\)"),
        ((1j, 0), ShapeError, "complex"),
        ((None, "a"), ShapeError, "values?|number"),
    ],
)
def test_seeds_that_do_not_fit(seed, error, message):
    f = lambda x, b: np.sum(x) * b
    with pytest.raises(error, match=message):
        explain(f, seed=seed)(np.ones(3), 2.0)
    with pytest.raises(error, match=message):
        explain(f)(np.ones(3), 2.0).tangent(seed)


def test_seed_bar_that_does_not_fit():
    with pytest.raises(ShapeError, match=r"seed_bar of y has shape \(2,\)"):
        explain(np.sin, seed_bar=np.ones(2))(np.ones(3))
    with pytest.raises(ArgumentError, match="The names are 'y'"):
        explain(np.sin, seed_bar="x")(np.ones(3))


def test_seeds_by_structure_and_by_number():
    f = lambda p: p["w"] * p["b"]
    args = {"w": 2.0, "b": 3.0}
    assert (
        explain(f, seed={"w": 1.0, "b": 0.0})(args).tables.tangent.lines[-1].value == 3
    )
    assert explain(f, seed="p['b']")(args).tables.tangent.lines[-1].value == 2
    seeded = explain(np.sum, seed=2)(np.ones(3))
    assert seeded.tables.tangent.lines[-1].value == 6
    weighted = explain(np.sin, seed_bar=np.array([1.0, 0.0, 2.0]))(np.zeros(3))
    np.testing.assert_array_equal(weighted.gradient, [1, 0, 2])
