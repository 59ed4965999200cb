"""A body with skin, clothes, hair and what it wears on the head, on the stage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import scipy.sparse

from render import body
from render.clothes import Cloth, grown_clothes
from render.drawing import Material, Shape, Stage
from render.meshes import Garment, Mesh, read_garment
from render.solids import colour
from render.worn import beard_shares, worn_on_head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from render.appearance import Appearance
    from render.assets import Assets
    from render.meshes import Indices
    from render.rotations import Floats
    from render.sitter import Posed, Sitter

    Recoloured = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]

_STIFF_HAIR = frozenset({"short01", "short02", "short03", "short04", "bob02"})
"""Moves with the head as a whole; longer hair falls on the shoulders and follows them."""
_LEGS_BELOW_HIPS = 0.22
_HANDS_BESIDE = 0.30
_LEAST_MOVED = 1e-3


@dataclass(frozen=True)
class _Part:
    name: str
    mesh: Mesh
    points: Floats
    weights: scipy.sparse.csr_matrix
    garment: Garment | None = None
    on_face: bool = False


class Dressed:
    """What is drawn of one person; `move` follows a posed body."""

    def __init__(
        self,
        random: np.random.Generator,
        stage: Stage,
        sitter: Sitter,
        assets: Assets,
        looks: Appearance,
        *,
        tag: str = "",
        with_legs: bool = True,
    ) -> None:
        self._stage, self._sitter, self._assets, self._tag = stage, sitter, assets, tag
        self._random, self._looks = random, looks
        self._parts: list[_Part] = []
        hidden = self._out_of_sight(with_legs=with_legs)
        hair_paint = self._drawn_hair_paint()
        hidden = np.union1d(hidden, self._add_clothes(hidden))
        self._add_skin(hidden, hair_paint)
        self._add_hair(hair_paint)
        self._add_face(hair_paint)
        for name, solids, weights in worn_on_head(random, sitter, looks, hair_paint):
            faces = solids.triangles.astype(np.int64)
            mesh = Mesh(faces, np.zeros_like(faces), np.zeros((1, 2)), len(solids.points))
            material = Material(is_two_sided=True, gloss=0.15, gloss_sharpness=40.0)
            paint = solids.colours[mesh.positions]
            self._add(_Part(name, mesh, solids.points, weights), material, colours=paint)

    @property
    def names(self) -> list[str]:
        """The objects on the stage."""
        return [part.name for part in self._parts]

    def move(self, posed: Posed) -> None:
        """Put every part where the posed body has it."""
        sitter, command = self._sitter, posed.command
        amounts = {name: getattr(command, name) for name in sitter.expressions}
        moved: Floats | None = None
        if sum(abs(amount) for amount in amounts.values()) > _LEAST_MOVED:
            moved = sum(
                (amount * sitter.expressions[name] for name, amount in amounts.items()),
                np.zeros_like(sitter.rest.points),
            )
        for part in self._parts:
            points = part.points
            if moved is not None and part.on_face:
                face = sitter.rest.points + moved
                points = part.garment.fit(face) if part.garment else points + moved
            posed_points = body.skinned(points, part.weights, sitter.rest.heads, posed.placed)
            normals = part.mesh.normals(posed_points)
            drawn = part.mesh.positions
            self._stage.move(part.name, posed_points[drawn], normals[drawn])

    def _out_of_sight(self, *, with_legs: bool) -> Indices:
        """Points of the legs, when no camera sees them; never of the hands."""
        if with_legs:
            return np.zeros(0, np.int64)
        sitter = self._sitter
        points = sitter.rest.points
        low = points[:, 1] < sitter.hips[1] - _LEGS_BELOW_HIPS * sitter.scale
        beside = np.abs(points[:, 0]) > _HANDS_BESIDE * sitter.scale
        return np.flatnonzero(low & ~beside)

    def _drawn_hair_paint(self) -> Floats:
        draw = self._random.uniform
        if self._sitter.dark and self._random.random() < 0.85:
            return np.array([0.02, 0.018, 0.015]) * draw(0.6, 2)
        if self._random.random() < 0.75:
            return colour(draw(0.02, 0.1), draw(0.2, 0.7), draw(0.1, 0.45))
        return colour(draw(0.08, 0.13), draw(0.1, 0.55), draw(0.5, 0.95))

    def _add(
        self, part: _Part, material: Material, texture: Any = None, colours: Any = None
    ) -> None:
        mesh = part.mesh
        rest = part.points[mesh.positions]
        shape = Shape(triangles=mesh.triangles, rest=rest, uv=mesh.uv, colours=colours)
        named = replace(part, name=f"{self._tag}{part.name}")
        self._stage.add(named.name, shape, material, texture)
        self._parts.append(named)

    def _add_garment(
        self,
        name: str,
        material: Material,
        texture: Any,
        *,
        on_face: bool = False,
        on_head: bool = False,
    ) -> Garment:
        garment = read_garment(self._assets.path(name))
        points = garment.fit(self._sitter.rest.points)
        weights = garment.weights(body.weights())
        if on_head:
            weights = follows(len(points), "head")
        self._add(
            _Part(garment.name, garment.mesh, points, weights, garment, on_face), material, texture
        )
        return garment

    def _texture(self, name: str, recoloured: Recoloured | None = None) -> Any:
        image = read_texture(self._assets.path(name))
        return self._stage.texture(recoloured(image) if recoloured else image)

    def _add_clothes(self, hidden: Indices) -> Indices:
        """A suit of MakeHuman's, or cloth grown from the skin; the points that it hides."""
        if self._looks.clothes == "suit":
            return self._add_suit()
        cloths, covered = grown_clothes(self._random, self._sitter, self._looks, hidden)
        for cloth in cloths:
            self._add_cloth(cloth)
        return covered

    def _add_cloth(self, cloth: Cloth) -> None:
        draw = self._random.uniform
        material = Material(
            is_two_sided=True,
            wrinkles=float(draw(0.003, 0.007)),
            wrinkles_per_m=float(draw(14, 28)),
            mottling=0.08,
            wrap=0.1,
        )
        part = _Part(cloth.name, cloth.mesh, cloth.points, body.weights())
        self._add(part, material, colours=cloth.colours)

    def _add_suit(self) -> Indices:
        kind = "male" if self._sitter.male else "female"
        textures = self._assets.names(f"clothes/{kind}_", "_diffuse.png")
        texture = str(self._random.choice(textures))
        draw = self._random.uniform
        hue, saturation, value = draw(0, 180), draw(0.4, 1.4), draw(0.6, 1.3)
        if self._looks.dark_on_dark:
            saturation, value = saturation * 0.4, value * 0.25

        def recoloured(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
            hsv = cv2.cvtColor(image[..., :3], cv2.COLOR_RGB2HSV).astype(np.float32)
            hsv[..., 0] = (hsv[..., 0] + hue) % 180
            hsv[..., 1:] = np.clip(hsv[..., 1:] * [saturation, value], 0, 255)
            painted = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
            return np.dstack([painted, image[..., 3]]).astype(np.uint8)

        material = Material(is_two_sided=True, wrinkles=0.0035, wrinkles_per_m=26.0, mottling=0.05)
        mhclo = texture.replace("_diffuse.png", ".mhclo")
        return self._add_garment(mhclo, material, self._texture(texture, recoloured)).hidden

    def _add_skin(self, hidden: Indices, hair_paint: Floats) -> None:
        sitter, draw = self._sitter, self._random.uniform
        kind = "_male_" if sitter.male else "_female_"
        tone = "darkskinned" if sitter.dark else "lightskinned"
        skins = [
            name for name in self._assets.names("skins/", ".png") if kind in name and tone in name
        ]
        tint = draw(0.75, 1.12) * np.array([1.0, draw(0.93, 1.03), draw(0.88, 1.04)])
        if sitter.dark:
            tint *= draw(0.8, 1.5) * np.array([0.82, 1.0, 1.1])
        mesh = body.base_mesh(hidden)
        beard = beard_shares(self._random, sitter, self._looks.beard)[mesh.positions, None]
        material = Material(
            tint=_rgb(tint),
            is_one_sided=True,
            wrap=0.25,
            gloss=float(draw(0.02, 0.09)),
            gloss_sharpness=18.0,
            mottling=0.06,
        )
        texture = self._texture(str(self._random.choice(skins)), _paler if sitter.dark else None)
        part = _Part("skin", mesh, sitter.rest.points, body.weights(), on_face=True)
        self._add(part, material, texture, 1 - beard * (1 - np.minimum(hair_paint * 3, 0.6)))

    def _add_hair(self, paint: Floats) -> None:
        hair = self._looks.hair
        if hair == "bald":
            return
        name = f"hair/{hair}/{hair}"
        material = Material(
            tint=_rgb(paint * 2.2),
            is_transparent=True,
            is_two_sided=True,
            gloss=0.05,
            gloss_sharpness=12.0,
        )
        texture = self._texture(f"{name}_diffuse.png", _grey_of_hair)
        self._add_garment(f"{name}.mhclo", material, texture, on_head=hair in _STIFF_HAIR)

    def _add_face(self, hair_paint: Floats) -> None:
        """Brows, lashes and eyes."""
        choice = self._random.choice
        brows = str(choice(self._assets.names("eyebrows/", ".mhclo")))
        lashes = str(choice(self._assets.names("eyelashes/", ".mhclo")))
        for name, paint in (
            (brows, np.minimum(hair_paint, 0.25)),
            (lashes, np.array([0.03, 0.02, 0.02])),
        ):
            material = Material(
                tint=_rgb(paint), is_transparent=True, is_two_sided=True, casts=False
            )
            texture = self._texture(name.replace(".mhclo", ".png"), _grey_of_hair)
            self._add_garment(name, material, texture, on_face=True)
        irises = self._assets.names("eyes/materials/", ".png")
        is_brown = self._sitter.dark or self._random.random() < 0.4
        iris = "eyes/materials/brown_eye.png" if is_brown else str(choice(irises))
        material = Material(gloss=0.5, gloss_sharpness=120.0, casts=False)
        self._add_garment("eyes/low-poly.mhclo", material, self._texture(iris))


def follows(count: int, bone: str) -> scipy.sparse.csr_matrix:
    """(count, bones) weights of points that follow one bone alone."""
    columns = np.full(count, body.bones()[bone])
    places = (np.arange(count), columns)
    return scipy.sparse.csr_matrix((np.ones(count), places), shape=(count, len(body.bones())))


@lru_cache(maxsize=80)
def read_texture(path: Path) -> NDArray[np.uint8]:
    """(h, w, 4) RGBA of a file."""
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise FileNotFoundError(path)
    if image.ndim == 2:
        image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGRA)
    code = cv2.COLOR_BGR2RGBA if image.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    return np.asarray(cv2.cvtColor(image, code), np.uint8)


def _rgb(paint: Floats) -> tuple[float, float, float]:
    red, green, blue = (float(part) for part in paint)
    return red, green, blue


def _paler(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Less saturated: the dark skins of the assets are redder than skin is."""
    grey = image[..., :3].mean(axis=-1, keepdims=True)
    return np.dstack([0.62 * image[..., :3] + 0.38 * grey, image[..., 3]]).astype(np.uint8)


def _grey_of_hair(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey of a middle brightness, to be tinted."""
    grey = image[..., :3].mean(axis=-1)
    opaque = image[..., 3].astype(np.float32) / 255
    mean = (grey * opaque).sum() / max(opaque.sum(), 1)
    grey = np.clip(grey / max(mean, 1) * 150, 0, 255)
    return np.dstack([grey, grey, grey, image[..., 3]]).astype(np.uint8)
