"""Derivatives of NumPy functions as matrix expressions: what users call."""

import numpy as np
import pytest

from wengert import grad
from wengert.errors import ArgumentError, EngineError, NotScalarError
from wengert.symbolic import matrix_gradient, matrix_hessian, matrix_jacobian
from wengert.symbolic.matrices import derivative
from wengert.symbolic.matrices.algebra import number, scale

rng = np.random.default_rng(0)
x, v = rng.normal(size=(2, 3))
y = rng.normal(size=4)
A, X = rng.normal(size=(4, 3)), rng.normal(size=(3, 3))


def loss(x, A, y):
    return 0.5 * np.sum((y - A @ x) ** 2)


def net(A, b, x, y):
    for Ak, bk in zip(A, b, strict=True):
        x = np.tanh(Ak @ x + bk)
    return np.sum((y - x) ** 2)


LAYERS = [rng.normal(size=s) for s in ((5, 3), (2, 5), (4, 2))]
BIASES = [rng.normal(size=n) for n in (5, 2, 4)]


def test_it_prints_with_names_and_shapes():
    d = matrix_gradient(loss, "x")(x, A, y=y)
    assert str(d) == "∂loss/∂x = −Aᵀ(y − Ax)\n(x n, A m×n, y m)"
    assert d.shapes == {"x": ("n", 1), "A": ("m", "n"), "y": ("m", 1)}


def test_several_arguments_by_name_and_place():
    d = matrix_gradient(loss, ("A", 0))(x, A, y)
    assert d.text == "∂loss/∂A = −(y − Ax)xᵀ\n∂loss/∂x = −Aᵀ(y − Ax)"
    both = zip(d.function()(x, A, y), grad(loss, (1, 0))(x, A, y), strict=True)
    for found, exact in both:
        np.testing.assert_allclose(found, exact)


def test_a_network_has_lines():
    """The K layers of the lectures: zₖ, δₖ, and derivatives by every parameter."""
    d = matrix_gradient(net, ("A", "b", "x"))(LAYERS, BIASES, x, y)
    assert d.text.splitlines() == [
        "z₁ = A₀x + b₀",
        "z₂ = A₁ tanh(z₁) + b₁",
        "z₃ = A₂ tanh(z₂) + b₂",
        "δ₃ = (1 − tanh²(z₃)) ∘ (y − tanh(z₃))",
        "δ₂ = (A₂ᵀδ₃) ∘ (1 − tanh²(z₂))",
        "δ₁ = (A₁ᵀδ₂) ∘ (1 − tanh²(z₁))",
        "∂net/∂A₀ = −2δ₁xᵀ",
        "∂net/∂A₁ = −2δ₂ tanh(z₁)ᵀ",
        "∂net/∂A₂ = −2δ₃ tanh(z₂)ᵀ",
        "∂net/∂b₀ = −2δ₁",
        "∂net/∂b₁ = −2δ₂",
        "∂net/∂b₂ = −2δ₃",
        "∂net/∂x = −2A₀ᵀδ₁",
    ]
    found = d.function()(*LAYERS, *BIASES, x, y)
    exact = grad(net, (0, 1, 2))(LAYERS, BIASES, x, y)
    for one, other in zip(found, (*exact[0], *exact[1], exact[2]), strict=True):
        np.testing.assert_allclose(one, other)
    assert r"\delta_{1} &= \left(A_{1}^{\top} \delta_{2}\right) \odot" in d.latex()


def test_a_dict_of_arrays():
    d = matrix_gradient(lambda p: p["w"] @ p["v"] * p["c"])(dict(w=x, v=v, c=2.0))
    assert "∂f/∂p_w = p_c p_v" in d.text


def test_sizes_that_a_mean_divides_by_have_names():
    assert matrix_gradient(np.mean)(X).text == "11ᵀ/n²"
    d = matrix_gradient(lambda X: np.sum((X - X.mean(axis=0)) ** 2))(A)
    assert d.text == "2(I − 11ᵀ/m)X"
    # Numbers of the program stay numbers, even those that a size might be.
    d = matrix_gradient(lambda x: 13 * np.sum(x**2) + 17 * np.sum(x**2))(x)
    assert d.text == "60x"


def test_arrays_of_one_column_or_row_keep_their_shape():
    for shape in ((3, 1), (1, 3), (1,), (1, 1)):
        a = rng.normal(size=shape)
        d = matrix_gradient(lambda a: np.sum(a**2))(a)
        assert d.is_lifted
        np.testing.assert_allclose(d.function()(a), 2 * a, strict=True)


def test_rows_of_softmax():
    def cross_entropy(W, X, Y):
        Z = X @ W
        return -np.sum(Y * (Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))))

    d = matrix_gradient(cross_entropy)(rng.normal(size=(3, 2)), A, np.ones((4, 2)))
    assert d.text == "Xᵀ(diag(Y1) softmax(XW) − Y)"


