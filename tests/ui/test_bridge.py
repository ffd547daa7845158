"""The seam: from any thread, newest only, never waiting."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QThread

from kiosk.snapshot import NextCustomer
from kiosk.ui.bridge import Bridge
from kiosk.ui.examples import examples


def test_a_snapshot_published_from_a_plain_thread_arrives_on_the_gui_thread(qtbot, qapp):
    bridge, seen = Bridge(lambda _: None), []
    bridge.snapshot.connect(lambda snapshot: seen.append((snapshot, QThread.currentThread())))
    published = examples()["find"]
    thread = threading.Thread(target=bridge.publish, args=(published,))
    with qtbot.waitSignal(bridge.snapshot, timeout=5000):
        thread.start()
    thread.join(5)
    assert seen == [(published, qapp.thread())]


def test_of_a_burst_only_the_newest_is_painted(qtbot, qapp):
    bridge, seen = Bridge(lambda _: None), []
    bridge.snapshot.connect(lambda snapshot: seen.append(snapshot.version))
    for version in range(1, 501):
        bridge.publish(replace(examples()["find"], version=version))
    qapp.processEvents()
    assert seen == [500]
    assert bridge.latest.version == 500


def test_a_snapshot_older_than_the_painted_one_is_dropped(qapp):
    bridge, seen = Bridge(lambda _: None), []
    bridge.snapshot.connect(lambda snapshot: seen.append(snapshot.version))
    for version in (7, 6):
        bridge.publish(replace(examples()["find"], version=version))
        qapp.processEvents()
    assert seen == [7]


def test_publishing_returns_before_anything_is_painted(qapp):
    bridge, seen = Bridge(lambda _: None), []
    bridge.snapshot.connect(seen.append)
    bridge.publish(examples()["find"])
    assert seen == []
    qapp.processEvents()
    assert len(seen) == 1


def test_commands_go_to_whoever_was_attached():
    bridge, sent = Bridge(), []
    with pytest.raises(RuntimeError):
        bridge.send(NextCustomer())
    bridge.attach(sent.append)
    bridge.send(NextCustomer())
    assert sent == [NextCustomer()]
