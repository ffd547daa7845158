"""One attempt in the walk: the counter's memory of it, the journal's, the network's and the gateway's, as one value.

Its steps are steps.py's. What of it can no longer matter is dropped here, so that the walk meets fewer states.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from kiosk.core.messages import Answer, Message
from kiosk.core.order import UNDECIDED, Asking, Kind, Mode, Order, State
from tests.search import moments
from tests.search.gateway import OURS, Held, Spell
from tests.search.moments import NOW_S
from tests.search.rule_eleven import Evidence

#: A request on its way: its socket is open; closed just now; closed half a hold-off ago.
SOCKET_OPEN, CLOSED, HALF_OLD = 1, 2, 3
NOT_ON_ITS_WAY = 0


class Question(NamedTuple):
    """A payment query on its way."""

    asked_by: str
    #: When it was sent, as seconds after the pay call's answer, by class.
    offset_s: float
    #: It was sent after the QR had left the screens.
    after_hidden: bool
    #: There was no such order at some moment since.
    was_nothing: bool


class Attempt(NamedTuple):
    """Everything that is so about one order number."""

    #: The journal's order; None before its intent.
    kept: Order | None
    #: The process's order with what it waits for.
    mind: Order
    asking: Asking
    #: pay or unified on its way, and how many with this payment code have left.
    request: int = NOT_ON_ITS_WAY
    codes_sent: int = 0
    calling: bool = False
    held: Held = Held.NOTHING
    spell: Spell = Spell.NEVER
    aged: bool = False
    #: Its QR was on a screen: whoever took a picture of it may pay.
    painted: bool = False
    question: Question | None = None
    #: Notices on their way, as requests are; how often the account was credited; whether that was acknowledged.
    notices: tuple[int, ...] = ()
    credited: int = 0
    acknowledged: bool = False
    notice_sent: bool = False
    #: The bill was owed at some moment since the arrears were asked for.
    was_owed: bool = False
    #: The gateway's number was told in an answer that was heard.
    told: bool = False
    #: Page part 3: the newest verified answer, to a question sent when it counts, said "not paid".
    unpaid: bool = False
    #: Rule 11 beside the machine's own count.
    evidence: Evidence = Evidence()
    #: A reply that the network doubled, to come once more.
    echo: Answer | None = None
    #: The property that broke while it was taken up.
    wrong: str = ""
    #: A message whose commit failed, kept to be stepped again.
    stuck: Message | None = None

    @property
    def state(self) -> State | None:
        return self.kept.state if self.kept is not None else None

    @property
    def payable(self) -> bool:
        """Whether the customer's money may still be taken, or was."""
        scan = self.mind.mode is Mode.SCAN
        if self.held is Held.LIVE:
            return scan or self.painted
        return self.held is Held.PAID or (self.request != NOT_ON_ITS_WAY and scan and self.held is Held.NOTHING)


class Outcome(NamedTuple):
    """One thing that may happen to an attempt."""

    label: str
    after: Attempt
    #: The gateway was seen to find an order by our number.
    learned: bool = False
    #: The whole process died in this step.
    crashed: bool = False
    #: The property that broke in this step.
    broken: str = ""


@dataclass(frozen=True)
class Composition:
    """How a step of the machine is carried out; the fields are what mutants loosen."""

    #: The commit is made before anything else of the step is done (law 1).
    commit_first: bool = True
    #: The QR is painted when the journal has it.
    paints_after_commit: bool = True
    #: What the journal gives back at a start; by name, so that a mutant may lose one.
    forgets_gateway_number: bool = False
    #: Rule 1 by a look in the commit of ``intent``.
    looks_in_commit: bool = True
    #: The drawn part of an order number is new at every start.
    draws_at_start: bool = True
    #: A message that waited for the journal is stepped with what the journal says then.
    twin_read_again: bool = True


def draft(mode: str) -> Order:
    """A fresh order for the bill; every attempt calls itself by the same name, the walk tells them apart by place."""
    return Order(
        order_no=OURS,
        customer_no="6100000101",
        kind=Kind.ARREARS,
        mode=Mode(mode),
        principal_fen=1000,
        total_fen=1000,
        created_ms=moments.WALL_MS,
        cost_id="7",
        period="2026-10",
    )


def may_wait(attempt: Attempt) -> bool:
    """Whether it matters that a question is on its way while other things happen: the order may come to be, the
    call may be answered, the QR may leave the screen. Else it may as well be asked after them; and one that is
    lost is asked again."""
    question = attempt.question
    if question is None or attempt.state not in UNDECIDED:
        return True
    to_come = question.was_nothing and (attempt.held is not Held.NOTHING or attempt.request != NOT_ON_ITS_WAY)
    may_hide = attempt.state is State.SHOWN and not question.after_hidden
    return to_come or attempt.calling or may_hide


def settled_questions(attempt: Attempt) -> Attempt:
    """A question of which nothing depends (:func:`may_wait`) is kept as one that is due."""
    if attempt.question is None or may_wait(attempt):
        return attempt
    return attempt._replace(question=None, asking=msgspec.structs.replace(attempt.asking, in_flight=0, due_s=NOW_S))


def finished(attempt: Attempt) -> Attempt:
    """The attempt without what can no longer matter to anybody: questions about an order of which no money can come.

    Such questions bring no SUCCESS, and nothing but a SUCCESS (or, where an order is ``credited``, a contradiction)
    changes what people do. ``manual`` waits for a person: what is heard of it is evidence only.
    """
    state = attempt.state
    nobody_pays = not attempt.payable
    unseen = state is State.UNSEEN and nobody_pays and not attempt.painted
    failed = state is State.FAILED and nobody_pays and attempt.held is not Held.LIVE
    if state in (State.PAID, State.CREDITED):
        attempt = attempt._replace(evidence=Evidence(), echo=None, unpaid=False)
    if unseen or failed or state in (State.REFUNDED, State.MANUAL):
        held = attempt.held if state in (State.REFUNDED, State.MANUAL) else Held.DEAD
        return attempt._replace(
            asking=Asking(), question=None, notices=(), request=attempt.request if state is State.MANUAL else 0,
            calling=False, held=held, spell=Spell.OVER, unpaid=False, told=False, aged=False, was_owed=False,
            evidence=Evidence(), echo=None,
        )  # fmt: skip
    return attempt
