"""The story that ``kiosk demo --walkthrough DIR`` tells: real input into real windows, and the books compared after.

Rules
1. What it is told with stands in ``story``.
2. The last word has the sandbox's ledger: what it holds as paid and credited must be what the journal says.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

from kiosk.demo.story import RESULT_S, SOON_S, Story
from kiosk.demo.world import DEMO_PIN
from kiosk.journal import JournalReader
from kiosk.snapshot import CaseView, Face, Level, Outcome, Page, Stage, show_yuan
from kiosk.ui.robot import StoryError

#: What is credited in the story, and what a customer paid twice.
_CREDITED_FEN = 12850 + 39923 + 5000 + 239251 + 5500
_TWICE_FEN = 5500
_WALLET_NO = "4200002745202511180123456789"


class Walkthrough(Story):
    """The story of payments."""

    def tell(self) -> None:
        """All of it."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._ready()
        self._one_bill()
        self._two_bills()
        self._prepayment_by_qr()
        self._refused()
        self._password()
        self._unknown()
        self._look_into_it()
        withdrawn = self._withdrawn()
        self._paid_twice(withdrawn)
        self._settled()
        self._books()

    # --- the steps -------------------------------------------------------------------------------------------------

    def _ready(self) -> None:
        scanner = "the scanner is ready"
        self._robot.wait(
            scanner, lambda now: any(p.device == "scanner" and p.level is Level.GOOD for p in now.pills), SOON_S
        )
        self._shown("the counter waits for a customer")

    def _one_bill(self) -> None:
        self._robot.type("6100000101")
        self._shown("a customer number is typed")
        self._look_up()
        self._shown("the account: one bill, chosen")
        self._to_pay()
        self._shown("armed: a scan is all it takes")
        self._world.hold_phone_to_scanner("0000")
        self._result(Outcome.PAID)
        self._credited("one bill, paid by a scanned code and credited", 12850)
        self._paper("receipt.title", show_yuan(12850))
        self._next()

    def _two_bills(self) -> None:
        self._find("6100000103")
        self._shown("two bills, both chosen")
        self._to_pay()
        self._shown("bill 1 of 2")
        self._world.hold_phone_to_scanner("0000")
        self._robot.wait("bill 2 of 2", lambda now: now.pay is not None and now.pay.position == 2, RESULT_S)
        self._shown("bill 2 of 2: a fresh code is asked for")
        self._world.hold_phone_to_scanner("0000")
        self._result(Outcome.PAID)
        self._credited("two bills paid in one run", 39923)
        self._paper("receipt.title", show_yuan(39923))
        self._next()

    def _prepayment_by_qr(self) -> None:
        self._find("6100000104")
        self._robot.type("5000")  # nothing is owed, so the prepayment's page is up by itself
        self._shown("a prepayment of 50 yuan is typed")
        self._to_pay()
        self._robot.press("F2")
        seen = self._robot.wait("the QR", lambda now: now.pay is not None and bool(now.pay.qr_text), SOON_S)
        assert seen.pay is not None
        self._shown("the QR, for the customer's phone")
        read = _read_qr(self._robot.customer_png())
        if read != [seen.pay.qr_text]:
            raise StoryError(f"the picture of the customer's window holds {len(read)} codes, or another text")
        self._world.phone_pays(read[0])
        self._result(Outcome.PAID)
        self._credited("paid by the phone that read the QR from the window", 5000)
        self._paper("receipt.title", show_yuan(5000))
        self._next()

    def _refused(self) -> None:
        self._find("6100000102")
        self._to_pay()
        self._world.hold_phone_to_scanner("2000")
        self._result(Outcome.NOT_PAID)
        self._shown("refused: not paid, and the reason in words")
        self._robot.press("Esc")
        self._at(Face.FIND)

    def _password(self) -> None:
        self._find("6100000105")
        self._to_pay()
        self._world.hold_phone_to_scanner("1003")
        self._robot.wait(
            "the customer types a password",
            lambda now: (
                now.pay is not None and now.pay.stage is Stage.WAITING and "userpaying" in now.pay.sentence.code
            ),
            SOON_S,
        )
        self._shown("the wallet asks for a password")
        self._robot.press("F12")
        self._robot.wait("the page Pending", lambda now: now.page is Page.PENDING, SOON_S)
        self._shown("the page Pending, empty; the payment goes on behind it and is told of")
        self._result(Outcome.PAID)
        self._shown("its end is seen on the page too")
        self._robot.press("F11")
        self._robot.wait("the page Collect", lambda now: now.page is Page.COLLECT, SOON_S)
        self._credited("paid after the password", 239251)
        self._paper("receipt.title", show_yuan(239251))
        self._next()

    def _unknown(self) -> None:
        self._find("6100000107")
        self._to_pay()
        self._world.hold_phone_to_scanner("4000")
        self._robot.wait("asking", lambda now: now.pay is not None and now.pay.stage is Stage.WAITING, SOON_S)
        self._shown("no result yet: the counter asks on")
        self._result(Outcome.UNKNOWN)
        self._robot.press("F9")
        self._paper("receipt.slip_title", show_yuan(1))
        self._shown("not known yet: never charge again; the slip is printed")
        self._robot.press("Esc")
        self._at(Face.FIND)
        self._shown("the next customer; one order stays in the background")

    def _look_into_it(self) -> None:
        self._robot.press("F12")
        self._robot.wait("the order in doubt", lambda now: now.pending is not None and bool(now.pending.rows), SOON_S)
        self._shown("the page Pending: one order is in doubt")
        self._robot.press("Enter")
        before = self._case("the case", lambda case: True)
        self._shown("the case: what was sent, what came back, what happens by itself")
        self._robot.press("F2")
        self._robot.type(_WALLET_NO)
        self._shown("the wallet's own number, read from the customer's phone")
        self._robot.press("Enter")
        self._case("the wallet's number", lambda case: case.wallet_no == _WALLET_NO)
        self._robot.press("F9")
        self._paper("receipt.slip_title", _WALLET_NO)
        self._ask_until(lambda case: case.heard != before.heard)
        self._shown("the number is kept and printed on the slip; the gateway was asked again just now")
        self._back_to_collect()

    def _withdrawn(self) -> str:
        """The QR's text, for the customer who pays it all the same."""
        self._find("6100000205")
        self._to_pay()
        self._robot.press("F2")
        seen = self._robot.wait("the QR", lambda now: now.pay is not None and bool(now.pay.qr_text), SOON_S)
        assert seen.pay is not None
        self._world.hold_phone_to_scanner("0000")
        self._robot.wait(
            "the answer to the scan",
            lambda now: now.banner is not None and now.banner.what.code == "code.qr_is_shown",
            SOON_S,
        )
        self._shown("a code is scanned while the QR is up: withdraw it first")
        self._robot.press("F7")
        self._robot.wait("no QR", lambda now: now.pay is not None and now.pay.withdrawn, SOON_S)
        if _read_qr(self._robot.customer_png()):
            raise StoryError("the customer's window still shows the QR that was withdrawn")
        self._shown("the QR is off both windows, and the gateway is asked")
        self._robot.wait(
            "a second attempt may be",
            lambda now: now.pay is not None and now.pay.second is not None and now.pay.second.refused is None,
            SOON_S,
        )
        self._robot.press("F3")
        self._robot.touch(self._wording.say("supervisor.reason_left"))
        self._robot.type(DEMO_PIN)
        self._shown("a second attempt: a reason and the supervisor's PIN")
        self._robot.press("Enter")
        self._robot.wait("armed again", lambda now: now.pay is not None and now.pay.scan_armed, SOON_S)
        self._world.hold_phone_to_scanner("0000")
        self._result(Outcome.PAID)
        self._credited("the second attempt, paid by a scanned code", _TWICE_FEN)
        self._paper("receipt.title", show_yuan(_TWICE_FEN))
        self._next()
        return seen.pay.qr_text

    def _paid_twice(self, qr_text: str) -> None:
        self._world.phone_pays(qr_text)
        self._robot.wait(
            "the alarm",
            lambda now: now.rings > 0 and now.banner is not None and now.banner.what.code == "alarm.paid_twice",
            SOON_S,
        )
        self._shown("the customer paid the old QR all the same: the bell rings")
        self._robot.press("F12")
        self._robot.wait(
            "a supervisor's case",
            lambda now: now.pending is not None and bool(now.pending.rows) and now.pending.rows[0].level is Level.BAD,
            SOON_S,
        )
        self._shown("the page Pending: what needs a supervisor stands first")
        self._robot.press("Enter")
        self._case("paid twice", lambda case: case.prints == "refund")
        self._robot.press("F9")
        self._paper("receipt.refund_title", show_yuan(_TWICE_FEN))
        self._shown("paid twice: the request to refund is printed")

    def _settled(self) -> None:
        self._robot.press("F6")
        self._robot.touch(self._wording.say("supervisor.as_refunded"))
        self._robot.touch(self._wording.say("supervisor.reason_refunded"))
        self._robot.type("135797")
        self._robot.press("Enter")
        self._robot.wait("a wrong PIN", lambda now: now.pin_told is not None and not now.pin_done, SOON_S)
        self._shown("a wrong PIN is told, and typed anew")
        self._robot.type(DEMO_PIN)
        self._robot.press("Enter")
        self._case("the settlement", lambda case: case.row.state.code == "state.refunded")
        self._shown("settled as refunded, with a reason and the PIN")
        self._back_to_collect()

    def _books(self) -> None:
        """The sandbox's ledger against the journal."""
        book = self._world.sandbox.ledger.as_json(self._world.sandbox.gateway.now_s())
        breaches = book["breaches"]
        if breaches:
            raise StoryError(f"the gateway found fault with this client: {breaches}")
        with JournalReader(self._settings.data_directory) as reader:
            orders = reader.orders()
        credited = sum(order.total_fen for order in orders if order.state == "credited")
        states = sorted(str(order.public_state) for order in orders)
        totals = book["totals"]
        expected = {"paid_fen": credited + _TWICE_FEN, "credited_fen": credited}
        if totals != expected or credited != _CREDITED_FEN:
            raise StoryError(f"the ledger says {totals}, the journal {expected}")
        if states != ["credited"] * 6 + ["failed", "in_doubt", "refunded"]:
            raise StoryError(f"the journal's states are {states}")
        told = f"{show_yuan(credited)} credited in 6 orders, 1 refused, 1 in doubt, 1 paid twice and settled"
        self._say(f"books: ledger and journal agree, {told}")

    # --- hands -----------------------------------------------------------------------------------------------------

    def _back_to_collect(self) -> None:
        self._robot.press("Esc")
        self._robot.wait("the list", lambda now: now.pending is not None and now.pending.case is None, SOON_S)
        self._robot.press("Esc")
        self._robot.wait("the page Collect", lambda now: now.page is Page.COLLECT, SOON_S)

    def _case(self, what: str, holds: Callable[[CaseView], bool], timeout_s: float = SOON_S) -> CaseView:
        """Wait until the open case is so."""
        seen = self._robot.wait(
            what,
            lambda now: now.pending is not None and now.pending.case is not None and holds(now.pending.case),
            timeout_s,
        )
        assert seen.pending is not None
        assert seen.pending.case is not None
        return seen.pending.case

    def _ask_until(self, holds: Callable[[CaseView], bool]) -> None:
        """Press *ask now* until it shows: a press within a second of the last question asks nothing."""
        for _ in range(int(SOON_S)):
            self._robot.press("F8")
            with contextlib.suppress(StoryError):
                self._case("a newer answer", holds, timeout_s=1.0)
                return
        raise StoryError("asking now brought no newer answer")


def _read_qr(png: bytes) -> list[str]:
    """The texts of the QR codes in a picture."""
    import zxingcpp
    from PIL import Image

    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))]
