"""A photograph spoilt by a bad camera, and a pipeline of six stages that restores it.

The camera blurs, darkens the corners, mixes the colours, adds noise and stores all that
with a tone curve of its own. The pipeline denoises, takes back the tone curve, lights
the corners, unmixes the colours, sharpens, and stores the picture as usual. Its 22
numbers mean something, and are trained together, end to end, on one photograph; the
camera's own are not told. Another photograph, never seen, shows what was learnt.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from picture import canvas, command
from scipy.ndimage import convolve
from scipy.optimize import minimize

from wengert import jit, tree, value_and_grad

try:
    from sklearn.datasets import load_sample_image
except ImportError:
    raise SystemExit(
        "There is no photograph, since scikit-learn is missing: "
        "pip install 'wengert[learn]'."
    ) from None

# Squared distances from the middle in a kernel of 5 × 5: five rings of equal weight.
OFFSETS = np.arange(-2, 3)
SQUARES = OFFSETS[:, None] ** 2 + OFFSETS**2
RINGS = (np.unique(SQUARES)[1:, None, None] == SQUARES).astype(float)

# What the camera does, and what the pipeline therefore ought to find.
BLUR, TONE, NOISE = 0.8, 1.6, 0.01
CORNERS, MIDDLE = np.array([-0.5, 0.1]), np.array([0.1, -0.15])
MIXING = np.array([[0.75, 0.20, 0.05], [0.10, 0.70, 0.20], [0.05, 0.25, 0.60]])
USUAL = 2.2  # stored = light^(1/2.2)


def lit(light, corners, middle):
    """Give the brightness (h, w, 1) at each place, 1 in the middle of the lens."""
    height, width = light.shape[:2]
    y = np.linspace(-0.5, 0.5, height)[:, None] * height / width - middle[1]
    x = np.linspace(-0.5, 0.5, width) - middle[0]
    square = 4 * (x**2 + y**2)
    return (1 + corners[0] * square + corners[1] * square**2)[:, :, None]


def taken(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Take the photograph (h, w, 3) again, with the bad camera."""
    blur = np.exp(-SQUARES / (2 * BLUR**2))
    light = convolve(photo**USUAL, blur[:, :, None] / blur.sum(), mode="nearest")
    light = lit(light, CORNERS, MIDDLE) * light @ MIXING
    stored = light ** (1 / TONE) + NOISE * rng.normal(size=photo.shape)
    return np.round(np.clip(stored, 0, 1) * 255) / 255


# ----- the pipeline: each stage takes pixels (h, w, 3) and its own numbers -----


def neighbours(x, radius):
    """Yield for each offset (i, j) the pixels there; beyond the edge, those at it."""
    height, width = x.shape[:2]
    padded = np.pad(x, ((radius, radius), (radius, radius), (0, 0)), mode="edge")
    for i in range(2 * radius + 1):
        for j in range(2 * radius + 1):
            yield i - radius, j - radius, padded[i : i + height, j : j + width]


def denoised(x, reach, contrast, radius):
    """Average with neighbours that are near and alike (a bilateral filter)."""
    total, weights = 0.0, 0.0
    for i, j, other in neighbours(x, radius):
        away, unlike = i**2 + j**2, np.sum((other - x) ** 2, axis=2, keepdims=True)
        weight = np.exp(-away * np.exp(-2 * reach) / 2
                        - unlike * np.exp(-2 * contrast) / 2)  # fmt: skip
        total, weights = total + weight * other, weights + weight
    return total / weights


def powered(x, exponent):
    """Bend tones; noise may have made dark pixels negative, where powers end."""
    return np.maximum(x, 1e-3) ** exponent


def sharpened(x, rings):
    """Subtract neighbours, ring by ring, and keep the brightness of flat parts."""
    kernel = np.tensordot(rings, RINGS, 1)
    kernel = kernel + (SQUARES == 0) * (1 - np.sum(kernel))
    return sum(kernel[2 + i, 2 + j] * other for i, j, other in neighbours(x, 2))


def restored(p, x, radius):
    """Run all stages."""
    x = denoised(x, p["reach"], p["contrast"], radius)
    x = powered(x, p["tone"])
    x = x / lit(x, p["corners"], p["middle"])
    x = x @ p["unmixing"]
    x = sharpened(x, p["rings"])
    return powered(x, p["storing"])


