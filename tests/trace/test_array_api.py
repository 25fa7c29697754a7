"""Libraries written to the array API standard find their namespace, and run."""

import os
import subprocess
import sys

import numpy as np
import pytest

import wengert.numpy as wnp
from wengert import check_grads, grad

X = np.array([0.3, 0.5, 0.9])


def standard(x):
    """Use the standard's own names, and nothing of NumPy's beside them."""
    xp = x.__array_namespace__()
    pairs = xp.permute_dims(xp.stack([x, 2 * x]), (1, 0))
    total = xp.sum(xp.log1p(xp.exp(x))) * xp.linalg.vector_norm(x)
    total += xp.sum(xp.astype(xp.matmul(pairs, xp.ones((2, 2))), xp.float64))
    filled = xp.zeros(3, dtype=x.dtype, device=x.device)
    filled[0] = xp.max(x)
    picked = xp.take(xp.concat([x, filled]), xp.asarray([0, 3]))
    return total + xp.sum(picked) + xp.sum(xp.where(x > 0.4, xp.pow(x, 3), x))


def test_a_program_in_the_standard_s_words():
    check_grads(standard, X, order=2)


def test_the_namespace():
    seen = []

    def f(x):
        seen.append(x.__array_namespace__())
        seen.append(x.__array_namespace__(api_version="2022.12"))
        assert x.device == "cpu"
        assert x.to_device("cpu") is x
        with pytest.raises(ValueError, match="Version"):
            x.__array_namespace__(api_version="1999.01")
        with pytest.raises(ValueError, match="device"):
            x.to_device("tpu")
        return x.sum()

    grad(f)(X)
    assert set(seen) == {wnp}


PROGRAM = """
import numpy as np
from scipy import special
from wengert import check_grads, grad

x = np.array([0.3, 0.5, 0.9])
weights = np.exp(x) / np.exp(x).sum()
np.testing.assert_allclose(grad(special.logsumexp)(x), weights)
check_grads(lambda x: special.softmax(x)[0], x, order=2)
check_grads(lambda x: special.log_softmax(x)[1], x, order=2)
"""


def test_scipy_in_its_array_api_mode():
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
