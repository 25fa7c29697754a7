"""vmap: a batch is the loop, in any composition; axes, structures, errors."""

from __future__ import annotations

import math
import warnings
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wengert import (
    cond,
    fori_loop,
    grad,
    hessian,
    jacobian,
    jit,
    jvp,
    scan,
    switch,
    trace,
    vjp,
    vmap,
    while_loop,
)
from wengert.errors import (
    ArgumentError,
    BatchWarning,
    ControlFlowError,
    PathWarning,
    ShapeError,
)

RNG = np.random.default_rng(5)
W = RNG.normal(size=(3, 3))
XS = RNG.normal(size=(4, 3))


def f(x):
    return np.tanh(W @ x).sum() + x[0] * x[1]


def near(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


# ----- compositions -----


def test_gradient_of_a_batch_and_batch_of_gradients():
    expected = [grad(f)(x) for x in XS]
    near(vmap(grad(f))(XS), expected)
    near(grad(lambda xs: vmap(f)(xs).sum())(XS), expected)
    near(jit(vmap(grad(f)))(XS), expected)
    near(vmap(jit(grad(f)))(XS), expected)
    near(vmap(grad(jit(f)))(XS), expected)


def test_second_derivatives_of_a_batch():
    expected = [hessian(f)(x) for x in XS]
    near(vmap(hessian(f))(XS), expected)
    near(jit(vmap(hessian(f)))(XS), expected)


def test_jacobian_of_a_batch_has_a_block_for_each_member():
    blocks = jacobian(vmap(f))(XS)
    near(blocks[2, 2], grad(f)(XS[2]))
    assert not blocks[2, 1].any()


def test_forward_mode_inside_and_outside():
    v = RNG.normal(size=3)
    expected = [jvp(f, (x,), (v,))[1] for x in XS]
    near(vmap(lambda x: jvp(f, (x,), (v,))[1])(XS), expected)
    near(jvp(vmap(f), (XS,), (np.tile(v, (4, 1)),))[1], expected)


def test_many_seeds_at_once():
    def g(x):
        return np.sin(W @ x) * x

    x = XS[0]
    _, pullback = vjp(g, x)
    near(vmap(pullback)(np.eye(3))[0], jacobian(g)(x))
    push = vmap(lambda v: jvp(g, (x,), (v,))[1], out_axes=1)
    near(push(np.eye(3)), jacobian(g)(x))


def test_graph_of_a_batch_has_one_equation_for_an_operation():
    graph = trace(vmap(lambda x: np.sin(x) * x), np.ones((50, 3)))
    assert [e.primitive.name for e in graph.equations] == ["sin", "multiply"]


def test_nested_maps_and_axes():
    near(vmap(vmap(np.dot, (None, 0)), (0, None))(XS, XS), XS @ XS.T)
    swapped = vmap(vmap(np.dot, (None, 0)), (0, None), out_axes=1)
    near(swapped(XS, XS[:2]), XS[:2] @ XS.T)


# ----- axes and structures -----


class Pair(NamedTuple):
    a: np.ndarray
    b: np.ndarray


def test_axes_by_argument_and_from_the_end():
    a = RNG.normal(size=(3, 4, 2))
    near(vmap(np.sum, -2)(a), a.sum(axis=(0, 2)))
    near(vmap(np.add, (1, None))(a, 1.0), np.moveaxis(a, 1, 0) + 1)
    near(vmap(np.sin, 1, -1)(a), np.moveaxis(np.sin(a), 1, -1))


def test_axes_of_a_pytree_by_its_prefix():
    params = {"w": RNG.normal(size=(4, 3)), "b": RNG.normal(size=(3,))}
    y = vmap(lambda p, x: p["w"] @ x + p["b"][0], ({"w": 0, "b": None}, None))
    near(y(params, XS[0]), params["w"] @ XS[0] + params["b"][0])
    pair = Pair(XS, XS[0])
    got = vmap(lambda p: Pair(p.a + p.b, p.b), (Pair(0, None),), Pair(1, None))(pair)
    assert isinstance(got, Pair)
    near(got.a, (XS + XS[0]).T)
    near(got.b, XS[0])


def test_keywords_are_mapped_along_the_first_axis():
    def g(x, *, k):
        return x * k

    near(vmap(g)(XS, k=np.arange(4.0)), XS * np.arange(4.0)[:, None])


def test_what_is_not_mapped_is_repeated_in_the_output():
    near(vmap(lambda x: 3.0)(XS), np.full(4, 3.0))
    assert vmap(lambda x: (x, None))(XS)[1] is None
    assert vmap(lambda x: x * 0 + 1, axis_size=4)(XS).shape == (4, 3)
    near(vmap(lambda x: x, None, axis_size=2)(1.0), [1.0, 1.0])


def test_members_without_axes_and_batches_without_members():
    assert vmap(lambda x: np.stack([x, x]))(np.zeros(0)).shape == (0, 2)
    assert vmap(grad(f))(np.zeros((0, 3))).shape == (0, 3)
    assert vmap(np.linalg.svdvals)(np.zeros((0, 2, 2))).shape == (0, 2)


def test_output_is_no_view_of_the_argument():
    xs = XS.copy()
    y = vmap(lambda x: x)(xs)
    y[0] = 7
    near(xs, XS)


@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.integers(-3, 2),
    st.integers(-3, 2),
)
def test_any_axes_are_moved_there_and_back(shape, axis, out):
    x = np.arange(float(np.prod(shape))).reshape(shape)
    if not (-x.ndim <= axis < x.ndim and -x.ndim <= out < x.ndim):
        return
    near(vmap(lambda v: v * 2, axis, out)(x), np.moveaxis(2 * x, axis, out))


