"""The payment machine: one order, one message, one moment in; the order as it is now, and what to do, out.

Rules (payment.md part 2, numbers as there)
1.  A state changes in ``Turn.to`` alone (turn.py): along the states' own ways, and never without an ``Append``.
2.  ``SendCall`` comes out of :meth:`Machine.begin` alone, once: no path of :meth:`Machine.step` sends a payment.
3.  ``paid`` only from a verified query's SUCCESS (rule 6); ``failed`` only by rule 11 (proof.py), ``credited`` only by
    a notice's acknowledgement (rule 9).
4.  Only ``at.mono_s`` decides; the wall clock may at most lead to a supervisor or to another question (rule 15).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.core.crediting import Crediting
from kiosk.core.messages import (
    BESIDE,
    Answer,
    Append,
    ArrearsSeen,
    AskNow,
    Call,
    CallAnswered,
    Due,
    Effect,
    EventKind,
    Heard,
    Learned,
    Message,
    Noted,
    NoticeAnswered,
    QueryAnswered,
    Reshown,
    SeekCredit,
    SendCall,
    Settled,
    TakenUp,
    Unattended,
    Withdrawn,
)
from kiosk.core.order import OPEN, UNDECIDED, Asking, Instant, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.proof import Proof, clear_negatives
from kiosk.core.questions import Questions
from kiosk.core.settling import settled, who_allows_second
from kiosk.core.table import Cell, Move, Row, cell_of, row_of
from kiosk.core.turn import IllegalMoveError, Turn

#: From here on questions run beside a pay call that has not answered yet (payment.md part 4).
BESIDE_AFTER_S = 3.0
#: The same unknown number this often is a case for a supervisor.
STRANGER_LIMIT = 3
UNREADABLE_LIMIT = 3

#: Answers that only a gateway which found the order can give.
_SPEAKS_OF_AN_ORDER = frozenset(
    {
        Row.SUCCESS, Row.USERPAYING, Row.UNKNOWN, Row.PAYERROR,
        Row.UNPAID, Row.REFUNDED, Row.CLOSED, Row.REVOKED,
    }
)  # fmt: skip

Step = tuple[Order, tuple[Effect, ...]]


class Machine:
    """The rules for one site: its policy and what its gateway is known to do."""

    def __init__(self, policy: PaymentPolicy, traits: GatewayTraits) -> None:
        self._policy = policy
        self._traits = traits
        self._proof = Proof(policy, traits)
        self._questions = Questions(policy, traits)
        self._crediting = Crediting(policy, traits, self._questions)

    # --- the beginning -------------------------------------------------------------------------------------------

    def begin(
        self, order: Order, at: Instant, beside: Sequence[str] = (), facts: tuple[tuple[str, str], ...] = ()
    ) -> Step:
        """A new order: journal the intent, then send its one call (rule 4).

        ``beside``: the numbers of the live attempts on its bill beside which it was allowed; ``facts`` tell by whom and
        why. Whether it may be is :meth:`may_stand_beside`'s word, asked for each of them in the same breath.
        """
        if order.state is not State.INTENT:
            raise IllegalMoveError(f"{order.order_no}: a payment begins in intent, not in {order.state}")
        _require_sum(order)
        asking = Asking(
            since_s=at.mono_s,
            calling=True,
            attended=True,
            due_s=at.mono_s + BESIDE_AFTER_S if order.mode is Mode.SCAN else None,
        )
        told = ((BESIDE, " ".join(beside)), *facts) if beside else ()
        return order.with_asking(asking), (Append(EventKind.INTENT, told), SendCall())

    def may_stand_beside(self, order: Order, at: Instant) -> str:
        """Empty where a second attempt on this live order's bill may begin now, else why not (a code)."""
        if who_allows_second(self._policy, order.kind) == "never":
            return "never"
        return self._proof.refuses_beside(order, at)

    def step(self, order: Order, message: Message, at: Instant) -> Step:
        """What this message means for this order now.

        Raises :class:`IllegalMoveError` where the rules themselves would be broken; the order is then unchanged.
        """
        turn = Turn(order)
        match message:
            case CallAnswered():
                turn = self._call_answered(turn, message, at)
            case QueryAnswered():
                turn = self._query_answered(turn, message, at)
            case NoticeAnswered():
                turn = self._notice_answered(turn, message, at)
            case Due():
                turn = self._due(turn, at)
            case TakenUp():
                turn = self._taken_up(turn, at)
            case _:
                turn = self._person_acted(turn, message, at)
        return turn.order, turn.effects

    # --- pay and unified -----------------------------------------------------------------------------------------

    def _call_answered(self, turn: Turn, message: CallAnswered, at: Instant) -> Turn:
        order, answer = turn.order, message.answer
        if not order.asking.calling:
            return turn  # an old or doubled reply
        call = Call.PAY if order.mode is Mode.SCAN else Call.UNIFIED
        row = row_of(call, answer, order, number_taken=message.number_taken)
        turn = _heard(turn, call, row, answer, at).asking(
            calling=False,
            answered_s=at.mono_s,
            hold_off_from_s=at.mono_s,
            life_from_s=at.mono_s,
            step=0,
        )
        if order.state is not State.INTENT:
            return self._questions.rest(self._call_answered_late(turn, row), at)
        cell = cell_of(call, row)
        turn = _ring_for(turn, call, row, cell)
        return self._questions.rest(self._after_call(turn, cell.move, row, answer), at)

    def _call_answered_late(self, turn: Turn, row: Row) -> Turn:
        """A question beside the call already found it paid; only 1002 can still contradict that (rule 6)."""
        if row is Row.EXISTS and turn.order.state in (State.PAID, State.CREDITED):
            return turn.to(State.MANUAL, "exists_elsewhere", exists_elsewhere=True).ring("exists_elsewhere")
        return turn

    def _after_call(self, turn: Turn, move: Move, row: Row, answer: Answer) -> Turn:
        match move:
            case Move.FAIL:
                return turn.to(State.FAILED, "not_sent", bytes_left=False)
            case Move.ACCEPT:
                return self._accepted(turn, answer)
            case Move.SHOW if answer.order_no and answer.pay_url:
                turn = turn.asking(sign=True)
                facts = (("gateway_order_no", answer.order_no), ("pay_url", answer.pay_url))
                return turn.to(
                    State.SHOWN, "", *facts, gateway_order_no=answer.order_no, pay_url=answer.pay_url
                )
            case Move.SHOW | Move.UNSEEN:
                return turn.asking(sign=turn.order.asking.sign or row is Row.ACCEPTED).to(State.UNSEEN, row)
            case _:
                exists = row is Row.EXISTS
                return turn.to(State.IN_DOUBT, row, exists_elsewhere=turn.order.exists_elsewhere or exists)

    def _accepted(self, turn: Turn, answer: Answer) -> Turn:
        """0000 on pay: taken, not paid. The gateway's number is kept; where it differs, before anything is asked."""
        turn = turn.asking(sign=True)
        if not answer.order_no:
            return turn
        turn = turn.now(turn.order.changed(gateway_order_no=answer.order_no))
        if answer.order_no == turn.order.order_no:
            return turn
        return turn.doing(Append(EventKind.GATEWAY_NUMBER, (("gateway_order_no", answer.order_no),)))

    # --- query ---------------------------------------------------------------------------------------------------

    def _query_answered(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
        order, answer = turn.order, message.answer
        if message.number != order.asking.in_flight:
            return turn  # only the newest question's answer counts
        row = row_of(Call.QUERY, answer, order, number_taken=message.number_taken)
        turn = _heard(turn, Call.QUERY, row, answer, at).asking(in_flight=0)
        answered_s = order.asking.answered_s
        beside = order.asking.calling or (answered_s is not None and message.sent_s < answered_s)
        if beside and row not in (Row.SUCCESS, Row.USERPAYING):
            return self._questions.rest(turn, at, answer)
        cell = cell_of(Call.QUERY, row)
        turn = _ring_for(turn, Call.QUERY, row, cell)
        turn = self._learn(turn, message, row)
        turn = self._after_query(turn, cell.move, row, message, at)
        return self._questions.rest(turn, at, answer, slower=cell.move in (Move.SLOWER, Move.UNDECIDED))

    def _after_query(self, turn: Turn, move: Move, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        match move:
            case Move.PAID:
                return self._success(turn, message, at)
            case Move.REFUND:
                return self._refunded(turn)
            case Move.DISCARD:
                return self._stranger(turn, message, at)
            case Move.ABSENT:
                return self._proof.absent(turn, row, message, at)
            case Move.QUERY_FAILED if self._proof.speaks_of_the_order(turn.order, row):
                return self._proof.negative(turn.asking(sign=True), row, message, at)
            case Move.NEGATIVE:
                return self._proof.negative(turn.asking(sign=True), row, message, at)
            case Move.NOT_PAID:
                turn = clear_negatives(turn).asking(sign=True, unpaid_sent_s=message.sent_s)
                return self._proof.expiring(turn, row, message, at)
        if message.answer.heard is Heard.ANSWERED:  # any other verified answer: the gateway knows something
            return clear_negatives(turn).asking(sign=True, expired=0, unpaid_sent_s=None)
        return turn

    def _success(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
        order = turn.order
        turn = turn.asking(sign=True)
        match order.state:
            case State.INTENT | State.IN_DOUBT | State.SHOWN:
                pass
            case State.UNSEEN | State.FAILED:
                return turn.to(State.MANUAL, "late_success", success_seen=True).ring("late_success")
            case State.MANUAL if not order.success_seen:
                turn = turn.now(replace(order, success_seen=True))
                return turn.doing(Append(EventKind.EVIDENCE, (("status", "SUCCESS"),))).ring("late_success")
            case _:
                return turn
        if order.exists_elsewhere:
            return turn.to(State.MANUAL, "exists_elsewhere", success_seen=True).ring("exists_elsewhere")
        if message.twin_paid:
            return turn.to(State.MANUAL, "paid_twice", success_seen=True).ring("paid_twice")
        turn = turn.to(State.PAID, "", success_seen=True, paid_ms=at.wall_ms)
        return self._crediting.send(turn.asking(paid_s=at.mono_s))

    def _refunded(self, turn: Turn) -> Turn:
        match turn.order.state:
            case State.REFUNDED:
                return turn
            case State.MANUAL:
                known = "refunded_seen" in turn.order.asking.rang
                told = turn if known else turn.doing(Append(EventKind.EVIDENCE, (("status", "REFUNDED"),)))
                return told.ring("refunded_seen")
            case State.UNSEEN | State.FAILED | State.CREDITED:
                return turn.to(State.MANUAL, "refunded_late").ring("refunded_late")
        if turn.order.exists_elsewhere:
            return turn.to(State.MANUAL, "exists_elsewhere").ring("exists_elsewhere")
        return turn.to(State.REFUNDED, "refunded")

    def _stranger(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
        """A number that is not this order's (rule 12): counted; adopted only where the profile says so."""
        order, named = turn.order, message.answer.order_no
        if order.state not in UNDECIDED:
            return turn
        turn = turn.asking(unpaid_sent_s=None)  # whose answer it was is not known: no second attempt stands on that
        order = turn.order
        if self._may_adopt(order, message):
            return self._stranger_to_adopt(turn, message, at)
        asking = order.asking
        count = asking.stranger_count + 1 if named == asking.stranger else 1
        turn = turn.asking(stranger=named, stranger_count=count, stranger_is_free=False)
        if count < STRANGER_LIMIT:
            return turn
        return turn.to(State.MANUAL, "stranger", ("named", named)).ring("stranger")

    def _may_adopt(self, order: Order, message: QueryAnswered) -> bool:
        return (
            self._traits.query_names == "gateway"
            and not order.gateway_order_no
            and bool(message.answer.order_no)
            and not message.number_taken
        )

    def _stranger_to_adopt(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
        """Twice by our number, ``negative_gap_s`` apart, then once by itself: then it is the gateway's (part 5)."""
        asking, named = turn.order.asking, message.answer.order_no
        if named != asking.stranger or not asking.stranger_is_free:
            return turn.asking(stranger=named, stranger_count=1, stranger_at_s=at.mono_s, stranger_is_free=True)
        if message.asked_by == named and asking.stranger_count >= 2:
            adopted = turn.now(replace(turn.order, gateway_order_no=named))
            adopted = adopted.doing(Append(EventKind.GATEWAY_NUMBER, (("gateway_order_no", named), ("adopted", "yes"))))
            row = row_of(Call.QUERY, message.answer, adopted.order)
            return self._after_query(adopted, cell_of(Call.QUERY, row).move, row, message, at)
        if at.mono_s - asking.stranger_at_s >= self._policy.negative_gap_s:
            return turn.asking(stranger_count=2)
        return turn

    def _learn(self, turn: Turn, message: QueryAnswered, row: Row) -> Turn:
        """An answer that tells of the order, to a question by our own number: this gateway finds orders by it.

        Stricter than rule 11 c, which takes any verified answer but 1003: a gateway that says 1001 of whatever it does
        not know would teach what is not so.
        """
        if row not in _SPEAKS_OF_AN_ORDER or message.asked_by != turn.order.order_no or message.finds_by_ours:
            return turn
        if self._traits.finds_by_our_number != "learn":
            return turn
        return turn.doing(Append(EventKind.LEARNED, (("finds_by_our_number", "true"),)), Learned())

    # --- notice --------------------------------------------------------------------------------------------------

    def _notice_answered(self, turn: Turn, message: NoticeAnswered, at: Instant) -> Turn:
        order, answer = turn.order, message.answer
        if not order.asking.notice_in_flight:
            return turn  # doubled
        row = row_of(Call.NOTICE, answer, order)
        if order.state is not State.PAID:
            return _acknowledged_late(turn.asking(notice_in_flight=False), row)
        cell = cell_of(Call.NOTICE, row)
        turn = _heard(turn, Call.NOTICE, row, answer, at).asking(notice_in_flight=False)
        turn = _ring_for(turn, Call.NOTICE, row, cell)
        return self._questions.rest(self._crediting.answered(turn, cell, row, message, at), at)

    # --- people --------------------------------------------------------------------------------------------------

    def _person_acted(self, turn: Turn, message: Message, at: Instant) -> Turn:
        questions, order = self._questions, turn.order
        match message:
            case AskNow():
                return questions.ask_now(turn, at)
            case Unattended() if order.asking.attended:
                return questions.rest(questions.leave(turn, at), at)
            case Withdrawn():
                return questions.withdrawn(turn, at)
            case Reshown():
                return questions.reshown(turn, at)
            case SeekCredit() if order.state in (State.PAID, State.MANUAL):
                return self._crediting.seek(turn, at)
            case ArrearsSeen():
                return questions.rest(self._crediting.arrears_seen(turn, message, at), at)
            case Noted(wallet_no=wallet_no) if order.state in OPEN:
                return turn.doing(Append(EventKind.EVIDENCE, (("wallet_no", wallet_no),)))
            case Settled():
                return questions.rest(settled(turn, message, at, self._crediting), at)
        return turn

    # --- time ----------------------------------------------------------------------------------------------------

    def _due(self, turn: Turn, at: Instant) -> Turn:
        order = turn.order
        if order.asking.due_s is None or at.mono_s < order.asking.due_s:
            return turn
        turn = turn.asking(due_s=None)
        if order.state is State.PAID:
            return self._questions.rest(self._crediting.due(turn, at), at)
        if self._gives_up(order, at):
            turn = turn.to(State.MANUAL, "gave_up").ring("gave_up")
        if self._questions.attended_is_over(turn.order, at):
            turn = self._questions.leave(turn, at)
        return self._questions.ask(turn, at)

    def _gives_up(self, order: Order, at: Instant) -> bool:
        """After ``give_up_s``, but not before this run has asked once more when a whole life and the hold-off were
        over: a machine that slept through them asks first."""
        if order.state not in UNDECIDED or not self._proof.life_over(order, order.asking.last_asked_s):
            return False
        age_s = max(at.mono_s - order.asking.since_s, (at.wall_ms - order.created_ms) / 1000)
        return age_s >= self._policy.give_up_s

    def _taken_up(self, turn: Turn, at: Instant) -> Turn:
        """Found in the journal at a start: hold-off and life begin again (part 1, rule 11 d)."""
        now_s = at.mono_s
        fresh = Asking(since_s=now_s, hold_off_from_s=now_s, life_from_s=now_s, paid_s=now_s, hidden_s=now_s)
        turn = turn.now(turn.order.with_asking(fresh))
        match turn.order.state:
            case State.INTENT if turn.order.mode is Mode.SHOW:
                turn = turn.to(State.UNSEEN, "restarted")  # it was never painted
            case State.INTENT:
                turn = turn.to(State.IN_DOUBT, "restarted")
            case State.PAID:
                return self._crediting.taken_up(turn, at)
        return self._questions.ask(turn, at)


def _acknowledged_late(turn: Turn, row: Row) -> Turn:
    """A contradiction overtook the notice: that it was acknowledged all the same is evidence for the supervisor."""
    if row is not Row.ACCEPTED or turn.order.state is not State.MANUAL:
        return turn
    return turn.doing(Append(EventKind.EVIDENCE, (("notice", str(row)),)))


def _require_sum(order: Order) -> None:
    """Rule 13: what is charged is the bill's own sum (or its amount, where that holds the late fee)."""
    if order.total_fen <= 0 or order.total_fen not in (
        order.principal_fen,
        order.principal_fen + order.late_fee_fen,
    ):
        raise ValueError(f"{order.order_no}: {order.total_fen} fen is not what the bill says")


def _heard(turn: Turn, call: Call, row: Row, answer: Answer, at: Instant) -> Turn:
    """Keep what came back, for the pending page: not durable, and nothing is decided by it but the count."""
    unreadable = turn.order.asking.unreadable + 1 if row is Row.UNREADABLE else 0
    return turn.asking(
        heard=f"{call}.{row}", words=answer.words, heard_at_ms=at.wall_ms, unreadable=unreadable
    )


def _ring_for(turn: Turn, call: Call, row: Row, cell: Cell) -> Turn:
    third = cell.rings_at_third and turn.order.asking.unreadable >= UNREADABLE_LIMIT
    return turn.ring(f"{call}.{row}") if cell.rings or third else turn
