"""`grad` of tensors; tensors inside wengert's operators and these on tensors."""

import numpy as np
import pytest

import wengert
from wengert.errors import ArgumentError, FreedGraphError
from wengert.imperative import grad, no_grad, tensor

X = np.array([0.3, -1.2, 2.0])


def leaf(a=X, **kwargs):
    return tensor(a, requires_grad=True, **kwargs)


def test_gradients_of_leaves_and_intermediates():
    x = leaf(name="x")
    h = np.tanh(x)
    h.name = "hidden"
    y = (h**2).sum()
    h_bar, x_bar, again = grad(y, [h, "x", "hidden"], retain_graph=True)
    np.testing.assert_allclose(h_bar.numpy(), 2 * np.tanh(X))
    np.testing.assert_allclose(x_bar.numpy(), 2 * np.tanh(X) / np.cosh(X) ** 2)
    np.testing.assert_array_equal(again.numpy(), h_bar.numpy())
    assert x.grad is None and repr(h).endswith("name='hidden')")
    with pytest.raises(ArgumentError, match="hidden, x"):
        grad(y, "other")


def test_several_outputs():
    x = leaf()
    a, b = x * 2, (x**2).sum()
    (x_bar,) = grad([a, b], x, grad_outputs=[X, None])
    np.testing.assert_allclose(x_bar.numpy(), 4 * X)
    with pytest.raises(ArgumentError, match="2 outputs"):
        grad([a, b], x, grad_outputs=[X])


def test_only_what_leads_to_the_inputs_is_swept():
    x, calls = leaf(), []
    h = x * 2
    x.register_hook(calls.append)
    y = (h**2).sum()
    grad(y, h, retain_graph=True)
    assert calls == []
    y.backward(inputs=[h])
    assert calls == [] and x.grad is None and h.grad is not None


def test_unused_inputs():
    x, z = leaf(), leaf()
    y = (x * 2).sum()
    with pytest.raises(ArgumentError, match="allow_unused"):
        grad(y, [x, z], retain_graph=True)
    x_bar, none = grad(y, [x, z], allow_unused=True)
    assert none is None and x_bar.tolist() == [2.0] * 3
    with pytest.raises(FreedGraphError):
        grad(y, x)
    with pytest.raises(ArgumentError, match=r"wengert\.grad"):
        grad(lambda x: x, x)
    with pytest.raises(ArgumentError, match="requires no gradient"):
        grad(x.sum(), tensor(X))


def test_an_output_is_its_own_input():
    x = leaf(2.0)
    assert grad(x, x)[0].item() == 1.0


# ----- with wengert's operators -----


def f(x):
    return (np.sin(x) * x).sum()


def by_tensors(x):
    """Be the gradient of f, by tensors made of whatever x is."""
    t = leaf(x)
    f(t).backward()
    return t.grad


@pytest.mark.parametrize("make", [lambda f: f, wengert.jit])
def test_tensors_inside_of_functions(make):
    g = make(lambda x: (by_tensors(x) * x).sum())
    right = wengert.grad(f)(X) @ X
    for _ in range(3):
        assert float(g(X)) == pytest.approx(right, rel=1e-13)


def test_derivatives_through_tensors():
    right = wengert.hessian(f)(X)
    np.testing.assert_allclose(wengert.jacfwd(by_tensors)(X), right, rtol=1e-12)
    np.testing.assert_allclose(wengert.jacrev(by_tensors)(X), right, rtol=1e-12)
    twice = wengert.grad(lambda x: wengert.grad(lambda z: by_tensors(z)[0] ** 2)(x)[0])
    plain = wengert.grad(
        lambda x: wengert.grad(lambda z: wengert.grad(f)(z)[0] ** 2)(x)[0]
    )
    np.testing.assert_allclose(twice(X), plain(X), rtol=1e-12)


def test_operators_of_tensors():
    x, w = leaf(), leaf(2.0)
    x_bar = wengert.grad(lambda z: f(z * w))(x)
    v = (x_bar * X).sum()
    v.backward()
    plain = lambda x, w: (wengert.grad(lambda z: f(z * w))(x) * X).sum()
    right = wengert.grad(plain, (0, 1))(X, 2.0)
    np.testing.assert_allclose(x.grad.numpy(), right[0], rtol=1e-12)
    np.testing.assert_allclose(w.grad.numpy(), right[1], rtol=1e-12)


def test_a_jitted_function_of_tensors():
    g = wengert.jit(f)
    for _ in range(3):
        x = leaf()
        g(x).backward()
        np.testing.assert_allclose(x.grad.numpy(), wengert.grad(f)(X), rtol=1e-13)


def test_captured_tensors_are_constants_of_a_derivative():
    w = leaf(3.0)
    x_bar = wengert.grad(lambda x: (x * w).sum())(X)
    x_bar.sum().backward()
    assert w.grad.item() == 3.0
    with no_grad():
        assert not wengert.grad(lambda x: (x * w).sum())(X).requires_grad


def test_graphs_of_two_derivatives_do_not_mix():
    w = leaf(3.0)
    with pytest.raises(ArgumentError, match="detach"):
        wengert.grad(lambda x: (leaf(x) * w).sum())(X)
