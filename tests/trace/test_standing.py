"""Second runs: whose names are replaced, for how long, and who sees it."""

import builtins
import importlib
import math
import threading
import types

import numpy as np
import pytest

import wengert.numpy as wnp
from tests.trace import helpers_of_a_user as helpers
from wengert import grad, hessian, jacfwd, jvp
from wengert.errors import TracerLeakError
from wengert.trace import standing

X = np.array([0.7, 1.3, 0.4])
NAMES = dict(globals())
HELPERS = dict(vars(helpers))


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """No function is known to have leaked; and in the end all names are restored."""
    monkeypatch.setattr(standing, "_LEAKY", {})
    importing = builtins.__import__
    yield
    assert np is NAMES["np"] and math is NAMES["math"]
    assert "float" not in globals() and "complex" not in globals()
    assert dict(vars(helpers)) == HELPERS
    assert builtins.__import__ is importing
    assert standing._replaced == {} and not standing.known.active


def filled(x):
    y = np.zeros(3)
    y[0] = math.exp(x[0])
    y[1:] = x[1:]
    return np.prod(y)


EXACT = math.exp(X[0]) * np.array([X[1] * X[2], X[2], X[1]])


def test_after_success():
    np.testing.assert_allclose(grad(filled)(X), EXACT)


def test_after_an_error():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        raise KeyError("of the user")

    for _ in range(2):
        with pytest.raises(KeyError, match="of the user"):
            grad(f)(X)


def test_after_a_leak_that_stays():
    kept = np.zeros(3)

    def f(x):
        kept[0] = float(x[0])
        return kept.sum()

    for _ in range(2):
        with pytest.raises(TracerLeakError, match=r"test_standing\.py"):
            grad(f)(X)
    assert not kept.any()


def test_after_an_interruption():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grad(f)(X)


def test_nested_runs():
    def f(x):
        y = np.zeros(2)
        y[0] = grad(filled)(x) @ x
        y[1] = jvp(filled, (x,), (np.array([x[0], 1.0, 0.0]),))[1]
        assert np is wnp
        return y[0] * y[1]

    exact = hessian(f)(X)
    step = 1e-6
    rows = [(grad(f)(X + e) - grad(f)(X - e)) / (2 * step) for e in step * np.eye(3)]
    np.testing.assert_allclose(exact, rows, rtol=1e-6)


def test_a_nested_function_that_leaks_alone():
    def f(x):
        inner = grad(filled)(x)
        assert np is NAMES["np"]
        return (inner**2).sum()

    np.testing.assert_allclose(f(X), (EXACT**2).sum())
    exact = [(f(X + e) - f(X - e)) / 2e-6 for e in 1e-6 * np.eye(3)]
    g = lambda x: (grad(filled)(x) ** 2).sum()
    np.testing.assert_allclose(grad(g)(X), exact, rtol=1e-6)


def test_a_leak_on_one_branch():
    calls = []

    def f(x):
        calls.append(np)
        return np.array([x[0], x[1]]).prod() if x[2] > 0.5 else x.prod()

    np.testing.assert_allclose(grad(f)(X), X.prod() / X)
    assert calls == [np]
    np.testing.assert_allclose(grad(f)(X + 1), [2.3, 1.7, 0.0])
    assert calls == [np, np, wnp]
    np.testing.assert_allclose(grad(f)(X), X.prod() / X)
    assert calls == [np, np, wnp, wnp], "the second time at once with stand-ins"


COUNT = 0


def test_a_function_that_counts_in_a_global():
    global COUNT
    COUNT = 0

    def f(x):
        global COUNT
        COUNT += 1
        return np.array([x[0], COUNT]).sum()

    grad(f)(X)
    assert COUNT == 2, "the run that leaked, and the second one"
    grad(f)(X)
    assert COUNT == 3


def test_a_global_made_by_f_stays():
    def f(x):
        global MADE
        MADE = np.shape(x)
        return np.array([x[0], 1.0]).sum()

    grad(f)(X)
    assert globals().pop("MADE") == (3,)


