"""Writes to tensors: values and derivatives as if every value were new."""

import numpy as np
import pytest

import wengert
from wengert.errors import ArgumentError
from wengert.imperative import grad, no_grad, tensor

X = np.array([0.3, -1.2, 2.0, 0.7])


def leaf(a=X):
    return tensor(a, requires_grad=True)


def same(f):
    """Compare a program that writes with the same under wengert.grad."""
    x = leaf()
    y = f(x)
    y.backward()
    assert y.item() == pytest.approx(f(X.copy()), rel=1e-14)
    np.testing.assert_allclose(x.grad.numpy(), wengert.grad(f)(X), rtol=1e-13)


def items(x):
    y = x * 2
    y[1] = x[0] ** 2
    y[2:] *= x[1]
    y[[0, 3]] = 1.0
    return (y * x).sum()


def views(x):
    y = x * 2
    row = y.reshape(2, 2)[1]
    last = y[3:]
    y[2] = x[0] * 5
    row[1] *= x[1]
    return (row * row).sum() + (last * 3).sum() + y @ y


def wholes(x):
    y = x * 1
    half = y[::2]
    y *= x
    y += 1
    half -= x[:2]
    y /= 2.0
    y **= 2
    return (y * half.sum()).sum()


def loops(x):
    y = np.zeros_like(x) + 0 * x
    for i in range(4):
        y[i] = x[i] * (y[i - 1] if i else 1.0)
    return (y**2).sum()


def masks(x):
    y = x + 0
    y[y < 0] = 0
    y[y > 1] *= 3
    return (y * x).sum()


@pytest.mark.parametrize("f", [items, views, wholes, loops, masks])
def test_writes(f):
    same(f)


def test_what_a_graph_has_kept_does_not_change():
    x = leaf()
    h = np.exp(x)
    y = (h * h).sum()
    h[0] = 100.0
    h *= 2
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.exp(2 * X))


def test_scalars_are_written_to_in_place():
    x = leaf(2.0)
    y = x * 3
    other = y
    y += x
    y[...] = y * y
    assert other is y and y.item() == 64.0
    y.backward()
    assert x.grad.item() == 64.0
    with pytest.raises(IndexError):
        y[0] = 1.0


def test_leaves_are_written_to_under_no_grad_alone():
    x = leaf()
    for write in (
        lambda: x.__setitem__(0, 1.0),
        lambda: x.__iadd__(1.0),
        lambda: x[1:].__imul__(2.0),
        lambda: x.zero_(),
    ):
        with pytest.raises(ArgumentError, match="no_grad"):
            write()
    np.testing.assert_array_equal(x.detach().numpy(), X)
    part = x[:2]
    with no_grad():
        x -= 1.0
        x[0] = 5.0
    assert x.is_leaf and x.requires_grad
    np.testing.assert_allclose(part.detach().numpy(), [5.0, -2.2])
    (part.sum() + x @ x).backward()
    now = x.detach().numpy()
    np.testing.assert_allclose(x.grad.numpy(), 2 * now + [1, 1, 0, 0])


def test_an_update_between_run_and_sweep_leaves_the_derivative():
    x = leaf()
    y = (x**2).sum()
    with no_grad():
        x.zero_()
    y.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * X)


def test_detached_tensors_are_apart():
    x = leaf()
    d = x.detach()
    d[0] = 9.0
    np.testing.assert_array_equal(x.detach().numpy(), X)
    a = X.copy()
    t = tensor(a)
    a[0] = 9.0
    assert t[0].item() == X[0]


def test_gradients_that_share_an_array_are_written_to_apart():
    x, w = leaf(), leaf()
    (x + w).sum().backward()
    x.grad[0] = 5.0
    np.testing.assert_array_equal(w.grad.numpy(), np.ones(4))
    np.testing.assert_array_equal(x.grad.numpy(), [5, 1, 1, 1])


def test_constants_become_recorded_by_what_is_written():
    x, y = leaf(), tensor(np.zeros(4))
    y[1] = x[0]
    assert y.requires_grad
    (y * X).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [X[1], 0, 0, 0])


def test_retained_gradients_follow_a_write():
    x = leaf()
    y = x * 2
    y.retain_grad()
    y.name = "y"
    y += 1
    z = (y * X).sum()
    (y_bar,) = grad(z, "y", retain_graph=True)
    z.backward()
    np.testing.assert_allclose(y.grad.numpy(), X)
    np.testing.assert_allclose(y_bar.numpy(), X)


def test_what_does_not_fit_is_refused():
    y = leaf() * 2
    with pytest.raises(ValueError, match="fit"):
        y += np.ones((2, 4))
    with pytest.raises(TypeError, match="astype"):
        y *= 1j
    with pytest.raises(ValueError):
        y[:2] = np.ones(3)


def test_running_derivatives_do_not_leak_into_tensors():
    t = tensor(np.zeros(2))

    def f(x):
        t[0] = x
        return x * x

    with pytest.raises(ArgumentError, match="outlive"):
        wengert.grad(f)(2.0)
