"""check_derivatives passes what is right, and refuses what it cannot read."""

import dataclasses

import numpy as np
import pytest

from tests.numeric.boxes import (
    Op,
    W,
    X,
    f,
    jvp,
    matrix,
    partials,
    sin,
    vjp,
    wrong,
)
from wengert.errors import ArgumentError, ShapeError
from wengert.numeric import check_derivatives


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_right_rules_pass(modes, order):
    if order == 3 and len(modes) == 2:
        pytest.skip("14 paths of modes say no more than the 6 of order 2")
    report = check_derivatives(f, (X, W), jvp=jvp, vjp=vjp, modes=modes, order=order)
    assert report, str(report)
    report.raise_if_failed()
    assert max(record.order for record in report.records) == order


def test_all_mixtures_of_modes_are_taken():
    report = check_derivatives(f, (X, W), jvp=jvp, vjp=vjp)
    assert {record.mode for record in report.records} == {
        "fwd", "rev", "fwd∘fwd", "rev∘fwd", "fwd∘rev", "rev∘rev",
    }  # fmt: skip
    arguments = {r.argument for r in report.records if r.mode == "rev∘fwd"}
    assert {"args[0]", "args[1]", "x_dot[0]", "x_dot[1]"} <= arguments
    assert any(r.argument == "y_bar" for r in report.records if r.mode == "fwd∘rev")


@pytest.mark.parametrize("seed", range(5))
def test_any_seed_passes(seed):
    assert check_derivatives(f, (X, W), jvp=jvp, vjp=vjp, seed=seed)


def test_python_floats_stay_python_floats():
    seen = []

    def g(x):
        seen.append(type(getattr(x, "value", x)))
        return x * x

    assert check_derivatives(g, (3.0,), jvp=jvp, vjp=vjp, order=1, dtypes=False)
    assert set(seen) == {float}


def test_single_precision():
    x, w = X.astype(np.float32), W.astype(np.float32)
    report = check_derivatives(f, (x, w), jvp=jvp, vjp=vjp, order=1, dtypes=False)
    assert report, str(report)
    assert report.worst.tolerance > 1e-5


def test_complex_arguments_pair_without_conjugation():
    z, w = X + 1j * W, W - 0.5j * X
    report = check_derivatives(f, (z, w), jvp=jvp, vjp=vjp)
    assert report, str(report)


def test_conjugating_pullback_fails():
    def conjugating(f, *primals):
        y, pullback = vjp(f, *primals)
        return y, lambda y_bar: tuple(np.conj(g) for g in pullback(np.conj(y_bar)))

    def square(z):
        return z * z

    z = X + 1j * W
    assert check_derivatives(square, (z,), jvp=None, vjp=vjp, modes="rev", order=1)
    assert not check_derivatives(
        square, (z,), jvp=None, vjp=conjugating, modes="rev", order=1
    )


def test_real_function_of_complex_argument():
    # |z|² has the gradient ∂f/∂x − i ∂f/∂y = 2 conj(z), in the bilinear pairing.
    def square(z):
        return np.abs(z) ** 2

    def square_vjp(f, z):
        return f(z), lambda y_bar: (y_bar * 2 * np.conj(z),)

    def conjugate_vjp(f, z):
        return f(z), lambda y_bar: (y_bar * 2 * z,)

    z = (X + 1j * W,)
    right = check_derivatives(square, z, jvp=None, vjp=square_vjp, modes="rev", order=1)
    assert right, str(right)
    assert not check_derivatives(
        square, z, jvp=None, vjp=conjugate_vjp, modes="rev", order=1
    )


def test_complex_function_of_a_real_argument():
    def turn_vjp(f, t):
        y = f(t)
        return y, lambda y_bar: ((y_bar * 1j * y).real,)

    def turn_jvp(f, primals, tangents):
        y = f(*primals)
        return y, 1j * y * tangents[0]

    report = check_derivatives(
        lambda t: np.exp(1j * t), (X,), jvp=turn_jvp, vjp=turn_vjp, order=1
    )
    assert report, str(report)


def test_trees_and_fixed_leaves():
    def g(params, n, label):
        assert label == "layer" and params["flag"] is True
        return {"out": sin(params["w"]) * float(n), "count": n, "pair": (params["b"],)}

    args = ({"w": X, "b": W, "flag": True}, 3, "layer")
    report = check_derivatives(g, args, jvp=jvp, vjp=vjp)
    assert report, str(report)
    names = {record.argument for record in report.records if record.order == 1}
    assert {"args[0]['w']", "args[0]['b']"} <= names


def test_dataclass_arguments():
    @dataclasses.dataclass
    class Layer:
        w: np.ndarray
        size: int

    def g(layer):
        return layer.w**2 * layer.size

    def g_jvp(f, primals, tangents):
        (layer,), (dot,) = primals, tangents
        assert layer.size is None
        return f(layer), 2 * layer.w * dot.w * 3

    report = check_derivatives(
        g, (Layer(X, 3),), jvp=g_jvp, vjp=None, modes=["fwd"], order=1
    )
    assert report, str(report)
    assert {record.argument for record in report.records} == {"x", "x.w"}


