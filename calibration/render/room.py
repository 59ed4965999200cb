"""Walls, furniture and light of the place where one sitter sits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from render.drawing import Lamp, Light, Material, Shape, Stage
from render.rotations import about, from_vector
from render.solids import Solids, colour

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from render.rotations import Floats
    from render.sitter import Sitter


@dataclass(frozen=True)
class Walls:
    """The room around the sitter, in metres of the world.

    Attributes:
        back_m: z of the wall behind.
        left_m: x of the wall at one side, negative.
        right_m: x of the other.
        height_m: of the ceiling.
        paint: (3,) of the walls.
    """

    back_m: float
    left_m: float
    right_m: float
    height_m: float
    paint: Floats

    def hang(
        self, wall: int, width_m: float, height_m: float, middle: tuple[float, float], off_m: float
    ) -> tuple[Floats, Floats, Floats]:
        """Middle and half sides of a rectangle on the back (0), left (1) or right wall (2)."""
        along_m, up_m = middle
        up = np.array([0.0, height_m, 0.0])
        if wall == 0:
            at = np.array([along_m, up_m, self.back_m + off_m])
            return at, np.array([width_m, 0.0, 0.0]), up
        x_m = self.left_m + off_m if wall == 1 else self.right_m - off_m
        across = np.array([0.0, 0.0, -width_m if wall == 1 else width_m])
        return np.array([x_m, up_m, along_m]), across, up


def furnish(
    random: np.random.Generator, stage: Stage, sitter: Sitter, family: str, *, dark: bool
) -> tuple[Walls, Light]:
    """Put a room, a desk, a chair and light around the sitter.

    The chair stands at the origin of its own axes and is placed by whoever moves it.
    """
    walls = _build_walls(random, stage, family, dark=dark)
    props = Solids()
    _add_shelves(random, props, walls)
    _add_cupboards(random, props, walls)
    if random.random() < 0.35:
        _add_plant(random, props, walls)
    _add_desk(random, props, sitter, with_screen=family == "side")
    props.add_to(stage, "props", Material(mottling=0.08, gloss=0.03, gloss_sharpness=30.0))
    for number in range(random.integers(0, 4)):
        _hang_picture(random, stage, walls, f"picture{number}")
    window = _add_window(random, stage, walls) if random.random() < 0.4 else 0
    _add_chair(random, stage)
    return walls, _drawn_light(random, walls, sitter, family, window)


def changed(light: Light, random: np.random.Generator) -> Light:
    """The same room at another time of day."""
    strength = random.uniform(0.35, 1.7, 4)
    warmth = np.array([random.uniform(0.8, 1.15), 1.0, random.uniform(0.75, 1.2)])
    mirrored = np.array([-1.0, 1.0, 1.0]) if random.random() < 0.4 else np.ones(3)
    window, ceiling, screen = light.lamps
    lamps = (
        replace(window, at=window.at * mirrored, colour=window.colour * strength[0] * warmth),
        replace(ceiling, colour=ceiling.colour * strength[1] * warmth),
        replace(screen, colour=screen.colour * strength[2] * warmth),
    )
    share = strength[3] * warmth
    return Light(lamps, light.sky * share, light.ground * share)


def brighter(light: Light, times: float) -> Light:
    """All of it, by the same factor."""
    lamps = tuple(replace(lamp, colour=lamp.colour * times) for lamp in light.lamps)
    return Light((lamps[0], lamps[1], lamps[2]), light.sky * times, light.ground * times)


def _build_walls(random: np.random.Generator, stage: Stage, family: str, *, dark: bool) -> Walls:
    draw = random.uniform
    back_m, left_m, right_m = -draw(0.9, 2.6), -draw(1.5, 2.8), draw(1.5, 2.8)
    if family != "front":
        back_m, left_m, right_m = -draw(1.6, 2.8), -draw(2.0, 3.2), draw(2.0, 3.2)
    paint = colour(draw(), draw(0, 0.25), draw(0.45, 0.95))
    other = paint * draw(0.6, 1.1)
    if random.random() < 0.4:
        other = colour(draw(), draw(0.1, 0.5), draw(0.3, 0.8))
    if dark:
        paint, other = paint * draw(0.02, 0.10), other * draw(0.02, 0.10)
    height_m = draw(2.4, 2.8)
    middle_m, width_m = (left_m + right_m) / 2, right_m - left_m
    room = Solids()
    up_m = height_m / 2
    room.box(np.array([middle_m, up_m, back_m - 0.05]), np.array([width_m, height_m, 0.1]), paint)
    for x_m in (left_m - 0.05, right_m + 0.05):
        room.box(np.array([x_m, up_m, 0.0]), np.array([0.1, height_m, 8.0]), other)
    room.box(np.array([0.0, up_m, 3.5]), np.array([8.0, height_m, 0.1]), paint)
    floor = colour(draw(0.02, 0.12), draw(0.1, 0.6), draw(0.2, 0.6))
    room.box(np.array([0.0, -0.05, 0.0]), np.array([8.0, 0.1, 8.0]), floor)
    ceiling = np.array([0.8, 0.8, 0.78])
    room.box(np.array([0.0, height_m + 0.05, 0.0]), np.array([8.0, 0.1, 8.0]), ceiling)
    room.add_to(stage, "room", Material(casts=False))
    return Walls(float(back_m), float(left_m), float(right_m), float(height_m), paint)


def _add_shelves(random: np.random.Generator, props: Solids, walls: Walls) -> None:
    """Boards with books."""
    draw = random.uniform
    for _ in range(random.integers(0, 4)):
        wall, width_m = int(random.integers(3)), draw(0.6, 1.4)
        place = draw(-1, 1), draw(0.7, 2.0)
        at, across, _ = walls.hang(wall, width_m, 0.0, place, 0.12)
        along = np.abs(across) / width_m
        inward = np.array([0.0, 0.0, 1.0]) if wall == 0 else np.array([1.0, 0.0, 0.0])
        wood = colour(draw(0.05, 0.1), draw(0.2, 0.6), draw(0.2, 0.8))
        props.box(at, along * width_m + inward * 0.24 + [0, 0.025, 0], wood)
        book_m = -width_m / 2
        while book_m < width_m / 2 - 0.05:
            thick_m, high_m, deep_m = draw(0.015, 0.06), draw(0.14, 0.28), draw(0.12, 0.2)
            paint = colour(draw(), draw(0.1, 0.9), draw(0.15, 0.9))
            if random.random() < 0.85:
                middle = at + along * (book_m + thick_m / 2) + [0, high_m / 2, 0]
                size = along * thick_m * 0.95 + inward * deep_m + [0, high_m, 0]
                props.box(middle, size, paint)
            book_m += thick_m


def _add_cupboards(random: np.random.Generator, props: Solids, walls: Walls) -> None:
    draw = random.uniform
    for _ in range(random.integers(0, 3)):
        width_m, height_m, depth_m = draw(0.5, 1.0), draw(0.8, 2.0), draw(0.03, 0.4)
        x_m = draw(walls.left_m + width_m / 2, walls.right_m - width_m / 2)
        at = np.array([x_m, draw(0.5, 1.0), walls.back_m + depth_m / 2])
        paint = colour(draw(0.03, 0.15), draw(0, 0.6), draw(0.2, 0.9))
        props.box(at, np.array([width_m, height_m, depth_m]), paint)


def _add_plant(random: np.random.Generator, props: Solids, walls: Walls) -> None:
    draw = random.uniform
    x_m, z_m = draw(0.6, 1.2) * random.choice([-1, 1]), draw(walls.back_m + 0.3, -0.3)
    pot = colour(draw(0.02, 0.1), 0.4, 0.5)
    props.blob(np.array([x_m, 0.25, z_m]), np.array([0.3, 0.5, 0.3]), pot, roundness=0.5)
    for _ in range(26):
        at = np.array([x_m, 0.95, z_m]) + random.normal(0, 0.16, 3)
        size = np.array([draw(0.03, 0.08), draw(0.1, 0.3), draw(0.03, 0.12)])
        green = colour(draw(0.22, 0.4), draw(0.4, 0.9), draw(0.15, 0.6))
        props.blob(at, size, green, turn=from_vector(random.normal(0, 0.9, 3)))


def _add_desk(
    random: np.random.Generator, props: Solids, sitter: Sitter, *, with_screen: bool
) -> None:
    draw = random.uniform
    width_m, y_m, z_m = draw(1.2, 1.7), sitter.desk_y_m, sitter.desk_z_m
    paint = colour(draw(0.04, 0.12), draw(0, 0.6), draw(0.15, 0.9))
    props.box(np.array([0, y_m - 0.02, z_m + 0.38]), np.array([width_m, 0.035, 0.76]), paint)
    for side in (-1, 1):
        at = np.array([side * (width_m / 2 - 0.05), y_m / 2 - 0.02, z_m + 0.38])
        props.box(at, np.array([0.05, y_m - 0.04, 0.6]), paint * 0.7)
    if with_screen:
        screen_z_m, black = z_m + 0.5, np.array([0.02, 0.02, 0.025])
        props.box(np.array([0, y_m + 0.33, screen_z_m]), np.array([0.54, 0.33, 0.03]), black)
        foot = np.array([0, y_m + 0.08, screen_z_m + 0.02])
        props.box(foot, np.array([0.06, 0.2, 0.04]), black * 2)
        keys = np.array([0, y_m + 0.005, screen_z_m - 0.32])
        props.box(keys, np.array([0.42, 0.015, 0.14]), black * 1.4)


def _hang_picture(random: np.random.Generator, stage: Stage, walls: Walls, name: str) -> None:
    draw = random.uniform
    width_m, height_m = draw(0.15, 0.4), draw(0.15, 0.4)
    place = draw(-1, 1), draw(1.2, 1.9)
    hung = walls.hang(int(random.integers(3)), width_m, height_m, place, 0.015)
    _add_quad(stage, name, hung, _drawn_picture(random), Material())


def _add_window(random: np.random.Generator, stage: Stage, walls: Walls) -> int:
    """A bright window; which side wall it is in, -1 or 1, or 0 when it is behind."""
    draw = random.uniform
    wall, width_m, height_m = int(random.integers(3)), draw(0.3, 0.6), draw(0.4, 0.7)
    fade = np.linspace(1, draw(0.5, 0.9), 64)[:, None, None] * np.array([200, 222, 255])
    image = np.full((64, 64, 4), 255, np.uint8)
    image[..., :3] = np.broadcast_to(fade, (64, 64, 3))
    image[30:33] = image[:, 31:34] = [235, 235, 230, 255]
    glow = float(draw(0.4, 1.6))
    if wall == 0:
        place, glow = (draw(0.5, 1.2) * random.choice([-1, 1]), 1.5), glow * 0.7
    else:
        place = draw(-0.6, 0.6), 1.5
    hung = walls.hang(wall, width_m, height_m, place, 0.02)
    _add_quad(stage, "window", hung, image, Material(glow=glow))
    return (0, -1, 1)[wall]


def _add_quad(
    stage: Stage,
    name: str,
    hung: tuple[Floats, Floats, Floats],
    image: NDArray[np.uint8],
    material: Material,
) -> None:
    at, across, up = hung
    points = np.array([at - across - up, at + across - up, at + across + up, at - across + up])
    normal = np.cross(across, up)
    uv = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    triangles = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    shape = Shape(triangles=triangles, rest=points, uv=uv)
    stage.add(name, shape, material, stage.texture(image))
    stage.move(name, points, np.tile(normal / np.linalg.norm(normal), (4, 1)))


def _drawn_picture(random: np.random.Generator) -> NDArray[np.uint8]:
    """(128, 128, 4) something to hang on a wall: colours, shapes or lines of text."""
    kind = random.integers(3)
    if kind == 0:
        size = random.integers(2, 6), random.integers(2, 6), 3
        patches = random.integers(0, 255, size).astype(np.uint8)
        image = cv2.resize(patches, (128, 128), interpolation=cv2.INTER_CUBIC)
    elif kind == 1:
        image = np.full((128, 128, 3), random.integers(120, 255, 3), np.uint8)
        for _ in range(random.integers(4, 14)):
            x, y, *axes = (
                int(part) for part in [*random.integers(0, 128, 2), *random.integers(5, 50, 2)]
            )
            paint = [int(part) for part in random.integers(0, 255, 3)]
            turn_deg = float(random.uniform(0, 180))
            cv2.ellipse(image, (x, y), axes, turn_deg, 0, 360, paint, -1)
    else:
        image = np.full((128, 128, 3), 240, np.uint8)
        for row in range(8, 120, 9):
            cv2.line(image, (10, row), (int(random.integers(60, 118)), row), (60, 60, 70), 2)
    return np.dstack([image, np.full((128, 128), 255, np.uint8)])


def _add_chair(random: np.random.Generator, stage: Stage) -> None:
    """A desk chair about the middle of the sitter's hips."""
    draw = random.uniform
    chair, paint = Solids(), colour(draw(), draw(0, 0.5), draw(0.03, 0.5))
    width_m, height_m, back_m = draw(0.40, 0.52), draw(0.36, 0.62), -draw(0.16, 0.20)
    tilt = about("x", -draw(4, 12))
    seat = np.array([0, -0.11, 0.06])
    chair.blob(seat, np.array([0.50, 0.10, 0.50]), paint, roundness=0.45)
    if random.random() < 0.85:
        back = np.array([0, 0.12 + height_m / 2, back_m - 0.02])
        chair.blob(back, np.array([width_m, height_m, 0.07]), paint, tilt, roundness=0.4)
        if random.random() < 0.3:
            head = np.array([0, 0.25 + height_m, back_m - 0.07])
            chair.blob(head, np.array([0.28, 0.16, 0.07]), paint, tilt, roundness=0.5)
        post = np.array([0, 0.05, back_m - 0.05])
        chair.box(post, np.array([0.05, 0.35, 0.03]), paint * 0.3)
    if random.random() < 0.5:
        for side in (-1, 1):
            rest = np.array([side * 0.29, 0.10, 0.05])
            chair.blob(rest, np.array([0.07, 0.03, 0.26]), paint * 0.5, roundness=0.6)
            chair.box(rest * [1, 0, 0], np.array([0.03, 0.2, 0.05]), paint * 0.4)
    chair.box(np.array([0, -0.28, 0]), np.array([0.06, 0.3, 0.06]), np.array([0.1, 0.1, 0.1]))
    foot = np.array([0.6, 0.06, 0.6])
    chair.blob(np.array([0, -0.42, 0]), foot, np.array([0.05, 0.05, 0.05]))
    chair.add_to(stage, "chair", Material(mottling=0.15))


