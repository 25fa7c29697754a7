"""Checkpointed calls: the same values and derivatives, in less memory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peaks import peak_bytes
from wengert import (
    checkpoint,
    checkpoint_name,
    cond,
    custom_vjp,
    grad,
    hessian,
    jacobian,
    jit,
    jvp,
    save_only,
    scan,
    trace,
    tree,
    value_and_grad,
)
from wengert.analysis import peak_memory
from wengert.errors import ArgumentError
from wengert.graph.walk import count, inner_graphs
from wengert.passes import prune, simplify

RNG = np.random.default_rng(11)
A = RNG.normal(size=(3, 3)) / 2
X = np.array([0.4, -0.7, 1.3])

POLICIES = [
    "nothing",
    "products",
    "everything",
    save_only("a"),
    lambda name, types, params: name == "exp" and types[0].shape == (3,),
]

OPERATIONS = {
    "sin": np.sin,
    "product": lambda v: A @ v,
    "square": lambda v: v * v,
    "exp": lambda v: np.exp(-v * v),
    "named": lambda v: checkpoint_name(v + 1.0, "a"),
    "kink": lambda v: np.where(v > 0, v, 0.1 * v),
    "turned": lambda v: v[::-1] * v.sum(),
}


def composed(names):
    def f(v, w):
        for name in names:
            v = OPERATIONS[name](v) + w
        return v

    return f


programs = st.lists(
    st.lists(st.sampled_from(sorted(OPERATIONS)), min_size=1, max_size=4),
    min_size=1,
    max_size=3,
)


def losses(parts, policy):
    """Make a loss of parts one after the other, plain, and each checkpointed."""

    def loss(wrap):
        def f(v, w):
            for names in parts:
                v = wrap(composed(names))(v, w=w)
            return (v * w).sum()

        return f

    return loss(lambda f: f), loss(checkpoint(policy=policy))


def same(op, f, g, *args):
    expected, _ = tree.flatten(op(f)(*args))
    found, _ = tree.flatten(op(g)(*args))
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=15)
@given(programs, st.sampled_from(POLICIES))
def test_random_programs_have_their_derivatives(parts, policy):
    f, g = losses(parts, policy)
    w = X[::-1] / 4
    same(lambda f: value_and_grad(f, (0, 1)), f, g, X, w)
    same(hessian, f, g, X, w)
    same(lambda f: lambda *x: jvp(f, x, x), f, g, X, w)
    same(lambda f: lambda *x: jvp(grad(f, 1), x, x), f, g, X, w)
    same(lambda f: grad(lambda v, w: (grad(f)(v, w) ** 2).sum()), f, g, X, w)


@pytest.mark.parametrize("policy", POLICIES)
def test_compiled_too(policy):
    f, g = losses([["sin", "named", "product"], ["exp", "square"]], policy)
    for op in (grad, lambda f: jit(grad(f)), lambda f: grad(jit(f)),
               lambda f: jit(hessian(f))):  # fmt: skip
        for _ in range(2):
            same(op, f, g, X, X / 4)


@pytest.mark.parametrize("op", [grad, lambda f: grad(grad(f)), lambda f: jit(grad(f))])
def test_values_that_it_closes_over_are_differentiated(op):
    f = lambda a: checkpoint(lambda y: np.sin(a * y) * a)(a * 2.0)  # noqa: E731
    plain = lambda a: np.sin(2.0 * a * a) * a  # noqa: E731
    assert op(f)(0.7) == pytest.approx(op(plain)(0.7))


def test_in_loops_branches_and_itself():
    inner = checkpoint(lambda v: np.tanh(A @ v))

    def f(wrap, inner):
        step = wrap(lambda v: inner(inner(v)) + np.sin(v))

        def body(v, x):
            return cond(x > 0, step, lambda v: v * v, v), v.sum()

        def loss(v):
            last, sums = scan(body, v, np.array([1.0, -1.0, 1.0]))
            return (last * sums).sum()

        return loss

    plain = f(lambda s: s, lambda v: np.tanh(A @ v))
    for op in (grad, hessian, lambda f: jit(grad(f)), lambda f: jit(hessian(f))):
        same(op, plain, f(checkpoint, inner), X)


def test_python_may_branch_on_values():
    @checkpoint
    def f(x, power=2):
        if x > 0:
            return {"y": np.sin(x) * power, "why": "positive"["x" == ""]}
        return {"y": x**power, "why": "p"}

    def plain(x):
        return np.sin(x) * 3 if x > 0 else x**3

    run = jit(grad(lambda x: number(x, power=3)["y"]))
    number = checkpoint(lambda x, power: {"y": plain(x)})
    for x in (0.5, -0.5, -0.5, 0.5):
        assert grad(lambda x: number(x, power=3)["y"])(x) == grad(plain)(x)
        assert grad(grad(lambda x: number(x, power=3)["y"]))(x) == pytest.approx(
            grad(grad(plain))(x)
        )
        assert run(x) == pytest.approx(grad(plain)(x))


def test_trees_static_values_and_methods():
    class Layer:
        def __init__(self, w):
            self.w = w

        @checkpoint
        def __call__(self, x, *, times=1, name=None):
            assert name in (None, "again")
            return {"out": [np.tanh(self.w @ x) * times], "n": times}

    def f(w, x):
        layer = Layer(w)
        y = layer(x, times=2)
        return layer(y["out"][0], times=y["n"], name="again")["out"][0].sum()

    def plain(w, x):
        return (2 * np.tanh(w @ (2 * np.tanh(w @ x)))).sum()

    same(lambda f: grad(f, (0, 1)), plain, f, A, X)


def test_users_rules_hold_inside():
    @custom_vjp
    def f(x):
        return np.sin(x)

    f.defvjp(lambda x: (np.sin(x), x), lambda x, g: (7.0 * g,))
    assert grad(lambda x: checkpoint(lambda x: f(x) * 2.0)(x))(0.3) == 14.0


def test_without_a_derivative_it_is_the_function():
    calls = []
    checkpoint(lambda x: calls.append(type(x)))(3)
    assert calls == [int]


def test_writing_to_an_argument_is_refused():
    def f(x):
        x[0] = 2.0 * x[1]
        return x.sum()

    with pytest.raises(ArgumentError, match=r"writes to its argument arguments\[0\]"):
        grad(lambda x: checkpoint(f)(x * 1.0))(X)
    own = checkpoint(lambda x: f(x.copy()))
    np.testing.assert_array_equal(grad(own)(X), [0.0, 3.0, 1.0])


@pytest.mark.parametrize("policy", ["some", None, 3])
def test_other_policies_are_refused(policy):
    with pytest.raises(ArgumentError, match="products"):
        checkpoint(np.sin, policy=policy)


def test_a_policy_is_asked_for_names_types_and_params():
    asked = []

    def policy(name, types, params):
        asked.append((name, types[0].shape, dict(params)))
        return False

    grad(
        lambda x: checkpoint(lambda x: np.exp(x.reshape(1, 3)), policy=policy)(x).sum()
    )(X)
    assert ("exp", (1, 3), {}) in asked
    assert ("reshape", (3,), {"shape": (1, 3)}) in asked


# ----- what is kept -----


def step(x):
    return np.tanh(np.exp(-x * x) + np.sin(x)) * 0.9


def stretch(x):
    for _ in range(6):
        x = step(x)
    return x


def chain(part):
    def f(x):
        for _ in range(6):
            x = part(x)
        return x.sum()

    return f


LONG = np.linspace(-1.0, 1.0, 8_000)


def test_memory_falls():
    size = LONG.nbytes
    plain = peak_bytes(grad(chain(stretch)), LONG)
    nothing = peak_bytes(grad(chain(checkpoint(stretch))), LONG)
    products = peak_bytes(grad(chain(checkpoint(stretch, policy="products"))), LONG)
    everything = peak_bytes(grad(chain(checkpoint(stretch, policy="everything"))), LONG)
    assert nothing < (6 + 7 * 6) * size < 4 * 36 * size < plain
    assert nothing < products < everything


def test_memory_of_the_second_derivative_falls():
    def product(part):
        f = chain(part)
        return lambda x: jvp(grad(f), (x,), (x,))

    few, many = (peak_bytes(product(s), LONG) for s in (checkpoint(stretch), stretch))
    assert 2 * few < many


def test_compiled_memory_falls():
    def scratch(part):
        (path,) = jit(grad(chain(part))).compile(LONG).report(LONG).paths
        return sum(stage.scratch for stage in path.inspection.stages)

    assert 5 * scratch(checkpoint(stretch)) < scratch(stretch)


def test_unused_arguments_cost_no_memory():
    used, unused = LONG, [LONG + k for k in range(50)]
    f = checkpoint(lambda x, others: np.sin(x).sum())
    held = peak_bytes(lambda *x: grad(lambda x, o: f(x, o) + f(x * x, o))(*x),
                      used, unused)  # fmt: skip
    assert held < 20 * LONG.nbytes


def test_passes_do_not_merge_what_is_computed_again():
    graph = trace(value_and_grad(chain(checkpoint(stretch))), LONG)
    for change in (prune, simplify, lambda g: simplify(prune(g))):
        after = change(graph)
        assert count(after)["checkpoint"] == count(graph)["checkpoint"] == 12
        assert peak_memory(after) <= peak_memory(graph)


def test_names_are_kept_alone():
    def f(x):
        y = checkpoint_name(np.exp(x), "kept")
        return np.sin(checkpoint_name(y * y, "other")).sum()

    def again(policy):
        graph = trace(grad(checkpoint(f, policy=policy)), X)
        *_, back = (e for e in graph.equations if e.primitive.name == "checkpoint")
        (body,) = inner_graphs(back)
        return count(body)

    assert again("nothing")["exp"] == 1
    assert again(save_only("kept"))["exp"] == 0
    assert again(save_only("other"))["exp"] == 1
    assert again(save_only("kept", "other"))["multiply"] < again("nothing")["multiply"]


def test_names_are_no_operation():
    f = lambda x: checkpoint_name({"a": x, "n": 3}, "a")["a"] * x  # noqa: E731
    np.testing.assert_array_equal(jacobian(f)(X), np.diag(2 * X))
    np.testing.assert_array_equal(jit(f)(X), X * X)
