"""One order on its way through a machine, with a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import replace

from kiosk.core.machine import Machine
from kiosk.core.messages import (
    Alarm,
    Answer,
    Append,
    Ask,
    CallAnswered,
    Due,
    Effect,
    EventKind,
    Heard,
    Message,
    QueryAnswered,
    TakenUp,
)
from kiosk.core.order import Asking, Instant, Kind, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy

POLICY = PaymentPolicy()
FINDS = GatewayTraits(finds_by_our_number="true")
TEN_YEARS_MS = 10 * 365 * 24 * 3600 * 1000


class Story:
    """One order on its way through a machine, with a clock that is moved by hand."""

    def __init__(
        self,
        mode: Mode = Mode.SCAN,
        traits: GatewayTraits = FINDS,
        kind: Kind = Kind.ARREARS,
        policy: PaymentPolicy = POLICY,
    ) -> None:
        self.machine = Machine(policy, traits)
        self.now_s, self.wall_ms = 1000.0, 1_700_000_000_000
        draft = Order(
            order_no="K1ABCDEFGHIJ0001", customer_no="6100000101", kind=kind, mode=mode, principal_fen=1000,
            late_fee_fen=50, total_fen=1050, cost_id="7", period="2026-10", created_ms=self.wall_ms,
        )  # fmt: skip
        if kind is Kind.PREPAYMENT:
            draft = replace(draft, late_fee_fen=0, total_fen=1000, cost_id="")
        self.order, self.effects = self.machine.begin(draft, self.at)
        self.kinds: list[EventKind] = []
        self._note()

    @property
    def at(self) -> Instant:
        return Instant(self.now_s, self.wall_ms)

    def hear(self, message: Message) -> tuple[Effect, ...]:
        self.order, self.effects = self.machine.step(self.order, message, self.at)
        self._note()
        return self.effects

    def _note(self) -> None:
        self.kinds += [effect.kind for effect in self.effects if isinstance(effect, Append)]

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.wall_ms += round(seconds * 1000)

    def called(self, heard: Heard = Heard.ANSWERED, sub_code: str = "0000", **fields: object) -> None:
        self.hear(CallAnswered(Answer(heard=heard, sub_code=sub_code, **fields)))

    def ask(self) -> Ask:
        """Let time go on until the next question is sent."""
        due_s = self.order.asking.due_s
        assert due_s is not None
        self.pass_s(max(0.0, due_s - self.now_s))
        asks = [effect for effect in self.hear(Due()) if isinstance(effect, Ask)]
        assert len(asks) == 1
        return asks[0]

    def told(self, status: str = "", sub_code: str = "0000", *, ask: Ask | None = None, **fields: object) -> None:
        ask = ask or self.ask()
        named = str(fields.pop("order_no", self.order.order_no if sub_code == "0000" else ""))
        answer = Answer(heard=Heard.ANSWERED, sub_code=sub_code, status=status, order_no=named)
        sent_s = float(fields.pop("sent_s", self.now_s))
        self.hear(
            QueryAnswered(answer=answer, number=ask.number, asked_by=ask.asked_by, sent_s=sent_s, **fields)
        )

    def facts(self) -> dict[str, str]:
        """What the newest step journalled beside the state."""
        return {key: value for effect in self.effects if isinstance(effect, Append) for key, value in effect.facts}

    def until_due(self) -> tuple[Effect, ...]:
        """Let time go on until the order is to be looked at again, and look."""
        due_s = self.order.asking.due_s
        assert due_s is not None
        self.pass_s(max(0.0, due_s - self.now_s))
        return self.hear(Due())

    def restart(self) -> None:
        """The process ends and another one finds the order in the journal."""
        self.order = replace(self.order, asking=Asking())
        self.hear(TakenUp())

    def alarms(self) -> list[str]:
        return [effect.code for effect in self.effects if isinstance(effect, Alarm)]


def accepted(**options: object) -> Story:
    story = Story(**options)
    story.called(order_no=story.order.order_no)
    return story


def paid(**options: object) -> Story:
    story = accepted(**options)
    story.told("SUCCESS")
    assert story.order.state is State.PAID
    return story
