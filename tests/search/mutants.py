"""The rules, each loosened by name: a small patch of the real machine, its parts, or the composition around it.

``says`` is the page's own name for it (payment.md part 6) where it has one. ``breaks`` is the property that the walk on
``site`` finds broken. Nothing here touches the gateway, the customer or the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from kiosk.core import machine as machine_module
from kiosk.core.crediting import Crediting
from kiosk.core.machine import Machine
from kiosk.core.messages import Answer, Call, EventKind, Heard, QueryAnswered, SendCall, Withdrawn
from kiosk.core.order import UNDECIDED, Instant, Mode, Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy
from kiosk.core.proof import Proof
from kiosk.core.table import TABLE, Cell, Move, Row, row_of
from kiosk.core.turn import Turn
from tests.search.attempt import Composition
from tests.search.moments import NOW_S

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Rules:
    """What a walk runs with."""

    machine: type[Machine] = Machine
    composition: Composition = field(default_factory=Composition)
    policy: PaymentPolicy = field(default_factory=PaymentPolicy)


Loosen = Callable[[Patch], Rules]


@dataclass(frozen=True)
class Mutant:
    """One loosened rule."""

    name: str
    says: str
    site: str
    breaks: str
    loosen: Loosen
    #: Properties that break on the way to ``breaks``, to see the harm itself.
    before: frozenset[str] = field(default_factory=frozenset)


MUTANTS: list[Mutant] = []
_PROOF = frozenset({"failed_without_proof"})


def mutant(says: str, *, site: str, breaks: str, before: frozenset[str] = frozenset()) -> Callable[[Loosen], Loosen]:
    """Register the function below as a mutant by its name."""

    def registered(loosen: Loosen) -> Loosen:
        MUTANTS.append(Mutant(loosen.__name__, says, site, breaks, loosen, before))
        return loosen

    return registered


def _cell(patch: Patch, row: Row, column: int, move: Move) -> Rules:
    cells = list(TABLE[row])
    cells[column] = Cell(move)
    patch.setitem(TABLE, row, tuple(cells))
    return Rules()


PAY, _UNIFIED, QUERY, NOTICE = range(4)

# --- the page's own ------------------------------------------------------------------------------------------------


@mutant("Read time-out on pay means failed", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def a_timeout_on_pay_means_failed(patch: Patch) -> Rules:
    return _cell(patch, Row.SILENT, PAY, Move.FAIL)


@mutant("the code sent again after a time-out", site="one_scan", breaks="code_sent_twice")
def the_code_is_sent_again_after_a_timeout(patch: Patch) -> Rules:
    class Again(Machine):
        def _after_call(self, turn: Turn, move: Move, row: Row, answer: Any) -> Turn:
            turn = super()._after_call(turn, move, row, answer)
            return turn.doing(SendCall()).asking(calling=True) if row is Row.SILENT else turn

    return Rules(Again)


@mutant("1003 means failed at once", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def not_found_means_failed_at_once(patch: Patch) -> Rules:
    return _cell(patch, Row.NOT_FOUND, QUERY, Move.NEGATIVE) if _one_is_enough(patch) else Rules()


def _one_is_enough(patch: Patch) -> bool:
    def negative(self: Proof, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        return turn.to(State.FAILED, str(row)) if turn.order.state in UNDECIDED else turn

    patch.setattr(Proof, "negative", negative)
    return True


@mutant(
    "1003 received after the hold-off to a query sent before it", site="one_scan", breaks="failed_without_proof"
)
def not_found_counts_by_when_it_is_received(patch: Patch) -> Rules:
    absent = Proof.absent

    def by_receipt(self: Proof, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        return absent(self, turn, row, replace(message, sent_s=at.mono_s), at)

    patch.setattr(Proof, "absent", by_receipt)
    return Rules()


@mutant(
    "the same, where one such answer is enough: the double charge itself",
    site="three_scans",
    breaks="charged_twice",
    before=_PROOF | {"failed_but_payable"},
)
def one_not_found_counts_by_when_it_is_received(patch: Patch) -> Rules:
    not_found_counts_by_when_it_is_received(patch)
    return Rules(policy=PaymentPolicy(not_found_answers=1, not_found_span_s=0.0))


@mutant("the durable write after the send", site="one_scan", breaks="sent_before_intent")
def the_commit_comes_after_the_send(patch: Patch) -> Rules:
    return Rules(composition=Composition(commit_first=False))


@mutant("a restart takes a sent order for unsent", site="one_scan", breaks="failed_but_payable")
def a_restart_takes_a_sent_order_for_unsent(patch: Patch) -> Rules:
    return Rules(_taken_up_as(State.INTENT))


@mutant("a second attempt while the first is in doubt", site="two_scans", breaks="second_attempt_not_permitted")
def a_second_attempt_stands_beside_any_doubt(patch: Patch) -> Rules:
    return Rules(_StandsBesideAnything)


@mutant(
    "the same: the double charge, as both are paid and nobody was asked",
    site="two_shows",
    breaks="second_attempt_not_permitted",
)
def a_second_attempt_stands_beside_a_painted_qr(patch: Patch) -> Rules:
    class Painted(Machine):
        def may_stand_beside(self, order: Order, at: Instant) -> str:
            return "" if order.state is State.SHOWN else super().may_stand_beside(order, at)

    return Rules(Painted)


class _StandsBesideAnything(Machine):
    def may_stand_beside(self, order: Order, at: Instant) -> str:
        return "" if order.state in UNDECIDED else "state"


@mutant("hiding a QR means failed", site="one_show", breaks="failed_but_payable")
def hiding_a_qr_means_failed(patch: Patch) -> Rules:
    class Hides(Machine):
        def _person_acted(self, turn: Turn, message: Any, at: Instant) -> Turn:
            if isinstance(message, Withdrawn) and turn.order.state is State.SHOWN:
                return turn.to(State.FAILED, "hidden")
            return super()._person_acted(turn, message, at)

    return Rules(Hides)


@mutant("FAIL on pay means failed", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def fail_on_pay_means_failed(patch: Patch) -> Rules:
    return _cell(patch, Row.CALL_FAILED, PAY, Move.FAIL)


@mutant("1001 on pay means failed", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def a_system_error_on_pay_means_failed(patch: Patch) -> Rules:
    return _cell(patch, Row.SYSTEM_ERROR, PAY, Move.FAIL)


@mutant("0000 on pay means paid", site="one_scan", breaks="paid_without_payment")
def accepted_means_paid(patch: Patch) -> Rules:
    class Hasty(Machine):
        def _accepted(self, turn: Turn, answer: Any) -> Turn:
            turn = super()._accepted(turn, answer).to(State.PAID, "", success_seen=True, paid_ms=0)
            return self._crediting.send(turn)

    return Rules(Hasty)


@mutant("an unverified SUCCESS is believed", site="one_scan", breaks="paid_without_payment")
def an_unverified_success_is_believed(patch: Patch) -> Rules:
    def credulous(call: Call, answer: Any, order: Order, *, number_taken: bool = False) -> Row:
        if answer.heard is Heard.BAD_SIGN and call is Call.QUERY and answer.status == "SUCCESS":
            return Row.SUCCESS
        return row_of(call, answer, order, number_taken=number_taken)

    patch.setattr(machine_module, "row_of", credulous)
    return Rules()


@mutant("one negative is final", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def one_negative_is_final(patch: Patch) -> Rules:
    _one_is_enough(patch)
    return Rules()


@mutant("a notice that is not idempotent is repeated blindly", site="unclear_notices", breaks="credited_twice")
def a_notice_is_repeated_blindly(patch: Patch) -> Rules:
    class Blind(Machine):
        def __init__(self, policy: PaymentPolicy, traits: GatewayTraits) -> None:
            super().__init__(policy, traits)
            self._crediting = Crediting(policy, replace(traits, notices_idempotent=True), self._questions)

    return Rules(Blind)


@mutant("the QR painted before its commit", site="one_show", breaks="qr_before_commit")
def a_qr_is_painted_before_its_commit(patch: Patch) -> Rules:
    return Rules(composition=Composition(paints_after_commit=False))


@mutant(
    "the same: it is paid, and the start knows of no QR",
    site="two_shows",
    breaks="charged_twice",
    before=_PROOF | {"qr_before_commit", "failed_but_payable"},
)
def a_qr_painted_before_its_commit_is_paid(patch: Patch) -> Rules:
    return Rules(composition=Composition(paints_after_commit=False))


@mutant("the gateway's number kept in memory only", site="own_scans", breaks="not_durable")
def the_gateways_number_is_kept_in_memory_only(patch: Patch) -> Rules:
    return Rules(composition=Composition(forgets_gateway_number=True))


@mutant(
    "the same: money that was taken waits for a person though the gateway's number was told",
    site="own_scans",
    breaks="given_up",
    before=frozenset({"not_durable"}),
)
def a_gateways_number_in_memory_only_is_lost(patch: Patch) -> Rules:
    return Rules(composition=Composition(forgets_gateway_number=True))


@mutant(
    "1003 by a number that this gateway has never found anything by counts",
    site="never_by_ours",
    breaks="failed_but_payable",
    before=_PROOF | {"silent"},
)
def not_found_by_an_untried_number_counts(patch: Patch) -> Rules:
    patch.setattr(Proof, "_admits", lambda self, order, message: True)
    return Rules()


@mutant("PAYERROR ends a shown QR", site="one_show", breaks="failed_but_payable", before=_PROOF)
def payerror_ends_a_shown_qr(patch: Patch) -> Rules:
    negative = Proof.negative

    def ends(self: Proof, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        asking = turn.order.asking
        if turn.order.state is not State.SHOWN or row is not Row.PAYERROR:
            return negative(self, turn, row, message, at)
        if asking.negative != row:
            return turn.asking(negative=str(row), negative_at_s=at.mono_s)
        return turn.to(State.FAILED, str(row)) if at.mono_s - asking.negative_at_s >= 5.0 else turn

    patch.setattr(Proof, "negative", ends)
    return Rules()


@mutant("a number repeated after a restored backup", site="a_restored_backup", breaks="number_repeated")
def a_restored_backup_repeats_a_number(patch: Patch) -> Rules:
    return Rules(composition=Composition(draws_at_start=False))


# --- more --------------------------------------------------------------------------------------------------------


def _taken_up_as(*states: State) -> type[Machine]:
    class Forgetful(Machine):
        def _taken_up(self, turn: Turn, at: Instant) -> Turn:
            if turn.order.state in states:
                return turn.to(State.FAILED, "restarted")
            return super()._taken_up(turn, at)

    return Forgetful


@mutant("a restart takes a shown QR for gone", site="one_show", breaks="failed_but_payable")
def a_restart_takes_a_shown_qr_for_gone(patch: Patch) -> Rules:
    return Rules(_taken_up_as(State.SHOWN))


@mutant("PAYERROR once is final for a scan", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def payerror_once_is_final_for_a_scan(patch: Patch) -> Rules:
    negative = Proof.negative

    def once(self: Proof, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        if row is Row.PAYERROR and turn.order.mode is Mode.SCAN and turn.order.state in UNDECIDED:
            return turn.to(State.FAILED, str(row))
        return negative(self, turn, row, message, at)

    patch.setattr(Proof, "negative", once)
    return Rules()


@mutant("two negatives of one moment end an order", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def two_negatives_of_one_moment_are_final(patch: Patch) -> Rules:
    return Rules(policy=PaymentPolicy(negative_gap_s=0.0))


@mutant("what came between two negatives is forgotten", site="one_scan", breaks="failed_without_proof")
def what_comes_between_two_negatives_is_forgotten(patch: Patch) -> Rules:
    patch.setattr(machine_module, "clear_negatives", lambda turn: turn)
    return Rules()


@mutant("one 1003 after the hold-off is proof", site="one_scan", breaks="failed_without_proof")
def one_not_found_is_proof(patch: Patch) -> Rules:
    return Rules(policy=PaymentPolicy(not_found_answers=1, not_found_span_s=0.0))


@mutant("a sign that the order existed is not looked at", site="one_scan", breaks="failed_without_proof")
def a_sign_of_the_order_is_ignored(patch: Patch) -> Rules:
    absent = Proof.absent

    def blind(self: Proof, turn: Turn, row: Row, message: QueryAnswered, at: Instant) -> Turn:
        return absent(self, turn.asking(sign=False), row, message, at)

    patch.setattr(Proof, "absent", blind)
    return Rules()


@mutant("a third of the hold-off is enough", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def the_hold_off_is_too_short(patch: Patch) -> Rules:
    return Rules(policy=PaymentPolicy(hold_off_s=60.0))


@mutant("the hold-off does not begin again at a start", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def the_hold_off_does_not_begin_again_at_a_start(patch: Patch) -> Rules:
    class LongAgo(Machine):
        def _taken_up(self, turn: Turn, at: Instant) -> Turn:
            return super()._taken_up(turn, at).asking(hold_off_from_s=NOW_S - 1000.0)

    return Rules(LongAgo)


@mutant("0001 counts while the order still lives", site="one_scan", breaks="failed_but_payable", before=_PROOF)
def not_paid_counts_while_the_order_lives(patch: Patch) -> Rules:
    patch.setattr(Proof, "life_over", lambda self, order, moment_s: True)
    return Rules()


@mutant("a doubled reply counts as another one", site="doubled_replies", breaks="failed_without_proof")
def a_doubled_reply_counts(patch: Patch) -> Rules:
    class Counts(Machine):
        def _query_answered(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
            return super()._query_answered(turn, replace(message, number=turn.order.asking.in_flight), at)

    return Rules(Counts)


@mutant("rule 6's twin is not looked for", site="two_shows", breaks="two_notices")
def the_twin_is_not_looked_for(patch: Patch) -> Rules:
    class Alone(Machine):
        def _success(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
            return super()._success(turn, replace(message, twin_paid=False), at)

    return Rules(Alone)


@mutant(
    "a message kept for the journal brings its old look for twins", site="failing_disk_at_paid", breaks="two_notices"
)
def a_kept_message_brings_its_old_look_for_twins(patch: Patch) -> Rules:
    return Rules(composition=Composition(twin_read_again=False))


@mutant("1002 at the only sending is forgotten", site="an_elder", breaks="paid_without_payment")
def exists_elsewhere_is_ignored(patch: Patch) -> Rules:
    class Forgets(Machine):
        def _success(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
            return super()._success(turn.now(replace(turn.order, exists_elsewhere=False)), message, at)

    return Rules(Forgets)


@mutant("rule 1's look is left out of the commit", site="two_scans", breaks="two_live_attempts")
def the_commit_of_an_intent_does_not_look(patch: Patch) -> Rules:
    return Rules(composition=Composition(looks_in_commit=False))


@mutant(
    "the same: the double charge", site="two_scans", breaks="charged_twice", before=frozenset({"two_live_attempts"})
)
def an_intent_that_does_not_look_charges_twice(patch: Patch) -> Rules:
    return Rules(composition=Composition(looks_in_commit=False))


@mutant("a notice that nobody answered counts as credited", site="one_scan", breaks="credited_without_notice")
def silence_credits(patch: Patch) -> Rules:
    return _cell(patch, Row.SILENT, NOTICE, Move.CREDIT)


@mutant("the notice goes before a query said paid", site="one_scan", breaks="notice_without_paid")
def a_notice_goes_for_an_accepted_order(patch: Patch) -> Rules:
    class Early(Machine):
        def _accepted(self, turn: Turn, answer: Any) -> Turn:
            return self._crediting.send(super()._accepted(turn, answer))

    return Rules(Early)


@mutant("a start does not send the notice that is owed", site="one_scan", breaks="stuck")
def a_start_forgets_the_notice_that_is_owed(patch: Patch) -> Rules:
    class Silent(Machine):
        def _taken_up(self, turn: Turn, at: Instant) -> Turn:
            if turn.order.state is State.PAID:
                return turn.asking(notice_in_flight=False, due_s=None)
            return super()._taken_up(turn, at)

    return Rules(Silent)


@mutant("after a start no answer counts but SUCCESS", site="one_scan", breaks="blocked_for_nothing")
def after_a_start_no_answer_counts_but_success(patch: Patch) -> Rules:
    class Deaf(Machine):
        def _query_answered(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
            counts = turn.order.asking.answered_s is not None or message.answer.status in ("SUCCESS", "USERPAYING")
            if not counts:
                message = replace(message, answer=Answer(heard=Heard.SILENT))
            return super()._query_answered(turn, message, at)

    return Rules(Deaf)


@mutant("an unanswered question is never asked again", site="one_scan", breaks="stuck")
def a_lost_question_is_never_asked_again(patch: Patch) -> Rules:
    class Tired(Machine):
        def _query_answered(self, turn: Turn, message: QueryAnswered, at: Instant) -> Turn:
            turn = super()._query_answered(turn, message, at)
            lost = message.answer.heard is Heard.SILENT and turn.order.state in UNDECIDED
            return turn.asking(due_s=None) if lost else turn

    return Rules(Tired)


@mutant("paid is told to the counter, and not to the journal", site="one_scan", breaks="notice_without_paid")
def paid_is_not_committed(patch: Patch) -> Rules:
    class Careless(Machine):
        def step(self, order: Order, message: Any, at: Instant) -> Any:
            after, effects = super().step(order, message, at)
            return after, tuple(e for e in effects if getattr(e, "kind", None) is not EventKind.PAID)

    return Rules(Careless)