# ----- writing -----


def test_arrays_that_are_written_to():
    def g(x):
        y = np.zeros(4)
        y[1:] = x
        y[0] += x[0] * 2
        z = y[1:]
        y[2] *= x[1]
        z[0] = 7 * x[2]
        return y.sum() * y[3] + z[0]

    near(vmap(g)(XS), [g(x) for x in XS])
    near(vmap(grad(g))(XS), [grad(g)(x) for x in XS])
    near(grad(lambda xs: vmap(g)(xs).sum())(XS), [grad(g)(x) for x in XS])
    near(jit(vmap(grad(g)))(XS), [grad(g)(x) for x in XS])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_views_that_are_written_to(axis):
    def g(a):
        b = a.T
        b[1:] *= 2
        c = a[0]
        c += b[:, 1]
        d = a.reshape(-1)[2:]
        d[0] = c[1] * 3
        b[0, 0] **= 2
        e = a[::-1]
        e[0, 1] = a[0, 2]
        np.fill_diagonal(a, a[0, 1])
        return (a**2).sum() * e[1, 1]

    stack = RNG.normal(size=(3, 4, 5))
    each = [np.moveaxis(stack, axis, 0)[k].copy() for k in range(stack.shape[axis])]
    gradients = [grad(g)(a.copy()) for a in each]
    near(vmap(g, axis)(stack), [g(a.copy()) for a in each])
    near(vmap(grad(g), axis)(stack), gradients)
    near(jit(vmap(grad(g), axis))(stack), gradients)
    outer = grad(lambda s: vmap(g, axis)(s).sum())(stack)
    near(np.moveaxis(outer, axis, 0), gradients)


def test_a_batch_inside_of_a_loop():
    def g(start):
        def step(c, _):
            y = vmap(lambda v: np.tanh(v) * v[0] + cond(v[1] > 0, np.sin, np.cos, v[1]))
            return y(c), c.sum()

        return scan(step, start, None, 3)[1].sum()

    stack = np.stack([XS, 2 * XS])
    near(jit(g)(XS), g(XS))
    near(vmap(grad(g))(stack), [grad(g)(x) for x in stack])
    near(jit(vmap(grad(g)))(stack), [grad(g)(x) for x in stack])


