"""How the camera has turned, read off what stands still behind the sitter.

Pure. A lid tilted back moves head and shoulders in the picture just as a slouch does. What stands
behind them moves with it, and only with it: two tiny grey pictures are laid over each other, the
sitter left out, and the landmarks are put back to where the camera would have seen them before.

Nothing here is kept: a scenery lives in memory for as long as a baseline is in use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from posturecam.capture.thumbnail import thumbnail_of
from posturecam.values.observation import Joint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from posturecam.values.head import Head
    from posturecam.values.observation import Landmarks

BACKDROP_COLUMNS = 96
"""About so many cells across; a shift of half a cell, 0.5 % of the picture's width, is found."""

_FINE_CELLS = 3
_CONTRAST_CELLS = 5
_NOISE = 3.0  # grey levels; fainter than this a pattern is the camera's noise
_TEXTURED = 2.5
"""Grey levels by which a cell with something on it stands out from those around it."""

_HEAD_SHARE = 0.55
_TRUNK_SHARE = 0.35
_ARM_SHARE = 0.25
"""Shoulder widths around head, trunk and arms that are theirs: hair, clothes, the chair's back."""
_LEAST_SHOULDERS = 0.12
_ARM_LINES = (
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW),
    (Joint.LEFT_ELBOW, Joint.LEFT_WRIST),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW),
    (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST),
)

_LEAST_OVERLAP = 0.4
_LEAST_CELLS = 400
_LEAST_TEXTURED = 50
_LEAST_TEXTURED_MOVED = 150
"""Of about 7000 cells. Less background does not tell where the camera looks."""

_ALIKE = 0.4
"""Likeness of one background to itself, hours and lamps later; see `compare`."""
_ALIKE_ELSEWHERE = 0.55
_LEAST_ALIKE = 0.2
_PEAK = 0.12
_SECOND_PEAK = 0.12
"""By so much a place must fit better than `_BESIDE_CELLS` beside it, and than the next best place.
Wall paper, blinds and door frames fit in many places and tell nothing. With these, of 1,400 pairs
of real pictures shifted by 3 to 27 % of their height none of 640 px and more was put wrong."""
_BESIDE_CELLS = 4
_APART_CELLS = 3.5
_MOST_STEPS = 4
_TRUST_POWER = 0.25
_SHIFTS_TRIED = 6
_FOCALS_TRIED = 2

_NEAR = 1e-3
"""Widths of the picture over which a turn is a plain change of place, size and direction."""

_FOCALS = (math.inf, 1.4, 1.1, 0.9, 0.75)
"""Focal lengths in widths of the picture: fields of view of 39 to 67 degrees, and a plain shift,
which is what a camera does that is moved rather than turned."""


