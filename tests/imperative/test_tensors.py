"""Tensors give the derivatives of wengert's own operators, and behave as PyTorch's."""

import copy
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wengert
from wengert.errors import (
    ArgumentError,
    CapturedArrayError,
    FreedGraphError,
    MissingRuleError,
    NotScalarError,
    ShapeError,
    TracerLeakError,
)
from wengert.imperative import Tensor, enable_grad, is_grad_enabled, no_grad, tensor

X = np.array([0.3, -1.2, 2.0])


def leaf(a=X, **kwargs):
    return tensor(a, requires_grad=True, **kwargs)


# ----- values and derivatives -----

PROGRAMS = {
    "elementwise": lambda x: np.sum(np.sin(x) * x / (1 + x**2) - 3.0),
    "reflected": lambda x: (2.0 / (3.0 - x) + X * x - 2 ** x).sum(),
    "products": lambda x: (np.outer(x, x) @ x) @ X,
    "reductions": lambda x: x.mean() * np.max(x) + np.var(x) + np.linalg.norm(x),
    "shapes": lambda x: np.concatenate([x[::-1], x.reshape(3, 1).T[0]]) @ X[[0] * 6],
    "indices": lambda x: (x[[0, 0, 2]] * x[x > 0].sum() * x[-1]).sum(),
    "kinks": lambda x: (np.where(x > 0, np.sqrt(abs(x)), 0) + np.clip(x, 0, 1)).sum(),
    "eigen": lambda x: np.linalg.eigh(np.outer(x, X) + np.outer(X, x))[0] @ X,
    "solve": lambda x: np.linalg.solve(np.diag(x**2 + 1) + 0.1, X).sum(),
    "scalars": lambda x: x[0] * np.exp(x[1]) ** x[2] + x[0] ** 2,
    "python": lambda x: sum(v if v > 0 else v * v for v in x),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_backward_is_grad(name):
    f, x = PROGRAMS[name], leaf()
    y = f(x)
    assert y.item() == pytest.approx(f(X), rel=1e-14)
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), wengert.grad(f)(X), rtol=1e-13)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_created_graph_gives_second_derivatives(name):
    f, x, v = PROGRAMS[name], leaf(), np.array([1.0, -0.5, 0.25])
    f(x).backward(create_graph=True)
    x_bar, x.grad = x.grad, None
    if x_bar.requires_grad:
        (x_bar @ v).backward()
    found = np.zeros(3) if x.grad is None else x.grad.numpy()
    np.testing.assert_allclose(found, wengert.hvp(f)(X, v), rtol=1e-11, atol=1e-12)


def test_derivatives_of_any_order():
    x = leaf(0.7)
    y, right = np.sin(x), [np.cos(0.7), -np.sin(0.7), -np.cos(0.7), np.sin(0.7)]
    for value in right:
        y.backward(create_graph=True)
        y, x.grad = x.grad, None
        assert y.item() == pytest.approx(value, rel=1e-14)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_random_graphs(data):
    """Tensors, constants, arrays and writes in any order, beside wengert.grad."""
    steps = data.draw(
        st.lists(st.tuples(st.integers(0, 7), st.integers(0, 9), st.integers(0, 9)))
    )

    def f(x, w, constant):
        known = [x, w, constant, np.array([0.5, -0.5, 1.0])]
        for kind, i, j in steps:
            a, b = known[i % len(known)], known[j % len(known)]
            if kind == 0:
                y = a + b
            elif kind == 1:
                y = a * b
            elif kind == 2:
                y = np.tanh(a)
            elif kind == 3:
                y = a - 2.0 * b[::-1]
            elif kind == 4:
                y = a + 0.0 * x
                y[1:] = b[:2]
            elif kind == 5:
                y = a / (1.0 + b**2)
            elif kind == 6:
                y = a + 0.0 * x
                part = y[:2]
                part *= b[1]
            else:
                y = np.outer(a, b) @ a * 0.1
            known.append(y)
        return sum(np.tanh(y).sum() for y in known)

    w0, c0 = np.array([1.0, 0.2, -0.4]), np.array([-0.3, 0.1, 0.9])
    x, w = leaf(), leaf(w0)
    y = f(x, w, tensor(c0))
    y.backward()
    right = wengert.grad(f, (0, 1))(X, w0, c0)
    np.testing.assert_allclose(x.grad.numpy(), right[0], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(w.grad.numpy(), right[1], rtol=1e-11, atol=1e-13)
    assert y.item() == pytest.approx(f(X, w0, c0), rel=1e-13)


def test_strong_zeros_are_kept():
    x = leaf(np.array([0.0, 4.0]))
    np.where(x > 0, np.sqrt(x), 0).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [0.0, 0.25])