def test_indices_that_differ_between_members():
    places = np.array([0, 3, 2, 2])

    def g(x, i):
        y = np.zeros((4, 3))
        y[i] = x
        y[i, 1] += 1.0
        return (y * np.arange(12.0).reshape(4, 3)).sum() * x[i % 3]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        near(vmap(g)(XS, places), list(map(g, XS, places)))
        near(vmap(grad(g))(XS, places), list(map(grad(g), XS, places)))


def test_the_caller_s_arrays_stay_as_they_are():
    def g(x):
        x[0] = 9.0
        return x.sum() if x[1] > 0 else x.prod()

    xs = XS.copy()
    with pytest.warns(BatchWarning):
        vmap(g)(xs)
    near(xs, XS)


# ----- branches and loops -----

BRANCHES = (np.sqrt, lambda v: 0.0 * v)
SIGNS = np.array([4.0, -4.0, 9.0])


@pytest.mark.parametrize("through", [lambda g: g, jit], ids=["eager", "jit"])
def test_branch_that_differs_leaks_no_nan(through):
    def g(x):
        return cond(x > 0, *BRANCHES, x)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        near(through(vmap(g))(SIGNS), [2.0, 0.0, 3.0])
        near(through(vmap(grad(g)))(SIGNS), [0.25, 0.0, 1 / 6])
        outer = through(grad(lambda xs: vmap(g)(xs).sum()))
        near(outer(SIGNS), [0.25, 0.0, 1 / 6])


def test_switch_counts_what_is_out_of_range_as_the_last():
    branches = [np.sin, np.cos, lambda v: v**2]
    ks = np.array([-3, 0, 1, 2, 9])
    near(
        vmap(lambda k: switch(k, branches, 0.7))(ks),
        [switch(k, branches, 0.7) for k in ks],
    )


@pytest.mark.parametrize("through", [lambda g: g, jit], ids=["eager", "jit"])
def test_while_loop_runs_until_the_last_member_ends(through):
    def g(x, a):
        return while_loop(lambda v: v < 99.0, lambda v: v * v * a, x)

    xs, a = np.array([3.0, 2.0, 200.0]), 1.5
    near(through(vmap(g, (0, None)))(xs, a), [g(x, a) for x in xs])
    both = [grad(g, (0, 1))(x, a) for x in xs]
    inside = through(vmap(grad(g, (0, 1)), (0, None)))(xs, a)
    near(inside[0], [b[0] for b in both])
    near(inside[1], [b[1] for b in both])
    total = through(grad(lambda x, a: vmap(g, (0, None))(x, a).sum(), (0, 1)))(xs, a)
    near(total[0], [b[0] for b in both])
    near(total[1], sum(b[1] for b in both))
    twice = [grad(grad(g, 1), 1)(x, a) for x in xs]
    near(through(vmap(grad(grad(g, 1), 1), (0, None)))(xs, a), twice)


def test_while_loop_whose_condition_is_the_same_for_all():
    def g(x):
        return while_loop(lambda p: p[0] < 3, lambda p: (p[0] + 1, p[1] * x), (0, x))

    counts, values = vmap(g)(XS)
    near(counts, [3, 3, 3, 3])
    near(values, XS**4)


def test_count_that_differs_between_members():
    def g(n, x):
        return fori_loop(0, n, lambda i, v: v * x, 1.0)

    ns = np.array([0, 2, 5])
    near(vmap(g, (0, None))(ns, 1.3), 1.3**ns)
    near(vmap(grad(g, 1), (0, None))(ns, 1.3), ns * 1.3 ** (ns - 1.0))


