"""The window in which a baseline is taken: oneself, a countdown, the takes, how good it is."""

from __future__ import annotations

import queue
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from posturecam.base.language import _
from posturecam.outputs.baseline_words import takes_text, unlike_text
from posturecam.outputs.words import QUESTION_TITLE
from posturecam.tray.icons import PICTURES, Icon
from posturecam.tray.painting import pixmap, qt_icon
from posturecam.tray.qt_application import application
from posturecam.tray.takes import quality_text, take_view
from posturecam.values.log_rows import Answer
from posturecam.values.settings import LIVE_TAKES, TAKE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    from posturecam.base.clock import Clock
    from posturecam.base.paths import AppPaths
    from posturecam.posture.baseline import Baseline
    from posturecam.tray.calibrating import Calibrating
    from posturecam.values.observation import TakeProgress
    from posturecam.values.reasons import SlouchReason

RELEASED_WITHIN_S = 5.0
"""So long a window that was closed waits until the camera is free."""


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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(320, 240))

    def show_picture(self, picture: QImage) -> None:
        """Shows this one from now on."""
        self._picture = QPixmap.fromImage(picture)
        self.update()

    def clear(self) -> None:
        """Shows nobody any more."""
        self._picture = QPixmap()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt calls it
        """Draws the picture as large as fits."""
        painter = QPainter(self)
        if self._picture.isNull():
            side_px = min(self.width(), self.height()) // 2
            _draw_centred(painter, self, pixmap(PICTURES[Icon.UPRIGHT], side_px))
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
    """Takes a baseline, and shows how that goes.

    Args:
        paths: the folders of the user.
        clock: the time.
    """

    _picture = Signal(QImage)
    _progress = Signal(object)
    _warned = Signal(str)
    _asked = Signal(str)
    _taken = Signal(object)
    _failed = Signal(str)

    def __init__(self, paths: AppPaths, *, clock: Clock) -> None:
        super().__init__()
        self._paths = paths
        self._clock = clock
        self._answers: queue.Queue[Answer] = queue.Queue()
        self._calibrating: Calibrating | None = None
        self._mirror = Mirror()
        self._count = QLabel()
        self._title = QLabel()
        self._note = QLabel()
        self._takes = [QProgressBar() for _number in range(LIVE_TAKES)]
        self._buttons = QDialogButtonBox()
        self._lay_out()
        self._connect()
        self._introduce()

    def give_up(self) -> None:
        """Takes no baseline any more; the camera is let go of."""
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
        self._note.setWordWrap(True)
        # The picture is not to jump when a note is longer than the one before.
        self._note.setMinimumHeight(3 * self._note.fontMetrics().lineSpacing())
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop)
        takes = QHBoxLayout()
        for number, bar in enumerate(self._takes, start=1):
            bar.setRange(0, 100)
            bar.setValue(0)
            bar.setTextVisible(True)
            bar.setFormat(_("Take {number}").format(number=number))
            takes.addWidget(bar)
        said = QVBoxLayout()
        said.addWidget(self._title)
        said.addWidget(self._note)
        told = QHBoxLayout()
        told.addWidget(self._count)
        told.addLayout(said, stretch=1)
        rows = QVBoxLayout(self)
        rows.addWidget(self._mirror, stretch=1)
        rows.addLayout(told)
        rows.addLayout(takes)
        rows.addWidget(self._buttons)
        self.resize(520, 540)

    def _connect(self) -> None:
        # Emitted in the thread that takes the baseline, so these arrive as events of this one.
        self._picture.connect(self._mirror.show_picture)
        self._progress.connect(self._show_progress)
        self._warned.connect(self._note.setText)
        self._asked.connect(self._ask)
        self._taken.connect(self._show_taken)
        self._failed.connect(self._show_failed)

    def _introduce(self) -> None:
        self._title.setText(_("Your baseline"))
        self._note.setText(
            _(
                "{takes} Pictures stay in memory. A watch that runs is ended for it, and started "
                "again."
            ).format(takes=takes_text(LIVE_TAKES))
        )
        self._offer(_("Start"), self._begin)

    def _begin(self) -> None:
        from posturecam.tray.calibrating import Calibrating, Shown

        for bar in self._takes:
            bar.setValue(0)
        self._title.setText(_("The camera is being opened"))
        self._note.setText(_("Sit down as you usually do."))
        self._buttons.clear()
        shown = Shown(
            picture=self._hand_over,
            progress=self._progress.emit,
            warn=self._warned.emit,
            agree=self._agree,
            taken=self._taken.emit,
            failed=self._failed.emit,
        )
        self._calibrating = Calibrating(self._paths, clock=self._clock, shown=shown)
        self._calibrating.start()

    def _hand_over(self, pixels: NDArray[np.uint8]) -> None:
        """Called in the thread that takes the baseline."""
        height_px, width_px = pixels.shape[:2]
        picture = QImage(
            pixels.tobytes(), width_px, height_px, 3 * width_px, QImage.Format.Format_BGR888
        )
        self._picture.emit(picture.copy())  # of its own memory

    def _agree(self, reasons: Sequence[SlouchReason]) -> bool:
        """Called in the thread that takes the baseline."""
        self._asked.emit(unlike_text(reasons))
        return self._answers.get() is Answer.YES

    def _show_progress(self, progress: TakeProgress) -> None:
        view = take_view(progress)
        self._count.setText(view.count)
        self._title.setText(view.title)
        self._note.setText(view.note)
        for number, bar in enumerate(self._takes):
            if number < view.done:
                bar.setValue(100)
            elif number == view.done and view.holding and progress.left_s is not None:
                bar.setValue(min(99, round(100 * (1 - progress.left_s / TAKE_S))))

    def _ask(self, question: str) -> None:
        self._title.setText(QUESTION_TITLE)
        self._note.setText(question)
        self._count.clear()
        self._buttons.clear()
        for label, answer in (
            (_("Yes, upright"), Answer.YES),
            (_("No, keep the old one"), Answer.NO),
        ):
            self._add(label, partial(self._answers.put, answer))

    def _show_taken(self, baseline: Baseline) -> None:
        self._end(_("The baseline is saved"), quality_text(baseline))
        for bar in self._takes:
            bar.setValue(100)
        self._offer(_("Close"), self.close)
        self._add(_("Take it again"), self._begin)

    def _show_failed(self, text: str) -> None:
        what, _newline, remedy = text.partition("\n")
        self._end(_("No baseline"), f"{what}\n{remedy}".strip())
        self._offer(_("Try again"), self._begin)
        self._add(_("Close"), self.close)

    def _end(self, title: str, note: str) -> None:
        self._count.clear()
        self._mirror.clear()
        self._title.setText(title)
        self._note.setText(note)

    def _offer(self, label: str, do: Callable[[], object]) -> None:
        self._buttons.clear()
        self._add(label, do).setDefault(True)

    def _add(self, label: str, do: Callable[[], object]) -> QPushButton:
        button = self._buttons.addButton(label, QDialogButtonBox.ButtonRole.ActionRole)
        button.clicked.connect(lambda _checked: do())
        return button