def test_linear_map_and_its_transpose():
    assert check_derivatives(matrix, (X,), jvp=jvp, vjp=vjp)


def test_arguments_on_wild_scales():
    for scale in (1e-6, 1e-3, 1e4, 1e8):
        x = np.array([0.3, 0.7, 1.9]) * scale

        def log_jvp(f, primals, tangents):
            return f(*primals), tangents[0] / primals[0]

        report = check_derivatives(
            np.log, (x,), jvp=log_jvp, vjp=None, modes=["fwd"], order=1
        )
        assert report, str(report)


def test_arguments_written_into_by_f_are_copies():
    def g(x):
        x *= 2.0
        return x * 1.0

    def g_jvp(f, primals, tangents):
        return f(*primals), 2.0 * tangents[0]

    x = X.copy()
    assert check_derivatives(g, (x,), jvp=g_jvp, vjp=None, modes=["fwd"], order=1)


def test_empty_arrays():
    assert check_derivatives(sin, (np.zeros((0, 3)),), jvp=jvp, vjp=vjp)


# ----- other schemes, tolerances, text -----


@pytest.mark.parametrize("scheme", ["central4", "central6", "ridders", "central8"])
def test_other_schemes(scheme):
    assert check_derivatives(f, (X, W), jvp=jvp, vjp=vjp, scheme=scheme)


def test_plain_schemes_bring_their_own_error_estimates():
    for scheme in ("central", "forward"):
        for step in (None, "automatic"):
            report = check_derivatives(
                f, (X, W), jvp=jvp, vjp=vjp, scheme=scheme, step=step, order=1
            )
            assert report, str(report)


def test_tolerances_are_the_callers_to_choose():
    square = Op(lambda x: x * x, *partials(lambda x: 2.001 * x))
    assert check_derivatives(square, (X,), jvp=jvp, vjp=vjp, order=1, rtol=1e-2)
    assert check_derivatives(square, (X,), jvp=jvp, vjp=vjp, order=1, atol=1e-1)
    exact = check_derivatives(sin, (X,), jvp=jvp, vjp=vjp, order=1, rtol=0, atol=0)
    assert exact.worst.tolerance < 1e-10


def test_report_text():
    def product(x, w):
        return x * w

    def product_jvp(f, primals, tangents):
        (x, w), (x_dot, w_dot) = primals, tangents
        return f(x, w), x_dot * w + 1.5 * x * w_dot

    report = check_derivatives(
        product, (X, W), jvp=product_jvp, vjp=None, modes="fwd", order=1
    )
    worst = report.worst
    text = str(report)
    assert "derivatives of product: 1 of 3 comparisons failed" in text
    for part in ("mode fwd", "order 1", "argument args[1]", worst.output, "direction"):
        assert part in text
    assert f"{worst.expected:.12g}" in text and f"{worst.got:.12g}" in text
    assert f"step {worst.step:.3g}" in text
    assert worst.got == pytest.approx(1.5 * worst.expected)
    with pytest.raises(AssertionError, match="argument args"):
        report.raise_if_failed()
    assert not report.passed and bool(report) is False


def test_report_text_lists_the_other_failures():
    square = wrong(Op(lambda x: x * x, *partials(lambda x: 2.0 * x)), 1.1)
    report = check_derivatives(square, (X,), jvp=jvp, vjp=vjp, order=1)
    assert "also failed:" in str(report)
    assert "<y_bar, J v>" in str(report)


def test_report_of_success():
    report = check_derivatives(f, (X, W), jvp=jvp, vjp=vjp, order=1)
    assert "all 6 comparisons passed" in str(report)


# ----- bad requests -----


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"args": (1, "a")}, "no argument has a floating leaf"),
        ({"args": X}, "must be a tuple"),
        ({"modes": ("fwd", "sideways")}, "unknown mode 'sideways'"),
        ({"modes": ()}, "no mode"),
        ({"order": 0}, "order must be"),
        ({"order": 1.5}, "order must be"),
        ({"scheme": "wiggle"}, "no difference scheme 'wiggle'"),
        ({"step": 0.0}, "step must be"),
        ({"step": -1e-3}, "step must be"),
        ({"step": float("nan")}, "step must be"),
        ({"jvp": None}, "needs jvp"),
        ({"vjp": None}, "needs vjp"),
        ({"f": lambda x: "text"}, "no floating number: str"),
        ({"f": lambda x: None}, "no floating number: nothing"),
        ({"f": lambda x: x > 0}, "no floating number: bool"),
    ],
)
def test_bad_requests(change, message):
    request = {"f": sin, "args": (X,), "jvp": jvp, "vjp": vjp} | change
    f, args = request.pop("f"), request.pop("args")
    with pytest.raises(ArgumentError, match=message):
        check_derivatives(f, args, **request)


def test_output_whose_shape_changes():
    def g(x):
        return x[: 1 + int(x[0] > X[0])]

    def g_jvp(f, primals, tangents):
        return f(*primals), tangents[0][:1]

    with pytest.raises(ShapeError, match="expected shape"):
        check_derivatives(g, (X,), jvp=g_jvp, vjp=None, modes="fwd", order=1)