@pytest.mark.parametrize("through", [lambda g: g, jit], ids=["eager", "jit"])
@pytest.mark.parametrize("reverse", [False, True])
def test_scan_with_any_part_mapped(through, reverse):
    def g(c, a, xs):
        def step(c, x):
            c = np.sin(c * a) + x
            return c, c**2

        last, ys = scan(step, c, xs, reverse=reverse)
        return last + (ys * np.arange(3.0)).sum()

    given = (np.array([0.1, 0.2]), np.array([1.1, 1.2]), RNG.normal(size=(2, 3)))
    for axes in ((0, None, None), (None, 0, None), (None, None, 0), (0, 0, 0)):
        args = [v if m == 0 else v[0] for v, m in zip(given, axes, strict=True)]
        each = [
            [v[k] if m == 0 else v for v, m in zip(args, axes, strict=True)]
            for k in range(2)
        ]
        near(through(vmap(g, axes))(*args), [g(*one) for one in each])
        got = through(vmap(grad(g, (0, 1, 2)), axes))(*args)
        want = [grad(g, (0, 1, 2))(*one) for one in each]
        for a, b in zip(got, zip(*want, strict=True), strict=True):
            near(a, np.stack(b))


# ----- Python's own branches -----


def test_python_branch_runs_member_by_member_and_says_so():
    def g(x):
        if x[0] > 0:
            return x.sum()
        return x.prod()

    with pytest.warns(BatchWarning, match=r"test_vmap\.py:\d+ in g.*wengert\.cond"):
        got = vmap(g)(XS)
    near(got, [g(x) for x in XS])
    with pytest.warns(BatchWarning):
        near(grad(lambda xs: vmap(g)(xs).sum())(XS), [grad(g)(x) for x in XS])


@pytest.mark.filterwarnings("ignore::wengert.errors.BatchWarning")
@pytest.mark.parametrize(
    "g",
    [
        lambda x: (x[x > 0] ** 2).sum(),
        lambda x: sum(x[k] for k in range(int(np.abs(x[0])) + 1)),
        lambda x: [1.0, 2.0, 3.0][np.argmax(x)] * x[0],
        lambda x: float(f"{x[0]:.3f}") * x[1],
    ],
    ids=["mask", "range", "list", "text"],
)
def test_other_questions_of_python(g):
    for batch in (vmap(g), jit(vmap(g))):
        near(batch(XS), [g(x) for x in XS])


@pytest.mark.filterwarnings("ignore::wengert.errors.BatchWarning")
def test_a_graph_does_not_hold_f_for_each_of_many_members():
    def g(x):
        return 2 * x if x > 0 else np.sin(x)

    xs = RNG.normal(size=20)
    with pytest.raises(ControlFlowError, match=r"would hold g 20 times.*wengert\.cond"):
        trace(vmap(g), xs)
    compiled = jit(vmap(g))
    with pytest.warns(PathWarning):
        for _ in range(3):
            near(compiled(xs), [g(x) for x in xs])


@pytest.mark.filterwarnings("ignore::wengert.errors.BatchWarning")
def test_a_question_that_f_swallows_is_not_lost():
    def g(x):
        try:
            return x * 2 if x > 0 else x
        except Exception:
            return x * 100

    near(vmap(g)(np.array([1.0, -1.0])), [2.0, -1.0])


@pytest.mark.filterwarnings("error::wengert.errors.BatchWarning")
def test_question_that_is_the_same_for_all_members_keeps_the_batch():
    near(vmap(lambda x, k: x * 2 if k > 0 else x, (0, None))(XS, 1.0), XS * 2)


@pytest.mark.filterwarnings("error::wengert.errors.BatchWarning")
@pytest.mark.parametrize("through", [lambda g: g, jit], ids=["eager", "jit"])
def test_question_on_which_all_members_agree_keeps_the_batch(through):
    def g(x):
        if x[0] > 0:
            return x[: int(np.count_nonzero(x > 0))].sum() * x[x > 0].prod()
        return x.prod()

    batch = through(vmap(g))
    near(batch(np.abs(XS)), [g(np.abs(x)) for x in XS])
    near(batch(-np.abs(XS)), [g(-np.abs(x)) for x in XS])
    warnings.simplefilter("ignore")
    near(batch(XS), [g(x) for x in XS])


