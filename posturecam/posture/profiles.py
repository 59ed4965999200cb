"""Profiles on disk: the baseline in `profiles/NAME.json` (`profile_file`), and what is beside it.

Those that it replaced are kept beside it in `NAME.previous.json`, the newest first, so that none is
lost to one that was taken by mistake. The one of somebody standing at the same desk is
`NAME.standing.json`, with its own `NAME.standing.previous.json`. What the profile was taught is
kept beside them, by `taught`.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from posturecam.base.errors import BaselineError, DataError, UsageError
from posturecam.base.language import Sentence
from posturecam.base.paths import removing
from posturecam.posture.anchors import personal_of
from posturecam.posture.profile_file import (
    is_same,
    read_baseline,
    read_several,
    write_baseline,
    write_several,
)
from posturecam.posture.profile_fit import NAME, checked_name, with_desk
from posturecam.posture.taught import forget_taught, load_taught, move_taught, save_taught
from posturecam.values.observation import Stance
from posturecam.values.settings import calibrate_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from posturecam.pose.models import Model
    from posturecam.posture.baseline import Baseline
    from posturecam.posture.taught import Taught
    from posturecam.values.desk import Desk
    from posturecam.values.settings import Settings, Thresholds

MOST_PREVIOUS = 5
"""Baselines kept beside the one in use: whoever takes several bad ones in a row still gets back."""


def profile_path(folder: Path, name: str) -> Path:
    """The file of the profile `name`.

    Raises:
        UsageError: the name could lead out of the folder or would not travel between systems.
    """
    return folder / f"{checked_name(name)}.json"


def baseline_path(folder: Path, name: str, stance: Stance = Stance.SITTING) -> Path:
    """The file of one of the baselines of the profile `name`; no profile can have this name.

    Raises:
        UsageError: it is no name of a profile.
    """
    path = profile_path(folder, name)
    return path if stance is Stance.SITTING else path.with_suffix(f".{stance}.json")


def list_profiles(folder: Path) -> tuple[str, ...]:
    """Names of the profiles there are, sorted.

    Raises:
        DataError: the user may not look into the folder.
    """
    try:
        files = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except PermissionError as error:
        raise DataError(
            Sentence("{path} cannot be read: {why}.", path=folder, why=error.strerror),
            Sentence("Make the folder yours again, with all that is in it."),
        ) from error
    names = (file.stem for file in files if file.suffix == ".json")
    return tuple(sorted(name for name in names if NAME.fullmatch(name)))


def save_profile(folder: Path, baseline: Baseline) -> Path:
    """Keeps `baseline` under its profile name, and the one it replaces beside it; its file.

    Raises:
        UsageError: the name is not a profile name.
        DataError: a file may not be read or written, or was written by a newer program.
    """
    name, stance = baseline.profile, baseline.stance
    path = baseline_path(folder, name, stance)
    if (replaced := find_profile(folder, name, stance)) is not None:
        older = load_previous(folder, name, stance)
        _save_previous(path, (replaced, *older)[:MOST_PREVIOUS])
    write_baseline(path, baseline)
    return path


def load_previous(folder: Path, name: str, stance: Stance = Stance.SITTING) -> tuple[Baseline, ...]:
    """The baselines that `name` had before and that are kept, the newest first.

    Raises:
        UsageError: the name is not a profile name.
        DataError: they were written by a newer program, or may not be read.
    """
    path = baseline_path(folder, name, stance)
    try:
        kept = read_several(_previous_path(path), name)
    except (OSError, ValueError, RecursionError):
        return ()
    # One that is in use too was left there between the two writes of a change.
    current = find_profile(folder, name, stance)
    return tuple(one for one in kept if current is None or not is_same(one, current))


def undo_profile(folder: Path, name: str, stance: Stance = Stance.SITTING) -> Baseline:
    """Takes the newest previous baseline of `name` into use again, and returns it.

    The one that it replaces becomes the oldest previous one: with one kept, undoing again takes
    that back; with several, it goes one further back each time and ends where it began.

    Raises:
        UsageError: the name is not a profile name.
        BaselineError: there is none to go back to.
        DataError: a file may not be read or written, or was written by a newer program.
    """
    path = baseline_path(folder, name, stance)
    previous = load_previous(folder, name, stance)
    if not previous:
        raise BaselineError(
            Sentence("No earlier baseline named {name!r} is kept.", name=name),
            Sentence("See which profiles there are: posturecam profiles list"),
        )
    replaced = find_profile(folder, name, stance)
    kept = previous if replaced is None else (*previous, replaced)
    # Whatever happens between the two, each baseline is in one of the files.
    _save_previous(path, kept)
    write_baseline(path, previous[0])
    return previous[0]


def load_profile(folder: Path, name: str) -> Baseline:
    """The baseline kept under `name`.

    Raises:
        UsageError: the name is not a profile name.
        BaselineError: there is none.
        DataError: the file is damaged, of a newer program, or may not be read.
    """
    path = profile_path(folder, name)
    if not _may_be_file(path):
        known = list_profiles(folder)
        what = Sentence("There is no baseline named {name!r} yet.", name=name)
        others = Sentence("Profiles there are: {names}.", names=", ".join(known))
        raise BaselineError(
            Sentence.joined((what, others if known else "")),
            Sentence("Take one with: {command}", command=calibrate_command(name)),
        )
    try:
        return read_baseline(path, name)
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            Sentence("The profile {path} is damaged.", path=path),
            Sentence(
                "It was left as it is. Take the baseline anew: {command}",
                command=calibrate_command(name),
            ),
        ) from error


def find_profile(folder: Path, name: str, stance: Stance = Stance.SITTING) -> Baseline | None:
    """The baseline kept under `name`; None where there is none that can be read.

    Raises:
        UsageError: the name is not a profile name.
        DataError: the file is of a newer program, or may not be read.
    """
    path = baseline_path(folder, name, stance)
    try:
        return read_baseline(path, name)
    except (OSError, ValueError, RecursionError):
        return None


def rename_profile(folder: Path, name: str, new_name: str) -> None:
    """Keeps the baseline of `name`, and what is beside it, under another name.

    Raises:
        UsageError: a name is not a profile name, or the new one is taken.
        BaselineError: there is no such profile.
        DataError: a file is damaged, or cannot be written or removed; each baseline is still there.
    """
    new_path = profile_path(folder, new_name)
    load_profile(folder, name)
    if new_path.exists():
        raise UsageError(
            Sentence("There is a profile named {new_name!r} already.", new_name=new_name),
            Sentence("Delete it first, or choose another."),
        )
    _refuse_damaged(folder, name)
    with ExitStack() as written:
        for stance in reversed(Stance):  # the one by which it is a profile comes last
            path = baseline_path(folder, new_name, stance)
            previous = load_previous(folder, name, stance)
            _save_previous(path, [replace(one, profile=new_name) for one in previous])
            written.callback(_take_back, _previous_path(path))
            if (kept := find_profile(folder, name, stance)) is not None:
                write_baseline(path, replace(kept, profile=new_name))
                written.callback(_take_back, path)
        move_taught(profile_path(folder, name), new_path)
        written.pop_all()
    delete_profile(folder, name)


def _refuse_damaged(folder: Path, name: str) -> None:
    """Raises `DataError` where a file of baselines cannot be read: under no other name either."""
    for stance in Stance:
        path = baseline_path(folder, name, stance)
        for file, read in ((path, read_baseline), (_previous_path(path), read_several)):
            try:
                read(file, name)
            except FileNotFoundError:
                continue
            except (OSError, ValueError, RecursionError) as error:
                raise DataError(
                    Sentence("The file {path} is damaged.", path=file),
                    Sentence("It was left as it is. Move it elsewhere, then try again."),
                ) from error


def _take_back(file: Path) -> None:
    with suppress(OSError):
        file.unlink()


def known_profile_path(folder: Path, name: str) -> Path:
    """The file of the profile `name`, which is there.

    Raises:
        UsageError: the name is not a profile name.
        BaselineError: there is no such profile.
    """
    path = profile_path(folder, name)
    if not _may_be_file(path):
        raise BaselineError(
            Sentence("There is no baseline named {name!r}.", name=name),
            Sentence("See which there are: posturecam profiles list"),
        )
    return path


def use_at(folder: Path, name: str, desk: Desk) -> None:
    """Notes that the profile `name` is used at a desk as well.

    Raises:
        PosturecamError: there is no such profile, or its file cannot be read or written.
    """
    baseline = load_profile(folder, name)
    desks = with_desk(baseline.desks, desk)
    write_baseline(profile_path(folder, name), replace(baseline, desks=desks))


def delete_profile(folder: Path, name: str) -> None:
    """Deletes a baseline, also a damaged one, with those it replaced and what it was taught.

    Raises:
        UsageError: the name is not a profile name.
        BaselineError: there is no such profile.
        DataError: a file cannot be removed.
    """
    path = known_profile_path(folder, name)
    forget_taught(path)
    standing = baseline_path(folder, name, Stance.STANDING)
    for file in (_previous_path(standing), standing, _previous_path(path), path):
        with removing(file):
            file.unlink(missing_ok=True)


def fitting_profile(folder: Path, name: str, model: Model) -> Baseline:
    """The baseline kept under `name` with what it was taught, if `model` can be compared with it.

    Raises:
        BaselineError: there is none, or it was taken with another model.
        DataError: the file is damaged, of a newer program, or may not be read.
    """
    return _fitting(folder, load_profile(folder, name), model)


def fitting_standing(folder: Path, name: str, model: Model) -> Baseline | None:
    """The same of somebody standing; None where the profile has no such baseline.

    Raises:
        BaselineError: it was taken with another model.
        DataError: its file is damaged, of a newer program, or may not be read.
    """
    path = baseline_path(folder, name, Stance.STANDING)
    if not path.is_file():
        return None
    baseline = find_profile(folder, name, Stance.STANDING)
    if baseline is None:
        raise DataError(
            Sentence("The profile {path} is damaged.", path=path),
            Sentence("Take it anew: {command} --standing", command=calibrate_command(name)),
        )
    return _fitting(folder, baseline, model)


def _fitting(folder: Path, baseline: Baseline, model: Model) -> Baseline:
    name = baseline.profile
    if baseline.model_sha256 != model.landmarks_sha256:
        standing = " --standing" if baseline.stance is Stance.STANDING else ""
        raise BaselineError(
            Sentence(
                "The baseline {name!r} was taken with another pose model than {model!r}, or by a"
                " version that places the shoulders otherwise.",
                name=name,
                model=model.name,
            ),
            Sentence(
                "Take it anew: {command} --model {model}{standing}",
                command=calibrate_command(name),
                model=model.name,
                standing=standing,
            ),
        )
    anchors = load_taught(profile_path(folder, name)).anchors
    return replace(baseline, personal=personal_of(anchors, baseline.view, model.landmarks_sha256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A profile as it is in use.

    Attributes:
        sitting: its baseline, turned as the pictures are.
        standing: the one of somebody standing, if there is one.
        limits: the thresholds in force with it.
    """

    sitting: Baseline
    standing: Baseline | None
    limits: Thresholds


