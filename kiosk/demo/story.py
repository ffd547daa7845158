"""What every story of the demo is told with: hands and eyes for the real windows, papers that are decoded, pictures.

1. Each step does what a person would, waits for what the windows show, checks it, and saves a numbered picture.
2. The first thing amiss ends a story (:class:`kiosk.ui.robot.StoryError`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.demo.world import World
from kiosk.settings import Settings
from kiosk.snapshot import CustomerState, Face, Outcome, Snapshot, show_yuan
from kiosk.ui.robot import Robot, StoryError
from kiosk.wording import Wording

SOON_S = 10.0
RESULT_S = 20.0


class Story:
    """One telling; ``say`` gets a line a step."""

    def __init__(
        self, robot: Robot, world: World, settings: Settings, directory: Path, say: Callable[[str], None] = print
    ) -> None:
        self._robot, self._world, self._settings = robot, world, settings
        self._directory, self._say = directory, say
        self._wording = Wording(settings.counter.locale)
        self._step = self._papers = 0

    def tell(self) -> None:
        """All of it. Raises :class:`StoryError` at the first thing amiss, :class:`OSError` where no picture is kept."""
        raise NotImplementedError

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
        return self._robot.wait(f"the face {face}", lambda now: now.face is face, SOON_S)

    def _result(self, outcome: Outcome) -> None:
        self._robot.wait("a result", lambda now: now.result is not None, RESULT_S)
        self._robot.wait(
            f"the result {outcome}", lambda now: now.result is not None and now.result.outcome is outcome, 1.0
        )

    # --- eyes ------------------------------------------------------------------------------------------------------

    def _credited(self, what: str, total_fen: int) -> None:
        seen = self._robot.wait(
            "the credit",
            lambda now: now.result is not None and now.result.advice.code == "result.credited",
            SOON_S,
        )
        assert seen.result is not None
        if seen.result.total_fen != total_fen or seen.customer.state is not CustomerState.PAID:
            raise StoryError(f"{what}: the window says {show_yuan(seen.result.total_fen)}")
        self._shown(what)

    def _shown(self, what: str) -> None:
        self._step += 1
        self._robot.picture(self._directory / f"{self._step:02d}.png")
        self._say(f"{self._step:02d} {what}")

    def _paper(self, title: str, amount: str) -> None:
        """The next paper came out, decoded without a fault, and bears this title and this amount."""
        self._papers += 1
        try:
            receipt = self._world.printer.wait_for(self._papers, SOON_S)[self._papers - 1]
        except TimeoutError as error:
            raise StoryError(f"paper {self._papers} did not come out: {error}") from error
        printed = " ".join(receipt.text.replace("￥", "¥").split())
        missing = [text for text in (self._wording.say(title), amount) if text not in printed]
        if missing or receipt.problems or not receipt.complete:
            raise StoryError(f"paper {self._papers} lacks {missing} or has faults: {receipt.problems}")
        (self._directory / f"receipt-{self._papers:02d}.png").write_bytes(receipt.path.read_bytes())
        self._say(f"   receipt-{self._papers:02d}.png printed")
