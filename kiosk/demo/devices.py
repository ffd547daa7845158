"""The story that ``kiosk demo --walkthrough DIR --story devices`` tells: every dial is turned, and the page says so.

1. Each trouble is seen on the page with its advice, tried there, and gone again when the dial is turned back.
2. A payment goes on in the middle of it: no device can stop one.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.demo.story import SOON_S, Story
from kiosk.snapshot import DeviceRow, Level, Outcome, Page, Snapshot, show_yuan
from kiosk.ui.robot import StoryError

_PAID_FEN = 12850
_SLOW_BYTES_PER_S = 1500
_CODE = "134567890123450000"


class DevicesStory(Story):
    """The story of devices in trouble."""

    def tell(self) -> None:
        """All of it."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._all_well()
        self._scanner()
        self._printer_refuses()
        self._printer_is_odd()
        self._printer_is_gone()
        self._display_and_pole()
        self._diagnostics()
        self._a_payment_with_everything_amiss()

    # --- the steps -------------------------------------------------------------------------------------------------

    def _all_well(self) -> None:
        self._wait("a gateway", lambda now: any(pill.device == "gateway" for pill in now.pills))
        self._robot.press("F1")
        for device in ("scanner", "printer", "display"):
            self._row(device, lambda row: row.level is Level.GOOD)
        self._shown("the page Devices: all is well")
        self._tries("devices.tried_confirmed")
        self._paper("receipt.test_title", "")
        self._shown("the test page is printed and confirmed")
        if self._world.pole is not None:
            self._robot.press("F6")
            self._world.pole.wait_for("B", "123456.78")
            self._shown("the pole shows its test pattern")

    def _scanner(self) -> None:
        self._world.scan(_CODE)
        seen = self._wait("a scan", lambda now: now.devices is not None and now.devices.scan is not None)
        assert seen.devices is not None
        assert seen.devices.scan is not None
        if _CODE in seen.devices.scan.text:
            raise StoryError("a payment code is shown in full")
        self._shown("a payment code is tried: masked, and nothing is charged")
        self._world.scanner.unplug()
        self._row("scanner", lambda row: row.level is Level.BAD)
        self._shown("the scanner is pulled out")
        self._world.scanner.plug()
        self._row("scanner", lambda row: row.level is Level.GOOD)

    def _printer_refuses(self) -> None:
        printer = self._world.printer
        printer.paper_out()
        self._tries("devices.tried_refused")
        self._trouble("printer", "health.paper_out", "out of paper: the test page is refused, and what to do")
        printer.load_paper()
        printer.open_cover()
        self._tries("devices.tried_refused")
        self._trouble("printer", "health.cover_open", "the cover is open")
        printer.close_cover()
        self._tries("devices.tried_confirmed")
        self._paper("receipt.test_title", "")

    def _printer_is_odd(self) -> None:
        printer = self._world.printer
        printer.set_slow(_SLOW_BYTES_PER_S)
        self._robot.press("F9")
        self._row("printer", lambda row: row.tried is not None and row.tried.code == "devices.tried_now")
        self._shown("a slow printer: it is printing, and nobody waits")
        printer.set_slow(None)
        self._until_tried("devices.tried_confirmed")
        self._paper("receipt.test_title", "")
        printer.mute_status(True)
        self._tries("devices.tried_sent_unconfirmed")
        self._paper("receipt.test_title", "")
        self._trouble("printer", "health.unknown_status", "a printer that falls silent: sent, not confirmed")
        printer.mute_status(False)

    def _printer_is_gone(self) -> None:
        self._world.printer.power_off()
        self._tries("devices.tried_not_sent")
        self._trouble("printer", "health.unreachable", "the printer is switched off: nothing was sent")
        self._world.printer.power_on()
        self._row("printer", lambda row: row.level is Level.GOOD)

    def _display_and_pole(self) -> None:
        self._robot.second_screen(gone=True)
        self._trouble("display", "health.gone", "the second screen is gone")
        self._robot.second_screen(gone=False)
        self._row("display", lambda row: row.level is Level.GOOD)
        pole = self._world.pole
        if pole is not None:
            pole.unplug()
            self._trouble("pole", "", "the pole display is pulled out")
            pole.plug()
            self._row("pole", lambda row: row.level is Level.GOOD)

    def _diagnostics(self) -> None:
        self._robot.press("F8")
        self._shown("diagnostics, for whoever is asked for help")
        self._robot.press("Enter")
        self._shown("copied whole, with one press")
        self._robot.press("Esc")
        self._robot.press("Esc")
        self._wait("the page Collect", lambda now: now.page is Page.COLLECT)

    def _a_payment_with_everything_amiss(self) -> None:
        printer = self._world.printer
        printer.paper_out()
        self._robot.second_screen(gone=True)
        self._find("6100000101")
        self._to_pay()
        self._world.hold_phone_to_scanner("0000")
        self._result(Outcome.PAID)
        self._wait(
            "the credit", lambda now: now.result is not None and now.result.advice.code == "result.credited"
        )
        self._printing("printing.refused")
        self._shown("paid and credited without paper and without a second screen; the receipt waits to be wished")
        printer.load_paper()
        self._robot.second_screen(gone=False)
        self._robot.press("F9")
        self._printing("printing.confirmed")
        self._paper("receipt.title", show_yuan(_PAID_FEN))
        self._shown("paper is back: one press, one receipt")
        if len(printer.receipts) != self._papers:
            raise StoryError(f"{len(printer.receipts)} papers came out, {self._papers} were wished")
        self._say("every dial was turned; one payment, one receipt, no paper that nobody asked for")

    # --- eyes ------------------------------------------------------------------------------------------------------

    def _wait(self, what: str, holds: Callable[[Snapshot], bool]) -> Snapshot:
        return self._robot.wait(what, holds, SOON_S)

    def _row(self, device: str, holds: Callable[[DeviceRow], bool]) -> DeviceRow:
        """Wait until a device's row is so."""

        def found(now: Snapshot) -> bool:
            rows = now.devices.rows if now.devices is not None else ()
            return any(row.device == device and holds(row) for row in rows)

        seen = self._wait(f"the row of the {device}", found)
        assert seen.devices is not None
        return next(row for row in seen.devices.rows if row.device == device)

    def _tries(self, code: str) -> None:
        self._robot.press("F9")
        self._until_tried(code)

    def _until_tried(self, code: str) -> None:
        self._row("printer", lambda row: row.tried is not None and row.tried.code == code)

    def _trouble(self, device: str, advice: str, what: str) -> None:
        ill = (Level.BAD, Level.WARN)
        self._row(device, lambda row: row.level in ill and advice in ("", row.advice.code))
        self._shown(what)

    def _printing(self, code: str) -> None:
        self._wait(
            code,
            lambda now: now.result is not None
            and now.result.printing is not None
            and now.result.printing.code == code,
        )
