"""Fit the networks that look for shoulders and neck: `posturecam/data/models/shoulders.npz`.

    python calibration/fit_shoulders.py --crops WORK/crops

Runs in the environment of `render/README.md` (torch), over what `shoulder_crops.py` cut out of
pictures of sitters whom no table of the study holds. An hour of a core. Every silhouette is drawn
anew each time: moved, turned, enlarged, mirrored, cut off below, guessed otherwise, and with
something beside the sitter in it. So are the points, those of shoulders and elbows together, too,
lest a wobble of the pose be taken for one of the sitter. The loss is the distance to the true
joints, rounded at the bottom. The network of the neck begins as that of the joints and learns both,
also by how far the neck is off in its change from an upright picture.

The shipped weights are of these networks. The joints' came in three runs over 17,645 pictures of
903 sitters seen from the front: 8,400 steps, 12,500 from there, and 4,400 from the mean of both
networks' weights, these alone with something beside the sitter; the neck's from there in 11,400
steps over 17,175 pictures of 1,041 sitters, seven in ten batches disturbed. One run of this gives
networks of that kind, not the same numbers.

Prints the SHA-256 of what it wrote, for `posturecam/pose/models.py` and `data/models/NOTICE.md`.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

WIDTH_PX, HEIGHT_PX = 120, 80
"""What the network sees, 50 px a shoulder width, as `posturecam/pose/shoulders.py` cuts it."""
PX_A_WIDTH = 50.0
CHANNELS = 12, 24, 48, 72
HIDDEN = 96
DROPPED = 0.1
POINTS = 9
MIRRORED = [0, 2, 1, 4, 3, 6, 5, 8, 7]
"""Where each of the pose model's points stands in a mirror image."""
SHOULDERS, SHOULDERS_AND_ELBOWS = slice(5, 7), slice(5, 9)
NECK_ACROSS = torch.tensor([-1.0, 1.0, 1.0, 1.0, 1.0])
"""What a mirror makes of what is told of the neck."""
USUAL_WIDTHS = torch.tensor([[0.5, 0.0], [-0.5, 0.0]])
FARTHEST_WIDTHS = 2.0

SHARE = 0.9
"""How much of the answers the program takes where it is sure; chosen by what is judged rightly."""
SITTERS_A_STEP, OTHERS_A_SITTER = 16, 3
ROUNDING_WIDTHS, NECK_ROUNDING_WIDTHS = 0.02, 0.05
RATE, DECAY, LARGEST_GRADIENT = 3e-3, 0.02, 1.0
WARM_UP_STEPS = 100

MOST_SHIFT_PX, MOST_SCALE, TURN_SD = 8.0, 0.17, 0.05
"""Of the window: pixels, logarithm, radians."""
POINT_SD_WIDTHS, BODY_SD_WIDTHS = 0.01, 0.004
"""By how much every point is moved; and beside that each of shoulders and elbows, and all four."""
ENDING, FIRST_END = 0.4, 0.45
"""Share of pictures that end above the lower edge of the crop, and the highest such end in it."""
LEAST_SHARE = 0.004
"""Of a silhouette, before its logit is taken: 1 of 255."""
MOST_FIRMNESS, MOST_BIAS, MOST_WAVER, WAVERING = 0.4, 0.7, 1.5, 0.5
"""How otherwise a silhouette may be guessed, in its logit: factor (logarithm), sum, and in which
share of pictures how much differently from place to place."""
HOLES, HOLED = 2, 0.12
"""How often a hole or an island may come in, and in which share of pictures it does."""
BESIDE = 0.2
"""Share of pictures in which something to the one side is taken for a part of the sitter; likewise
to the other."""
TOP, TALL_PX, REACHING = (0.3, 0.8), (3, 40), (0.1, 0.45)
"""Where that begins, in heights of the crop, how tall it is, and how many widths it reaches in."""