@dataclass(frozen=True, slots=True)
class CameraTurn:
    """How the picture has moved since the baseline, in widths of the picture.

    Attributes:
        right: what stands in the middle has moved by so much to the right.
        down: the same, downwards, as when a lid is tilted back.
        focal: focal length of the camera that makes the move a turn; infinite for a shift.
    """

    right: float = 0.0
    down: float = 0.0
    focal: float = math.inf

    def undo(self, points: NDArray[np.float64], aspect: float) -> NDArray[np.float64]:
        """Where the camera would have seen `points` before it turned.

        Args:
            points: (..., 2) x and y in widths of the picture.
            aspect: height of the picture divided by its width.

        Returns:
            The same shape; far outside the picture where the camera could not have seen them.
        """
        if math.isinf(self.focal):
            shifted: NDArray[np.float64] = points - np.array([self.right, self.down])
            return shifted
        x = (points[..., 0] - 0.5) / self.focal
        y = (points[..., 1] - aspect / 2) / self.focal
        pitch, yaw = math.atan(self.down / self.focal), math.atan(self.right / self.focal)
        # First the nod is taken back, then the turn to the side.
        depth = math.cos(pitch) + math.sin(pitch) * y
        y = math.cos(pitch) * y - math.sin(pitch)
        x, depth = (
            math.cos(yaw) * x - math.sin(yaw) * depth,
            math.cos(yaw) * depth + math.sin(yaw) * x,
        )
        depth = np.maximum(depth, 0.1)
        before = [0.5 + self.focal * x / depth, aspect / 2 + self.focal * y / depth]
        return np.stack(before, axis=-1)

    def after(self, earlier: CameraTurn) -> CameraTurn:
        """Both turns, one after the other."""
        return CameraTurn(
            right=self.right + earlier.right,
            down=self.down + earlier.down,
            focal=min(self.focal, earlier.focal),
        )

    def since(self, earlier: CameraTurn) -> CameraTurn:
        """What came on top of `earlier`."""
        right, down = self.right - earlier.right, self.down - earlier.down
        return CameraTurn(right=right, down=down, focal=self.focal) if right or down else UNTURNED

    def put_back(self, landmarks: Landmarks) -> Landmarks:
        """The person where the camera would have seen them before it turned, without an outline.

        An outline is measured along the axis of the camera, and was fitted to none that turns.
        """
        if not (self.right or self.down):
            return landmarks
        width_px = landmarks.image_width_px
        points_px = landmarks.points_px.copy()
        points_px[:, :2] = width_px * self.undo(
            points_px[:, :2] / width_px, landmarks.image_height_px / width_px
        )
        head = landmarks.head
        return replace(
            landmarks,
            points_px=points_px,
            head=None if head is None else self._head_before(head, landmarks),
            outline=None,
        )

    def _head_before(self, head: Head, landmarks: Landmarks) -> Head:
        """The head as the camera would have seen it: its place, and its size and tilt there.

        Nod and turn stay: they are measured to the line of sight, which moves along. In 63 rendered
        sitters whose lid was tilted by up to 19 degrees they changed by 0.07 of that.
        """
        width_px = landmarks.image_width_px
        corner = np.array([head.tragus_x_px, head.tragus_y_px]) / width_px
        square = corner + _NEAR * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        before = self.undo(square, landmarks.image_height_px / width_px)
        right, down = (before[1:] - before[0]) / _NEAR
        grown = math.sqrt(abs(right[0] * down[1] - right[1] * down[0]))
        tragus_x_px, tragus_y_px = (width_px * before[0]).tolist()
        return replace(
            head,
            width_px=grown * head.width_px,
            size_px=grown * head.size_px,
            fitted_away=head.fitted_away / grown if grown > 0 else math.nan,
            tragus_x_px=tragus_x_px,
            tragus_y_px=tragus_y_px,
            roll_deg=head.roll_deg + math.degrees(math.atan2(right[1], right[0])),
        )


UNTURNED = CameraTurn()


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """What is around the sitter in one picture, without lamps and shades.

    Attributes:
        pattern: (rows, columns) float32, how much each cell stands out from those around it.
        beside: (rows, columns) bool, the cells that do not show the sitter.
        textured: (rows, columns) bool, the cells that show more than noise.
    """

    pattern: NDArray[np.float32] = field(repr=False)
    beside: NDArray[np.bool_] = field(repr=False)
    textured: NDArray[np.bool_] = field(repr=False)


def scenery_of(backdrop: NDArray[np.uint8], people: tuple[Landmarks, ...]) -> Scenery:
    """What stands around `people`.

    Args:
        backdrop: (rows, columns) uint8, the whole picture, grey and tiny; about
            `BACKDROP_COLUMNS` across.
        people: everybody found in it.
    """
    grey = backdrop.astype(np.float32)
    detail = grey - blurred(grey, _FINE_CELLS)
    contrast = np.sqrt(np.maximum(blurred(detail * detail, _CONTRAST_CELLS), 0.0))
    beside = np.ones(backdrop.shape, dtype=np.bool_)
    beside[-2:] = False  # the edge of the desk is the sitter's
    for person in people:
        beside &= ~_covered(backdrop.shape, person)
    return Scenery(
        pattern=(detail / (contrast + _NOISE)).astype(np.float32),
        beside=beside,
        textured=contrast > _TEXTURED,
    )