def test_assumptions_shorten():
    def f(x, A):
        return x @ A @ x

    S = X + X.T
    assert matrix_gradient(f)(x, S).text == "(A + Aᵀ)x"  # an example assumes nothing
    assert matrix_gradient(f, symmetric="A")(x, S).text == "2Ax"
    assert matrix_gradient(f, orthogonal=["A"])(x, X).text == "(A + Aᵀ)x"
    assert matrix_hessian(f, definite="A")(x, S @ S).text == "2A"


def test_what_no_matrix_stands_for_is_written_in_lines():
    def f(x):
        return np.sum(np.cumsum(x) ** 2)

    d = matrix_gradient(f)(x)
    assert not d.is_lifted and d.text == "" and not d._repr_latex_()
    assert "cumsum" in d.reason and "test_derivative.py" in d.reason
    assert str(d).startswith("No matrix form: ") and "def gradient(x):" in str(d)
    np.testing.assert_allclose(d.function()(x), grad(f)(x))
    with pytest.raises(EngineError, match=r"stands for cumsum, at .*test_derivative"):
        matrix_gradient(f, strict=True)(x)


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (lambda x: x[0] * x[1], "part of an array"),
        (lambda x: np.sum(x[::-1] * x), "getitem"),
        (lambda x: x @ np.arange(3.0), "needs to be an argument"),
        (lambda x: np.sum(x) if x[0] > 0 else np.sum(x**2), "getitem|branches"),
        (lambda x: np.sum(x**2) if np.sum(x) > 0 else 1.0 * np.sum(x), "branches"),
        (lambda x: np.prod(x), "prod"),
        (lambda x: np.sum(np.sort(x) ** 2), "sort"),
        (lambda x: np.sum(x[:, None, None] ** 2), "3 axes"),
    ],
)
def test_reasons_are_said(f, why):
    with pytest.raises(EngineError, match=why):
        matrix_gradient(f, strict=True)(x)
    d = matrix_gradient(f)(x)
    np.testing.assert_allclose(d.function()(x), grad(f)(x), atol=1e-12)


def test_a_formula_for_given_sizes_only_says_so():
    fixed = rng.normal(size=(3, 3))

    def f(x):
        return np.sum(x) * fixed.shape[0] + np.sum(x @ np.ones((3, 2)))

    d = matrix_gradient(f)(x)
    assert str(d) == "∂f/∂x = 5·1\n(x n; for n = 3 only)"


def test_a_wrong_formula_is_not_shown(monkeypatch):
    true = derivative.simplify
    monkeypatch.setattr(derivative, "simplify", lambda e: scale(number(2), true(e)))
    d = matrix_gradient(loss)(x, A, y)
    assert not d.is_lifted and "did not agree" in d.reason


def test_bad_input_is_refused():
    with pytest.raises(ArgumentError, match="function"):
        matrix_gradient(3)
    with pytest.raises(ArgumentError, match="no argument 'z'"):
        matrix_gradient(loss, "z")(x, A, y)
    with pytest.raises(ArgumentError, match="assumptions"):
        matrix_gradient(loss, symmetri="A")
    with pytest.raises(ArgumentError, match="no array 'B'"):
        matrix_gradient(loss, symmetric="B")(x, A, y)
    with pytest.raises(ArgumentError, match="square"):
        matrix_gradient(loss, symmetric="A")(x, A, y)
    with pytest.raises(ArgumentError, match="missing"):
        matrix_gradient(loss)(x, A)
    for bad in (np.ones((2, 2, 2)), np.arange(3), np.ones(3) * 1j, np.ones(0)):
        with pytest.raises(ArgumentError, match="real floats"):
            matrix_gradient(lambda x: np.sum(x))(bad)
    with pytest.raises(NotScalarError, match=r"<lambda> returned .* shape \(4,\)"):
        matrix_gradient(lambda x, A: A @ x)(x, A)
    with pytest.raises(ArgumentError, match="tuple"):
        matrix_jacobian(lambda x: (x, x))(x)
    with pytest.raises(ArgumentError, match="one array"):
        matrix_hessian(lambda x, v: x @ v, (0, 1))(x, v)


def test_a_derivative_of_zero():
    assert matrix_gradient(lambda x, v: np.sum(v))(x, v).text == "0"
    assert matrix_hessian(lambda x: np.sum(x))(x).text == "0"
    assert matrix_jacobian(lambda x, A: A @ np.ones(3))(x, A).text == "0"


def test_jacobians_of_matrices_take_columns():
    d = matrix_jacobian(lambda X, A, B: A @ X.T @ B)(A, X, rng.normal(size=(4, 2)))
    assert d.text == "(Bᵀ ⊗ A)K"
    assert "def commutation(m, n):" in d.numpy()


def test_a_domain_that_random_arrays_leave():
    B = np.abs(A) + 1
    d = matrix_gradient(lambda x, A: np.sum(np.log(A @ x)))(np.ones(3), B)
    assert d.text == "Aᵀ(1 ⊘ (Ax))"
