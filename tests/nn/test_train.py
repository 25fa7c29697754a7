import numpy as np
import pytest

from wengert import nn, tree
from wengert.errors import ArgumentError, NanError, NotScalarError, ShapeError
from wengert.optimize import adam, sgd
from wengert.optimize.saving import save

X = np.linspace(-1, 1, 64)[:, None]
Y = 3 * X - 1
START = {"w": np.zeros((1, 1)), "b": np.zeros(1)}


def loss(p, x, y):
    return nn.mse(nn.dense(x, **p), y)


def line(**options):
    given = {"rule": adam(0.1), "epochs": 5, "batch": 16, **options}
    return nn.train(loss, START, (X, Y), **given)


def same(a, b):
    for p, q in zip(tree.flatten(a)[0], tree.flatten(b)[0], strict=True):
        np.testing.assert_array_equal(p, q)


# ----- what is computed -----


def test_steps_are_those_of_a_loop_by_hand():
    trained = line(rule=sgd(0.1), epochs=3, batch=64)
    w, b = 0.0, 0.0
    for _ in range(3):
        e = w * X + b - Y
        w, b = w - 0.1 * 2 * np.mean(e * X), b - 0.1 * 2 * np.mean(e)
    assert trained.params["w"].item() == pytest.approx(w, rel=1e-12)
    assert trained.params["b"].item() == pytest.approx(b, rel=1e-12)
    assert trained.history["loss"][0] == pytest.approx(np.mean(Y**2))
    assert START["w"] == 0


def test_compiled_or_not():
    a, b = line(), line(compiled=False)
    np.testing.assert_allclose(a.history["loss"], b.history["loss"], 1e-12)


def test_a_seed_decides_the_order():
    assert np.array_equal(line().history["loss"], line().history["loss"])
    assert not np.array_equal(line().history["loss"], line(seed=1).history["loss"])


def test_each_epoch_goes_through_the_data_once():
    seen = []
    nn.train(
        lambda p, batch: seen.append(batch["i"]) or p["w"] * 0.0,
        {"w": 1.0},
        {"i": np.arange(10), "x": np.ones((10, 2))},
        epochs=2,
        batch=3,
        compiled=False,
    )
    for epoch in (seen[:3], seen[3:]):
        assert [len(batch) for batch in epoch] == [3, 3, 3]
        assert len(set(np.concatenate(epoch))) == 9


def test_a_batch_larger_than_the_data_is_all_of_it():
    assert len(line(batch=1000, epochs=2).history) == 2


def test_parameters_that_are_floats():
    trained = nn.train(
        lambda p, x, y: np.mean((p["slope"] * x - y) ** 2),
        {"slope": 0.0}, (X, 2 * X), sgd(0.5), 40, 64,
    )  # fmt: skip
    assert trained.params["slope"] == pytest.approx(2)


# ----- validation, metrics, early stopping -----


def test_validation_and_metrics():
    largest = lambda p, x, y: np.max(abs(nn.dense(x, **p) - y))
    trained = line(validation=(X[:5], Y[:5]), metrics={"largest": largest})
    history = trained.history
    assert history.names == ["loss", "validation loss", "largest", "seconds"]
    last = trained.last_params
    assert history["validation loss"][-1] == pytest.approx(loss(last, X[:5], Y[:5]))
    assert history["largest"][-1] == pytest.approx(largest(last, X[:5], Y[:5]))


def test_metrics_without_validation_are_of_the_data():
    trained = line(metrics={"again": loss})
    assert trained.history["again"][-1] == pytest.approx(loss(trained.params, X, Y))


def test_the_best_parameters_are_kept_and_patience_ends():
    # With this rate the validation loss rises from the first epoch on.
    trained = line(rule=sgd(0.05), validation=(X, 0 * Y - 0.2), epochs=50, patience=3)
    losses = trained.history["validation loss"]
    best = int(np.argmin(losses))
    assert trained.stopped == "patience"
    assert len(losses) == best + 4
    assert trained.best_epoch == best + 1
    found = loss(trained.params, X, 0 * Y - 0.2)
    assert found == pytest.approx(losses[best])
    assert loss(trained.last_params, X, 0 * Y - 0.2) == pytest.approx(losses[-1])


def test_patience_without_validation_goes_by_the_loss():
    trained = line(rule=sgd(0.0), patience=2, epochs=9, batch=64)
    assert (trained.stopped, len(trained.history)) == ("patience", 3)


# ----- state and noise -----


def test_batch_norm_moves_its_statistics():
    def loss(p, x, y, state, training):
        x, state = nn.batch_norm(x, **p["norm"], state=state, training=training)
        return nn.mse(nn.dense(x, **p["out"]), y), state

    params = {"norm": nn.normalization_params(1), "out": START}
    x = 5 * X + 7
    trained = nn.train(
        loss, params, (x, Y), adam(0.1), 30, 16,
        validation=(x, Y), state=nn.batch_norm_state(1),
        metrics={"mean": lambda p, x, y, state: state["mean"][0]},
    )  # fmt: skip
    assert trained.last_state["mean"][0] == pytest.approx(7, abs=1.5)
    assert trained.history["mean"][-1] == trained.last_state["mean"][0]
    assert trained.history["validation loss"].min() < 0.5


def test_a_state_must_come_back():
    with pytest.raises(
        ArgumentError, match="with a state, the loss must return a pair"
    ):
        nn.train(
            lambda p, x, y, state, training: loss(p, x, y), START, (X, Y), state=1.0
        )


