"""What NumPy allows of writes, and views: traced arrays follow the same rules."""

import math

import numpy as np
import pytest

import wengert.engines  # noqa: F401
from wengert import grad, jacfwd, jacrev, trace
from wengert.engines.engine import open_engine
from wengert.errors import (
    ArgumentError,
    EscapedTracerError,
    MissingRuleError,
    TracerLeakError,
    WengertError,
)

X = np.array([0.7, 1.3, 0.4, 0.9])
LOUD = (WengertError, TypeError, ValueError, IndexError, AttributeError)

# ----- views and copies -----

# Functions of a vector of length four, each of which gives a view or a copy: the test
# does not know which, but NumPy does.
READS = {
    "repeat": lambda x: np.repeat(x, 1),
    "tile": lambda x: np.tile(x, 1),
    "roll": lambda x: np.roll(x, 4),
    "block": lambda x: np.block([x]),
    "meshgrid": lambda x: np.meshgrid(x)[0],
    "meshgrid, sparse": lambda x: np.meshgrid(x, x, sparse=True)[1],
    "meshgrid, views": lambda x: np.meshgrid(x, x, copy=False)[0],
    "atleast_2d": np.atleast_2d,
    "ravel": np.ravel,
    "ravel of a transpose": lambda x: x.reshape(2, 2).T.ravel(),
    "reshape of a transpose": lambda x: x.reshape(2, 2).T.reshape(4),
    "flatten": lambda x: x.flatten(),
    "reshape": lambda x: x.reshape(2, 2),
    "resize": lambda x: np.resize(x, (4,)),
    "squeeze": lambda x: x.reshape(4, 1).squeeze(1),
    "take": lambda x: x.take([0, 1, 2, 3]),
    "delete": lambda x: np.delete(x, []),
    "real": lambda x: x.real,
    "conj": lambda x: x.conj(),
    "np.conj": np.conj,
    "positive": lambda x: +x,
    "astype": lambda x: x.astype(float),
    "astype, no copy": lambda x: x.astype(float, copy=False),
    "clip": lambda x: x.clip(0, 9),
    "flip": np.flip,
    "rot90": lambda x: np.rot90(x.reshape(2, 2)),
    "rot90, not at all": lambda x: np.rot90(x.reshape(2, 2), 4),
    "split": lambda x: np.split(x, 2)[0],
    "unstack": lambda x: getattr(np, "unstack", list)(x.reshape(2, 2))[0],
    "asarray": lambda x: np.asarray(x),
    "array": lambda x: np.array(x),
    "ascontiguousarray": lambda x: np.ascontiguousarray(x),
    "indices": lambda x: x[[0, 1, 2, 3]],
    "mask": lambda x: x[x > 0],
    "everything": lambda x: x[...],
    "new axis": lambda x: x[:, None],
    "reversed": lambda x: x[::-1][1:],
    "row": lambda x: x.reshape(2, 2)[0],
    "column": lambda x: x.reshape(2, 2)[:, 1],
    "rows": lambda x: x.reshape(2, 2)[[0]],
    "iteration": lambda x: next(iter(x.reshape(2, 2))),
    "pad": lambda x: np.pad(x, 0),
    "append": lambda x: np.append(x, []),
    "concatenate": lambda x: np.concatenate([x]),
    "stack": lambda x: np.stack([x]),
    "sort": np.sort,
    "trim_zeros": np.trim_zeros,
    "einsum": lambda x: np.einsum("ij->ji", x.reshape(2, 2)),
    "diff": lambda x: np.diff(x, 0),
    "real_if_close": np.real_if_close,
    "nan_to_num": np.nan_to_num,
    "moveaxis": lambda x: np.moveaxis(x.reshape(2, 2), 0, 1),
    "swapaxes": lambda x: np.swapaxes(x, 0, 0),
    "transpose": np.transpose,
    "broadcast_to": lambda x: np.broadcast_to(x, (2, 4)),
    "broadcast_to its shape": lambda x: np.broadcast_to(x, (4,)),
    "broadcast_arrays": lambda x: np.broadcast_arrays(x, np.ones((2, 4)))[0],
    "diagonal": lambda x: x.reshape(2, 2).diagonal(),
    "diag of a matrix": lambda x: np.diag(x.reshape(2, 2)),
    "diag of a vector": np.diag,
    "matrix_power": lambda x: np.linalg.matrix_power(x.reshape(2, 2), 1),
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x.reshape(2, 2), []),
    "sum over an axis of length one": lambda x: x.reshape(1, 4).sum(0),
    "fftshift": np.fft.fftshift,
    "copy": np.copy,
    "full_like": lambda x: np.full_like(x, x),
    "choose": lambda x: np.choose([0, 0, 0, 0], [x, x]),
    "where": lambda x: np.where(True, x, x),
    "flat": lambda x: x.flat[:],
    "list": lambda x: np.array(x.tolist()),
}


