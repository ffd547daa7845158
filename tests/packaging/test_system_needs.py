"""What the system must bring is found by trying, and told in one command where it cannot be installed."""

import importlib

import pytest


@pytest.fixture
def needs(dev_at, tmp_path):
    dev_at(tmp_path)
    return importlib.import_module("system_needs")


def test_a_library_that_cannot_be_loaded_names_its_package(needs, monkeypatch):
    monkeypatch.setattr(needs.sys, "platform", "linux")
    monkeypatch.setattr(needs, "QT_LIBRARIES", {"libnosuchthing.so.7": "libnosuchthing7"})
    assert needs.missing_qt_packages() == ["libnosuchthing7"]


def test_other_systems_need_no_package_of_debian(needs, monkeypatch):
    monkeypatch.setattr(needs.sys, "platform", "win32")
    monkeypatch.setattr(needs, "QT_LIBRARIES", {"libnosuchthing.so.7": "libnosuchthing7"})
    assert needs.missing_qt_packages() == []
    assert needs.missing_browser_packages() == []
    assert needs.missing_screen_packages() == []


def test_who_may_not_install_is_told_the_exact_command(needs, monkeypatch):
    monkeypatch.setattr(needs, "can_install", lambda: False)
    monkeypatch.setattr(needs, "missing_venv_packages", lambda: [])
    monkeypatch.setattr(needs, "missing_browser_packages", lambda: [])
    monkeypatch.setattr(needs, "missing_screen_packages", lambda: [])
    monkeypatch.setattr(needs, "missing_qt_packages", lambda: ["libegl1", "libgl1"])
    [sentence] = needs.prepare()
    assert sentence.endswith("sudo apt-get install -y --no-install-recommends libegl1 libgl1")


def test_package_lists_are_read_once_and_nothing_asks_a_question(needs, monkeypatch):
    calls = []
    monkeypatch.setattr(needs, "can_install", lambda: True)
    monkeypatch.setattr(needs, "_apt", lambda arguments: calls.append(arguments) or True)
    installer = needs.Installer()
    assert installer.install(["libegl1"])
    assert installer.install(["chromium"])
    assert installer.install([])
    assert [call[1] for call in calls] == ["update", "install", "install"]
    assert all("-y" in call for call in calls if "install" in call)


def test_a_package_that_cannot_be_had_leaves_a_sentence_not_an_exception(needs, monkeypatch):
    monkeypatch.setattr(needs, "can_install", lambda: True)
    monkeypatch.setattr(needs, "_apt", lambda arguments: "update" in arguments)
    monkeypatch.setattr(needs, "missing_venv_packages", lambda: [])
    monkeypatch.setattr(needs, "missing_qt_packages", lambda: [])
    monkeypatch.setattr(needs, "missing_browser_packages", lambda: ["chromium"])
    monkeypatch.setattr(needs, "missing_screen_packages", lambda: [])
    [sentence] = needs.prepare()
    assert "skipped" in sentence
