"""A derivative as text, LaTeX and NumPy code."""

import numpy as np

from wengert.symbolic import matrix_gradient, matrix_hessian, matrix_jacobian

rng = np.random.default_rng(0)
x, a = rng.normal(size=(2, 3))
A, X = rng.normal(size=(4, 3)), rng.normal(size=(3, 3))


def last_line(d):
    return d.numpy().splitlines()[-1].strip()


def test_latex():
    d = matrix_gradient(lambda mu, S, x: (x - mu) @ np.linalg.inv(S) @ (x - mu))
    assert d(x, X, a).latex() == (
        r"\frac{\partial f}{\partial \mu} = "
        r"-\left(S^{-1} + S^{-\top}\right) \left(x - \mu\right)"
    )
    d = matrix_hessian(lambda x: np.linalg.norm(x))(x)
    assert d.latex().endswith(
        r"\left(I - \frac{x x^{\top}}{\lVert x \rVert^{2}}\right)}{\lVert x \rVert}"
    )
    assert d._repr_latex_().startswith(r"$\displaystyle \frac{\partial^2 f}")
    d = matrix_jacobian(lambda x, A: np.tanh(A @ x))(x, A)
    assert (
        r"\operatorname{diag}\left(\mathbf{1} - \tanh^{2}\left(A x\right)\right)"
        in (d.latex())
    )
    d = matrix_gradient(lambda x, a: np.sum(np.where(x > a, x, 0)))(x, a)
    assert r"\left[x > a\right]" in d.latex() or "where" in d.latex()


def test_several_lines_are_aligned():
    d = matrix_gradient(lambda x, a: x @ a, (0, 1))(x, a)
    assert d.latex() == (
        "\\begin{aligned}\n"
        "\\frac{\\partial f}{\\partial x} &= a \\\\\n"
        "\\frac{\\partial f}{\\partial a} &= x\n"
        "\\end{aligned}"
    )


def test_code_reads_like_numpy():
    cases = [
        (lambda x, A: x @ A @ x, (x, X), "return (A + A.T) @ x"),
        (lambda A, x: x @ A @ x, (X, x), "return np.outer(x, x)"),
        (lambda x, a: np.linalg.norm(x - a), (x, a), "(x - a) / np.linalg.norm(x - a)"),
        (lambda y, A, x: y @ np.linalg.solve(A, x), (a, X, x), "np.linalg.solve(A, x)"),
        (lambda x, A: np.sum(A @ x), (x, A), "return A.T @ np.ones(size_m)"),
        (lambda x: np.log(np.sum(np.exp(x))), (x,), "return softmax(x)"),
        (lambda x: np.sum(np.log1p(np.exp(x))), (x,), "return sigmoid(x)"),
    ]
    for f, arrays, expected in cases:
        assert expected in last_line(matrix_gradient(f)(*arrays)), expected


def test_code_stands_alone_and_takes_other_sizes():
    d = matrix_gradient(lambda X: np.sum((X - X.mean(axis=0)) ** 2))(A)
    namespace = {}
    exec(d.numpy(), namespace)
    B = rng.normal(size=(6, 2))
    np.testing.assert_allclose(namespace["gradient"](B), 2 * (B - B.mean(axis=0)))


def test_sigmoid_and_softmax_do_not_overflow():
    z = np.array([-1000.0, 0.0, 1000.0])
    d = matrix_gradient(lambda x: np.sum(np.logaddexp(0, x)))(x)
    np.testing.assert_allclose(d.function()(z), [0, 0.5, 1])
    d = matrix_gradient(lambda x: np.log(np.sum(np.exp(x))))(x)
    np.testing.assert_allclose(d.function()(z), [0, 0, 1])


def test_names_of_python_and_greek():
    def f(lambda_, Sigma, x1):
        return lambda_ * (x1 @ Sigma @ x1)

    d = matrix_gradient(f, "x1", symmetric="Sigma")(2.0, X, x)
    assert d.text == "2λΣx₁"
    np.testing.assert_allclose(d.function()(2.0, X + X.T, x), 4 * (X + X.T) @ x)


def test_commutation_matrix():
    d = matrix_jacobian(lambda X: X.T)(A)
    K = d.function()(A)
    np.testing.assert_array_equal(K @ A.ravel(order="F"), A.T.ravel(order="F"))
