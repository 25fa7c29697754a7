import numpy as np
import pytest
import scipy.optimize
import scipy.sparse

from wengert.errors import ArgumentError, NanError, ShapeError
from wengert.optimize import least_squares


def broyden(x):
    zero = np.zeros(1)
    before, after = np.concatenate([zero, x[:-1]]), np.concatenate([x[1:], zero])
    return (3 - 2 * x) * x - before - 2 * after + 1


T = np.linspace(0, 3, 30)
Y = 2 * np.exp(-0.7 * T) + 0.05 * np.sin(9 * T)


def decay(p):
    return {"all": p["a"] * np.exp(-p["k"] * T) - Y}


@pytest.mark.parametrize("loss", ["linear", "soft_l1", "cauchy"])
@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_as_scipy_finds(method, loss):
    if method == "lm" and loss != "linear":
        return
    flat = lambda v: v[0] * np.exp(-v[1] * T) - Y
    expected = scipy.optimize.least_squares(
        flat, [1.0, 1.0], method=method, loss=loss, xtol=1e-12, ftol=1e-12, gtol=1e-12
    )
    result = least_squares(
        decay, {"a": 1.0, "k": 1.0}, method=method, loss=loss, xtol=1e-12, ftol=1e-12,
        gtol=1e-12,
    )  # fmt: skip
    np.testing.assert_allclose([result.x["a"], result.x["k"]], expected.x, rtol=1e-6)
    np.testing.assert_allclose(result.cost, expected.cost, rtol=1e-9)
    assert abs(result.grad["a"]) < 1e-6


@pytest.mark.parametrize(
    "kind", [{"sparse": True}, {"jac": "sparse"}, {"jac": "operator"},
             {"jac_sparsity": np.eye(3)}, {"jac": "2-point"}, {}],
)  # fmt: skip
def test_forms_of_the_jacobian(kind):
    result = least_squares(broyden, -np.ones(40), **kind)
    assert result.cost < 1e-15
    differences = kind.get("jac") == "2-point"
    assert (result.report.calls("Jacobian") == 0) == differences
    if kind.get("jac") != "operator":
        is_sparse = scipy.sparse.issparse(result.jac)
        assert is_sparse == (bool(kind) and not differences)


def test_bounds_and_scales():
    result = least_squares(
        decay, {"a": 1.0, "k": 0.2}, bounds=({"a": 0.0, "k": None}, {"a": 9, "k": 0.5}),
        x_scale={"a": 2.0, "k": 0.5},
    )  # fmt: skip
    np.testing.assert_allclose(result.x["k"], 0.5, atol=1e-6)
    # SciPy's own trf ends where it starts here.
    for method in ("trf", "dogbox"):
        at = np.zeros(2)
        result = least_squares(
            lambda x: x - 3, at, bounds=([0, 0], [1, np.inf]), method=method
        )
        np.testing.assert_allclose(result.x, [1, 3], atol=1e-6)
    inside = least_squares(lambda x: x - 3, np.zeros(2), bounds=(-1, 2.0))
    np.testing.assert_allclose(inside.x, [2, 2], atol=1e-6)


def test_arguments_and_callbacks():
    seen = []
    result = least_squares(
        lambda x, a, b=0: x - a - b, np.zeros(2), args=(np.ones(2),), kwargs={"b": 2.0},
        callback=lambda intermediate_result: seen.append(intermediate_result.x),
    )  # fmt: skip
    np.testing.assert_allclose(result.x, [3, 3])
    assert len(seen) >= 1


def test_compiled_is_the_same():
    compiled = least_squares(broyden, -np.ones(20), compile=True)
    plain = least_squares(broyden, -np.ones(20), compile=False)
    np.testing.assert_allclose(compiled.x, plain.x, rtol=1e-12)
    assert "compiled from call 1" in str(compiled.report)


def test_interruption_gives_the_best():
    calls = []

    def r(x):
        calls.append(1)
        if len(calls) == 9:
            raise KeyboardInterrupt
        return [10 * (x[1] - x[0] ** 2), 1 - x[0]]

    result = least_squares(r, [-1.2, 1.0], compile=False)
    assert result.interrupted
    np.testing.assert_allclose(result.cost, 0.5 * np.sum(np.square(result.fun)))
    assert result.cost < 12.1


def test_bad_input():
    with pytest.raises(NanError, match="not finite at x0.*log made a nan"):
        least_squares(lambda x: np.log(x), np.array([-1.0, 1.0]))
    with pytest.raises(NanError, match="Jacobian.*sqrt"):
        least_squares(lambda x: np.sqrt(x), np.array([0.0, 1.0]))
    with pytest.raises(ArgumentError, match="dense"):
        least_squares(broyden, np.ones(3), method="lm", sparse=True)
    with pytest.raises(ArgumentError, match="neither bounds"):
        least_squares(broyden, np.ones(3), method="lm", bounds=(0, 1))
    with pytest.raises(ArgumentError, match="method"):
        least_squares(broyden, np.ones(3), method="gauss")
    with pytest.raises(ArgumentError, match="jac="):
        least_squares(broyden, np.ones(3), jac="exact")
    with pytest.raises(ShapeError, match="complex"):
        least_squares(lambda x: 1j * x, np.ones(3))
