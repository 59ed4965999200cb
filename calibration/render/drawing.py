"""Meshes, materials and light -> a picture, by OpenGL without a screen (Mesa draws on the CPU)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import moderngl
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from render.rotations import Floats
    from render.webcam import Webcam

_SHADERS = Path(__file__).with_name("shaders")
_SHADOW_PX = 640
_NEAR_M, _FAR_M = 0.03, 15.0
_LAMP_NEAR_M, _LAMP_FAR_M = 0.3, 8.0
_BEHIND = ("room", "props", "chair")
"""Drawn after what is nearer, which hides most of them; walls last."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """How a surface looks; see `shaders/scene.frag`.

    Attributes:
        casts: a shadow.
        is_one_sided: its back is never seen.
    """

    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    is_transparent: bool = False
    is_two_sided: bool = False
    wrinkles: float = 0.0
    wrinkles_per_m: float = 30.0
    mottling: float = 0.0
    wrap: float = 0.0
    gloss: float = 0.0
    gloss_sharpness: float = 20.0
    glow: float = 0.0
    casts: bool = True
    is_one_sided: bool = False


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What of an object stays as it is while it moves.

    Attributes:
        triangles: (t, 3) indices of points.
        rest: (n, 3) where the points are when nothing moves; patterns hang on it.
        uv: (n, 2) places in the texture.
        colours: (n, 3) linear, multiplied with the texture.
    """

    triangles: NDArray[np.int32]
    rest: Floats
    uv: Floats | None = None
    colours: Floats | None = None


@dataclass(frozen=True)
class Lamp:
    """A lamp: (3,) place, (3,) linear colour, cone of its shadow, softness of its edge."""

    at: Floats
    colour: Floats
    cone_deg: float = 60.0
    softness: float = 0.004


@dataclass(frozen=True)
class Light:
    """All light: two lamps that cast shadows, the screen, the sky above and the floor below."""

    lamps: tuple[Lamp, Lamp, Lamp]
    sky: Floats
    ground: Floats


@dataclass
class _Object:
    material: Material
    texture: Any
    has_picture: bool
    points: Any
    drawn: Any
    shadow: Any
    owned: list[Any]
    is_shown: bool = True
    place: Floats = field(default_factory=lambda: np.eye(4))