def scenery_in(image: NDArray[np.uint8], people: tuple[Landmarks, ...]) -> Scenery:
    """What stands around `people` in a picture: (height, width, 3) uint8."""
    return scenery_of(thumbnail_of(image[..., 1], BACKDROP_COLUMNS), people)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two pictures of a background say.

    Attributes:
        turn: how the camera has turned from the one to the other; None where they do not tell.
        likeness: correlation of the two, as far as they overlap; -1 to 1.
        telling: they overlap enough, and show enough there, for a low likeness to mean something.
    """

    turn: CameraTurn | None
    likeness: float
    telling: bool


_Overlaid = tuple["NDArray[np.floating]", "NDArray[np.floating]", "NDArray[np.bool_]"]
"""Patterns now and then of the cells that both pictures show, and which of them show something."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One way of laying two pictures over each other.

    Attributes:
        turn: that way.
        likeness: correlation of what both show; -1 where that is too little.
        trust: the same, less where fewer cells say so.
        textured: cells of it that show more than noise.
    """

    turn: CameraTurn
    likeness: float
    trust: float
    textured: int


def compare(now: Scenery, reference: Scenery, expected: CameraTurn, *, search: bool) -> Comparison:
    """How the camera has turned since `reference`.

    Args:
        now: the picture at hand.
        reference: the one that belongs to the baseline.
        expected: how it was turned when last seen; kept while that still fits.
        search: look for another turn where that does not fit, at the cost of a look of the pose
            model or two.
    """
    if now.pattern.shape != reference.pattern.shape:
        return Comparison(None, -1.0, telling=False)
    place = _laid(now, reference, expected)
    telling = place.textured >= _LEAST_TEXTURED_MOVED
    if (
        place.likeness >= _ALIKE
        and place.textured >= _LEAST_TEXTURED
        and _is_peak(now, reference, place)
    ):
        return Comparison(expected, place.likeness, telling)
    found = _find_place(now, reference, place.trust) if search else None
    if found is not None:
        return Comparison(found.turn, found.likeness, telling=True)
    return Comparison(None, place.likeness, telling)


def _find_place(now: Scenery, reference: Scenery, expected_trust: float) -> _Place | None:
    """Where the pictures are alike, if there is one such place and it is clearly the best."""
    rough = [_laid(now, reference, shift) for shift in _likely_shifts(now, reference)]
    rough.sort(key=_trust, reverse=True)
    places = [_best_near(now, reference, place.turn) for place in rough[:2]]
    places.sort(key=_trust, reverse=True)
    if not places:
        return None
    best = places[0]
    apart = _APART_CELLS / now.pattern.shape[1]
    others = [
        place.trust
        for place in places[1:]
        if max(abs(place.turn.right - best.turn.right), abs(place.turn.down - best.turn.down))
        > apart
    ]
    clear = (
        best.trust >= max(expected_trust, *others, 0.0) + _SECOND_PEAK
        and best.likeness >= _ALIKE_ELSEWHERE
        and best.textured >= _LEAST_TEXTURED_MOVED
    )
    return best if clear and _is_peak(now, reference, best) else None


def _trust(place: _Place) -> float:
    return place.trust


def _is_peak(now: Scenery, reference: Scenery, place: _Place) -> bool:
    """Whether the pictures are less alike a little beside it; along a door frame they are not."""
    step = _BESIDE_CELLS / now.pattern.shape[1]
    beside = (_laid(now, reference, turn) for turn in _around(place.turn, step))
    return place.likeness >= max(other.likeness for other in beside) + _PEAK


def _around(turn: CameraTurn, step: float) -> list[CameraTurn]:
    """The four turns `step` widths of the picture beside it."""
    return [
        replace(turn, right=turn.right + step * right, down=turn.down + step * down)
        for right, down in ((0, 1), (0, -1), (1, 0), (-1, 0))
    ]


def _laid(now: Scenery, reference: Scenery, turn: CameraTurn) -> _Place:
    """How alike the two backgrounds are under `turn`."""
    overlaid = _shifted(now, reference, turn) or _sampled(now, reference, turn)
    here, then, textured = overlaid
    if here.size < _LEAST_CELLS:
        return _Place(turn, -1.0, -1.0, 0)
    likeness = _correlation(here, then)
    seen = min(np.count_nonzero(now.beside), np.count_nonzero(reference.beside))
    trust = likeness * (here.size / seen) ** _TRUST_POWER
    return _Place(turn, likeness, trust, int(np.count_nonzero(textured)))


def _shifted(now: Scenery, reference: Scenery, turn: CameraTurn) -> _Overlaid | None:
    """The cells of both under a shift by whole cells, as most are; None for any other turn."""
    rows, columns = now.pattern.shape
    right, down = round(turn.right * columns), round(turn.down * columns)
    if not math.isinf(turn.focal) or (right, down) != (turn.right * columns, turn.down * columns):
        return None
    moved = ((rows, down), (columns, right))
    at = tuple(slice(max(0, by), max(0, size + by)) for size, by in moved)
    before = tuple(slice(max(0, -by), max(0, size - by)) for size, by in moved)
    both = now.beside[at] & reference.beside[before]
    textured = now.textured[at] | reference.textured[before]
    return now.pattern[at][both], reference.pattern[before][both], textured[both]


def _sampled(now: Scenery, reference: Scenery, turn: CameraTurn) -> _Overlaid:
    """The cells of both under any turn, the reference read between its cells."""
    rows, columns = now.pattern.shape
    at_rows, at_columns = np.nonzero(now.beside)
    points = np.stack([at_columns + 0.5, at_rows + 0.5], axis=-1) / columns
    before = turn.undo(points, rows / columns) * columns - 0.5
    left, top = np.floor(before[:, 0]).astype(np.intp), np.floor(before[:, 1]).astype(np.intp)
    inside = (left >= 0) & (left < columns - 1) & (top >= 0) & (top < rows - 1)
    left, top = left[inside], top[inside]
    beside = reference.beside
    around = beside[:-1, :-1] & beside[:-1, 1:] & beside[1:, :-1] & beside[1:, 1:]
    both = around[top, left]
    left, top = left[both], top[both]
    kept = np.flatnonzero(inside)[both]
    x, y = before[kept, 0] - left, before[kept, 1] - top
    pattern = reference.pattern
    upper = pattern[top, left] * (1 - x) + pattern[top, left + 1] * x
    lower = pattern[top + 1, left] * (1 - x) + pattern[top + 1, left + 1] * x
    cells = (at_rows[kept], at_columns[kept])
    textured = now.textured[cells] | reference.textured[top, left]
    return now.pattern[cells], upper * (1 - y) + lower * y, textured


def _correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = math.sqrt(float((one * one).sum()) * float((other * other).sum()))
    return float((one * other).sum()) / size if size > 0 else -1.0


def _likely_shifts(now: Scenery, reference: Scenery) -> Iterator[CameraTurn]:
    """The few shifts under which the backgrounds are most alike, of all there are.

    Masked normalized cross-correlation by Fourier transforms: D. Padfield, IEEE Transactions on
    Image Processing 21 (2012) 2706.
    """
    rows, columns = now.pattern.shape
    shape = (2 * rows, 2 * columns)

    def parts(scenery: Scenery, *, mirrored: bool) -> list[NDArray[np.complexfloating]]:
        mask = scenery.beside.astype(np.float32)
        values = scenery.pattern * mask
        whole = [values, values * values, mask]
        if mirrored:
            whole = [part[::-1, ::-1] for part in whole]
        return [np.fft.rfft2(part, shape) for part in whole]

    then, then_squared, then_mask = parts(reference, mirrored=False)
    here, here_squared, here_mask = parts(now, mirrored=True)

    def back(product: NDArray[np.complexfloating]) -> NDArray[np.float64]:
        whole: NDArray[np.float64] = np.fft.irfft2(product, shape)
        return whole

    common = np.maximum(back(then_mask * here_mask), 1.0)
    sum_then, sum_here = back(then * here_mask), back(then_mask * here)
    varying = (back(then_squared * here_mask) - sum_then**2 / common) * (
        back(then_mask * here_squared) - sum_here**2 / common
    )
    alike = (back(then * here) - sum_then * sum_here / common) / np.sqrt(np.maximum(varying, 1.0))
    least = max(
        _LEAST_OVERLAP * min(int(now.beside.sum()), int(reference.beside.sum())), _LEAST_CELLS
    )
    alike[common < least] = -1.0
    for _ in range(_SHIFTS_TRIED):
        row, column = divmod(int(alike.argmax()), alike.shape[1])
        if alike[row, column] < _LEAST_ALIKE:
            return
        down, right = rows - 1 - row, columns - 1 - column
        yield CameraTurn(right=right / columns, down=down / columns)
        alike[max(0, row - 3) : row + 4, max(0, column - 3) : column + 4] = -1.0


def _best_near(now: Scenery, reference: Scenery, shift: CameraTurn) -> _Place:
    """The likeliest turn near `shift`, to half a cell, with the focal length that suits it best."""
    rough = [_laid(now, reference, replace(shift, focal=focal)) for focal in _FOCALS]
    rough.sort(key=lambda place: place.likeness, reverse=True)
    return max(
        (_climbed(now, reference, place.turn) for place in rough[:_FOCALS_TRIED]),
        key=lambda place: place.likeness,
    )


def _climbed(now: Scenery, reference: Scenery, turn: CameraTurn) -> _Place:
    best = _laid(now, reference, turn)
    for step_cells in (1.0, 0.5):
        for _ in range(_MOST_STEPS):
            beside = _around(best.turn, step_cells / now.pattern.shape[1])
            place = max(
                (_laid(now, reference, other) for other in beside),
                key=lambda place: place.likeness,
            )
            if place.likeness <= best.likeness:
                break
            best = place
    return best


def _covered(shape: tuple[int, ...], person: Landmarks) -> NDArray[np.bool_]:
    """The cells that a person takes up, with hair, clothes and the back of a chair."""
    rows, columns = shape
    y, x = np.ogrid[0.5:rows, 0.5:columns]
    at = person.points_px[:, :2] / (person.image_width_px // columns)
    left, right = at[Joint.LEFT_SHOULDER], at[Joint.RIGHT_SHOULDER]
    width = max(math.dist(left, right), _LEAST_SHOULDERS * columns)
    head = (at[Joint.LEFT_EAR] + at[Joint.RIGHT_EAR]) / 2
    reach = _TRUNK_SHARE * width
    covered: NDArray[np.bool_] = (
        (x > min(left[0], right[0]) - reach)
        & (x < max(left[0], right[0]) + reach)
        & (y > min(left[1], right[1]) - reach)
    )
    _cover_line(covered, head, head, _HEAD_SHARE * width)
    for start, end in _ARM_LINES:
        _cover_line(covered, at[start], at[end], _ARM_SHARE * width)
    return covered


def _cover_line(
    covered: NDArray[np.bool_], start: NDArray[np.float64], end: NDArray[np.float64], reach: float
) -> None:
    """Marks each cell that is within `reach` of the line between two points."""
    shape = np.array(covered.shape[::-1])
    low = np.clip(np.nan_to_num(np.minimum(start, end) - reach - 1), 0, shape).astype(int)
    high = np.clip(np.nan_to_num(np.maximum(start, end) + reach + 1), 0, shape).astype(int)
    y, x = np.ogrid[low[1] + 0.5 : high[1], low[0] + 0.5 : high[0]]
    (right, down), length = end - start, max(math.dist(start, end) ** 2, 1e-9)
    share = np.clip(((x - start[0]) * right + (y - start[1]) * down) / length, 0.0, 1.0)
    covered[low[1] : high[1], low[0] : high[0]] |= (x - start[0] - share * right) ** 2 + (
        y - start[1] - share * down
    ) ** 2 < reach**2


def blurred(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Mean over the square of `2 * reach + 1` cells around each; the edge goes on outside."""
    side = 2 * reach + 1
    padded = np.pad(values, ((reach + 1, reach), (reach + 1, reach)), mode="edge")
    sums = padded.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    window = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    means: NDArray[np.float32] = (window / side**2).astype(np.float32)
    return means
