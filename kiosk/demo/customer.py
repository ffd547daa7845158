"""What the demo's bar lets one do as the customer: codes that end differently, a paper bill, a phone."""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk.demo.world import World
from kiosk.snapshot import Snapshot
from kiosk.wording import Wording

_log = logging.getLogger(__name__)

#: A sentence's code, and the ending of the payment code (the sandbox's table).
CODES = (
    ("demo.pays", "0000"),
    ("demo.password", "1005"),
    ("demo.refused", "2000"),
    ("demo.lost_reply", "3002"),
    ("demo.never_answers", "3000"),
    ("demo.in_doubt", "4000"),
    ("demo.paid_late", "1590"),
    ("demo.not_credited", "7009"),
)
#: A customer of the sandbox with two bills: the number on the paper bill.
PAPER_BILL = "6100000103"


def acts(world: World, wording: Wording, latest: Callable[[], Snapshot | None]) -> list[tuple[str, Callable[[], None]]]:
    """Label and act of each button."""

    def phone(confirm: bool) -> None:
        seen = latest()
        if seen is None or not seen.customer.qr_text:
            return
        try:
            world.phone_pays(seen.customer.qr_text, confirm=confirm)
        except OSError as error:
            _log.warning("the demo's phone could not reach the payment page: %s", error)

    codes = [(wording.say(code), lambda ending=ending: world.hold_phone_to_scanner(ending)) for code, ending in CODES]
    return [
        (wording.say("demo.paper_bill"), lambda: world.scan(PAPER_BILL)),
        *codes,
        (wording.say("demo.phone_pays"), lambda: phone(True)),
        (wording.say("demo.phone_refuses"), lambda: phone(False)),
    ]
