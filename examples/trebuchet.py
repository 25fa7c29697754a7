"""A trebuchet that a small network aims, trained through differential equations.

A beam with a counterweight at its short end swings a sling at its long end; the stone
leaves when it flies at the release angle, and falls through wind with air drag. Both
ends are events: their times depend on everything before. A network of 42 weights says
for a wind and a target which release angle and which counterweight to take. Its weights
are fitted by least squares to hit 16 targets, the derivative of each miss going back
through flight, release, swing and network. Then it must hit others, never seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from picture import canvas, command
from scipy.optimize import least_squares

from wengert import jit, ode, value_and_grad

G = 9.81
# Metres and kilograms: the beam's arms, its height above ground, sling, stone, beam.
SHORT, LONG, HEIGHT, SLING, STONE, BEAM = 1.5, 6.0, 8.0, 5.0, 15.0, 150.0
INERTIA = BEAM * ((SHORT + LONG) ** 2 / 12 + ((LONG - SHORT) / 2) ** 2)
DRAG = 1e-3  # 1/m: deceleration over the square of the speed in air
# Angles of beam and sling from straight down, and their velocities.
AT_REST = np.array([0.7, -1.5, 0.0, 0.0])
WINDS, TARGETS = (-12.0, 12.0), (80.0, 240.0)
HIDDEN = 8
SHAPES = ((HIDDEN, 2), (HIDDEN,), (2, HIDDEN), (2,))
# What least squares asks besides hits (in metres): few tonnes, small weights.
EFFORT, DECAY = 0.3, 0.1
TOLERANCES = {"rtol": 1e-6, "atol": 1e-6}


@jit
def swing(t, y, weight, elevation):
    """Give the slopes of the double pendulum that beam and sling make."""
    beam, sling, beam_rate, sling_rate = y
    coupling = STONE * LONG * SLING * np.stack([np.cos(beam - sling),
                                                np.sin(beam - sling)])  # fmt: skip
    mass = [[weight * SHORT**2 + STONE * LONG**2 + INERTIA, coupling[0]],
            [coupling[0], STONE * SLING**2]]  # fmt: skip
    lift = weight * SHORT - STONE * LONG - BEAM * (LONG - SHORT) / 2
    force = [
        lift * G * np.sin(beam) - coupling[1] * sling_rate**2,
        coupling[1] * beam_rate**2 - STONE * G * SLING * np.sin(sling),
    ]
    determinant = mass[0][0] * mass[1][1] - mass[0][1] ** 2
    return np.stack([
        beam_rate,
        sling_rate,
        (mass[1][1] * force[0] - mass[0][1] * force[1]) / determinant,
        (mass[0][0] * force[1] - mass[0][1] * force[0]) / determinant,
    ])  # fmt: skip


def stone(y):
    """Give place and velocity of the stone in the sling: x, height, x′, height′."""
    beam, sling, beam_rate, sling_rate = y
    return np.stack([
        -LONG * np.sin(beam) - SLING * np.sin(sling),
        HEIGHT - LONG * np.cos(beam) - SLING * np.cos(sling),
        -LONG * np.cos(beam) * beam_rate - SLING * np.cos(sling) * sling_rate,
        LONG * np.sin(beam) * beam_rate + SLING * np.sin(sling) * sling_rate,
    ])  # fmt: skip


@jit
def flight(t, y, wind):
    """Give the slopes of the free stone's place and velocity."""
    through_air = y[2:] - np.stack([wind, 0.0])
    speed = np.sqrt(through_air @ through_air)
    return np.concatenate([y[2:], -DRAG * speed * through_air - np.array([0.0, G])])


@jit
def turned(t, y, weight, elevation):
    """Be zero where the stone flies at the release angle; falls from plus to minus."""
    _, _, vx, vy = stone(y)
    return vy * np.cos(elevation) - vx * np.sin(elevation)


RELEASE = ode.Event(turned, terminal=True, direction=-1)
LANDING = ode.Event(lambda t, y, wind: y[1], terminal=True, direction=-1)


def throw(elevation, weight, wind):
    """Give the two parts of a throw: in the sling until release, then to the ground."""
    held = ode.trajectory(swing, AT_REST, (0.0, 5.0), weight, elevation,
                          events=RELEASE, **TOLERANCES)  # fmt: skip
    free = ode.trajectory(flight, stone(held.y[-1]), (0.0, 60.0), wind,
                          events=LANDING, **TOLERANCES)  # fmt: skip
    return held, free


def unpacked(weights):
    """Give the arrays of a network from its weights in a row."""
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in SHAPES])[:-1]
    parts = np.split(weights, ends)
    return [part.reshape(shape) for part, shape in zip(parts, SHAPES, strict=True)]


def aim(weights, wind, target):
    """Ask the network for a release angle in radians and a counterweight in kg."""
    inside, shift, outside, middle = unpacked(weights)
    seen = np.stack([wind / 12, (target - 160) / 80])
    said = outside @ np.tanh(inside @ seen + shift) + middle
    return np.radians(38 + 10 * said[0]), 1500 * np.exp(0.6 * said[1])