# The pipeline that does next to nothing. Widths are logarithms, to stay positive.
START = {
    "reach": np.log(0.7), "contrast": np.log(0.05), "tone": np.array(2.0),
    "corners": np.zeros(2), "middle": np.zeros(2), "unmixing": np.eye(3),
    "rings": np.zeros(len(RINGS)), "storing": np.array(1 / 2.0),
}  # fmt: skip


def train(bad, good, radius, turns):
    """Fit all numbers to a pair of photographs; give them, and the losses."""
    leaves, form = tree.flatten(START)
    ends = np.cumsum([np.size(leaf) for leaf in leaves])[:-1]

    def numbers(row):
        parts = np.split(row, ends)
        shaped = map(np.reshape, parts, map(np.shape, leaves))
        return tree.unflatten(form, list(shaped))

    @jit
    @value_and_grad
    def loss(row):
        # Times 1000, or L-BFGS would take it for converged.
        return 1000 * np.mean((restored(numbers(row), bad, radius) - good) ** 2)

    losses: list[float] = []
    found = minimize(
        loss, np.concatenate([np.ravel(leaf) for leaf in leaves]), jac=True,
        method="L-BFGS-B", options={"maxiter": turns, "ftol": 1e-9},
        callback=lambda intermediate_result: losses.append(intermediate_result.fun),
    )  # fmt: skip
    return numbers(found.x), np.array(losses) / 1000


def psnr(x, photo) -> float:
    """Give the ratio of peak signal to noise in decibels, as shown: within 0 … 1."""
    return float(-10 * np.log10(np.mean((np.clip(x, 0, 1) - photo) ** 2)))


def photograph(name: str, quick: bool) -> np.ndarray:
    """Load a photograph that ships with scikit-learn, at half its size or a part."""
    photo = load_sample_image(name)[:426] / 255
    photo = photo.reshape(213, 2, 320, 2, 3).mean(axis=(1, 3))
    return photo[70:134, 100:196] if quick else photo


class Outcome(NamedTuple):
    """Numbers of the pipeline; decibels before and after, trained on and never seen."""

    numbers: dict[str, np.ndarray]
    trained: tuple[float, float]
    unseen: tuple[float, float]


def main(quick: bool = False, folder: Path = Path("out")) -> Outcome:
    """Train on one photograph, try on another; print decibels and draw."""
    rng, radius = np.random.default_rng(0), 1 if quick else 2
    good = [photograph(name, quick) for name in ("china.jpg", "flower.jpg")]
    bad = [taken(photo, rng) for photo in good]
    p, losses = train(bad[0], good[0], radius, 25 if quick else 100)
    best = [restored(p, x, radius) for x in bad]
    before = [psnr(x, photo) for x, photo in zip(bad, good, strict=True)]
    after = [psnr(x, photo) for x, photo in zip(best, good, strict=True)]
    for name, one, other in zip(
        ("trained on", "never seen"), before, after, strict=True
    ):
        print(f"{name}: {one:.2f} dB before, {other:.2f} dB after")
    print(f"tone curve {p['tone']:.3f}, of the camera {TONE}; middle of the lens "
          f"{np.round(p['middle'], 3)}, of the camera {MIDDLE}")  # fmt: skip
    outcome = Outcome(p, (before[0], after[0]), (before[1], after[1]))
    draw(good[1], bad[1], best[1], losses, outcome, folder / "photograph.png")
    return outcome


def draw(good, bad, best, losses, outcome: Outcome, path: Path) -> None:
    """Draw the photograph never seen in three states, and how training went."""
    before, after = outcome.unseen
    with canvas(path, 2, 2, size=(8, 5.8), colours=128) as axes:
        for one, x, title in zip(axes, (good, bad, best), (
            "Never seen in training: the truth",
            f"As the bad camera has it: {before:.1f} dB",
            f"Restored: {after:.1f} dB",
        ), strict=False):  # fmt: skip
            one.imshow(np.clip(x, 0, 1))
            one.set_title(title)
            one.set_axis_off()
        axes[3].plot(1 + np.arange(len(losses)), -10 * np.log10(losses))
        axes[3].set(xlabel="step of L-BFGS", ylabel="dB",
                    title="Training, on another photograph")  # fmt: skip


if __name__ == "__main__":
    command(main, __doc__)