def _write_to_result(x, y):
    y[...] = y * y + 5 * x[0]


def _write_to_argument(x, y):  # noqa: ARG001
    x[...] = x * x * 3


def _write_an_element(x, y):  # noqa: ARG001
    x[1] = x[0] * 3


def _write_through_both(x, y):
    x *= y.ravel()[0]
    y += x[2]


WRITES = [
    _write_to_result, _write_to_argument, _write_an_element, _write_through_both
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")  # of NumPy, about broadcast_arrays
@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("write", WRITES, ids=[w.__name__[1:] for w in WRITES])
@pytest.mark.parametrize("written", [False, True])
def test_a_view_is_a_view_and_a_copy_a_copy(name, write, written):
    def f(x):
        x = x * 1.0
        if written:
            x[3] = x[2] * x[1]
        y = READS[name](x)
        write(x, y)
        return np.concatenate([np.ravel(x), 2 * np.ravel(y)])

    try:
        exact = np.stack([(f(X + e) - f(X - e)) / 2e-6 for e in 1e-6 * np.eye(4)], 1)
    except ValueError as error:
        assert "read-only" in str(error)
        with pytest.raises(ValueError, match="read-only"):
            jacrev(f)(X)
        return
    close = {"rtol": 1e-6, "atol": 1e-7}
    try:
        found = jacrev(f)(X)
    except ValueError as error:  # NumPy warns, and allows it for now
        assert "broadcast" in name or name == "meshgrid, views"
        assert "read-only" in str(error)
        return
    np.testing.assert_allclose(found, exact, **close)
    np.testing.assert_allclose(jacfwd(f)(X), exact, **close)
    (again,) = open_engine("numpy").compile(trace(f, X))(X)
    np.testing.assert_allclose(again, f(X), **close)


def test_a_view_stays_one_where_the_layout_changes():
    def f(x):
        y = 2 * x
        v, w = y.reshape(-1), y.T.T[::-1]
        y[...] = np.sin(x.reshape(3, 2).T)
        v[1] = 5 * x[0, 0]
        v[3:] *= 2
        w[1, 1] = x[1, 1] ** 2
        return y + v.reshape(2, 3)

    x = np.arange(1.0, 7.0).reshape(2, 3) / 5
    plain = [(f(x + e) - f(x - e)) / 2e-6 for e in 1e-6 * np.eye(6).reshape(6, 2, 3)]
    exact = np.stack(plain, -1).reshape(2, 3, 2, 3)
    np.testing.assert_allclose(jacrev(f)(x), exact, atol=1e-7)
    np.testing.assert_allclose(jacfwd(f)(x), exact, atol=1e-7)


# ----- what is refused -----


def _made(make, write):
    def f(x):
        y = make(x)
        write(y, x)
        return np.sum(y * 1.0) * x[0]

    return f


def _set(y, value):
    y[0] = value


def _boxed(value):
    y = np.zeros(())
    y[()] = value
    return y


KEPT = np.zeros(4)
REFUSED = {
    "an element of integers": (
        lambda x: np.zeros(4, int), lambda y, x: _set(y, x[0]), ArgumentError),
    "an element of integers, a traced array of shape ()": (
        lambda x: np.zeros(4, int), lambda y, x: _set(y, _boxed(x[0])), ArgumentError),
    "a slice of integers": (
        lambda x: np.zeros(4, int), lambda y, x: y.__setitem__(slice(2), x[0]),
        WengertError),
    "all of integers": (
        lambda x: np.arange(4), lambda y, x: y.__setitem__(..., x), WengertError),
    "integers at a mask": (
        lambda x: np.arange(4), lambda y, x: y.__setitem__(X > 1, x[0]), WengertError),
    "integers, out=": (
        lambda x: np.zeros(4, int), lambda y, x: np.add(x, 1, out=y), WengertError),
    "integers +=": (
        lambda x: np.zeros(4, int), lambda y, x: y.__iadd__(x), WengertError),
    "reals += a complex value": (
        lambda x: x * 1, lambda y, x: y.__iadd__(x * 1j), TypeError),
    "out= of reals": (
        lambda x: np.zeros(4), lambda y, x: np.multiply(x, 1j, out=y), TypeError),
    "out= too small": (
        lambda x: np.zeros(2), lambda y, x: np.add(x, 1, out=y), ValueError),
    "out= with less axes": (
        lambda x: np.zeros(4), lambda y, x: np.add(x[:, None], x, out=y), ValueError),
    "a value too large": (
        lambda x: np.zeros(4), lambda y, x: y.__setitem__(slice(2), x[:3]), ValueError),
    "beyond the end": (
        lambda x: np.zeros(4), lambda y, x: y.__setitem__(4, x[0]), IndexError),
    "a traced scalar": (
        lambda x: x[0], lambda y, x: y.__setitem__((), 1.0), TypeError),
    "a read-only array": (
        lambda x: np.broadcast_to(x, (2, 4)), lambda y, x: y.__setitem__(0, 1.0),
        ValueError),
    "a diagonal": (
        lambda x: np.diagonal(np.outer(x, x)), lambda y, x: y.__setitem__(0, 1.0),
        ValueError),
    "an array from outside": (
        lambda x: KEPT, lambda y, x: y.__setitem__(0, x[0]), TracerLeakError),
    "an array from outside +=": (
        lambda x: KEPT, lambda y, x: y.__iadd__(x), TracerLeakError),
    "a view of one from outside": (
        lambda x: np.reshape(KEPT, (2, 2)), lambda y, x: y.__setitem__(0, x[:2]),
        TracerLeakError),
    "a part of a complex array": (
        lambda x: x + 1j, lambda y, x: y.real.__setitem__(0, x[0]), MissingRuleError),
    "the imaginary part of reals": (
        lambda x: x * 1, lambda y, x: setattr(y, "imag", x), TypeError),
    "the shape": (
        lambda x: x * 1, lambda y, x: setattr(y, "shape", (2, 2)), MissingRuleError),
    "resizing": (lambda x: x * 1, lambda y, x: y.resize(9), MissingRuleError),
    "an iterator that writes": (
        lambda x: x * 1, lambda y, x: np.nditer(y, op_flags=["readwrite"]), LOUD),
    "a fill with a vector": (lambda x: x * 1, lambda y, x: y.fill(x), ValueError),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("derive", [grad, jacfwd, trace])
def test_what_is_refused(name, derive):
    make, write, error = REFUSED[name]
    f = _made(make, write)
    with pytest.raises(error):
        trace(f, X) if derive is trace else derive(f)(X)
    assert not KEPT.any()


def test_a_truncating_array_is_named():
    def f(x):
        k = np.zeros(3, int)
        k[0] = x[0]
        return k.sum()

    with pytest.raises(ArgumentError, match=r"integers.*test_writing_rules.py.*int\(x"):
        grad(f)(X)


def test_truncation_on_purpose():
    def f(x):
        k = np.array([3 * x[1], 2 * x[3]], dtype=int)
        k[1] += int(x[1])
        table = [0, 0]
        table[0] = int(5 * x[0])
        return x[0] ** 2 * k.sum() + table[0] * x[1]

    np.testing.assert_allclose(grad(f)(X), [2 * 0.7 * 5, 3, 0, 0])


def test_a_ragged_list_is_named():
    with pytest.raises(ArgumentError, match="ragged.*test_writing_rules.py"):
        grad(lambda x: np.array([[x[0]], [x[1], x[2]]]).sum())(X)


def test_objects():
    def f(x):
        y = np.empty(2, object)
        y[0], y[1] = x[0] ** 2, [x[1]]
        return y[0] * y[1][0]

    np.testing.assert_allclose(grad(f)(X), [2 * 0.7 * 1.3, 0.49, 0, 0])
    with pytest.raises(WengertError, match="object"):
        grad(lambda x: np.array([x[0], x[1]], dtype=object).sum())(X)


def test_after_the_run_has_ended():
    kept = []

    def f(x):
        y = np.zeros(2)
        y[0] = x[0]
        kept[:] = [y, y[:1]]
        return y.sum()

    grad(f)(X)
    for y in kept:
        with pytest.raises(EscapedTracerError):
            y * 2
        with pytest.raises(EscapedTracerError):
            y[0] = 1.0


def test_a_value_of_an_ended_inner_run():
    def f(x):
        y = np.zeros(2)

        def inner(t):
            y[0] = t * 2
            return t * y[0]

        slope = grad(inner)(x[0])
        y[1] = slope
        return y.sum()

    with pytest.raises(EscapedTracerError):
        grad(f)(X)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("derive", [grad, jacfwd, jacrev])
def test_the_callers_array_is_never_written_to(derive, order):
    def f(x):
        x[0] *= 2
        x += 1
        x.T[1] = math.sin(x[0, 0])
        x.sort()
        return x.sum() * x[0, 0]

    x = np.array([[0.3, 0.6], [0.9, 0.2]], order=order)
    original = x.copy()
    exact = [(f(x + e) - f(x - e)) / 2e-6 for e in 1e-6 * np.eye(4).reshape(4, 2, 2)]
    found = derive(f)(x)
    np.testing.assert_allclose(np.ravel(found), exact, rtol=1e-6, atol=1e-7)
    assert (x == original).all()
    x.flags.writeable = False
    np.testing.assert_array_equal(derive(f)(x), found)


def test_short_floats_stay_short():
    def f(x):
        y = np.zeros(4, np.float32)
        y[:] = x
        np.multiply(y, x, out=y)
        assert y.dtype == np.float32
        return (y * y).sum()

    gradient = grad(f)(X)
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, 4 * X**3, rtol=1e-5)
    assert grad(f)(X.astype(np.float32)).dtype == np.float32