def miss(weights, wind, target):
    """Aim, throw, and give how far behind the target the stone lands, in metres."""
    _, free = throw(*aim(weights, wind, target), wind)
    return free.y[-1, 0] - target


def effort(weights, wind, target):
    """Count tonnes a little: many pairs of angle and weight hit, one with the least."""
    return EFFORT * aim(weights, wind, target)[1] / 1000


def train(tasks, weights, turns):
    """Fit the weights to the tasks (n, 2), winds and targets, by least squares."""
    miss_slope, effort_slope = value_and_grad(miss), value_and_grad(effort)

    def residual(weights):
        return np.concatenate([[miss(weights, *task) for task in tasks],
                               [effort(weights, *task) for task in tasks],
                               DECAY * weights])  # fmt: skip

    def jacobian(weights):
        return np.concatenate([[miss_slope(weights, *task)[1] for task in tasks],
                               [effort_slope(weights, *task)[1] for task in tasks],
                               DECAY * np.eye(len(weights))])  # fmt: skip

    return least_squares(residual, weights, jac=jacobian, max_nfev=turns)


class Outcome(NamedTuple):
    """Weights, the tasks seen and unseen (n, 2), and the misses at both (n,)."""

    weights: np.ndarray
    seen: np.ndarray
    unseen: np.ndarray
    seen_misses: np.ndarray
    unseen_misses: np.ndarray


def grid(n: int) -> np.ndarray:
    """Give n² tasks, closer together at the borders, where fits are worst."""
    nodes = np.cos(np.pi * np.linspace(1, 0, n))
    winds = np.interp(nodes, (-1, 1), WINDS)
    targets = np.interp(nodes, (-1, 1), TARGETS)
    return np.stack(np.meshgrid(winds, targets), axis=-1).reshape(-1, 2)


def main(quick: bool = False, folder: Path = Path("out")) -> Outcome:
    """Train, throw at targets never seen, print the misses and draw."""
    rng = np.random.default_rng(1)
    start = np.concatenate([
        0.5 * rng.normal(size=SHAPES[0]).ravel(), 0.5 * rng.normal(size=SHAPES[1]),
        0.1 * rng.normal(size=SHAPES[2]).ravel(), np.zeros(SHAPES[3]),
    ])  # fmt: skip
    seen = grid(3 if quick else 4)
    unseen = rng.uniform(*zip(WINDS, TARGETS, strict=True), (20 if quick else 200, 2))
    before = np.array([miss(start, *task) for task in unseen])
    weights = train(seen, start, 6 if quick else 15).x
    outcome = Outcome(weights, seen, unseen, *(
        np.array([miss(weights, *task) for task in tasks]) for tasks in (seen, unseen)
    ))  # fmt: skip
    print(f"miss in metres, targets from {TARGETS[0]:.0f} to {TARGETS[1]:.0f} m, "
          f"wind from {WINDS[0]:+.0f} to {WINDS[1]:+.0f} m/s")  # fmt: skip
    for name, misses in (
        (f"before, {len(unseen)} targets", before),
        (f"trained on these {len(seen)}", outcome.seen_misses),
        (f"never seen, {len(unseen)}", outcome.unseen_misses),
    ):
        size = np.abs(misses)
        print(f"  {name:22} mean {size.mean():8.3f}   max {size.max():8.3f}")
    draw(outcome, folder / "trebuchet.png")
    return outcome


def draw(outcome: Outcome, path: Path) -> None:
    """Draw throws at three targets, and the misses over winds and targets."""
    with canvas(path, 2, size=(9, 3.4)) as (left, right):
        for i, (wind, target) in enumerate(((-8.0, 100.0), (0.0, 160.0), (8.0, 220.0))):
            held, free = throw(*aim(outcome.weights, wind, target), wind)
            swung = np.array([stone(held(t)) for t in np.linspace(0, held.t[-1], 80)])
            flown = np.array([free(t) for t in np.linspace(0, free.t[-1], 80)])
            left.plot(swung[:, 0], swung[:, 1], f"C{i}:", linewidth=1)
            left.plot(flown[:, 0], flown[:, 1], f"C{i}", label=f"wind {wind:+.0f} m/s")
            left.plot(target, 0, f"C{i}v", ms=8, clip_on=False)
        left.set(xlabel="distance (m)", ylabel="height (m)", ylim=(0, 72),
                 title="Throws at targets never seen")  # fmt: skip
        left.legend(ncols=3, loc="upper center", columnspacing=1, handlelength=1.2)
        size = np.abs(outcome.unseen_misses)
        dots = right.scatter(*outcome.unseen.T, c=size, s=22, cmap="viridis_r")
        right.plot(*outcome.seen.T, "kx", ms=5, label="trained on")
        right.figure.colorbar(dots, ax=right, label="miss (m)")
        title = f"Misses: mean {size.mean():.2f} m, max {size.max():.2f} m"
        right.set(xlabel="wind (m/s)", ylabel="target (m)", ylim=(70, 268), title=title)
        right.legend(loc="upper center")


if __name__ == "__main__":
    command(main, __doc__)
