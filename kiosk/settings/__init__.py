"""The settings: one typed table, TOML in, a frozen value out.

``load`` reads a counter's file, ``settings_from`` a document that is no file (the demo's, a test's); ``describe`` lists
every setting. What is wrong is a ``kiosk.errors.SettingsError`` that tells every fault at once.
"""

from kiosk.settings.describe import Description, describe
from kiosk.settings.load import load, settings_file
from kiosk.settings.reading import settings_from
from kiosk.settings.sections import (
    CounterSettings,
    DataSettings,
    DisplaySettings,
    PrinterSettings,
    ReceiptSettings,
    ScannerSettings,
    SecuritySettings,
    Settings,
    SoundSettings,
    UiSettings,
)

__all__ = [
    "CounterSettings", "DataSettings", "Description", "DisplaySettings", "PrinterSettings", "ReceiptSettings",
    "ScannerSettings", "SecuritySettings", "Settings", "SoundSettings", "UiSettings", "describe", "load",
    "settings_file", "settings_from",
]  # fmt: skip