def test_class_identity():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        assert isinstance(y, np.ndarray) and isinstance(np.float64(1), np.float64)
        assert isinstance(2.0, float) and not isinstance(2, float)
        assert issubclass(np.float64, float) and issubclass(float, object)
        assert np.dtype(float) == np.float64 == np.dtype("d")
        assert np.zeros(2, np.float32).dtype == np.float32
        assert np.zeros(2, dtype=complex).dtype == complex
        assert float == float and {float: 1}[float] == 1  # noqa: E721
        assert np.finfo(float).eps == np.finfo(np.float64).eps == 2.0**-52
        assert np.issubdtype(y.dtype, np.floating) and float("inf") == np.inf
        assert isinstance(np.sin, object) and callable(np.add.reduce)
        assert (np.pi, np.newaxis, np.nan is np.nan) == (math.pi, None, True)
        assert float("1.5") + float(2) + complex(1, 2).real + 0.0 == 4.5
        return y.sum()

    np.testing.assert_allclose(grad(f)(X), [1, 0, 0])


def test_warnings_and_settings_are_numpys():
    def f(x):
        with np.errstate(all="raise"):
            y = np.array([x[0], 1.0])
            with pytest.raises(FloatingPointError):
                np.zeros(2) / np.zeros(2)
        with pytest.raises(np.linalg.LinAlgError):
            np.linalg.cholesky(-np.eye(2))
        return y.prod()

    assert grad(f)(X)[0] == 1.0


# ----- threads -----


def test_another_thread_sees_plain_arrays():
    inside, done = threading.Event(), threading.Event()
    seen = []

    def other():
        assert inside.wait(10)
        y = np.zeros(3)
        y[0] = math.exp(0.5)
        seen.extend([type(y), type(np.array([1.0, 2.0])), type(np.full(2, 0.5)),
                     type(float(2)), type(math.sqrt(2)), type(np.float64(1)),
                     type(np.sum([1.0, 2.0])), type(np.sin(y)), type(np.diag(y)),
                     type(np.arange(3.0)), type(np.linalg.inv(np.eye(2)))])  # fmt: skip
        done.set()

    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        inside.set()
        assert done.wait(10)
        return y.sum()

    thread = threading.Thread(target=other)
    thread.start()
    np.testing.assert_allclose(grad(f)(X), [1, 0, 0])
    thread.join()
    array, number = np.ndarray, np.float64
    assert seen == [array, array, array, float, float, number, number, array, array,
                    array, array]  # fmt: skip


@pytest.mark.parametrize("f", [filled, helpers.shooting])
def test_threads_that_differentiate_at_once(f):
    exact = jacfwd(f)(X)
    start = threading.Barrier(6)
    results = [None] * 6

    def work(i):
        start.wait()
        for _ in range(20):
            results[i] = grad(f)(X) if i % 2 else jvp(f, (X,), (X,))[1]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, result in enumerate(results):
        np.testing.assert_allclose(result, exact if i % 2 else exact @ X, rtol=1e-12)


def test_a_thread_inside_the_function_computes_plainly():
    def f(x):
        y = np.zeros(2)
        y[0] = x[0]
        found = []
        thread = threading.Thread(target=lambda: found.append(np.ones(2).sum()))
        thread.start()
        thread.join()
        return y.sum() * found[0]

    np.testing.assert_allclose(grad(f)(X), [2, 0, 0])


# ----- modules -----


def test_a_helper_module_is_restored_after_its_error():
    with pytest.raises(TypeError):
        grad(lambda x: helpers.decay(x[0]))(X)


def test_a_function_from_a_string():
    namespace = {}
    exec("import numpy as np\ndef f(x):\n    return np.array([x[0], 1.0]).sum()",
         namespace)  # fmt: skip
    assert grad(namespace["f"])(X)[0] == 1.0
    assert namespace["np"] is np


def test_a_module_reached_through_another():
    inner, outer = types.ModuleType("inner_of_a_user"), types.ModuleType("outer")
    exec("from numpy import zeros\ndef g(x):\n    y = zeros(1)\n    y[0] = x\n"
         "    return y[0] ** 2", vars(inner))  # fmt: skip
    outer.inner = inner

    def f(x):
        return outer.inner.g(x[0])

    np.testing.assert_allclose(grad(f)(X), [1.4, 0, 0])
    assert inner.zeros is np.zeros


