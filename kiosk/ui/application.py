"""The one Qt application, with its fonts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from kiosk.ui.fonts import load_fonts

_DRESSED = "kiosk_dressed"


def create_application(argv: Sequence[str]) -> QApplication:
    """The application, made once, with the bundled fonts loaded.

    Raises :class:`kiosk.ui.fonts.FontError` where Chinese cannot be drawn. Qt's own platform theme is left out:
    a desktop's style must not change the counter's.
    """
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(list(argv))
    if application.property(_DRESSED):
        return application
    application.setStyle("Fusion")
    font = QFont(load_fonts())
    font.setPixelSize(20)
    application.setFont(font)
    application.setProperty(_DRESSED, True)
    return application
