"""Each rule does what its formula says, compiled or not, and finds a minimum."""

import numpy as np
import pytest

from wengert import grad, jit, value_and_grad
from wengert.errors import ArgumentError, ShapeError
from wengert.optimize import (
    Rule,
    accumulate,
    adagrad,
    adam,
    adamw,
    add_decay,
    amsgrad,
    apply_step,
    chain,
    clip,
    clip_by_norm,
    coordinate,
    heavy_ball,
    masked,
    nesterov,
    norm,
    rmsprop,
    scale,
    schedules,
    sgd,
)

TARGET = np.array([0.5, -1.0, 2.0])


def loss(p):
    return np.sum((p["w"] - TARGET) ** 2) + 2 * (p["b"] - 1.5) ** 2


def start():
    return {"b": np.float64(0), "w": np.zeros(3)}


RULES = {
    "sgd": sgd(0.1),
    "scheduled": sgd(schedules.warmup_cosine(0.3, 5, 400)),
    "heavy_ball": heavy_ball(0.02),
    "nesterov": nesterov(0.02),
    "adam": adam(0.1),
    "adamw": adamw(0.1, decay=0.0),
    "amsgrad": amsgrad(0.2),
    "rmsprop": rmsprop(schedules.exponential(0.1, 0.5, 50)),
    "rmsprop, momentum": rmsprop(schedules.exponential(0.02, 0.5, 50), momentum=0.5),
    "adagrad": adagrad(0.5),
    "cyclic": coordinate(0.25),
    "largest": coordinate(0.25, "largest"),
    "accumulated": accumulate(sgd(0.2), 2),
    "chain": chain(clip(5.0), clip_by_norm(3.0), add_decay(0.0), scale(0.5), sgd(0.2)),
}


def run(rule, steps, compiled, f=loss):
    def step(params, state):
        value, gradient = value_and_grad(f)(params)
        change, state = rule.update(gradient, state, params)
        return apply_step(params, change), state, value

    step = jit(step) if compiled else step
    params = start()
    state = rule.init(params)
    for _ in range(steps):
        params, state, value = step(params, state)
    return params, state, value


@pytest.mark.parametrize("name", RULES)
def test_finds_the_minimum(name):
    params, _, _ = run(RULES[name], 400, compiled=True)
    np.testing.assert_allclose(params["w"], TARGET, atol=1e-3)
    np.testing.assert_allclose(params["b"], 1.5, atol=1e-3)


@pytest.mark.parametrize("name", RULES)
def test_compiled_or_not_is_the_same(name):
    plain, state, _ = run(RULES[name], 7, compiled=False)
    compiled, state_too, _ = run(RULES[name], 7, compiled=True)
    for key in plain:
        np.testing.assert_allclose(compiled[key], plain[key], rtol=1e-13)
    assert str(type(state)) == str(type(state_too))


def steps_of(rule, gradients):
    state, out = rule.init(np.zeros(2)), []
    for g in gradients:
        step, state = rule.update(g, state, np.zeros(2))
        out.append(step)
    return out


GRADIENTS = [np.array([1.0, -2.0]), np.array([0.5, 0.1]), np.array([-3.0, 0.4])]


def test_heavy_ball_by_hand():
    v, expected = 0, []
    for g in GRADIENTS:
        v = 0.9 * v + g
        expected.append(-0.1 * v)
    np.testing.assert_allclose(steps_of(heavy_ball(0.1), GRADIENTS), expected)


def test_nesterov_by_hand():
    """In Nesterov's own variables: x = y − rate ∇f(y), y = x + m (x − x before)."""
    rate, m = 0.1, 0.9
    y = x = np.zeros(2)
    curvature = np.array([1.0, 3.0])
    rule, z = nesterov(rate, m), np.zeros(2)
    state = rule.init(z)
    for _ in range(5):
        ahead = y - rate * curvature * (y - 1)
        y, x = ahead + m * (ahead - x), ahead
        step, state = rule.update(curvature * (z - 1), state, z)
        z = z + step
        np.testing.assert_allclose(z, y)


def test_adam_by_hand():
    m = s = 0
    expected = []
    for t, g in enumerate(GRADIENTS, 1):
        m, s = 0.9 * m + 0.1 * g, 0.99 * s + 0.01 * g**2
        expected.append(-0.1 * (m / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.99**t)) + 1e-8))
    np.testing.assert_allclose(steps_of(adam(0.1, beta2=0.99), GRADIENTS), expected)


