"""Writes ``kiosk/core/WHAT_HAPPENS_IF.md``: every answer to every call, and what the real machine then does.

Nothing in that file is typed: each cell is the machine driven through it, and names the test that shows the same.
``python packaging/what_happens_if.py`` writes it; ``--check`` exits 1 where it is not what would be written.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from kiosk.core.machine import Machine
from kiosk.core.messages import (
    Alarm,
    Answer,
    Ask,
    AskArrears,
    Call,
    CallAnswered,
    Due,
    Effect,
    Heard,
    NoticeAnswered,
    QueryAnswered,
    SendNotice,
)
from kiosk.core.order import Instant, Kind, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.table import Row

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "kiosk" / "core" / "WHAT_HAPPENS_IF.md"
TEST_FILE = "tests/core/test_what_happens_if.py"
CALLS = (Call.PAY, Call.UNIFIED, Call.QUERY, Call.NOTICE)
OURS, THEIRS, STRANGE = "K1ABCDEFGHIJ0001", "G20261124000001", "G-SOMEBODY-ELSE"
_START_S, _WALL_MS = 1000.0, 1_790_000_000_000

_WORDS = {
    Row.NOT_SENT: "no byte left: name not resolved, refused, connect time-out, TLS failure",
    Row.BROKEN: "write error, reset, broken pipe",
    Row.SILENT: "read time-out, total deadline, a reply cut short",
    Row.REDIRECT: "3xx",
    Row.CLIENT_ERROR: "4xx",
    Row.OUT_OF_SERVICE: "401, 403, 404, 405",
    Row.SERVER_ERROR: "5xx",
    Row.UNREADABLE: "not JSON, too large, compressed, doubled keys, wrong types, too deep",
    Row.BAD_SIGN: "signature wrong, or missing where required",
    Row.STRANGER: "names no order, or another's number",
    Row.CALL_FAILED: "`code` FAIL",
    Row.ACCEPTED: "0000",
    Row.UNPAID: "0001 not paid",
    Row.REFUNDED: "0002 refunded",
    Row.CLOSED: "0003 closed",
    Row.REVOKED: "0004 revoked",
    Row.NOT_AUTHORISED: "0008 authorisation failed",
    Row.TRANSACTION_FAILED: "0009 transaction failed",
    Row.SYSTEM_ERROR: "1001 system error",
    Row.EXISTS: "1002 exists already",
    Row.NOT_FOUND: "1003 no such order",
    Row.NO_MERCHANT: "1006 merchant unavailable",
    Row.NO_CHANNEL: "1009 channel not set up",
    Row.NOT_SUPPORTED: "1010 not supported",
    Row.OTHER_CODE: "any other or no code",
    Row.SUCCESS: "status SUCCESS",
    Row.USERPAYING: "status USERPAYING",
    Row.UNKNOWN: "status UNKNOW, UNKNOWN",
    Row.PAYERROR: "status PAYERROR",
    Row.OTHER_STATUS: "any other status",
}
_STATUSES = {
    Row.SUCCESS: "SUCCESS", Row.USERPAYING: "USERPAYING", Row.UNKNOWN: "UNKNOW", Row.PAYERROR: "PAYERROR",
    Row.OTHER_STATUS: "HALFPAID",
}  # fmt: skip
_HEARD = {
    Row.NOT_SENT: Heard.NOT_SENT, Row.BROKEN: Heard.BROKEN, Row.SILENT: Heard.SILENT, Row.REDIRECT: Heard.REDIRECT,
    Row.CLIENT_ERROR: Heard.CLIENT_ERROR, Row.OUT_OF_SERVICE: Heard.CLIENT_ERROR, Row.SERVER_ERROR: Heard.SERVER_ERROR,
    Row.UNREADABLE: Heard.UNREADABLE, Row.BAD_SIGN: Heard.BAD_SIGN, Row.CALL_FAILED: Heard.CALL_FAILED,
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """Where an answer led: the state, the alarms, what was done at once, and what comes by itself after how long."""

    state: State
    alarms: tuple[str, ...]
    at_once: tuple[str, ...]
    then: str
    after_s: float | None

    def told(self) -> str:
        """The cell's text."""
        parts = [f"`{self.state}`", *self.at_once]
        if self.then:
            parts.append(f"{self.then} after {self.after_s:g} s" if self.after_s else f"{self.then} at once")
        if self.alarms:
            parts.append("**alarm**")
        return ", ".join(parts)