def test_noise_is_drawn_for_each_step_and_not_for_evaluations():
    seen = []

    def noisy(p, x, y, noise):
        seen.append(None if noise is None else float(noise))
        return loss(p, x, y) * (1 if noise is None else noise)

    draw = lambda rng: rng.uniform(1, 2)
    given = {"validation": (X, Y), "noise": draw, "compiled": False}
    nn.train(noisy, START, (X, Y), sgd(0.1), 2, 32, **given)
    assert [value is None for value in seen] == [False, False, True] * 2
    assert len(set(seen)) == 5


def test_dropout_under_compiled_steps():
    def noisy(p, x, y, noise):
        return loss(p, nn.dropout(x, noise), y)

    draw = lambda rng: nn.dropout_mask(rng, (16, 1), 0.5)
    runs = [
        nn.train(noisy, START, (X, Y), adam(0.1), 5, 16, noise=draw, compiled=compiled)
        for compiled in (True, False)
    ]
    same(runs[0].history["loss"].round(12), runs[1].history["loss"].round(12))


# ----- stopping and going on -----


def test_going_on_from_a_checkpoint_is_as_if_it_had_not_ended(tmp_path):
    path = tmp_path / "run.npz"
    options = {"validation": (X, Y), "metrics": {"again": loss}}
    whole = line(epochs=6, **options)
    line(epochs=3, checkpoint=path, **options)
    rest = line(epochs=6, checkpoint=path, **options)
    same(rest.last_params, whole.last_params)
    same(rest.params, whole.params)
    same(rest.rule_state, whole.rule_state)
    for name in ("loss", "validation loss", "again"):
        same(rest.history[name], whole.history[name])
    assert rest.best_epoch == whole.best_epoch
    done = line(epochs=6, checkpoint=path, **options)
    same(done.last_params, whole.last_params)


def test_a_checkpoint_of_other_parameters(tmp_path):
    path = tmp_path / "run.npz"
    line(checkpoint=path)
    wide = {"w": np.zeros((1, 2)), "b": np.zeros(2)}
    with pytest.raises(ShapeError, match=r"\['b'\] has the shape \(1,\), not \(2,\)"):
        nn.train(loss, wide, (X, Y), adam(0.1), checkpoint=path)
    with pytest.raises(ShapeError, match="missing"):
        nn.train(loss, {"v": 1.0}, (X, Y), adam(0.1), checkpoint=path)
    save(path, START)
    with pytest.raises(ShapeError, match="missing"):
        line(checkpoint=path)


def test_ctrl_c_gives_what_there_is(tmp_path):
    def stop(row):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    path = tmp_path / "run.npz"
    stopped = line(callback=stop, epochs=6, checkpoint=path)
    assert (stopped.stopped, len(stopped.history)) == ("interrupted", 2)
    same(line(epochs=6, checkpoint=path).params, line(epochs=6).params)


def test_what_is_printed():
    trained = line(rule=sgd(0.0), patience=2, epochs=9, batch=64)
    first, head, *rows = str(trained).splitlines()
    assert first.startswith("3 epochs in ") and first.endswith("parameters of epoch 3")
    assert "out of patience" in repr(trained)
    assert head.split() == ["epoch", "loss", "seconds"]
    assert len(rows) == 3


def test_a_checkpoint_gets_its_suffix(tmp_path):
    line(epochs=1, checkpoint=tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]
    assert len(line(epochs=1, checkpoint=tmp_path / "run").history) == 1


def test_a_bar_says_nothing_where_there_is_no_terminal(capsys):
    line(progress=True)
    assert capsys.readouterr() == ("", "")


# ----- what goes wrong -----


def by_root(p, x, y):
    return np.mean(np.sqrt(p["w"] + x))


@pytest.mark.parametrize("compiled", [True, False])
def test_a_nan_is_named_with_its_step_and_operation(compiled):
    x = np.ones((64, 1))
    x[40] = -4.0
    with np.errstate(invalid="ignore"), pytest.raises(NanError) as caught:
        nn.train(by_root, START, (x, Y), sgd(0.0), batch=1, seed=3, compiled=compiled)
    step = list(np.random.default_rng([3, 0]).permutation(64)).index(40) + 1
    assert f"the loss is nan at epoch 1, step {step}. sqrt made" in str(caught.value)
    assert "by_root" in str(caught.value)
    assert (caught.value.primitive, caught.value.sweep) == ("sqrt", "primal")


def test_a_gradient_that_is_not_finite_is_named():
    with np.errstate(divide="ignore"), pytest.raises(NanError) as caught:
        nn.train(by_root, START, (0 * X, Y), sgd(0.1))
    assert (
        "the loss is 0, but its gradient is not finite, at epoch 1, step 1. sqrt"
        in str(caught.value)
    )
    assert caught.value.sweep == "adjoint"


def test_a_nan_among_the_data_is_named():
    y = Y.copy()
    y[5] = np.nan
    with pytest.raises(
        NanError, match=r"the loss is nan \(data\[1\] was not finite before\)"
    ):
        nn.train(loss, START, (X, y), sgd(0.1), batch=64)


def test_a_rate_that_is_too_large():
    with np.errstate(over="ignore"), pytest.raises(NanError, match="at epoch"):
        line(rule=sgd(1e200), epochs=20)


def test_a_loss_that_is_no_number():
    with pytest.raises(NotScalarError):
        nn.train(lambda p, x, y: nn.dense(x, **p) - y, START, (X, Y))


@pytest.mark.parametrize(
    "options",
    [{"batch": 0}, {"epochs": -1}, {"patience": 0}, {"metrics": {"loss": loss}}],
)
def test_options_that_mean_nothing(options):
    with pytest.raises(ArgumentError, match="train: "):
        line(**options)


def test_data_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"data\[0\] \(64, 1\), data\[1\] \(63, 1\)"):
        nn.train(loss, START, (X, Y[1:]))
    with pytest.raises(ShapeError, match="one first axis"):
        line(validation=())