class ProfileFiles:
    """The files of one profile, for a running watch.

    Args:
        folder: of the profiles.
        settings: as the user set them; they name the profile.
        model: the pose model in use.
    """

    def __init__(self, folder: Path, settings: Settings, model: Model) -> None:
        self._folder = folder
        self._settings = settings
        self._model = model
        self._path = profile_path(folder, settings.profile)

    def load(self) -> Kept:
        """What is kept now.

        Raises:
            BaselineError: there is no baseline, or one was taken with another model.
            DataError: a file is damaged, of a newer program, or may not be read.
        """
        name, settings = self._settings.profile, self._settings
        sitting = fitting_profile(self._folder, name, self._model)
        return Kept(
            # One that replaces it is taken of the same pictures.
            sitting=replace(sitting, rotate_deg=rotation_deg(settings, sitting)),
            standing=fitting_standing(self._folder, name, self._model),
            limits=settings.fitted(sitting.thresholds).posture.thresholds,
        )

    def keep(self, baseline: Baseline) -> None:
        """As `save_profile`."""
        save_profile(self._folder, baseline)

    def taught(self) -> Taught:
        """As `load_taught`."""
        return load_taught(self._path)

    def teach(self, taught: Taught) -> None:
        """As `save_taught`."""
        save_taught(self._path, taught)


def rotation_deg(settings: Settings, baseline: Baseline | None) -> int:
    """By how much the camera's pictures are turned clockwise: as set, or as for the baseline."""
    if settings.rotate is not None:
        return settings.rotate
    return 0 if baseline is None else baseline.rotate_deg


def _may_be_file(path: Path) -> bool:
    """Whether a file is there, or nobody may look; who opens it says so."""
    try:
        return path.is_file()
    except PermissionError:
        return True


def _previous_path(path: Path) -> Path:
    """No profile can have this name, so it is in no list of them."""
    return path.with_suffix(".previous.json")


def _save_previous(current: Path, baselines: Sequence[Baseline]) -> None:
    path = _previous_path(current)
    if baselines:
        write_several(path, baselines)
    else:
        with removing(path):
            path.unlink(missing_ok=True)