class Stage:
    """Objects by name, and pictures of them."""

    def __init__(self) -> None:
        self._gl = moderngl.create_context(standalone=True, backend="egl")
        self._program = self._compiled("scene")
        self._shadow_program = self._compiled("shadow")
        self._lamps = [self._shadow_map() for _ in range(2)]
        self._objects: dict[str, _Object] = {}
        self._textures: list[Any] = []
        self._white = self._uploaded(np.full((2, 2, 4), 255, np.uint8))
        self._frames: dict[tuple[int, int], Any] = {}

    def clear(self) -> None:
        """Forget every object and texture."""
        for name in list(self._objects):
            self._remove(name)
        for texture in self._textures:
            texture.release()
        self._textures.clear()

    def texture(self, image: NDArray[np.uint8]) -> Any:
        """A texture of (h, w, 4) RGBA, for `add`."""
        texture = self._uploaded(image)
        self._textures.append(texture)
        return texture

    def add(self, name: str, shape: Shape, material: Material, texture: Any = None) -> None:
        """A new object, or another one of that name; `move` says where its points are."""
        self._remove(name)
        count = len(shape.rest)
        uv = np.zeros((count, 2)) if shape.uv is None else shape.uv
        colours = np.ones((count, 3)) if shape.colours is None else shape.colours
        fixed = np.concatenate([uv, colours, shape.rest], axis=1).astype("f4")
        points = self._gl.buffer(reserve=count * 24)
        still = self._gl.buffer(fixed.tobytes())
        corners = self._gl.buffer(np.ascontiguousarray(shape.triangles, dtype="i4").tobytes())
        drawn = self._gl.vertex_array(
            self._program,
            [
                (points, "3f 3f", "in_point", "in_normal"),
                (still, "2f 3f 3f", "in_uv", "in_colour", "in_rest"),
            ],
            corners,
        )
        shadow = self._gl.vertex_array(
            self._shadow_program,
            [(points, "3f 12x", "in_point"), (still, "2f 24x", "in_uv")],
            corners,
        )
        owned = [drawn, shadow, points, still, corners]
        used = texture or self._white
        self._objects[name] = _Object(
            material, used, texture is not None, points, drawn, shadow, owned
        )

    def move(self, name: str, points: Floats, normals: Floats) -> None:
        """(n, 3) points and normals of an object."""
        both = np.concatenate([points, normals], axis=1).astype("f4")
        self._objects[name].points.write(both.tobytes())

    def place(self, name: str, matrix: Floats) -> None:
        """(4, 4) from the object's own axes to the world."""
        self._objects[name].place = matrix

    def show(self, names: Iterable[str], *, shown: bool) -> None:
        """Show objects or hide them."""
        for name in names:
            self._objects[name].is_shown = shown

    def picture(
        self, webcam: Webcam, focal_px: float, light: Light, target: Floats, sampling: float
    ) -> NDArray[np.uint8]:
        """(h, w, 3) RGB through a lens that bends nothing.

        Args:
            webcam: where the camera is, and the size of the picture.
            focal_px: in pixels of the picture.
            light: of the room.
            target: (3,) where the lamps look.
            sampling: pixels drawn for one of the picture, along each side.
        """
        seen_from = [_lamp_matrix(lamp, target) for lamp in light.lamps[:2]]
        self._gl.enable(moderngl.DEPTH_TEST)
        for (_, frame), matrix in zip(self._lamps, seen_from, strict=True):
            self._draw_shadows(frame, matrix)
        width_px, height_px = webcam.optics.width_px, webcam.optics.height_px
        drawn_px = round(width_px * sampling), round(height_px * sampling)
        frame = self._frame(drawn_px)
        frame.use()
        frame.clear(0.5, 0.5, 0.5, 1)
        self._draw(webcam, focal_px, light, seen_from)
        raw = np.frombuffer(frame.read(components=3, alignment=1), np.uint8)
        picture = raw.reshape(drawn_px[1], drawn_px[0], 3)[::-1]
        how = cv2.INTER_AREA if sampling >= 1 else cv2.INTER_CUBIC
        resized = cv2.resize(picture, (width_px, height_px), interpolation=how)
        return np.asarray(resized, np.uint8)

    def _compiled(self, name: str) -> Any:
        sources = (
            (_SHADERS / f"{name}.{stage}").read_text(encoding="utf-8") for stage in ("vert", "frag")
        )
        return self._gl.program(*sources)

    def _shadow_map(self) -> tuple[Any, Any]:
        depth = self._gl.depth_texture((_SHADOW_PX, _SHADOW_PX))
        depth.compare_func = "<="
        depth.repeat_x = depth.repeat_y = False
        return depth, self._gl.framebuffer(depth_attachment=depth)

    def _frame(self, size_px: tuple[int, int]) -> Any:
        if size_px not in self._frames:
            colour = self._gl.renderbuffer(size_px, 4)
            depth = self._gl.depth_renderbuffer(size_px)
            self._frames[size_px] = self._gl.framebuffer([colour], depth)
        return self._frames[size_px]

    def _uploaded(self, image: NDArray[np.uint8]) -> Any:
        flipped = np.ascontiguousarray(image[::-1])
        size = flipped.shape[1], flipped.shape[0]
        texture = self._gl.texture(size, flipped.shape[2], flipped.tobytes(), alignment=1)
        texture.build_mipmaps()
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        return texture

    def _remove(self, name: str) -> None:
        removed = self._objects.pop(name, None)
        for part in removed.owned if removed else ():
            part.release()

    def _sided(self, one: _Object) -> None:
        if one.material.is_one_sided:
            self._gl.enable(moderngl.CULL_FACE)
        else:
            self._gl.disable(moderngl.CULL_FACE)

    def _draw_shadows(self, frame: Any, matrix: Floats) -> None:
        frame.use()
        frame.clear(depth=1.0)
        program = self._shadow_program
        program["lamp_from_world"].write(_as_bytes(matrix))
        for one in self._objects.values():
            if one.is_shown and one.material.casts:
                program["world_from_object"].write(_as_bytes(one.place))
                program["is_transparent"] = int(one.material.is_transparent)
                one.texture.use(0)
                self._sided(one)
                one.shadow.render()

    def _draw(self, webcam: Webcam, focal_px: float, light: Light, seen_from: list[Floats]) -> None:
        program = self._program
        program["camera_from_world"].write(_as_bytes(_camera_matrix(webcam, focal_px)))
        program["camera"] = tuple(webcam.at)
        for number, matrix in enumerate(seen_from):
            program[f"lamp{number}_from_world"].write(_as_bytes(matrix))
            program[f"lamp{number}"] = number + 1
            self._lamps[number][0].use(number + 1)
        program["picture"] = 0
        program["sky"], program["ground"] = tuple(light.sky), tuple(light.ground)
        program["lamp_at"] = [tuple(lamp.at) for lamp in light.lamps]
        program["lamp_colour"] = [tuple(lamp.colour) for lamp in light.lamps]
        program["lamp_softness"] = [lamp.softness for lamp in light.lamps[:2]]
        for _, one in sorted(self._objects.items(), key=_drawn_when):
            if one.is_shown:
                self._draw_one(one)
        self._gl.disable(moderngl.BLEND)

    def _draw_one(self, one: _Object) -> None:
        program, material = self._program, one.material
        program["world_from_object"].write(_as_bytes(one.place))
        program["has_picture"] = int(one.has_picture)
        program["is_transparent"] = int(material.is_transparent)
        program["is_two_sided"] = int(material.is_two_sided)
        program["tint"] = material.tint
        for name in ("wrinkles", "wrinkles_per_m", "mottling", "wrap"):
            program[name] = getattr(material, name)
        for name in ("gloss", "gloss_sharpness", "glow"):
            program[name] = getattr(material, name)
        one.texture.use(0)
        self._sided(one)
        if material.is_transparent:
            self._gl.enable(moderngl.BLEND)
        else:
            self._gl.disable(moderngl.BLEND)
        one.drawn.render()