def test_scipy_by_name():
    linalg = pytest.importorskip("scipy.linalg")
    special = pytest.importorskip("scipy.special")

    def f(x):
        a = np.zeros((2, 2))
        a[0], a[1] = [x[0] + 2, x[1]], [x[1], 3.0]
        y = linalg.solve(a, np.array([x[2], 1.0]))
        lower = linalg.cholesky(a, lower=True)
        return y[0] * special.gammaln(y[1] + 2) + lower[1, 0] * linalg.det(a)

    exact = [(f(X + e) - f(X - e)) / 2e-6 for e in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(grad(f)(X), exact, rtol=1e-6)
    np.testing.assert_allclose(jacfwd(f)(X), exact, rtol=1e-6)


# ----- wengert.numpy -----


def test_the_namespace_is_numpys():
    assert dir(wnp) == dir(np)
    for name in dir(np):
        if not name.startswith("_") and name in vars(np):
            value = getattr(wnp, name)
            assert callable(value) == callable(getattr(np, name)), name
    assert wnp.pi == np.pi and wnp.float64(2) == 2 and wnp.newaxis is None
    assert wnp.ndarray is np.ndarray
    with pytest.raises(AttributeError):
        wnp.missing  # noqa: B018


@pytest.mark.parametrize("name", ["linalg", "fft", "creation", "tricks"])
def test_submodules_can_be_imported(name):
    module = importlib.import_module(f"wengert.numpy.{name}")
    if hasattr(np, name):
        assert dir(module) == dir(getattr(np, name))
        assert getattr(wnp, name) is module
        for part in dir(module):
            getattr(module, part)


def test_outside_a_run_arrays_are_plain():
    assert all(
        type(y) is np.ndarray
        for y in (
            wnp.zeros(3), wnp.array([1.0]), wnp.full(2, 1.0), wnp.arange(2.0),
            wnp.asarray([1.0]), wnp.linspace(0, 1, 3), wnp.eye(2), wnp.r_[1.0, 2],
            wnp.sin(np.ones(2)), wnp.vectorize(math.sin)([1.0]), wnp.diag([1.0]),
            wnp.linalg.inv(np.eye(2)), wnp.fft.fft(np.ones(2)), wnp.c_[[1.0], [2.0]],
            wnp.fromiter([1.0], float), wnp.copy(np.ones(2)), wnp.zeros_like([1.0]),
        )
    )  # fmt: skip


def test_written_for_wengert():
    def f(x):
        y = wnp.zeros(3)
        y[0] = x[0]
        y[1:] = wnp.array([x[1], x[0]])
        return wnp.linalg.norm([y[0], y[1]]) * wnp.sum([y[2], 1.0])

    exact = [(f(X + e) - f(X - e)) / 2e-6 for e in 1e-6 * np.eye(3)]
    np.testing.assert_allclose(grad(f)(X), exact, rtol=1e-6)


def client(body):
    """Make an object with a function of a module that no name leads to."""
    module = types.ModuleType("client")
    exec(f"import numpy as np\ndef g(x):\n    y = np.zeros(2)\n    {body}\n"
         "    return y.sum()", vars(module))  # fmt: skip
    return types.SimpleNamespace(g=module.g)


def test_each_run_that_leaks_elsewhere_adds_a_namespace():
    def one(x, box):
        return box.g(x)

    def several(x, *boxes):
        return sum(box.g(x) for box in boxes)

    bodies = ["y[0] = x[0] ** 2", "y[0] = x[1] ** 3", "y[:] = x * x"]
    x, gradients = np.array([2.0, 3.0]), [[4, 0], [0, 27], [4, 6]]
    for body, gradient in zip(bodies, gradients, strict=True):
        # The same function, which has leaked before, in a module not seen before.
        np.testing.assert_allclose(grad(one)(x, client(body)), gradient)
    boxes = [client(body) for body in bodies]
    np.testing.assert_allclose(grad(several)(x, *boxes), [8, 33])
    assert all(type(box.g.__globals__["np"]) is types.ModuleType for box in boxes)
    assert all(box.g.__globals__["np"] is np for box in boxes)


def test_a_leak_is_not_remembered_of_pythons_own_functions():
    # jacobian holds a function of functools, which all Jacobians share.
    jacfwd(filled)(X)
    assert [code.co_name for code in standing._LEAKY] == ["filled"]