def test_complex_gradients_are_those_of_grad():
    z = np.array([1.0 + 2.0j, -0.5j])
    t = leaf(z)
    (np.abs(t * t) ** 2).sum().backward()
    right = wengert.grad(lambda z: (np.abs(z * z) ** 2).sum())(z)
    np.testing.assert_allclose(t.grad.numpy(), right, rtol=1e-13)


def test_single_precision_stays():
    x = leaf(X.astype(np.float32))
    (x * 2.0).sum().backward()
    assert x.grad.dtype == np.float32
    assert repr(x.grad) == "tensor([2., 2., 2.], dtype=float32)"


# ----- leaves, flags, accumulation -----


def test_gradients_add_up():
    x = leaf()
    for _ in range(3):
        (x * X).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 3 * X)
    x.grad.zero_()
    np.testing.assert_array_equal(x.grad.numpy(), np.zeros(3))
    x.grad = None
    (x * X).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), X)


def test_flags():
    x, c = leaf(), tensor(X)
    y = x * c
    assert x.is_leaf and c.is_leaf and not y.is_leaf
    assert (x.requires_grad, c.requires_grad, y.requires_grad) == (True, False, True)
    assert (c * c).requires_grad is False and (c @ c).is_leaf
    assert x.grad_fn is None and y.grad_fn.name == "multiply"
    assert y.detach().requires_grad is False
    assert isinstance(y, Tensor) and not isinstance(y, np.ndarray)
    np.testing.assert_array_equal(np.asarray(c), X)
    (c.requires_grad_() * 2).sum().backward()
    np.testing.assert_array_equal(c.grad.numpy(), [2, 2, 2])
    assert not c.requires_grad_(False).requires_grad
    with pytest.raises(ArgumentError, match="detach"):
        y.requires_grad = False


def test_a_graph_can_be_walked():
    x = leaf(2.0)
    y = np.exp(x) * x
    names, waiting = set(), [y.grad_fn]
    while waiting:
        vertex = waiting.pop()
        names.add(vertex.name)
        waiting += vertex.next_functions
    assert {"multiply", "exp", "leaf"} <= names


def test_no_grad_nests_and_decorates():
    x = leaf()

    @no_grad()
    def plain(x):
        assert not is_grad_enabled()
        with enable_grad():
            assert (x * 2).requires_grad
        return x * 2, x @ x, x[1:], np.linalg.eigh(np.outer(x, x))[0], -x

    assert not any(y.requires_grad for y in plain(x))
    assert is_grad_enabled()
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * 2).requires_grad


def test_data_is_set_without_a_record():
    x = leaf()
    x.data -= 1.0
    assert x.is_leaf and x.requires_grad
    np.testing.assert_allclose(x.detach().numpy(), X - 1)
    x.data.add_(5.0)
    np.testing.assert_allclose(x.detach().numpy(), X - 1)


def test_deep_copies_are_leaves_of_their_own():
    x = leaf()
    twin = copy.deepcopy({"w": x})["w"]
    (twin * 2).sum().backward()
    assert x.grad is None and twin.is_leaf and twin.grad is not None
    with pytest.raises(ArgumentError, match="detach"):
        copy.deepcopy(x * 2)


def test_out_of_the_graph():
    x = leaf()
    y = x * 2
    assert y.sum().item() == pytest.approx(2 * X.sum())
    assert y.item(1) == 2 * X[1] and y.tolist() == list(2 * X)
    assert f"{y[0]:.2f}" == "0.60" and repr(x[0]).endswith("grad_fn=<getitem>)")
    for leak in (float, np.asarray, complex, lambda v: v.numpy()):
        with pytest.raises(TracerLeakError, match=r"detach|item"):
            leak(y[0])
    with no_grad():
        assert float(y[0]) == 2 * X[0]
    array = y.detach().numpy()
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1.0


# ----- seeds and errors -----


def test_seeds():
    x = leaf()
    (x**2).backward(gradient=np.array([1.0, 0.0, 2.0]))
    np.testing.assert_allclose(x.grad.numpy(), 2 * X * [1, 0, 2])
    with pytest.raises(NotScalarError, match=r"y\.sum\(\)"):
        (x**2).backward()
    with pytest.raises(ShapeError, match=r"\(2,\)"):
        (x**2).backward(gradient=np.ones(2))
    with pytest.raises(ArgumentError, match="requires_grad=True"):
        tensor(2.0).backward()


def test_a_seed_is_not_kept():
    x, seed = leaf(), np.ones(3)
    (x + 0.0).backward(gradient=seed)
    seed[:] = 5.0
    np.testing.assert_array_equal(x.grad.numpy(), np.ones(3))


def test_a_freed_graph_says_so():
    x = leaf()
    y = (np.sin(x) ** 2).sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(FreedGraphError, match="retain_graph=True"):
        y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.sin(2 * X))