@pytest.mark.filterwarnings("error::wengert.errors.BatchWarning")
def test_functions_of_math_and_numbers():
    near(vmap(lambda x: math.exp(x[0]) * float(x[1]))(XS), np.exp(XS[:, 0]) * XS[:, 1])
    with pytest.raises(ValueError, match="math domain error|nonnegative"):
        vmap(lambda x: math.sqrt(x))(np.array([4.0, -4.0]))


def test_only_the_batch_that_is_asked_is_taken_apart():
    sizes = []

    def g(x, y):
        sizes.append(1)
        return x * y if y > 0 else x

    with pytest.warns(BatchWarning):
        got = vmap(lambda y: vmap(g, (0, None))(np.arange(5.0), y))(SIGNS)
    near(got, [[g(x, y) for x in np.arange(5.0)] for y in SIGNS])
    assert len(sizes) - 15 <= 8  # not one for each pair


# ----- random numbers -----


def test_random_numbers_are_drawn_once_for_all_members():
    rng = np.random.default_rng(0)
    y = vmap(lambda x: x * 0 + rng.normal())(np.zeros(3))
    assert y[0] == y[1] == y[2]


# ----- what is refused -----


def test_axes_that_do_not_fit_the_arguments():
    def g(x, y):
        return x + y

    with pytest.raises(ArgumentError, match="in_axes must be an int, None, or a tuple"):
        vmap(g, "0")
    with pytest.raises(ArgumentError, match=r"has 1 entries.*2 positional"):
        vmap(g, (0,))(XS, XS)
    with pytest.raises(ArgumentError, match="in_axes of x is"):
        vmap(g, ({"a": 0}, 0))(XS, XS)
    with pytest.raises(ArgumentError, match="neither an int nor None"):
        vmap(g, (("a", 0), 0))((XS, XS), XS)
    with pytest.raises(ArgumentError, match="out_axes is"):
        vmap(g, 0, (0, 1))(XS, XS)


def test_sizes_that_differ_are_named():
    with pytest.raises(ShapeError, match=r"x\['a'\] of .*: 4, y of .*: 3"):
        vmap(lambda x, y: y)({"a": XS}, XS[:3])
    with pytest.raises(ShapeError, match="axis_size=5"):
        vmap(f, axis_size=5)(XS)


def test_axes_that_do_not_exist():
    with pytest.raises(ShapeError, match=r"shape \(4, 3\), and so no axis 2"):
        vmap(f, 2)(XS)
    with pytest.raises(ArgumentError, match="which has no axis 0 to map over"):
        vmap(lambda x, y: x, 0)(XS, 1.0)
    with pytest.raises(ArgumentError, match=r"argument k of .*functools\.partial"):
        vmap(lambda x, *, k: x)(XS, k=1.0)
    with pytest.raises(ShapeError, match="out_axes is 3"):
        vmap(lambda x: x, 0, 3)(XS)


def test_nothing_mapped_and_wrong_outputs():
    with pytest.raises(ArgumentError, match="no argument of f is mapped"):
        vmap(f, None)(XS)
    with pytest.raises(ArgumentError, match="differs between the members"):
        vmap(f, 0, None)(XS)
    with pytest.raises(ArgumentError, match="returned 'no' .str."):
        vmap(lambda x: "no")(XS)
    with pytest.raises(ArgumentError, match="vmap needs a function"):
        vmap(3.0)


@pytest.mark.filterwarnings("ignore::wengert.errors.BatchWarning")
def test_members_that_return_different_shapes():
    with pytest.raises(ShapeError, match=r"f64\[\d\].*for the first member"):
        vmap(lambda x: x[x > 0])(np.array([[1.0, 2.0], [1.0, -1.0]]))
