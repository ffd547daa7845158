"""Rule 1: no commit of a verified fact may ever fail by a constraint, whatever was written before it.

Sequences are drawn that an engine would never make (any state to any other, releases beside live attempts, numbers
given twice): only an ``intent`` may be refused, and then nothing of it is there.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.core.messages import BESIDE, Append, EventKind
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.journal import Journal
from kiosk.ports import JournalRefusedError

AT_MS = 1_795_399_200_000
#: Texts as a hostile gateway or a worn keyboard may give them.
TEXTS = st.text(st.characters(codec=None, categories=None), max_size=8)
INTENTS = st.tuples(
    st.just("intent"),
    st.just("1001"),
    st.sampled_from(["B1", ""]),
    st.sampled_from(Mode),
    st.booleans(),
)
FACTS = st.tuples(
    st.just("fact"),
    st.integers(0, 3),
    st.sampled_from([kind for kind in EventKind if kind not in (EventKind.INTENT, EventKind.PIN_SET)]),
    TEXTS,
    st.booleans(),
)


class _Story:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.orders: list[Order] = []
        self.made = 0

    def _at(self) -> Instant:
        return Instant(float(self.made), AT_MS + self.made)

    def intent(self, customer_no: str, cost_id: str, mode: Mode, beside: bool) -> None:
        self.made += 1
        order = Order(
            order_no=f"K1{self.made:04d}", customer_no=customer_no, kind=Kind.ARREARS if cost_id else Kind.PREPAYMENT,
            mode=mode, principal_fen=100, total_fen=100, cost_id=cost_id, created_ms=AT_MS,
        )  # fmt: skip
        facts = ((BESIDE, " ".join(one.order_no for one in self.orders)),) if beside and self.orders else ()
        blocked = self.journal.live_attempt(order) is not None or self.journal.twin_paid(order)
        try:
            self.orders.append(self.journal.append(order, [Append(EventKind.INTENT, facts)], self._at()))
        except JournalRefusedError:
            assert blocked
            assert self.journal.order(order.order_no) is None

    def fact(self, index: int, kind: EventKind, text: str, success: bool) -> None:
        if not self.orders:
            return
        self.made += 1
        place = index % len(self.orders)
        order = self.orders[place]
        state = State(kind.value) if kind.value in set(State) else order.state
        # A number of the gateway's may be one that another order has.
        number = text or self.orders[0].order_no
        changed = replace(
            order, state=state, reason=text, success_seen=success, gateway_order_no=number, pay_url=text,
            paid_ms=AT_MS, credited_ms=AT_MS,
        )  # fmt: skip
        notice = text.encode("utf-8", "replace") if kind is EventKind.PAID else None
        stored = self.journal.append(changed, [Append(kind, ((text, text), ("number", number)))], self._at(), notice)
        self.orders[place] = stored
        assert self.journal.order(order.order_no).state is state


#: A paid prepayment is no live attempt; were it in doubt again, its key may be another's by then.
PAID_PREPAYMENT_IN_DOUBT_AGAIN = [
    ("intent", "1001", "", Mode.SCAN, False),
    ("fact", 0, EventKind.PAID, "", False),
    ("intent", "1001", "", Mode.SCAN, False),
    ("fact", 0, EventKind.IN_DOUBT, "", False),
]


@settings(max_examples=200, deadline=None)
@example(PAID_PREPAYMENT_IN_DOUBT_AGAIN)
@given(st.lists(st.one_of(INTENTS, FACTS), min_size=12, max_size=40))
def test_no_fact_is_ever_refused(steps: list[tuple[Any, ...]]) -> None:
    in_memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=in_memory if in_memory.exists() else None) as made:
        with Journal.open(Path(made) / "data") as journal:
            story = _Story(journal)
            for name, *arguments in steps:
                getattr(story, name)(*arguments)
            head = journal.chain_head()
        # What was written can be opened and is one chain.
        with Journal.open(Path(made) / "data") as journal:
            assert journal.chain_head() == head
            for order in story.orders:
                assert journal.order(order.order_no).state is order.state