def _drawn_when(named: tuple[str, _Object]) -> tuple[bool, bool, bool]:
    name, one = named
    return one.material.is_transparent, name in _BEHIND, name == "room"


def _as_bytes(matrix: Floats) -> bytes:
    return np.ascontiguousarray(matrix.T, dtype="f4").tobytes()


def _perspective(x_scale: float, y_scale: float, near: float, far: float) -> Floats:
    return np.array(
        [
            [x_scale, 0, 0, 0],
            [0, y_scale, 0, 0],
            [0, 0, -(far + near) / (far - near), -2 * far * near / (far - near)],
            [0, 0, -1, 0],
        ]
    )


def _looking(at: Floats, right: Floats, up: Floats, back: Floats) -> Floats:
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([right, up, back])
    matrix[:3, 3] = -matrix[:3, :3] @ at
    return matrix


def _camera_matrix(webcam: Webcam, focal_px: float) -> Floats:
    right, down, forward = webcam.turn
    optics = webcam.optics
    scales = 2 * focal_px / optics.width_px, 2 * focal_px / optics.height_px
    return np.asarray(
        _perspective(*scales, _NEAR_M, _FAR_M) @ _looking(webcam.at, right, -down, -forward)
    )


def _lamp_matrix(lamp: Lamp, target: Floats) -> Floats:
    back = lamp.at - target
    back /= np.linalg.norm(back)
    up = np.array([0.0, 1.0, 0.0] if abs(back[1]) < 0.9 else [0.0, 0.0, 1.0])
    right = np.cross(up, back)
    right /= np.linalg.norm(right)
    scale = 1 / np.tan(np.radians(lamp.cone_deg) / 2)
    projection = _perspective(scale, scale, _LAMP_NEAR_M, _LAMP_FAR_M)
    return np.asarray(projection @ _looking(lamp.at, right, np.cross(back, right), back))