def test_a_failed_sweep_changes_nothing():
    x = leaf()
    h = np.sin(x)
    h.sum().backward()
    y = (x * 2).sum() + h.sum()
    before = x.grad.numpy().copy()
    with pytest.raises(FreedGraphError):
        y.backward()
    np.testing.assert_array_equal(x.grad.numpy(), before)


def test_integers_require_no_gradient():
    assert (tensor([1, 2]) + 1).dtype == int
    with pytest.raises(ArgumentError, match="dtype=float"):
        tensor([1, 2], requires_grad=True)
    with pytest.raises(ArgumentError, match="numbers"):
        tensor(["a"])


def test_a_changed_array_is_found():
    x, w = leaf(np.ones(100)), np.arange(100.0)
    y = (x * w).sum()
    w[0] = 7.0
    with pytest.raises(CapturedArrayError, match="copy"):
        y.backward()


def test_a_buffer_may_be_filled_anew_once_its_graph_is_done():
    x, batch, kept = leaf(np.ones(100)), np.zeros(100), []
    for i in range(3):
        batch[:] = i
        x.grad = None
        y = (x * batch).sum()
        y.backward()
        kept.append(y)
        kept.append((x * batch).sum())  # never swept
        np.testing.assert_array_equal(x.grad.numpy(), batch)


# ----- hooks and intermediate tensors -----


def test_hooks_see_and_replace():
    x, seen = leaf(), []
    h = x * 2
    h.register_hook(seen.append)
    handle = h.register_hook(lambda h_bar: 10 * h_bar)
    x.register_hook(lambda x_bar: x_bar + 1)
    h.retain_grad()
    (h * X).sum().backward(retain_graph=True)
    np.testing.assert_allclose(seen[0].numpy(), X)
    np.testing.assert_allclose(h.grad.numpy(), 10 * X)
    np.testing.assert_allclose(x.grad.numpy(), 20 * X + 1)
    handle.remove()
    handle.remove()
    x.grad = None
    (h * X).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * X + 1)
    with pytest.raises(ArgumentError, match="requires_grad"):
        tensor(X).register_hook(print)


def test_a_hook_that_gives_another_shape_is_refused():
    x = leaf()
    x.register_hook(lambda x_bar: x_bar[:2])
    with pytest.raises(ShapeError, match="hook"):
        (x * 2).sum().backward()


def test_hooks_of_a_created_graph_are_recorded():
    x = leaf(3.0)
    y = x**2
    y.register_hook(lambda y_bar: y_bar * x)
    y.backward(create_graph=True)
    x_bar, x.grad = x.grad, None
    assert x_bar.item() == 18.0  # x · 2x
    x_bar.backward()
    assert x.grad.item() == 12.0


def test_outputs_of_a_decomposition_are_retained():
    a = leaf(np.diag([1.0, 3.0]))
    w, v = np.linalg.eigh(a)
    w.retain_grad()
    ((w**2).sum() + v[0, 0]).backward(create_graph=True)
    np.testing.assert_allclose(w.grad.detach().numpy(), [2.0, 6.0])


# ----- memory and threads -----


def test_long_chains():
    x = y = leaf(1.0)
    for _ in range(30_000):
        y = y * 1.0
    y.backward()
    assert x.grad.item() == 1.0
    for _ in range(30_000):
        y = y + 1.0
    del y  # a graph that nobody swept, freed without recursion


def test_threads_have_switches_and_graphs_of_their_own():
    w, found = leaf(), [None] * 4

    def work(k):
        for _ in range(200):
            x = leaf(X + k)
            with no_grad():
                x * w
            (np.sin(x) * x).sum().backward()
            found[k] = x.grad.numpy()

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    with no_grad():
        [t.start() for t in threads]
        [t.join() for t in threads]
    for k, x_bar in enumerate(found):
        x = X + k
        np.testing.assert_allclose(x_bar, np.cos(x) * x + np.sin(x))


def test_custom_rules():
    @wengert.custom_vjp
    def f(x):
        return np.exp(x)

    f.defvjp(lambda x: (np.exp(x), x), lambda x, y_bar: (3 * y_bar,))
    x = leaf()
    (f(x) * 2).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [6, 6, 6])
    with pytest.raises(MissingRuleError, match="custom rule"):
        f(x).sum().backward(create_graph=True)


def test_a_gradient_can_be_set():
    x = leaf()
    x.grad = np.ones(3)
    (x * 2).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [3, 3, 3])
    with pytest.raises(ShapeError, match="gradient of shape"):
        x.grad = np.ones(2)


def test_a_jitted_function_sees_what_a_captured_tensor_is_now():
    w = leaf(2.0)
    f = wengert.jit(lambda x: (x * w).sum())
    for _ in range(3):
        assert f(X).item() == pytest.approx(w.item() * X.sum())
        f(X).backward()
        with no_grad():
            w *= 10
    np.testing.assert_allclose(w.grad.numpy(), 3 * X.sum())