def answer_for(row: Row, call: Call) -> Answer:
    """An answer that belongs to this row."""
    if row in _HEARD:
        status = {Row.CLIENT_ERROR: 429, Row.OUT_OF_SERVICE: 403, Row.REDIRECT: 307, Row.SERVER_ERROR: 502}.get(row, 0)
        return Answer(heard=_HEARD[row], http_status=status)
    if row is Row.STRANGER:
        status = "SUCCESS" if call is Call.QUERY else ""
        return Answer(heard=Heard.ANSWERED, sub_code="0000", status=status, order_no=STRANGE)
    if row in _STATUSES:
        return Answer(heard=Heard.ANSWERED, sub_code="0000", status=_STATUSES[row], order_no=OURS)
    code = "7777" if row is Row.OTHER_CODE else row.value
    named = OURS if row is Row.ACCEPTED else ""
    pay_url = "https://pay.example/1" if row is Row.ACCEPTED and call is Call.UNIFIED else ""
    return Answer(heard=Heard.ANSWERED, sub_code=code, order_no=named, pay_url=pay_url)


class Drive:
    """One order driven through the real machine to where a call's answer is awaited, and then given it."""

    def __init__(self, call: Call, traits: GatewayTraits | None = None) -> None:
        self.call = call
        self.machine = Machine(PaymentPolicy(), traits or GatewayTraits(finds_by_our_number="true"))
        self.now_s = _START_S
        mode = Mode.SHOW if call is Call.UNIFIED else Mode.SCAN
        draft = Order(
            order_no=OURS, customer_no="6100000101", kind=Kind.ARREARS, mode=mode, principal_fen=1000,
            late_fee_fen=50, total_fen=1050, cost_id="7", period="2026-10", created_ms=_WALL_MS,
        )  # fmt: skip
        self.order, self.effects = self.machine.begin(draft, self._at())
        if call in (Call.QUERY, Call.NOTICE):
            self._hear(CallAnswered(answer_for(Row.ACCEPTED, Call.PAY)))
            self._ask()
        if call is Call.NOTICE:
            self.give(Row.SUCCESS, Call.QUERY)

    def _at(self) -> Instant:
        return Instant(self.now_s, _WALL_MS + round((self.now_s - _START_S) * 1000))

    def _hear(self, message: CallAnswered | QueryAnswered | NoticeAnswered | Due) -> None:
        self.order, self.effects = self.machine.step(self.order, message, self._at())

    def _ask(self) -> None:
        due_s = self.order.asking.due_s
        assert due_s is not None
        self.now_s = max(self.now_s, due_s)
        self._hear(Due())

    def give(self, row: Row, call: Call) -> None:
        """The answer comes."""
        answer = answer_for(row, call)
        if call in (Call.PAY, Call.UNIFIED):
            self._hear(CallAnswered(answer, number_taken=row is Row.STRANGER))
        elif call is Call.QUERY:
            number = self.order.asking.in_flight
            self._hear(QueryAnswered(answer=answer, number=number, asked_by=OURS, sent_s=self.now_s))
        else:
            self._hear(NoticeAnswered(answer))

    def outcome(self) -> Outcome:
        """Where it stands now."""
        due_s = self.order.asking.due_s
        after_s = None if due_s is None else round(max(0.0, due_s - self.now_s), 3)
        return Outcome(
            state=self.order.state,
            alarms=tuple(effect.code for effect in self.effects if isinstance(effect, Alarm)),
            at_once=tuple(words for effect in self.effects if (words := _done(effect))),
            then="" if due_s is None else self._what_is_due(),
            after_s=after_s,
        )

    def _what_is_due(self) -> str:
        return "the same notice again" if self.order.state is State.PAID else "a question"


def _done(effect: Effect) -> str:
    return {SendNotice: "the notice at once", Ask: "a question at once", AskArrears: "the arrears at once"}.get(
        type(effect), ""
    )


