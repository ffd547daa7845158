"""The Qt binding in use drops no reference of None: 6.12.0 does at some calls, and aborts Python 3.11."""

import sys

from PySide6.QtWidgets import QLabel

CALLS = 2_000


def test_calls_into_qt_keep_the_count_of_none(qapp):
    label = QLabel()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.setText("电")
    assert abs(sys.getrefcount(None) - before) < CALLS // 10