@dataclass(frozen=True)
class Crops:
    """Silhouettes of many sitters around the pose model's shoulders.

    Attributes:
        silhouettes: (n, 140, 180) uint8, how surely each pixel shows the sitter, of 255.
        points_px: (n, 9, 2) the pose model's points in these.
        true_px: (n, 2, 2) the joints.
        neck_px: (n, 2) C7.
        ahead: (n, 3) what lies ahead of what, in the order of an `Outline`.
        sitters: (n,) whose.
        is_upright: (n,) whether it is one of the pictures of a baseline.
    """

    silhouettes: NDArray[np.uint8]
    points_px: NDArray[np.float32]
    true_px: NDArray[np.float32]
    neck_px: NDArray[np.float32]
    ahead: NDArray[np.float32]
    sitters: NDArray[np.str_]
    is_upright: NDArray[np.bool_]


def read(paths: Sequence[Path]) -> Crops:
    """The crops of all sitters, one behind the other."""
    tables = [dict(np.load(path)) for path in paths]
    names = "silhouettes", "points_px", "true_px", "neck_px", "ahead", "sitters", "is_upright"
    return Crops(*(np.concatenate([table[name] for table in tables]) for name in names))


class Block(nn.Module):
    """Two convolutions, added to what comes in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = (
            nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
            )
            for _ in range(2)
        )

    def forward(self, seen: Tensor) -> Tensor:
        """The same shape: (n, channels, height, width)."""
        return functional.relu(seen + self.second(functional.relu(self.first(seen))))


def halved(below: int, above: int, side: int) -> nn.Sequential:
    """A convolution that halves width and height."""
    return nn.Sequential(
        nn.Conv2d(below, above, side, 2, side // 2, bias=False), nn.BatchNorm2d(above), nn.ReLU()
    )


class Network(nn.Module):
    """What `posturecam/pose/silhouette_network.py` computes with NumPy, for joints and neck."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [halved(1, CHANNELS[0], 5)]
        for below, above in pairwise(CHANNELS):
            layers += [halved(below, above, 3), Block(above)]
        self.layers = nn.Sequential(*layers)
        seen = CHANNELS[-1] * (HEIGHT_PX // 16) * ((WIDTH_PX + 15) // 16)
        # Joints, and C7 to the right and down with what lies ahead of what.
        self.hidden = nn.ModuleList(nn.Linear(seen + 2 * POINTS, HIDDEN) for _ in range(2))
        self.answer = nn.ModuleList(nn.Linear(HIDDEN, count) for count in (4, 5))
        for answer in self.answer:
            nn.init.zeros_(answer.weight)
            nn.init.zeros_(answer.bias)

    def forward(self, silhouettes: Tensor, points_widths: Tensor) -> tuple[Tensor, Tensor]:
        """Of (n, 1, 80, 120) in shoulder widths: (n, 2, 2) joints from the middle, (n, 5)."""
        seen = self.layers(silhouettes * 2 - 1).flatten(1)
        told = points_widths.clamp(-FARTHEST_WIDTHS, FARTHEST_WIDTHS).flatten(1)
        told = functional.dropout(torch.cat([seen, told], 1), DROPPED, self.training)
        joints, neck = (
            answer(functional.relu(hidden(told)))
            for hidden, answer in zip(self.hidden, self.answer, strict=True)
        )
        return joints.reshape(-1, 2, 2) + USUAL_WIDTHS, neck


@dataclass(frozen=True)
class Views:
    """Windows on crops: (n, 1, 80, 120) silhouettes, and points from their middle in widths.

    Of the neck that is C7 and, behind it, what lies ahead of what, (n, 5).
    """

    silhouettes: Tensor
    points_widths: Tensor
    true_widths: Tensor
    neck_widths: Tensor


def windows(crops: Crops, chosen: NDArray[np.int64], random: np.random.Generator | None) -> Views:
    """The middle of each crop, or a window put somewhat elsewhere, turned and enlarged."""
    count = len(chosen)
    shift_px, turn, scale = np.zeros((count, 2)), np.zeros(count), np.ones(count)
    if random is not None:
        shift_px = random.uniform(-MOST_SHIFT_PX, MOST_SHIFT_PX, (count, 2))
        scale = np.exp(random.uniform(-MOST_SCALE, MOST_SCALE, count))
        turn = random.normal(0, TURN_SD, count)
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    turning = torch.from_numpy(
        np.stack([np.stack([cosine, -sine], 1), np.stack([sine, cosine], 1)], 1).astype("f4")
    )
    shift = torch.from_numpy(shift_px.astype("f4"))[:, None]
    whole = torch.tensor([crops.silhouettes.shape[2], crops.silhouettes.shape[1]]) / 2
    down, right = torch.meshgrid(
        torch.arange(HEIGHT_PX) + 0.5 - HEIGHT_PX / 2,
        torch.arange(WIDTH_PX) + 0.5 - WIDTH_PX / 2,
        indexing="ij",
    )
    places = torch.stack([right, down], -1).reshape(1, -1, 2) @ turning.transpose(1, 2) + shift
    places = (places / whole).reshape(count, HEIGHT_PX, WIDTH_PX, 2)
    stored = torch.from_numpy(crops.silhouettes[chosen]).float()[:, None] / 255
    seen = functional.grid_sample(stored, places, padding_mode="border", align_corners=False)
    back = torch.linalg.inv(turning).transpose(1, 2)

    def from_middle(points_px: NDArray[np.float32]) -> Tensor:
        return (torch.from_numpy(points_px[chosen]).float() - whole - shift) @ back / PX_A_WIDTH

    neck = from_middle(crops.neck_px[:, None])[:, 0], torch.from_numpy(crops.ahead[chosen]).float()
    points = from_middle(crops.points_px), from_middle(crops.true_px)
    return Views(seen, *points, torch.cat(neck, 1))


def mirrored(views: Views, which: Tensor) -> Views:
    """Those of `which` in a mirror."""
    flip, across = which[:, None, None], torch.tensor([-1.0, 1.0])
    return Views(
        torch.where(flip[..., None], views.silhouettes.flip(3), views.silhouettes),
        torch.where(flip, (views.points_widths * across)[:, MIRRORED], views.points_widths),
        torch.where(flip, (views.true_widths * across)[:, [1, 0]], views.true_widths),
        views.neck_widths * torch.where(which[:, None], NECK_ACROSS, torch.ones(5)),
    )


class Lots:
    """Numbers drawn for each of so many pictures, (n, 1, 1, 1)."""

    def __init__(self, count: int, random: np.random.Generator) -> None:
        self.count = count
        self.random = random

    def between(self, low: float, high: float) -> Tensor:
        """A number from `low` to `high`."""
        drawn = self.random.uniform(low, high, (self.count, 1, 1, 1))
        return torch.from_numpy(drawn.astype("f4"))

    def some(self, share: float) -> Tensor:
        """1 for so many, else 0."""
        return (self.between(0, 1) < share).float()

    def field(self, down: int, across: int) -> Tensor:
        """(n, 1, 80, 120), unit normal numbers at so many places and what lies between them."""
        coarse = torch.from_numpy(self.random.normal(size=(self.count, 1, down, across))).float()
        size_px = HEIGHT_PX, WIDTH_PX
        return functional.interpolate(coarse, size=size_px, mode="bicubic", align_corners=False)

    def moves(self, points: int) -> Tensor:
        """(n, points, 2), unit normal numbers."""
        return torch.from_numpy(self.random.normal(size=(self.count, points, 2))).float()

    def patches(self, share: float, tallest: int, widest: int) -> list[tuple[int, slice, slice]]:
        """A rectangle in so many of the pictures: number of the picture, rows, columns."""
        chosen = np.flatnonzero(self.random.random(self.count) < share).tolist()
        found = []
        for place in chosen:
            tall = int(self.random.integers(tallest // 4, tallest))
            wide = int(self.random.integers(widest // 6, widest))
            top = int(self.random.integers(HEIGHT_PX - tall))
            left = int(self.random.integers(WIDTH_PX - wide))
            found.append((place, slice(top, top + tall), slice(left, left + wide)))
        return found


def ended(silhouettes: Tensor, lots: Lots) -> Tensor:
    """Some end above the lower edge of the crop, where the program repeats the last row."""
    ends = lots.random.integers(int(HEIGHT_PX * FIRST_END), HEIGHT_PX, lots.count)
    ends = np.where(lots.random.random(lots.count) < ENDING, ends, HEIGHT_PX)
    rows = torch.minimum(torch.arange(HEIGHT_PX)[None], torch.from_numpy(ends)[:, None] - 1)
    return torch.gather(silhouettes, 2, rows[:, None, :, None].expand(-1, 1, -1, WIDTH_PX))


def guessed_otherwise(silhouettes: Tensor, lots: Lots) -> Tensor:
    """Firmer or softer, larger or smaller, here and there, and with holes or islands."""
    logit = torch.logit(silhouettes.clamp(LEAST_SHARE, 1 - LEAST_SHARE))
    logit = logit * torch.exp(lots.between(-MOST_FIRMNESS, MOST_FIRMNESS))
    waver = lots.some(WAVERING) * lots.between(0, MOST_WAVER) * lots.field(6, 9)
    guessed = torch.sigmoid(logit + waver + lots.between(-MOST_BIAS, MOST_BIAS))
    for _ in range(HOLES):
        for place, rows, columns in lots.patches(HOLED, 20, 26):
            guessed[place, 0, rows, columns] = float(lots.random.random() < 0.5)
    return guessed


def beside(silhouettes: Tensor, lots: Lots) -> Tensor:
    """Something at the edge, as dark as the sitter's clothes, is a part of them, to either side."""
    down = torch.arange(HEIGHT_PX)[None, None, :, None]
    across = torch.arange(WIDTH_PX)[None, None, None, :]
    for from_edge in (across, WIDTH_PX - 1 - across):
        below = down - HEIGHT_PX * lots.between(*TOP)
        is_there = (lots.some(BESIDE) > 0) & (below >= 0) & (below < lots.between(*TALL_PX))
        is_there = is_there & (from_edge < WIDTH_PX * lots.between(*REACHING))
        silhouettes = torch.where(is_there, silhouettes.clamp(min=1 - LEAST_SHARE), silhouettes)
    return silhouettes


def wavered(points_widths: Tensor, lots: Lots) -> Tensor:
    """The pose model's points as it might have had them as well."""
    told = points_widths + POINT_SD_WIDTHS * lots.moves(POINTS)
    told[:, SHOULDERS_AND_ELBOWS] += BODY_SD_WIDTHS * (lots.moves(4) + lots.moves(1))
    return told


def fit(network: Network, crops: Crops, steps: int, seed: int, *, of_neck: bool) -> Network:
    """The network after so many steps; to each upright picture three others are seen."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    sitters = [np.flatnonzero(crops.sitters == name) for name in np.unique(crops.sitters)]
    parted = [(own[crops.is_upright[own]], own[~crops.is_upright[own]]) for own in sitters]
    parted = [(upright, other) for upright, other in parted if len(upright) and len(other)]
    network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    for step in range(steps):
        warmth = min(1, step / WARM_UP_STEPS + 0.01)
        for group in optimizer.param_groups:
            group["lr"] = RATE * warmth * (1 + np.cos(np.pi * step / steps)) / 2
        chosen: list[int] = []
        for place in random.choice(len(parted), SITTERS_A_STEP).tolist():
            upright, other = parted[place]
            few = len(other) < OTHERS_A_SITTER
            chosen += [
                random.choice(upright), *random.choice(other, OTHERS_A_SITTER, replace=few)
            ]  # fmt: skip
        views = windows(crops, np.array(chosen), random)
        views = mirrored(views, torch.from_numpy(random.random(len(chosen)) < 0.5))
        lots = Lots(len(chosen), random)
        seen = beside(guessed_otherwise(ended(views.silhouettes, lots), lots), lots)
        seen = seen.contiguous(memory_format=torch.channels_last)
        told = wavered(views.points_widths, lots)
        network.train()
        joints, neck = network(seen, told)
        loss = joints_loss(joints, views) + (neck_loss(neck, views) if of_neck else 0)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimizer.step()
        if step % 500 == 0:
            print(f"step {step} of {steps}: loss {loss.item():.4f}", flush=True)
    network.eval()
    return network


def joints_loss(joints: Tensor, views: Views) -> Tensor:
    """Of (n, 2, 2) joints."""
    return functional.smooth_l1_loss(joints, views.true_widths, beta=ROUNDING_WIDTHS)


def neck_loss(neck: Tensor, views: Views) -> Tensor:
    """Of (n, 5): every fourth picture is upright, and the three behind it show the same sitter."""
    off = neck - views.neck_widths
    of_sitter = off.reshape(-1, 1 + OTHERS_A_SITTER, off.shape[1])
    both = off, of_sitter[:, 1:] - of_sitter[:, :1]
    losses = [
        functional.smooth_l1_loss(one, torch.zeros_like(one), beta=NECK_ROUNDING_WIDTHS)
        for one in both
    ]
    return losses[0] + losses[1]


def found_widths(network: Network, crops: Crops) -> tuple[NDArray[np.float64], ...]:
    """(n, 2, 2) each: the joints as the network has them, as the pose model has, and the truth."""
    found, told, true = [], [], []
    with torch.no_grad():
        for first in range(0, len(crops.silhouettes), 256):
            chosen = np.arange(first, min(first + 256, len(crops.silhouettes)))
            views = windows(crops, chosen, None)
            across = mirrored(views, torch.ones(len(chosen), dtype=torch.bool))
            joints, _ = network(views.silhouettes, views.points_widths)
            other = network(across.silhouettes, across.points_widths)[0][:, [1, 0]]
            found.append((joints + other * torch.tensor([-1.0, 1.0])).numpy() / 2)
            told.append(views.points_widths[:, SHOULDERS].numpy())
            true.append(views.true_widths.numpy())
    return tuple(np.concatenate(parts).astype(np.float64) for parts in (found, told, true))


def offset_widths(
    found: NDArray[np.float64], told: NDArray[np.float64], true: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(2, 2) from where the network puts a shoulder to where the pose model does, the median."""
    width = np.linalg.norm(true[:, 0] - true[:, 1], axis=-1)[:, None, None]
    usual = [np.median((places - true) / width, axis=0) for places in (told, found)]
    return np.asarray(usual[0] - usual[1])


def as_arrays(
    joints: Network, neck: Network, offset: NDArray[np.float64]
) -> dict[str, NDArray[np.floating]]:
    """What `posturecam/pose/shoulders.py` reads.

    How far to the side C7 is turns with the head: it is taught, and not told.
    """
    arrays: dict[str, NDArray[np.floating]] = {"offset_widths": offset, "share": np.array(SHARE)}
    of_joints, of_neck = joints.answer[0], neck.answer[1]
    answers = (
        ("", joints, 0, (of_joints.weight, of_joints.bias)),
        ("neck_", neck, 1, (of_neck.weight[1:], of_neck.bias[1:])),
    )
    for prefix, network, head, (weight, bias) in answers:
        hidden = network.hidden[head]
        layers = [*folded(network), (hidden.weight.T, hidden.bias), (weight.T, bias)]
        for index, (weights, biases) in enumerate(layers):
            arrays[f"{prefix}weights_{index:02}"] = weights.detach().numpy().astype(np.float16)
            arrays[f"{prefix}biases_{index:02}"] = biases.detach().numpy().astype(np.float16)
    return arrays


def folded(network: Network) -> list[tuple[Tensor, Tensor]]:
    """Weights and biases of the convolutions, each with the norm behind it."""
    convolutions = [part for part in network.layers.modules() if isinstance(part, nn.Conv2d)]
    norms = [part for part in network.layers.modules() if isinstance(part, nn.BatchNorm2d)]
    found: list[tuple[Tensor, Tensor]] = []
    for convolution, norm in zip(convolutions, norms, strict=True):
        factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weights = (convolution.weight * factor[:, None, None, None]).permute(2, 3, 1, 0)
        found.append((weights, norm.bias - norm.running_mean * factor))
    return found


def main() -> None:
    """Fit, and write the file."""
    default = Path(__file__).resolve().parents[1] / "posturecam/data/models/shoulders.npz"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crops", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=24000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # two wait for one another where anything else runs
    crops = read(sorted(arguments.crops.glob("*.npz")))
    joints = fit(Network(), crops, arguments.steps, arguments.seed, of_neck=False)
    of_both = copy.deepcopy(joints)
    neck = fit(of_both, crops, arguments.steps // 2, arguments.seed + 1, of_neck=True)
    found, told, true = found_widths(joints, crops)
    for name, places in (("pose model", told), ("network", found)):
        print(f"{name}: {np.median(np.abs(places - true)):.4f} shoulder widths from the joints")
    arrays = as_arrays(joints, neck, offset_widths(found, told, true))
    np.savez_compressed(arguments.output, allow_pickle=False, **arrays)
    print(hashlib.sha256(arguments.output.read_bytes()).hexdigest(), arguments.output)


if __name__ == "__main__":
    main()