def has_cell(row: Row, call: Call) -> bool:
    """Statuses are a query's; 0000 on a query is told by its status."""
    return call is Call.QUERY if row in _STATUSES else not (row is Row.ACCEPTED and call is Call.QUERY)


def outcome(row: Row, call: Call) -> Outcome:
    """What the real machine makes of this answer to this call."""
    drive = Drive(call)
    drive.give(row, call)
    return drive.outcome()


#: The rows of payment.md part 3 that are about an order's past rather than about one answer: each with its tests.
STORIES = (
    ("SUCCESS after `failed` or `unseen`: alarm, `manual`; a supervisor may release the notice",
     ("tests/core/test_machine.py::test_a_success_after_failed_rings_and_goes_to_a_supervisor",
      "tests/core/test_settling.py::test_a_release_sends_the_notice")),
    ("SUCCESS where another order of the same bill is `paid` or `credited`: `manual`, no notice, a refund request",
     ("tests/engine/test_supervision.py::test_paid_twice_is_told_sends_no_second_notice_and_offers_the_refund",)),
    ("an old call's reply, a doubled or reordered one: dropped",
     ("tests/core/test_machine.py::test_only_the_newest_questions_answer_counts",)),
    ("two equal negatives, far enough apart: `failed`; one alone never (rule 11 b)",
     ("tests/core/test_machine.py::test_two_equal_negatives_far_enough_apart_end_it",
      "tests/core/test_machine.py::test_one_negative_is_not_final_and_two_too_close_are_not_either")),
    ("1003 proves something only by a number that finds orders, asked after the hold-off (rule 11 c)",
     ("tests/core/test_machine.py::test_1003_ends_a_doubt_after_the_hold_off_by_three_answers_over_their_span",
      "tests/core/test_machine.py::test_1003_heard_after_the_hold_off_to_a_question_sent_before_it_proves_nothing",
      "tests/core/test_machine.py::test_1003_by_a_number_that_this_gateway_never_found_anything_by_proves_nothing")),
    ("what outlives its whole life unpaid ends as expired (rule 11 d)",
     ("tests/core/test_machine.py::test_what_outlives_its_whole_life_unpaid_ends_as_expired",)),
    ("the attended time is over: the background asks on, the bill stays blocked, the next customer is served",
     ("tests/core/test_machine.py::test_an_order_left_by_the_cashier_is_asked_about_in_the_background",
      "tests/engine/test_engine.py::"
      "test_the_next_customer_is_served_while_a_doubt_goes_on_and_its_bill_stays_locked")),
    ("a notice that is not idempotent: the hold-off, the arrears, and again only if the bill is still owed",
     ("tests/core/test_crediting.py::test_a_bill_that_is_still_owed_gets_the_same_notice_again",)),
    ("a second attempt beside a live one: the QR off every screen, and \"not paid\" to a question sent after that",
     ("tests/core/test_second_attempt.py::test_beside_a_withdrawn_qr_a_question_sent_after_that_must_say_not_paid",)),
)  # fmt: skip


def text() -> str:
    """The whole file."""
    lines = [
        "# What happens if",
        "",
        "Made by `packaging/what_happens_if.py` from the machine itself; do not edit. Each cell is a payment driven to",
        "that call and given that answer, with the default settings: the state it is in then, what is done at once,",
        "and what comes by itself. A question is a payment query. Each cell is one test:",
        f"`{TEST_FILE}::test_cell[ANSWER-CALL]`.",
        "",
        "| answer | pay (the code was scanned) | unified (a QR was asked for) | query | notice |",
        "|---|---|---|---|---|",
    ]
    for row in Row:
        cells = [outcome(row, call).told() if has_cell(row, call) else "" for call in CALLS]
        lines.append(f"| {_WORDS[row]} | {' | '.join(cells)} |")
    lines += ["", "| story | shown by |", "|---|---|"]
    lines += [f"| {words} | {'<br>'.join(f'`{test}`' for test in tests)} |" for words, tests in STORIES]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write it, or look whether it is what would be written."""
    made = text()
    if arguments == ["--check"]:
        return 0 if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == made else 1
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
