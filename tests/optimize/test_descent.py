import numpy as np
import pytest

from wengert.errors import ArgumentError, NanError, NotScalarError
from wengert.optimize import adam, descend, heavy_ball, sgd

RNG = np.random.default_rng(1)
X = RNG.normal(size=(70, 3))
W = np.array([1.0, -2.0, 0.5])
Y = X @ W + 0.3


def loss(p, x, y):
    return np.mean((x @ p["w"] + p["b"] - y) ** 2)


def start():
    return {"b": 0, "w": np.zeros(3)}


@pytest.mark.parametrize("compile", [True, False])
@pytest.mark.parametrize("batch", [None, 16])
def test_finds_the_line(batch, compile):
    result = descend(
        loss, start(), (X, Y), batch=batch, epochs=120, rule=adam(0.05), compile=compile
    )
    np.testing.assert_allclose(result.x["w"], W, atol=2e-2)
    assert type(result.x["b"]) is float
    in_epoch = 1 if batch is None else 5
    assert result.nit == len(result.losses) == 120 * in_epoch
    assert result.epoch == 120 and result.success
    assert result.report.calls("step") == result.nit


def test_without_data():
    result = descend(lambda x: np.sum((x - 2) ** 2), np.zeros(2), steps=80,
                     rule=heavy_ball(0.05))  # fmt: skip
    np.testing.assert_allclose(result.x, [2, 2], atol=1e-1)
    # The best, not the last: the heavy ball swings.
    assert result.fun == result.losses.min()
    np.testing.assert_allclose(np.sum((result.x - 2) ** 2), result.fun)


def test_ends_where_the_gradient_is_small():
    result = descend(lambda x: np.sum(x**2), np.ones(2), steps=500, rule=sgd(0.25),
                     tol=1e-6)  # fmt: skip
    assert result.nit < 60 and "gradient" in result.message


def both_ways(tmp_path, compile):
    options = {"batch": 16, "rule": adam(0.05), "compile": compile, "seed": 4}
    whole = descend(loss, start(), (X, Y), steps=23, **options)
    file = tmp_path / "run.npz"
    descend(loss, start(), (X, Y), steps=9, save_to=file, **options)
    resumed = descend(
        loss, start(), (X, Y), steps=23, save_to=file, resume=True, **options
    )
    return whole, resumed


def test_a_run_cut_in_two_is_the_same(tmp_path):
    whole, resumed = both_ways(tmp_path, compile=False)
    np.testing.assert_array_equal(whole.x["w"], resumed.x["w"])
    np.testing.assert_array_equal(whole.losses[9:], resumed.losses)
    assert resumed.nit == 23
    state = descend(loss, start(), (X, Y), steps=5, batch=16).state
    assert descend(loss, start(), (X, Y), steps=8, batch=16, resume=state).nit == 8


def interrupting(at):
    count = [0]

    def callback(_):
        count[0] += 1
        if count[0] == at:
            raise KeyboardInterrupt

    return callback


def test_interruption_saves_and_resumes(tmp_path):
    file = tmp_path / "run.npz"
    options = {"batch": 16, "rule": adam(0.05), "compile": False, "save_to": file}
    cut = descend(loss, start(), (X, Y), steps=23, callback=interrupting(8), **options)
    assert cut.interrupted and not cut.success and cut.nit == 8
    resumed = descend(loss, start(), (X, Y), steps=23, resume=True, **options)
    whole = descend(loss, start(), (X, Y), steps=23, **options)
    np.testing.assert_array_equal(resumed.x["w"], whole.x["w"])


def test_a_run_that_fails_at_once_overwrites_nothing(tmp_path):
    file = tmp_path / "run.npz"
    descend(loss, start(), (X, Y), steps=3, save_to=file)
    before = file.read_bytes()
    with pytest.raises(NotScalarError):
        descend(lambda p, x, y: x, start(), (X, Y), steps=3, save_to=file)
    assert file.read_bytes() == before


def test_callbacks_end_a_run():
    seen = []

    def callback(at):
        seen.append((at.nit, at.fun, at.x["w"].copy()))
        return at.nit == 4

    result = descend(loss, start(), (X, Y), epochs=50, callback=callback)
    assert result.nit == len(seen) == 4 and "callback" in result.message

    def stop(_):
        raise StopIteration

    assert descend(loss, start(), (X, Y), epochs=50, callback=stop).nit == 1


@pytest.mark.parametrize("compile", [True, False])
def test_a_nan_names_step_and_operation(tmp_path, compile):
    def bad(x):
        return np.sum(np.log(x))

    file = tmp_path / "run.npz"
    with pytest.raises(NanError, match=r"step \d+.*log made a nan") as caught:
        descend(bad, np.ones(2), steps=50, rule=sgd(0.3), save_to=file, compile=compile)
    # What was reached is saved, and is finite.
    assert caught.value.source.function == "bad"
    with np.load(file) as saved:
        assert np.isfinite(saved["x.params"]).all()
        assert saved["x.step"] == caught.value.state.step >= 1


def test_bad_data_are_named():
    y = Y.copy()
    y[60] = np.nan
    with pytest.raises(NanError, match="among the parameters, the data"):
        descend(loss, start(), (X, y), epochs=1, batch=16)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ArgumentError, match="steps= or epochs="):
        descend(loss, start(), (X, Y))
    with pytest.raises(ArgumentError, match="Rule"):
        descend(loss, start(), (X, Y), steps=1, rule=0.1)
    with pytest.raises(ArgumentError, match="save_to"):
        descend(loss, start(), (X, Y), steps=1, resume=True)
    with pytest.raises(NotScalarError):
        descend(lambda x: x, np.ones(2), steps=1)
    with pytest.raises(ArgumentError):
        descend(lambda x: np.sum(x), np.array([1, 2]), steps=1)
