import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.nn.gradients import check
from wengert import grad, jit, nn
from wengert.errors import ShapeError

RNG = np.random.default_rng(13)
A, B = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
LABELS = np.array([0, 2, 1, 1])


@pytest.mark.parametrize("loss", [nn.mse, nn.mae, nn.huber])
def test_derivatives(loss):
    check(loss, A * 2, B)


def test_derivatives_of_entropies():
    check(lambda x: nn.cross_entropy(x, LABELS), A)
    check(lambda x: nn.cross_entropy(x, nn.softmax(B)), A)
    check(lambda x: nn.binary_cross_entropy(x, nn.sigmoid(B)), A)


@given(arrays(float, (3, 2), elements=st.floats(-1e3, 1e3)))
def test_values(errors):
    target = np.ones((3, 2))
    size = abs(errors)
    near = np.where(size <= 0.5, errors**2 / 2, 0.5 * (size - 0.25))
    assert nn.huber(errors, 0 * target, 0.5) == pytest.approx(near.mean())
    assert nn.mae(errors, 0 * target) == pytest.approx(size.mean())
    assert nn.mse(errors, target) == pytest.approx(((errors - 1) ** 2).mean())


def test_both_forms_of_labels():
    hot = nn.one_hot(LABELS, 3)
    np.testing.assert_array_equal(hot.argmax(1), LABELS)
    assert nn.cross_entropy(A, LABELS) == pytest.approx(nn.cross_entropy(A, hot))
    slope = grad(nn.cross_entropy)(A, LABELS)
    np.testing.assert_allclose(slope, (nn.softmax(A) - hot) / 4, atol=1e-15)


def test_sequences_of_labels():
    logits, labels = RNG.normal(size=(2, 4, 3)), RNG.integers(3, size=(2, 4))
    flat = nn.cross_entropy(logits.reshape(8, 3), labels.reshape(8))
    assert nn.cross_entropy(logits, labels) == pytest.approx(flat)


def test_large_logits():
    far = np.array([[1e4, -1e4]])
    assert nn.cross_entropy(far, np.array([1])) == 2e4
    assert nn.binary_cross_entropy(far[0], np.array([1, 0])) == 0
    assert nn.binary_cross_entropy(far[0], np.array([0, 1])) == 1e4


@pytest.mark.parametrize("wrong", [-1, 3])
def test_a_label_that_is_none(wrong):
    compiled = jit(nn.cross_entropy)
    for _ in range(3):
        compiled(A, LABELS)
    for loss in (nn.cross_entropy, compiled):
        with pytest.raises(IndexError):
            loss(A, np.array([0, 1, 2, wrong]))


def test_accuracy():
    assert nn.accuracy(nn.one_hot(LABELS, 3), np.array([0, 2, 1, 0])) == 0.75


@pytest.mark.parametrize("loss", [nn.mse, nn.mae, nn.huber])
def test_shapes_are_not_broadcast(loss):
    with pytest.raises(
        ShapeError, match=rf"{loss.__name__}: predictions \(3, 1\) does"
    ):
        loss(np.ones((3, 1)), np.ones(3))


@pytest.mark.parametrize(
    ("loss", "labels"),
    [(nn.cross_entropy, np.array([0])), (nn.cross_entropy, np.ones(4)),
     (nn.accuracy, LABELS[:, None]), (nn.binary_cross_entropy, LABELS)],
)  # fmt: skip
def test_labels_that_do_not_fit(loss, labels):
    with pytest.raises(ShapeError, match=f"{loss.__name__}: labels .* fit logits"):
        loss(A, labels)
