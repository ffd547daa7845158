"""The story that ``kiosk demo --walkthrough DIR`` tells: real input into real windows, and the books compared after.

Rules
1. Each step does what a person would, waits for what the windows show, checks it, and saves a numbered picture.
2. The last word has the sandbox's ledger: what it holds as paid and credited must be what the journal says.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from kiosk.demo.world import World
from kiosk.journal import JournalReader
from kiosk.settings import Settings
from kiosk.snapshot import CustomerState, Face, Level, Outcome, Snapshot, Stage, show_yuan
from kiosk.ui.robot import Robot, StoryError
from kiosk.wording import Wording

_SOON_S = 10.0
_RESULT_S = 20.0


class Walkthrough:
    """One telling of the story; ``say`` gets a line a step. Raises :class:`StoryError` at the first thing amiss."""

    def __init__(
        self, robot: Robot, world: World, settings: Settings, directory: Path, say: Callable[[str], None] = print
    ) -> None:
        self._robot, self._world, self._settings = robot, world, settings
        self._directory, self._say = directory, say
        self._wording = Wording(settings.counter.locale)
        self._step = self._papers = 0

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
        self._books()

    # --- the steps -------------------------------------------------------------------------------------------------

    def _ready(self) -> None:
        scanner = "the scanner is ready"
        self._robot.wait(
            scanner, lambda now: any(p.device == "scanner" and p.level is Level.GOOD for p in now.pills), _SOON_S
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
        self._robot.wait("bill 2 of 2", lambda now: now.pay is not None and now.pay.position == 2, _RESULT_S)
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
        seen = self._robot.wait("the QR", lambda now: now.pay is not None and bool(now.pay.qr_text), _SOON_S)
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
            _SOON_S,
        )
        self._shown("the wallet asks for a password")
        self._result(Outcome.PAID)
        self._credited("paid after the password", 239251)
        self._paper("receipt.title", show_yuan(239251))
        self._next()

    def _unknown(self) -> None:
        self._find("6100000107")
        self._to_pay()
        self._world.hold_phone_to_scanner("4000")
        self._robot.wait("asking", lambda now: now.pay is not None and now.pay.stage is Stage.WAITING, _SOON_S)
        self._shown("no result yet: the counter asks on")
        self._result(Outcome.UNKNOWN)
        self._robot.press("F9")
        self._paper("receipt.slip_title", show_yuan(1))
        self._shown("not known yet: never charge again; the slip is printed")
        self._robot.press("Esc")
        self._at(Face.FIND)
        self._shown("the next customer; one order stays in the background")

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
        expected = {"paid_fen": credited, "credited_fen": credited}
        if totals != expected or credited != 12850 + 39923 + 5000 + 239251:
            raise StoryError(f"the ledger says {totals}, the journal {expected}")
        if states != ["credited"] * 5 + ["failed", "in_doubt"]:
            raise StoryError(f"the journal's states are {states}")
        self._say(f"books: ledger and journal agree, {show_yuan(credited)} credited in 5 orders, 1 refused, 1 in doubt")

    # --- hands -----------------------------------------------------------------------------------------------------

    def _find(self, customer_no: str) -> None:
        self._robot.type(customer_no)
        self._look_up()

    def _look_up(self) -> None:
        self._robot.press("Enter")
        self._at(Face.ACCOUNT)

    def _to_pay(self) -> None:
        self._robot.press("Enter")
        self._at(Face.PAY)

    def _next(self) -> None:
        self._robot.press("Enter")
        self._at(Face.FIND)

    def _at(self, face: Face) -> Snapshot:
        return self._robot.wait(f"the face {face}", lambda now: now.face is face, _SOON_S)

    def _result(self, outcome: Outcome) -> None:
        self._robot.wait("a result", lambda now: now.result is not None, _RESULT_S)
        self._robot.wait(
            f"the result {outcome}", lambda now: now.result is not None and now.result.outcome is outcome, 1.0
        )

    def _credited(self, what: str, total_fen: int) -> None:
        seen = self._robot.wait(
            "the credit",
            lambda now: now.result is not None and now.result.advice.code == "result.credited",
            _SOON_S,
        )
        assert seen.result is not None
        if seen.result.total_fen != total_fen or seen.customer.state is not CustomerState.PAID:
            raise StoryError(f"{what}: the window says {show_yuan(seen.result.total_fen)}")
        self._shown(what)

    # --- eyes ------------------------------------------------------------------------------------------------------

    def _shown(self, what: str) -> None:
        self._step += 1
        self._robot.picture(self._directory / f"{self._step:02d}.png")
        self._say(f"{self._step:02d} {what}")

    def _paper(self, title: str, amount: str) -> None:
        """The next paper came out, decoded without a fault, and bears this title and this amount."""
        self._papers += 1
        try:
            receipt = self._world.printer.wait_for(self._papers, _SOON_S)[self._papers - 1]
        except TimeoutError as error:
            raise StoryError(f"paper {self._papers} did not come out: {error}") from error
        printed = " ".join(receipt.text.replace("￥", "¥").split())
        missing = [text for text in (self._wording.say(title), amount) if text not in printed]
        if missing or receipt.problems or not receipt.complete:
            raise StoryError(f"paper {self._papers} lacks {missing} or has faults: {receipt.problems}")
        (self._directory / f"receipt-{self._papers:02d}.png").write_bytes(receipt.path.read_bytes())
        self._say(f"   receipt-{self._papers:02d}.png printed")


def _read_qr(png: bytes) -> list[str]:
    """The texts of the QR codes in a picture."""
    import zxingcpp
    from PIL import Image

    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)))]
