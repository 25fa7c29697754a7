import numpy as np
import pytest
from scipy.special import expit

from tests.nn.gradients import check
from wengert import nn
from wengert.errors import ShapeError

RNG = np.random.default_rng(17)
KINDS = ("rnn", "lstm", "gru")


def params(kind):
    drawn = getattr(nn, f"{kind}_params")(RNG, 3, 2)
    return {name: p + 0.1 * RNG.normal(size=p.shape) for name, p in drawn.items()}


def hidden(state):
    return state[0] if isinstance(state, tuple) else state


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lead", [(), (4,)])
def test_a_sequence_is_its_cells(kind, lead):
    p, x = params(kind), RNG.normal(size=(*lead, 5, 3))
    zeros = np.zeros((*lead, 2))
    state = (zeros, zeros) if kind == "lstm" else zeros
    outputs, last = getattr(nn, kind)(x, **p)
    for t in range(5):
        state = getattr(nn, f"{kind}_cell")(state, x[..., t, :], **p)
        np.testing.assert_allclose(outputs[..., t, :], hidden(state), atol=1e-14)
    np.testing.assert_allclose(last, state, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_backwards_and_in_two_parts(kind):
    p, x = params(kind), RNG.normal(size=(4, 6, 3))
    layer = getattr(nn, kind)
    outputs, last = layer(x, **p)
    back, _ = layer(x[:, ::-1], **p, reverse=True)
    np.testing.assert_allclose(back[:, ::-1], outputs)
    _, state = layer(x[:, :2], **p)
    rest, end = layer(x[:, 2:], **p, state=state)
    np.testing.assert_allclose(rest, outputs[:, 2:])
    np.testing.assert_allclose(end, last)


@pytest.mark.parametrize("kind", KINDS)
def test_derivatives(kind):
    x = RNG.normal(size=(2, 3, 3))
    check(lambda x, p: getattr(nn, kind)(x, **p)[0], x, params(kind))


def test_values_of_the_gates():
    p, h, c, x = params("lstm"), RNG.normal(size=2), RNG.normal(size=2), np.ones(3)
    i, f, g, o = np.split(x @ p["w"] + h @ p["u"] + p["b"], 4)
    new = expit(f) * c + expit(i) * np.tanh(g)
    found = nn.lstm_cell((h, c), x, **p)
    np.testing.assert_allclose(found, (expit(o) * np.tanh(new), new))


def test_initial_parameters():
    p = nn.lstm_params(RNG, 3, 4)
    np.testing.assert_array_equal(p["b"], [0] * 4 + [1] * 4 + [0] * 8)
    for gate in np.split(p["u"], 4, axis=1):
        np.testing.assert_allclose(gate.T @ gate, np.eye(4), atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_that_do_not_fit(kind):
    p, layer = params(kind), getattr(nn, kind)
    with pytest.raises(ShapeError, match=rf"{kind}: x \(2, 5, 4\) does not fit w \(3,"):
        layer(np.ones((2, 5, 4)), **p)
    with pytest.raises(ShapeError, match=rf"{kind}: u \(2, 1\) does not fit w"):
        layer(np.ones((5, 3)), **{**p, "u": p["u"][:, :1]})
    state = (np.ones(7), np.ones(7)) if kind == "lstm" else np.ones(7)
    with pytest.raises(ShapeError, match=rf"{kind}: state \(7,\) does not fit u"):
        layer(np.ones((5, 3)), **p, state=state)
