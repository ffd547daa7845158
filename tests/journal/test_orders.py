"""What is appended is there again, whole: after the commit, after a restart, in every state."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.messages import Append, EventKind
from kiosk.core.order import Asking, Kind, Mode, Order, State
from kiosk.journal import Journal, JournalReader, verify
from kiosk.journal.chain import GENESIS
from kiosk.journal.errors import JournalRefusedError
from kiosk.journal.rows import COLUMNS

FULL: dict[str, Any] = {
    "kind": Kind.ARREARS,
    "mode": Mode.SHOW,
    "known_ids": ("B1", "B2", '"quoted"'),
    "wallet": "alipay",
    "cashier": "c07",
    "name_masked": "张*",
    "gateway_order_no": "GW-2026-1",
    "pay_url": "https://pay.example/q?x=1&y=中",
    "exists_elsewhere": True,
    "bytes_left": False,
    "reason": "time_limit",
    "success_seen": True,
    "paid_ms": 1_795_399_300_000,
    "credited_ms": 1_795_399_400_000,
}

WAYS: dict[State, tuple[State, ...]] = {
    State.INTENT: (),
    State.IN_DOUBT: (State.IN_DOUBT,),
    State.SHOWN: (State.SHOWN,),
    State.UNSEEN: (State.UNSEEN,),
    State.PAID: (State.PAID,),
    State.CREDITED: (State.PAID, State.CREDITED),
    State.FAILED: (State.FAILED,),
    State.REFUNDED: (State.REFUNDED,),
    State.MANUAL: (State.IN_DOUBT, State.MANUAL),
}


def test_every_durable_field_of_an_order_has_a_column() -> None:
    assert {item.name for item in fields(Order)} - {"asking", "name_masked"} == set(COLUMNS)


@pytest.mark.parametrize("state", list(State))
def test_an_order_in_each_state_comes_back_whole_after_a_restart(directory: Path, till_of: Any, state: State) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        order = till.intent(**FULL)
        for step in WAYS[state]:
            order = till.to(order, step)
    with Journal.open(directory) as journal:
        found = journal.order(order.order_no)
    assert found == order
    assert found is not None
    assert found.name_masked == "张*"
    assert found.asking == Asking()
    assert order.state is state
    assert verify(directory) == (1, [])


def test_an_empty_journal_has_no_orders_and_the_first_link_as_its_head(journal: Journal, directory: Path) -> None:
    assert journal.open_orders() == []
    assert journal.order("7AB3KQ9XW2M00001") is None
    assert journal.chain_head() == GENESIS
    assert verify(directory) == (0, [])


def test_a_restart_continues_the_chain(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        order = till_of(journal).intent()
        head = journal.chain_head()
    with Journal.open(directory) as journal:
        assert journal.chain_head() == head
        till_of(journal).to(order, State.PAID)
        assert journal.chain_head() != head
    with JournalReader(directory) as reader:
        first, second = reader.events(order.order_no)
    assert (first.number, second.number) == (1, 2)
    assert second.previous == first.hash == head
    assert verify(directory) == (1, [])


def test_a_number_is_taken_once(till: Any) -> None:
    order = till.intent()
    again = replace(order, customer_no="1002")
    with pytest.raises(JournalRefusedError):
        till.journal.append(again, [Append(EventKind.INTENT)], till.later())
    assert till.journal.order(order.order_no) == order


def test_an_order_without_an_intent_gets_no_other_event(till: Any) -> None:
    order = replace(till.fresh(), state=State.PAID)
    with pytest.raises(JournalRefusedError):
        till.journal.append(order, [Append(EventKind.PAID)], till.later(), b"notice")
    assert till.journal.notice(order.order_no) is None
    assert till.journal.chain_head() == GENESIS


def test_a_change_without_an_event_is_our_own_mistake(till: Any) -> None:
    order = till.intent()
    with pytest.raises(ValueError, match="event"):
        till.journal.append(replace(order, state=State.PAID), [], till.later())
    assert till.journal.order(order.order_no) == order


def test_several_events_of_one_step_are_one_commit_in_their_order(till: Any, directory: Path) -> None:
    order = replace(till.intent(), state=State.PAID, gateway_order_no="GW1", paid_ms=till.at.wall_ms)
    events = [
        Append(EventKind.GATEWAY_NUMBER, (("gateway_order_no", "GW1"),)),
        Append(EventKind.LEARNED, (("finds_by_our_number", "true"),)),
        Append(EventKind.PAID),
    ]
    assert not till.journal.finds_by_our_number()
    till.journal.append(order, events, till.later(), b"notice")
    assert till.journal.finds_by_our_number()
    with JournalReader(directory) as reader:
        kinds = [event.kind for event in reader.events(order.order_no)]
        assert reader.events(order.order_no)[1].facts_told() == {"gateway_order_no": "GW1"}
    assert kinds == ["intent", "gateway_number", "learned", "paid"]
    assert verify(directory) == (1, [])


def test_what_was_learned_of_the_gateway_survives_a_restart(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        learned = Append(EventKind.LEARNED, (("finds_by_our_number", "true"),))
        journal.append(till.intent(), [learned], till.later())
    with Journal.open(directory) as journal:
        assert journal.finds_by_our_number()


def test_a_notice_is_kept_with_paid_and_never_replaced(till: Any) -> None:
    order = till.paid()
    kept = till.journal.notice(order.order_no)
    assert kept == f"notice of {order.order_no}".encode()
    manual = till.to(order, State.MANUAL)
    released = replace(manual, state=State.PAID)
    till.journal.append(released, [Append(EventKind.PAID)], till.later(), b"other bytes")
    assert till.journal.notice(order.order_no) == kept
    assert till.journal.notice("nobody") is None


def test_words_that_are_no_unicode_text_never_refuse_a_fact(till: Any, directory: Path) -> None:
    order = till.intent()
    said = Append(EventKind.PAID, (("words", "\ud800 and \x00"),))
    paid = replace(order, state=State.PAID, paid_ms=1, gateway_order_no="G\udc80")
    till.journal.append(paid, [said], till.later(), b"notice")
    assert till.journal.order(order.order_no).gateway_order_no == "G?"
    assert verify(directory) == (1, [])


def test_open_orders_are_those_still_owed_something(till: Any) -> None:
    for number, state in enumerate(State):
        order = till.intent(cost_id=f"B{number}")
        for step in WAYS[state]:
            order = till.to(order, step)
    unsent = till.to(till.intent(cost_id="B90"), State.FAILED, bytes_left=False)
    found = till.journal.open_orders()
    assert {order.state for order in found} == set(State) - {State.CREDITED, State.REFUNDED}
    assert unsent not in found


def test_a_failed_order_is_watched_at_the_next_start_and_not_for_ever(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        failed = till.to(till.intent(), State.FAILED)
        till.later(3 * 86_400)
        newer = till.to(till.intent(), State.FAILED)
    # The first start after it, however late: both ended in the life before.
    with Journal.open(directory) as journal:
        assert journal.open_orders() == [failed, newer]
    # At the one after that only what ended within a day of the newest event.
    with Journal.open(directory) as journal:
        assert journal.open_orders() == [newer]


def test_a_crash_at_the_start_does_not_end_the_watch_of_the_day(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        till = till_of(journal)
        failed = till.to(till.intent(), State.FAILED)
    Journal.open(directory).close()
    with Journal.open(directory) as journal:
        assert journal.open_orders() == [failed]


def test_numbers_of_others_are_known_as_ours_and_as_the_gateways(till: Any) -> None:
    mine = till.intent()
    other = till.intent(cost_id="B2", gateway_order_no="GW2")
    assert till.journal.number_taken(other.order_no, mine.order_no)
    assert till.journal.number_taken("GW2", mine.order_no)
    assert not till.journal.number_taken("GW2", other.order_no)
    assert not till.journal.number_taken("GW3", mine.order_no)
    assert not till.journal.number_taken("", mine.order_no)


def test_names_stand_outside_the_chain_and_go_alone(till: Any, directory: Path) -> None:
    old = till.intent(name_masked="张*")
    till.later(100)
    new = till.intent(cost_id="B2", name_masked="李*")
    assert till.journal.forget_names(till.at.wall_ms) == 1
    assert till.journal.order(old.order_no).name_masked == ""
    assert till.journal.order(new.order_no).name_masked == "李*"
    assert verify(directory) == (2, [])


def test_prints_are_counted_from_their_beginning_whatever_the_order_of_their_numbers(till: Any) -> None:
    journal, at = till.journal, till.later()
    assert journal.copies(["A", "B"]) == 0
    journal.printed(["A", "B"], 1, "printing", at)
    assert journal.copies(["B", "A"]) == 1
    journal.printed(["A", "B"], 1, "confirmed", at)
    journal.printed(["A", "B"], 2, "printing", at)
    assert journal.copies(["A", "B"]) == 2
    assert journal.copies(["A"]) == 0


def test_begun_prints_survive_a_restart(directory: Path, till_of: Any) -> None:
    with Journal.open(directory) as journal:
        journal.printed(["A"], 1, "printing", till_of(journal).at)
    with Journal.open(directory) as journal:
        assert journal.copies(["A"]) == 1