def _drawn_light(
    random: np.random.Generator, walls: Walls, sitter: Sitter, family: str, window: int
) -> Light:
    draw, eyes = random.uniform, sitter.eyes
    aside = np.radians(window * draw(50, 85) if window else draw(-75, 75))
    away = np.array([np.sin(aside), 0.0, np.cos(aside)]) * 2.2
    main_at = eyes + away + [0, draw(0.1, 1.0), 0]
    if family != "front":  # keep the lamp off the walls: it would burn a spot into them
        main_at[0] = np.clip(main_at[0], walls.left_m + 0.9, walls.right_m - 0.9)
    ceiling_at = np.array([draw(-0.8, 0.8), walls.height_m - 0.1, draw(-0.2, 1.1)])
    ceiling = _warm(draw(-0.3, 0.6)) * draw(0.6, 3.0) * draw(0.45, 1.3)
    lamps = (
        Lamp(main_at, _warm(draw(-0.6, 0.8)) * draw(2.0, 7.5), 50, float(draw(0.004, 0.02))),
        Lamp(ceiling_at, ceiling, 75, float(draw(0.01, 0.03))),
        Lamp(eyes + [0, -0.1, 0.65], np.array([0.75, 0.85, 1.0]) * draw(0.02, 0.14)),
    )
    ambient = draw(0.16, 0.5)
    sky = _warm(draw(-0.5, 0.4)) * ambient * draw(0.9, 1.3)
    return Light(lamps, sky, walls.paint * ambient * draw(0.5, 0.9) + 0.03)


def _warm(warmth: float) -> Floats:
    """(3,) light from bluish (negative) to yellowish."""
    if warmth > 0:
        return np.array([1.0, 0.95 - 0.25 * warmth, 0.9 - 0.5 * warmth])
    return np.array([0.85 + 0.1 * warmth, 0.95, 1.0])