def test_adamw_decays_by_the_rate_alone():
    rule, params = adamw(0.1, decay=0.5), np.array([2.0, -4.0])
    step, _ = rule.update(np.zeros(2), rule.init(params), params)
    np.testing.assert_allclose(step, -0.1 * 0.5 * params)


def test_rmsprop_and_adagrad_by_hand():
    s, a = 0, 0
    by_rms, by_sum = [], []
    for g in GRADIENTS:
        s, a = 0.9 * s + 0.1 * g**2, a + g**2
        by_rms.append(-0.1 * g / (np.sqrt(s) + 1e-8))
        by_sum.append(-0.1 * g / (np.sqrt(a) + 1e-8))
    np.testing.assert_allclose(steps_of(rmsprop(0.1), GRADIENTS), by_rms)
    np.testing.assert_allclose(steps_of(adagrad(0.1), GRADIENTS), by_sum)


def test_amsgrad_never_divides_by_less():
    big, small = np.array([100.0, 100.0]), np.array([1.0, 1.0])
    gradients = [big] + [small] * 200
    last = steps_of(amsgrad(0.1, beta2=0.9), gradients)[-1]
    assert (
        np.abs(last).max() < np.abs(steps_of(adam(0.1, beta2=0.9), gradients)[-1]).min()
    )


def test_one_coordinate_moves_at_a_time():
    rule, params = coordinate(1.0), {"a": np.zeros(2), "b": 0.0}
    state, moved = rule.init(params), []
    for _ in range(4):
        step, state = rule.update({"a": np.ones(2), "b": 1.0}, state, params)
        moved.append([*step["a"], step["b"]])
    eye = -np.eye(3)
    np.testing.assert_array_equal(moved, [*eye, eye[0]])


def test_masked_parameters_stay():
    rule = masked(adam(0.1), {"w": True, "b": False})
    params, state, _ = run(rule, 300, compiled=True)
    np.testing.assert_allclose(params["w"], TARGET, atol=1e-3)
    assert params["b"] == 0


def test_accumulated_gradients_step_by_their_mean():
    steps = steps_of(accumulate(sgd(1.0), 3), GRADIENTS)
    np.testing.assert_array_equal(steps[:2], np.zeros((2, 2)))
    np.testing.assert_allclose(steps[2], -np.mean(GRADIENTS, axis=0))


def test_clipping():
    g = {"a": np.array([3.0, 0.0]), "b": 4.0}
    step, _ = chain(clip_by_norm(1.0), scale(1.0)).update(
        g, chain(clip_by_norm(1.0), scale(1.0)).init(g)
    )
    np.testing.assert_allclose(norm(step), 1.0)
    step, _ = clip_by_norm(9.0).update(g, ())
    np.testing.assert_array_equal(step["a"], g["a"])
    step, _ = clip_by_norm(1.0).update(np.zeros(2), ())
    np.testing.assert_array_equal(step, np.zeros(2))
    assert clip(1.0).update(g, ())[0]["b"] == 1.0


@pytest.mark.parametrize("name", RULES)
def test_single_precision_stays(name):
    rule, params = RULES[name], {"w": np.ones(3, np.float32), "b": np.float32(1)}
    state = rule.init(params)
    for _ in range(2):
        step, state = rule.update(params, state, params)
        after = apply_step(params, step)
        assert after["w"].dtype == after["b"].dtype == np.float32


@pytest.mark.parametrize("name", sorted(set(RULES) - {"chain", "cyclic", "largest"}))
def test_complex_parameters_go_downhill(name):
    def f(p):
        return np.abs(p["w"] - (1 + 2j)) ** 2

    rule = RULES[name]
    params = {"w": np.complex128(0)}
    state = rule.init(params)
    for _ in range(400):
        step, state = rule.update(grad(f)(params), state, params)
        params = apply_step(params, step)
    np.testing.assert_allclose(params["w"], 1 + 2j, atol=1e-2)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ShapeError, match="same structure"):
        heavy_ball(0.1).update({"a": 1.0}, heavy_ball(0.1).init({"b": 1.0}))
    with pytest.raises(ShapeError, match="mask"):
        masked(sgd(0.1), {"a": True, "c": True}).init({"a": 1.0, "b": 2.0})
    with pytest.raises(ArgumentError, match="needs the parameters"):
        adamw(0.1).update(np.ones(2), adamw(0.1).init(np.ones(2)))
    with pytest.raises(ArgumentError, match="finite number"):
        sgd(np.nan)
    with pytest.raises(ArgumentError, match="cyclic"):
        coordinate(0.1, "random")
    with pytest.raises(ArgumentError, match="chain needs rules"):
        chain(sgd(0.1), 3.0)
    assert isinstance(sgd(0.1), Rule)
