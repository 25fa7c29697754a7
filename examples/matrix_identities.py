"""A table of matrix calculus: what is differentiated, and what comes out.

The identities are those that references of the subject list: Petersen & Pedersen, The
Matrix Cookbook (2012), sections 2 and 8 to 10; Magnus & Neudecker, Matrix Differential
Calculus (2019), chapters 8 to 10. Each is a NumPy function, and the text that wengert
writes of its derivative. `docs/matrix_calculus.md` shows the table.

>>> case = IDENTITIES[0]
>>> case.derivative().text == case.expected
True
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matrix_identity import Identity
from numpy.linalg import det, inv, norm, slogdet, solve

__all__ = ["IDENTITIES"]


def _log_sum_exp(z: Any) -> Any:
    return np.log(np.sum(np.exp(z)))


def _cross_entropy(z: Any, y: Any) -> Any:
    shifted = z - np.max(z)
    return -np.sum(y * (shifted - np.log(np.sum(np.exp(shifted)))))


def _logistic(w: Any, X: Any, y: Any) -> Any:
    return np.sum(np.logaddexp(0, X @ w) - y * (X @ w))


def _log_likelihood(mu: Any, x: Any, S: Any) -> Any:
    return -0.5 * (x - mu) @ solve(S, x - mu) - 0.5 * slogdet(S)[1]


def _centred(X: Any) -> Any:
    return 0.5 * np.sum((X - X.mean(axis=0)) ** 2)


def _kalman(K: Any, P: Any, H: Any, R: Any) -> Any:
    """Give the trace of the covariance after an update with the gain K."""
    left = np.eye(P.shape[0]) - K @ H
    return np.trace(left @ P @ left.T + K @ R @ K.T)


def _row(*parts: Any, **more: Any) -> Identity:
    kind = more.pop("kind", "gradient")
    return Identity(*parts, kind=kind, assumptions=more)


IDENTITIES = [
    _row("linear", "aᵀx", lambda x, a: a @ x, "x:n a:n", "a"),
    _row("linear", "‖x‖²", lambda x: x @ x, "x:n", "2x"),
    _row("linear", "Σᵢxᵢ", lambda x: np.sum(x), "x:n", "1"),
    _row("linear", "aᵀXb", lambda X, a, b: a @ X @ b, "X:mn a:m b:n", "abᵀ"),
    _row("linear", "aᵀXᵀb", lambda X, a, b: a @ X.T @ b, "X:mn a:n b:m", "baᵀ"),
    _row("linear", "mean of X", lambda X: np.mean(X), "X:mn", "11ᵀ/(mn)"),
    _row("quadratic", "xᵀAx", lambda x, A: x @ A @ x, "x:n A:nn", "(A + Aᵀ)x"),
    _row(
        "quadratic",
        "xᵀAx, A symmetric",
        lambda x, A: x @ A @ x,
        "x:n A:nn",
        "2Ax",
        symmetric="A",
    ),
    _row(
        "quadratic",
        "½xᵀAx − bᵀx, A symmetric",
        lambda x, A, b: 0.5 * x @ A @ x - b @ x,
        "x:n A:nn b:n",
        "Ax − b",
        symmetric="A",
    ),
    _row(
        "quadratic",
        "bᵀXᵀXc",
        lambda X, b, c: b @ X.T @ X @ c,
        "X:mn b:n c:n",
        "X(bcᵀ + cbᵀ)",
    ),
    _row(
        "quadratic",
        "(Xb + c)ᵀD(Xb + c)",
        lambda X, b, c, D: (X @ b + c) @ D @ (X @ b + c),
        "X:mn b:n c:m D:mm",
        "(D + Dᵀ)(Xb + c)bᵀ",
    ),
    _row("quadratic", "xᵀAx by A", lambda A, x: x @ A @ x, "A:nn x:n", "xxᵀ"),
    _row(
        "quadratic",
        "(x − s)ᵀW(x − s), W symmetric",
        lambda x, s, W: (x - s) @ W @ (x - s),
        "x:n s:n W:nn",
        "2W(x − s)",
        symmetric="W",
    ),
    _row(
        "least squares",
        "½‖y − Ax‖²",
        lambda x, A, y: 0.5 * np.sum((y - A @ x) ** 2),
        "x:n A:mn y:m",
        "−Aᵀ(y − Ax)",
    ),
    _row(
        "least squares",
        "½‖y − Ax‖² by A",
        lambda A, x, y: 0.5 * np.sum((y - A @ x) ** 2),
        "A:mn x:n y:m",
        "−(y − Ax)xᵀ",
    ),
    _row(
        "least squares",
        "‖Ax − b‖",
        lambda x, A, b: norm(A @ x - b),
        "x:n A:mn b:m",
        "Aᵀ(Ax − b)/‖Ax − b‖",
    ),
    _row(
        "least squares",
        "‖AX − B‖²_F",
        lambda X, A, B: np.sum((A @ X - B) ** 2),
        "X:np A:mn B:mp",
        "2Aᵀ(AX − B)",
    ),
    _row(
        "least squares",
        "(Ax − b)ᵀW(Ax − b), W symmetric",
        lambda x, A, b, W: (A @ x - b) @ W @ (A @ x - b),
        "x:n A:mn b:m W:mm",
        "2AᵀW(Ax − b)",
        symmetric="W",
    ),
    _row(
        "least squares",
        "weighted, ½Σᵢwᵢ(aᵢᵀx − bᵢ)²",
        lambda x, A, b, w: 0.5 * np.sum(w * (A @ x - b) ** 2),
        "x:n A:mn b:m w:m",
        "Aᵀ((Ax − b) ∘ w)",
    ),
    _row(
        "least squares",
        "ridge, ½‖Xw − y‖² + ½λ‖w‖²",
        lambda w, X, y, lam: 0.5 * np.sum((X @ w - y) ** 2) + 0.5 * lam * (w @ w),
        "w:n X:mn y:m lam:",
        "Xᵀ(Xw − y) + λw",
    ),
    _row(
        "least squares",
        "lasso, ½‖Xw − y‖² + λ‖w‖₁",
        lambda w, X, y, lam: 0.5 * np.sum((X @ w - y) ** 2) + lam * np.sum(np.abs(w)),
        "w:n X:mn y:m lam:",
        "Xᵀ(Xw − y) + λ sign(w)",
    ),
    _row("norms", "‖x − a‖", lambda x, a: norm(x - a), "x:n a:n", "(x − a)/‖x − a‖"),
    _row(
        "norms",
        "(x − a)/‖x − a‖",
        lambda x, a: (x - a) / norm(x - a),
        "x:n a:n",
        "(I − (x − a)(x − a)ᵀ/‖x − a‖²)/‖x − a‖",
        kind="jacobian",
    ),
    _row("norms", "‖X‖²_F", lambda X: np.sum(X**2), "X:mn", "2X"),
    _row("norms", "‖X‖_F", lambda X: norm(X), "X:mn", "X/‖X‖_F"),
    _row(
        "norms",
        "Rayleigh quotient xᵀAx/xᵀx, A symmetric",
        lambda x, A: (x @ A @ x) / (x @ x),
        "x:n A:nn",
        "2(A − (xᵀAx)I/‖x‖²)x/‖x‖²",
        symmetric="A",
    ),
    _row("traces", "tr(X)", lambda X: np.trace(X), "X:nn", "I"),
    _row("traces", "tr(AX)", lambda X, A: np.trace(A @ X), "X:nm A:mn", "Aᵀ"),
    _row("traces", "tr(AXᵀ)", lambda X, A: np.trace(A @ X.T), "X:mn A:mn", "A"),
    _row(
        "traces",
        "tr(AXB)",
        lambda X, A, B: np.trace(A @ X @ B),
        "X:np A:mn B:pm",
        "AᵀBᵀ",
    ),
    _row("traces", "tr(X²)", lambda X: np.trace(X @ X), "X:nn", "2Xᵀ"),
    _row(
        "traces",
        "tr(X³)",
        lambda X: np.trace(np.linalg.matrix_power(X, 3)),
        "X:nn",
        "3(Xᵀ)²",
    ),
    _row(
        "traces",
        "tr(XᵀAX)",
        lambda X, A: np.trace(X.T @ A @ X),
        "X:mn A:mm",
        "(A + Aᵀ)X",
    ),
    _row(
        "traces",
        "tr(XAXᵀ)",
        lambda X, A: np.trace(X @ A @ X.T),
        "X:mn A:nn",
        "X(A + Aᵀ)",
    ),
    _row(
        "traces",
        "tr(AXBX)",
        lambda X, A, B: np.trace(A @ X @ B @ X),
        "X:nn A:nn B:nn",
        "AᵀXᵀBᵀ + BᵀXᵀAᵀ",
    ),
    _row(
        "traces",
        "tr(AXBXᵀC)",
        lambda X, A, B, C: np.trace(A @ X @ B @ X.T @ C),
        "X:np A:mn B:pp C:nm",
        "AᵀCᵀXBᵀ + CAXB",
    ),
    _row(
        "traces",
        "tr(BᵀXᵀCXB)",
        lambda X, B, C: np.trace(B.T @ X.T @ C @ X @ B),
        "X:mn B:np C:mm",
        "(C + Cᵀ)XBBᵀ",
    ),
    _row(
        "traces",
        "tr((X ∘ A)B)",
        lambda X, A, B: np.trace((X * A) @ B),
        "X:mn A:mn B:nm",
        "A ∘ Bᵀ",
    ),
    _row(
        "traces",
        "Σᵢⱼ XᵢⱼAᵢⱼ by einsum",
        lambda X, A: np.einsum("ij,ij->", X, A),
        "X:mn A:mn",
        "A",
    ),
    _row("determinants", "det X", lambda X: det(X), "X:nn", "det(X) X⁻ᵀ"),
    _row("determinants", "log det X", lambda X: slogdet(X)[1], "X:nn", "X⁻ᵀ"),
    _row(
        "determinants",
        "det(AXB)",
        lambda X, A, B: det(A @ X @ B),
        "X:nn A:nn B:nn",
        "det(A) det(B) det(X) X⁻ᵀ",
    ),
    _row(
        "determinants",
        "log det(XᵀX)",
        lambda X: slogdet(X.T @ X)[1],
        "X:mn",
        "2X(XᵀX)⁻¹",
    ),
    _row(
        "determinants",
        "log det(A + BXBᵀ), X and A symmetric",
        lambda X, A, B: slogdet(A + B @ X @ B.T)[1],
        "X:nn A:mm B:mn",
        "Bᵀ(A + BXBᵀ)⁻¹B",
        definite="A",
        symmetric="X",
    ),
    _row("determinants", "(det X)²", lambda X: det(X) ** 2, "X:nn", "2 det(X)² X⁻ᵀ"),
    _row(
        "inverses",
        "aᵀX⁻¹b",
        lambda X, a, b: a @ inv(X) @ b,
        "X:nn a:n b:n",
        "−X⁻ᵀabᵀX⁻ᵀ",
    ),
    _row(
        "inverses",
        "tr(AX⁻¹B)",
        lambda X, A, B: np.trace(A @ inv(X) @ B),
        "X:nn A:mn B:nm",
        "−X⁻ᵀAᵀBᵀX⁻ᵀ",
    ),
    _row(
        "inverses",
        "bᵀ(A⁻¹b) by b, A definite",
        lambda b, A: b @ solve(A, b),
        "b:n A:nn",
        "2A⁻¹b",
        definite="A",
    ),
    _row(
        "inverses",
        "tr((X + A)⁻¹)",
        lambda X, A: np.trace(inv(X + A)),
        "X:nn A:nn",
        "−((A + X)⁻ᵀ)²",
    ),
    _row("inverses", "X⁻¹", lambda X: inv(X), "X:nn", "−X⁻ᵀ ⊗ X⁻¹", kind="jacobian"),
    _row(
        "statistics",
        "Gaussian log likelihood by μ",
        _log_likelihood,
        "mu:n x:n S:nn",
        "S⁻¹(x − μ)",
        definite="S",
    ),
    _row(
        "statistics",
        "Gaussian log likelihood by Σ",
        lambda S, mu, x: _log_likelihood(mu, x, S),
        "S:nn mu:n x:n",
        "½(S⁻¹(x − μ)(x − μ)ᵀ − I)S⁻¹",
        definite="S",
    ),
    _row(
        "statistics",
        "Mahalanobis distance √((x − μ)ᵀΣ⁻¹(x − μ))",
        lambda x, mu, S: np.sqrt((x - mu) @ inv(S) @ (x - mu)),
        "x:n mu:n S:nn",
        "S⁻¹(x − μ)/√((x − μ)ᵀS⁻¹(x − μ))",
        definite="S",
    ),
    _row(
        "statistics", "logistic regression", _logistic, "w:n X:mn y:m", "Xᵀ(σ(Xw) − y)"
    ),
    _row(
        "statistics",
        "softmax cross-entropy",
        _cross_entropy,
        "z:n y:n",
        "softmax(z) − y",
        probability="y",
    ),
    _row("statistics", "log Σᵢ exp zᵢ", _log_sum_exp, "z:n", "softmax(z)"),
    _row("statistics", "scatter ½Σ‖xᵢ − x̄‖²", _centred, "X:mn", "(I − 11ᵀ/m)X"),
    _row(
        "statistics",
        "PCA, ‖X − XWWᵀ‖²_F, W orthogonal",
        lambda W, X: np.sum((X - X @ W @ W.T) ** 2),
        "W:np X:mn",
        "2(WWᵀ − I)XᵀXW",
        orthogonal="W",
    ),
    _row(
        "statistics",
        "entropy −Σᵢ pᵢ log pᵢ",
        lambda p: -np.sum(p * np.log(p)),
        "p:n",
        "−(1 + log(p))",
        positive="p",
    ),
    _row(
        "statistics",
        "Kalman gain, tr((I − KH)P(I − KH)ᵀ + KRKᵀ)",
        _kalman,
        "K:nm P:nn H:mn R:mm",
        "2(KR − (I − KH)PHᵀ)",
        symmetric=("P", "R"),
    ),
    _row(
        "factorisations",
        "½‖M − UVᵀ‖²_F",
        lambda U, V, M: 0.5 * np.sum((M - U @ V.T) ** 2),
        "U:mp V:np M:mn",
        "−(M − UVᵀ)V",
    ),
    _row(
        "factorisations",
        "‖W ∘ (M − UVᵀ)‖²_F",
        lambda U, V, M, W: np.sum((W * (M - U @ V.T)) ** 2),
        "U:mp V:np M:mn W:mn",
        "−2(W ∘ W ∘ (M − UVᵀ))V",
    ),
    _row(
        "networks",
        "½‖tanh(Ax + b) − y‖² by b",
        lambda b, A, x, y: 0.5 * np.sum((np.tanh(A @ x + b) - y) ** 2),
        "b:m A:mn x:n y:m",
        "(tanh(Ax + b) − y) ∘ (1 − tanh²(Ax + b))",
    ),
    _row(
        "networks",
        "tanh(Ax + b) by b",
        lambda b, A, x: np.tanh(A @ x + b),
        "b:m A:mn x:n",
        "diag(1 − tanh²(Ax + b))",
        kind="jacobian",
    ),
    _row(
        "networks",
        "tanh(Ax + b) by x",
        lambda x, A, b: np.tanh(A @ x + b),
        "x:n A:mn b:m",
        "diag(1 − tanh²(Ax + b)) A",
        kind="jacobian",
    ),
    _row(
        "networks",
        "Σ max(0, Ax)",
        lambda x, A: np.sum(np.maximum(0, A @ x)),
        "x:n A:mn",
        "Aᵀ[Ax > 0]",
    ),
    _row(
        "networks",
        "softmax(z)",
        lambda z: np.exp(z) / np.sum(np.exp(z)),
        "z:n",
        "diag(softmax(z)) − softmax(z) softmax(z)ᵀ",
        kind="jacobian",
    ),
    _row("Jacobians", "Ax", lambda x, A: A @ x, "x:n A:mn", "A", kind="jacobian"),
    _row(
        "Jacobians", "a ∘ x", lambda x, a: a * x, "x:n a:n", "diag(a)", kind="jacobian"
    ),
    _row(
        "Jacobians",
        "x(aᵀx)",
        lambda x, a: x * (a @ x),
        "x:n a:n",
        "xaᵀ + (aᵀx)I",
        kind="jacobian",
    ),
    _row(
        "Jacobians",
        "AXB",
        lambda X, A, B: A @ X @ B,
        "X:np A:mn B:pq",
        "Bᵀ ⊗ A",
        kind="jacobian",
    ),
    _row("Jacobians", "Xᵀ", lambda X: X.T, "X:mn", "K", kind="jacobian"),
    _row(
        "Jacobians",
        "diag(x)",
        lambda x, A: A @ np.diag(x) @ A.T @ x,
        "x:n A:nn",
        "A(diag(x) Aᵀ + diag(Aᵀx))",
        kind="jacobian",
    ),
    _row(
        "Hessians", "xᵀAx", lambda x, A: x @ A @ x, "x:n A:nn", "A + Aᵀ", kind="hessian"
    ),
    _row(
        "Hessians",
        "½‖y − Ax‖²",
        lambda x, A, y: 0.5 * np.sum((y - A @ x) ** 2),
        "x:n A:mn y:m",
        "AᵀA",
        kind="hessian",
    ),
    _row(
        "Hessians",
        "‖x‖",
        lambda x: norm(x),
        "x:n",
        "(I − xxᵀ/‖x‖²)/‖x‖",
        kind="hessian",
    ),
    _row(
        "Hessians",
        "log Σᵢ exp zᵢ",
        _log_sum_exp,
        "z:n",
        "diag(softmax(z)) − softmax(z) softmax(z)ᵀ",
        kind="hessian",
    ),
    _row(
        "Hessians",
        "logistic regression",
        _logistic,
        "w:n X:mn y:m",
        "Xᵀ diag(σ(Xw) ∘ σ(−Xw)) X",
        kind="hessian",
    ),
    _row(
        "Hessians",
        "½‖AX − B‖²_F by vec X",
        lambda X, A, B: 0.5 * np.sum((A @ X - B) ** 2),
        "X:np A:mn B:mp",
        "I ⊗ AᵀA",
        kind="hessian",
    ),
    _row(
        "Hessians",
        "log det X, X symmetric",
        lambda X: slogdet(X)[1],
        "X:nn",
        "−(X⁻¹ ⊗ X⁻¹)K",
        definite="X",
        kind="hessian",
    ),
]
