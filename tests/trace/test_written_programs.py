"""Random programs that write into arrays, beside NumPy's own run of them.

The programs are analytic, so plain NumPy with complex numbers gives their derivatives
to full precision: f(x + ih) has the imaginary part h·f′(x), whatever is written where.
"""

import numpy as np
import pytest

import wengert.engines  # noqa: F401
from wengert import grad, hvp, jacfwd, jvp, trace, value_and_grad
from wengert.engines.engine import open_engine

N = 6


def scalar(rng):
    i = int(rng.integers(-N, N))
    return rng.choice([f"x[{i}]", f"y[{i}]", f"np.sin(x[{i}])", "0.5", "y.sum()"])


def cut(rng):
    start, stop = sorted(rng.choice(N + 1, 2, replace=False))
    step = rng.choice(["", ":2", ":-1"])
    if step == ":-1":
        start, stop = stop - 1, start - 1 if start else ""
    return f"{start}:{stop}{step}", len(range(N)[slice(*_bounds(start, stop, step))])


def _bounds(start, stop, step):
    return start, (None if stop == "" else stop), int(step[1:]) if step else None


def statement(rng, views):
    """Draw a line of a program on the vectors x and y, the matrix m, and views."""
    i, j = (int(k) for k in rng.integers(0, N, 2))
    key, size = cut(rng)
    places = [int(k) for k in rng.integers(0, N, 3)]
    row, column = int(rng.integers(0, 2)), int(rng.integers(0, 3))
    kind = int(rng.integers(0, 26))
    view = rng.choice(views) if views else None
    new = f"v{len(views)}"
    if kind < 3 and view is not None:
        return [
            f"{view}[...] = {scalar(rng)}",
            f"{view} *= {scalar(rng)}",
            f"{view}.flat[0] = {scalar(rng)}" if rng.random() < 0.2 else
            f"{view} += np.cos({view})",
        ][kind], views  # fmt: skip
    if kind in (3, 4, 5):
        source = ["y", "m", "m.T", "y.reshape(2, 3)", "m[1]", "m.ravel()", "x"]
        base = source[int(rng.integers(0, len(source)))]
        base = rng.choice([base, str(view)]) if view else base
        ending = rng.choice(["[1:]", "[::-1]", "[..., None]", "[:2]", ".T"])
        return f"{new} = {base}{ending}", [*views, new]
    lines = [
        f"y[{i}] = {scalar(rng)}",
        f"y[{key}] = x[:{size}] * {scalar(rng)}",
        f"y[{key}] += x[-{size}:]" if size else "y += x",
        f"y[{i}], y[{j}] = y[{j}], y[{i}]",
        f"y[{places}] = x[:3]",
        f"y[{places}] += {scalar(rng)}",
        "y[y.real > 0] *= 0.5",
        f"y[x.real > 0] = {scalar(rng)}",
        f"y *= {scalar(rng)}",
        "y -= 0.3 * x",
        "y = y * x",
        f"np.add(y, x, out=y); m[{row}, {column}] = y[{i}]",
        f"m[{row}] = m[{1 - row}] * {scalar(rng)}",
        f"m[:, {column}] += y[:2]",
        f"m[{row}][{column}] = {scalar(rng)}",
        f"np.fill_diagonal(m, {scalar(rng)})",
        f"np.put(y, {places}, x[:2])",
        f"np.copyto(m, y.reshape(2, 3), where=np.arange(3) < {column})",
        f"np.add.at(y, {places}, x[1:4])",
        "m = m + y.reshape(2, 3)",
    ]
    return lines[(kind - 6) % len(lines)], views


def program(seed):
    """Make a program as source text, and the function."""
    rng = np.random.default_rng(seed)
    lines = ["y = 2 * x", "m = np.reshape(x * x, (2, 3))"]
    views = []
    for _ in range(int(rng.integers(3, 12))):
        line, views = statement(rng, views)
        lines.append(line)
    total = " + ".join(f"np.sum(np.sin({v}))" for v in ["x * y", "m", *views])
    lines.append(f"return {total}")
    source = "def f(x):\n    " + "\n    ".join(lines)
    namespace = {"np": np}
    exec(source, namespace)
    return source, namespace["f"]


def exact(f, x):
    """Give f(x) and its gradient by complex steps."""
    h = 1e-30
    gradient = [f(x + 1j * h * e).imag / h for e in np.eye(len(x))]
    return f(x + 0j).real, np.array(gradient)


def check(seed):
    source, f = program(seed)
    x = np.random.default_rng(seed + 1).uniform(-1.5, 1.5, N)
    original = x.copy()
    try:
        value, expected = exact(f, x.copy())
    except ValueError:  # a statement that NumPy itself refuses
        return
    close = {"rtol": 1e-9, "atol": 1e-9, "err_msg": source}
    found, gradient = value_and_grad(f)(x)
    np.testing.assert_allclose(found, value, **close)
    np.testing.assert_allclose(gradient, expected, **close)
    assert (x == original).all(), "the caller's array was written to"
    direction = np.cos(np.arange(N))
    _, tangent = jvp(f, (x,), (direction,))
    np.testing.assert_allclose(tangent, expected @ direction, **close)
    h = 1e-5
    moved = [exact(f, x + s * h * direction)[1] for s in (1, -1)]
    second = (moved[0] - moved[1]) / (2 * h)
    loose = {"rtol": 1e-4, "atol": 1e-4, "err_msg": source}
    product = hvp(f)(x, direction)
    if np.abs(second).max() < 1e4:  # beyond, differences are too rough
        np.testing.assert_allclose(product, second, **loose)
    twice = grad(lambda x: grad(f)(x) @ direction)(x)
    np.testing.assert_allclose(twice, product, **close)
    np.testing.assert_allclose(jacfwd(jacfwd(f))(x) @ direction, product, **close)
    graph = trace(grad(f), x)
    (again,) = open_engine("numpy").compile(graph)(x)
    np.testing.assert_allclose(again, gradient, **close)


@pytest.mark.parametrize("seed", range(120))
def test_a_program_that_writes(seed):
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 4000, 100))
def test_many_programs_that_write(start):
    for seed in range(start, start + 100):
        check(seed)
