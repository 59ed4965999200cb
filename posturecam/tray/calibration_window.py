"""The window in which a baseline is taken: oneself, a countdown, the takes, how good it is."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from posturecam.base.errors import PosturecamError
from posturecam.base.language import _
from posturecam.outputs.baseline_words import unlike_text
from posturecam.outputs.words import QUESTION_TITLE
from posturecam.tray.calibration_words import (
    Page,
    failed_page,
    introduction,
    offer_page,
    saved_page,
    step_names,
    step_page,
    take_names,
    take_view,
)
from posturecam.tray.icons import PICTURES, Icon
from posturecam.tray.painting import pixmap, qt_icon
from posturecam.tray.qt_application import application
from posturecam.tray.starting import start_watch
from posturecam.values.answers import Answer
from posturecam.values.settings import TAKE_S
from posturecam.watch.lock import is_watched

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.posture.baseline import Baseline
    from posturecam.tray.calibrating import Calibrating
    from posturecam.tray.calibration_words import Saved
    from posturecam.values.observation import TakeProgress
    from posturecam.values.reasons import Lesson, SlouchReason

RELEASED_WITHIN_S = 5.0
"""So long a window that was closed waits until the camera is free."""
_SIZE = QSize(520, 580)
_FRAME = QSize(0, 40)
"""What a window manager puts round it; without this a large scale hides the buttons."""


def run_calibration(paths: AppPaths, *, clock: Clock) -> None:
    """Shows the window until it is closed."""
    with application() as app:
        window = CalibrationWindow(paths, clock=clock)
        window.finished.connect(app.quit)
        window.show()
        app.exec()
        window.give_up()


class Mirror(QWidget):
    """The newest picture of oneself, as in a mirror; the one before is forgotten.

    Without one it shows how to sit.
    """

    def __init__(self) -> None:
        super().__init__()
        self._picture = QPixmap()
        self._icon = Icon.UPRIGHT
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(160, 120))

    def show_picture(self, picture: QImage) -> None:
        """Shows this one from now on."""
        self._picture = QPixmap.fromImage(picture)
        self.update()

    def show_how(self, icon: Icon) -> None:
        """Shows nobody any more, but how to sit."""
        self._picture, self._icon = QPixmap(), icon
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt calls it
        """Draws the picture as large as fits."""
        painter = QPainter(self)
        if self._picture.isNull():
            side_px = min(self.width(), self.height()) // 2
            _draw_centred(painter, self, pixmap(PICTURES[self._icon], side_px))
            return
        shown = self._picture.scaled(
            self.size(),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        painter.translate(self.width(), 0)
        painter.scale(-1, 1)
        _draw_centred(painter, self, shown)


def _draw_centred(painter: QPainter, on: QWidget, picture: QPixmap) -> None:
    left_px, top_px = (on.width() - picture.width()) // 2, (on.height() - picture.height()) // 2
    painter.drawPixmap(left_px, top_px, picture)


class CalibrationWindow(QDialog):
    """Takes a baseline, and shows how that goes."""

    _picture = Signal(QImage)
    _progress = Signal(object)
    _warned = Signal(str)
    _agreement = Signal(str)
    _offered = Signal(object)
    _step = Signal(object, str)
    _saved = Signal(object)
    _failed = Signal(str)

    def __init__(self, paths: AppPaths, *, clock: Clock) -> None:
        super().__init__()
        self._paths = paths
        self._clock = clock
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._given_up = False
        self._calibrating: Calibrating | None = None
        self._mirror = Mirror()
        self._count = QLabel()
        self._title = QLabel()
        self._note = QLabel()
        self._names = [QLabel() for _name in take_names()]
        self._takes = [QProgressBar() for _name in take_names()]
        self._buttons = QDialogButtonBox()
        self._lay_out()
        self._connect()
        self._show_page(introduction())
        self._offer(_("Start"), self._begin)

    def give_up(self) -> None:
        """Takes no baseline any more; the camera is let go of."""
        self._given_up = True
        self._answers.put(Answer.NO)
        if self._calibrating is not None:
            self._calibrating.give_up(RELEASED_WITHIN_S)

    def _lay_out(self) -> None:
        self.setWindowTitle(_("posturecam: baseline"))
        self.setWindowIcon(qt_icon(Icon.UPRIGHT))
        for label, share in ((self._count, 3.0), (self._title, 1.4)):
            font = label.font()
            font.setPointSizeF(font.pointSizeF() * share)
            font.setBold(True)
            label.setFont(font)
        self._count.setFixedWidth(self._count.fontMetrics().horizontalAdvance("00") + 8)
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        # The picture is not to jump when a text is longer than the one before.
        for label, lines in ((self._title, 2), (self._note, 4)):
            label.setWordWrap(True)
            label.setMinimumHeight(lines * label.fontMetrics().lineSpacing())
        self._title.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop)
        takes = QGridLayout()
        for column, (name, bar) in enumerate(zip(self._names, self._takes, strict=True)):
            bar.setRange(0, 100)
            bar.setTextVisible(False)  # beside it: none is legible half on the bar
            takes.addWidget(name, 0, column, Qt.AlignmentFlag.AlignHCenter)
            takes.addWidget(bar, 1, column)
        said = QVBoxLayout()
        said.addWidget(self._title)
        said.addWidget(self._note)
        count_beside_text = QHBoxLayout()
        count_beside_text.addWidget(self._count)
        count_beside_text.addLayout(said, stretch=1)
        rows = QVBoxLayout(self)
        rows.addWidget(self._mirror, stretch=1)
        rows.addLayout(count_beside_text)
        rows.addLayout(takes)
        rows.addWidget(self._buttons)
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - _FRAME))
        self._begin_bars(take_names())

    def _connect(self) -> None:
        # Emitted in the thread that takes the baseline, so these arrive as events of this one.
        self._picture.connect(self._mirror.show_picture)
        self._progress.connect(self._show_progress)
        self._warned.connect(self._note.setText)
        self._agreement.connect(self._ask_agreement)
        self._offered.connect(self._show_offer)
        self._step.connect(self._ask_step)
        self._saved.connect(self._show_saved)
        self._failed.connect(self._show_failed)

    def _begin(self) -> None:
        from posturecam.tray.calibrating import Calibrating, Shown

        self._begin_bars(take_names())
        self._show_page(Page(title=_("The camera is being opened"), note=_("Sit down as usual.")))
        self._offer_to_cancel()
        shown = Shown(
            picture=self._hand_over,
            progress=self._progress.emit,
            warn=self._warned.emit,
            agree=self._agree,
            offer=self._offer_steps,
            ask=self._is_ready,
            saved=self._saved.emit,
            failed=self._failed.emit,
        )
        self._calibrating = Calibrating(self._paths, clock=self._clock, shown=shown)
        self._calibrating.start()

    # In the thread that takes the baseline

    def _hand_over(self, pixels: NDArray[np.uint8]) -> None:
        height_px, width_px = pixels.shape[:2]
        picture = QImage(
            pixels.tobytes(), width_px, height_px, 3 * width_px, QImage.Format.Format_BGR888
        )
        self._picture.emit(picture.copy())  # of its own memory

    def _agree(self, reasons: Sequence[SlouchReason]) -> bool:
        self._agreement.emit(unlike_text(reasons))
        return self._is_yes()

    def _offer_steps(self, baseline: Baseline) -> bool:
        self._offered.emit(baseline)
        return self._is_yes()

    def _is_ready(self, lesson: Lesson, why: str) -> bool:
        self._step.emit(lesson, why)
        return self._is_yes()

    def _is_yes(self) -> bool:
        return not self._given_up and self._answers.get() is Answer.YES

    # In the thread of the window

    def _show_progress(self, progress: TakeProgress) -> None:
        view = take_view(progress)
        self._count.setText(view.count)
        self._count.setEnabled(view.clear)  # grey while nothing counts
        self._title.setText(view.title)
        self._note.setText(view.note)
        bar = self._takes[view.done]
        for over in self._takes[: view.done]:
            over.setValue(100)
        if view.holding and progress.left_s is not None:
            bar.setValue(min(99, round(100 * (1 - progress.left_s / TAKE_S))))

    def _ask_agreement(self, question: str) -> None:
        self._ask(
            Page(title=QUESTION_TITLE, note=question),
            (_("Yes, upright"), _("No, keep the old one")),
        )

    def _show_offer(self, baseline: Baseline) -> None:
        self._begin_bars(step_names())
        self._ask(offer_page(baseline), (_("Teach it"), _("No, that is all")))

    def _ask_step(self, lesson: Lesson, why: str) -> None:
        self._ask(step_page(lesson, why), (_("Ready"), _("Skip")))

    def _show_saved(self, saved: Saved) -> None:
        self._show_page(saved_page(saved))
        self._offer(_("Close"), self.close)
        self._add(_("Take it again"), self._begin)
        if not is_watched(self._paths.lock):
            self._add(_("Start watching"), self._start_watch)

    def _show_failed(self, text: str) -> None:
        self._show_page(failed_page(text))
        self._offer(_("Try again"), self._begin)
        self._add(_("Close"), self.close)

    def _start_watch(self) -> None:
        try:
            start_watch(self._paths, self._failed.emit)
        except PosturecamError as error:
            self._show_failed(str(error))
        else:
            self._title.setText(_("The watch is running"))
            self._offer(_("Close"), self.close)

    def _begin_bars(self, names: Sequence[str]) -> None:
        for label, bar, name in zip(self._names, self._takes, names, strict=True):
            label.setText(name)
            bar.setValue(0)

    def _show_page(self, page: Page) -> None:
        self._count.clear()
        self._mirror.show_how(page.picture)
        self._title.setText(page.title)
        self._note.setText(page.note)

    def _ask(self, page: Page, answers: tuple[str, str]) -> None:
        yes, no = answers
        self._show_page(page)
        self._offer(yes, partial(self._answer, Answer.YES))
        self._add(no, partial(self._answer, Answer.NO))

    def _answer(self, answer: Answer) -> None:
        self._offer_to_cancel()
        self._answers.put(answer)

    def _offer_to_cancel(self) -> None:
        self._buttons.clear()
        # Whoever presses Return twice has not seen what they cancel.
        self._add(_("Cancel"), self.close).setAutoDefault(False)

    def _offer(self, label: str, do: Callable[[], object]) -> None:
        self._buttons.clear()
        self._add(label, do).setDefault(True)

    def _add(self, label: str, do: Callable[[], object]) -> QPushButton:
        button = self._buttons.addButton(label, QDialogButtonBox.ButtonRole.ActionRole)
        button.clicked.connect(lambda _checked: do())
        return button
