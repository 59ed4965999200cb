"""Few looks, the same result: what the pose model does not look at, it has seen before."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace

import numpy as np

from posturecam.capture.thumbnail import Pixels
from posturecam.posture.baseline import Baseline, Take, combine
from posturecam.values.observation import Detection, Frame, Observation, UnknownReason
from posturecam.values.settings import Thresholds
from posturecam.watch.attention import Attention
from posturecam.watch.sampling import SamplingSettings
from tests.fakes import NINE, sitter

SETTINGS = SamplingSettings()


@dataclass
class CountingLandmarker:
    """Sees one sitter, or nobody in a black picture, and counts how often it is asked."""

    looks: int = 0
    drop_px: float = 0.0
    asked_at_s: list[float] = field(default_factory=list)

    def detect(self, frame: Frame) -> Detection:
        """Somebody, unless it is dark."""
        self.looks += 1
        self.asked_at_s.append(frame.t_s)
        brightness = float(frame.image.mean())
        people = (sitter(drop_px=self.drop_px),) if brightness > 10 else ()
        return Detection(t_s=frame.t_s, people=people, brightness=brightness)


def upright() -> Baseline:
    """Of the same sitter."""
    take = Take()
    for index in range(20):
        take.add(Detection(t_s=index / 5, people=(sitter(),), brightness=120.0))
    return combine([take], profile="desk", model_sha256="", taken_at=NINE)


def picture(t_s: float, *, seed: int, level: int = 120, noise: int = 3) -> Frame:
    """A grey wall and something on it, with noise of its own."""
    rng = np.random.default_rng(seed)
    image = np.full((96, 128, 3), level, dtype=np.int16)
    image[40:, 40:88] //= 2
    image += rng.integers(0, noise + 1, image.shape, dtype=np.int16)
    return Frame(t_s=t_s, index=seed, picture=Pixels(image.clip(0, 255).astype(np.uint8)))


def attention(landmarker: CountingLandmarker, *, live: bool = True) -> Attention:
    """Over a camera, at the usual pace."""
    return Attention(landmarker.detect, live=live, sampling=lambda: SETTINGS)


def test_a_still_sitter_is_observed_at_every_picture_and_looked_at_seldom() -> None:
    """A minute of pictures, a handful of looks, no picture without an answer."""
    landmarker, baseline = CountingLandmarker(), upright()
    eyes = attention(landmarker)
    observations = [
        eyes.observe(picture(float(t_s), seed=t_s), baseline, alert_near=False) for t_s in range(60)
    ]

    assert [one.t_s for one in observations] == [float(t_s) for t_s in range(60)]
    assert all(one.unknown_reason is None for one in observations)
    assert landmarker.looks <= SETTINGS.settled_looks + 60 / SETTINGS.still_there_s


def test_a_new_baseline_is_compared_with_a_new_look() -> None:
    """Deviations from the one before hold no longer."""
    landmarker, baseline = CountingLandmarker(), upright()
    eyes = attention(landmarker)
    for t_s in range(10):
        eyes.observe(picture(float(t_s), seed=t_s), baseline, alert_near=False)
    before = landmarker.looks
    eyes.renew()
    eyes.observe(picture(10.0, seed=10), baseline, alert_near=False)

    assert landmarker.looks == before + 1


def test_after_time_without_a_picture_the_looks_begin_anew() -> None:
    """As often as at first: what was known before is forgotten."""
    landmarker, baseline = CountingLandmarker(), upright()
    eyes = attention(landmarker)
    for t_s in range(10):
        eyes.observe(picture(float(t_s), seed=t_s), baseline, alert_near=False)
    settled_s = eyes.interval_s()
    eyes.forget()

    assert settled_s == SETTINGS.idle_interval_s
    assert eyes.interval_s() == SETTINGS.busy_interval_s


def watched(level: int, noise: int, *, live: bool) -> Observation:
    """What is known after two minutes of one picture over and over."""
    eyes, baseline = attention(CountingLandmarker(), live=live), upright()
    frame = picture(0.0, seed=1, level=level, noise=noise)
    for t_s in range(120):
        again = Frame(t_s=float(t_s), index=t_s, picture=frame.picture)
        observation = eyes.observe(again, baseline, alert_near=False)
    return observation


def test_a_camera_that_repeats_one_picture_tells_nothing() -> None:
    """After a minute; a live picture always has some noise, a video may stand still."""
    assert watched(120, 3, live=True).unknown_reason is UnknownReason.FROZEN
    assert watched(120, 3, live=False).unknown_reason is None


def test_a_covered_camera_is_called_dark_though_it_has_no_noise() -> None:
    """Black repeats itself too, and says more."""
    assert watched(0, 0, live=True).unknown_reason is UnknownReason.TOO_DARK


def test_a_frozen_camera_is_opened_anew_once_for_each_wait() -> None:
    """After a minute of one picture, and after two."""
    eyes, baseline = attention(CountingLandmarker()), upright()
    still = picture(0.0, seed=1)
    opened_s = []
    for t_s in range(200):
        eyes.observe(replace(still, t_s=float(t_s)), baseline, alert_near=False)
        if eyes.reopens():
            opened_s.append(t_s)

    assert opened_s == [SETTINGS.frozen_after_s, 2 * SETTINGS.frozen_after_s]


def test_the_thresholds_of_the_user_decide() -> None:
    """Who may deviate five times as far is less likely to be slouched by the same picture."""
    baseline = upright()
    limits = (
        Thresholds(),
        Thresholds(**{name: 5 * deg for name, deg in asdict(Thresholds()).items()}),
    )
    seen = [
        Attention(
            CountingLandmarker().detect, live=True, sampling=lambda: SETTINGS, thresholds=own
        ).observe(picture(0.0, seed=1), baseline, alert_near=False)
        for own in limits
    ]

    assert seen[0].deviations == seen[1].deviations
    assert seen[1].slouch_log_odds < seen[0].slouch_log_odds - 5


def test_a_camera_that_nobody_touched_changes_nothing() -> None:
    """Nobody is put anywhere else, and it is nowhere else."""
    landmarker, baseline = CountingLandmarker(), upright()
    eyes = attention(landmarker)
    eyes.observe(picture(0.0, seed=0), baseline, alert_near=False)
    seen = landmarker.detect(picture(1.0, seed=1))

    assert not eyes.elsewhere
    assert eyes.put_back(seen) == seen
