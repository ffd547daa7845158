"""Everything that may happen to one attempt, and what comes of it.

Rules
1. The real machine steps; the composition around it (commit, effects, what a crash leaves) does as kiosk/attempts.py
   does. Mutants change the machine, its parts, or the composition; never the gateway.
2. An attempt knows nothing of its neighbours but what the messages carry, so that its steps are worked out once for
   every bill on which it stands (walk.py remembers them).
3. Left out because it leads nowhere else: a request or notice that is lost (it is on its way until it is too old); a
   crash between a commit and its effects (the effect's bytes are lost, then a crash); what happens while the program is
   down (it happens before or after).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kiosk.core.machine import Machine
from kiosk.core.messages import (
    Answer,
    Append,
    ArrearsSeen,
    Ask,
    AskArrears,
    AskNow,
    CallAnswered,
    Due,
    Effect,
    EventKind,
    Heard,
    Learned,
    Message,
    NoticeAnswered,
    QueryAnswered,
    Reshown,
    SendCall,
    SendNotice,
    TakenUp,
    Withdrawn,
)
from kiosk.core.order import OPEN, Asking, Mode, Order, State
from tests.search import gateway, moments
from tests.search.attempt import (
    CLOSED,
    HALF_OLD,
    NOT_ON_ITS_WAY,
    SOCKET_OPEN,
    Attempt,
    Composition,
    Outcome,
    Question,
    draft,
    finished,
    may_wait,
)
from tests.search.gateway import OURS, THEIRS, Asked, Held, Site, Spell
from tests.search.moments import AT, NOW_S, as_of_now, without_asking
from tests.search.rule_eleven import Evidence, Hearing, judged


class Attempts:
    """The steps of one attempt at one site, under one machine and composition."""

    def __init__(self, site: Site, machine: Machine, composition: Composition) -> None:
        self.site = site
        self.machine = machine
        self.composition = composition
        #: The machine's steps so far: it is pure, so the same order and message are stepped once.
        self._stepped_before: dict[tuple[Order, Asking, Message], tuple[Order, tuple[Effect, ...]]] = {}

    # --- carrying a step out ----------------------------------------------------------------------------------------

    def concrete(self, attempt: Attempt) -> Order:
        """The order as the machine steps it."""
        return attempt.mind.with_asking(attempt.asking)

    def begin(self, mode: str, beside: tuple[str, ...]) -> list[Outcome]:
        """The intent and its one call."""
        order, effects = self.machine.begin(draft(mode), AT, beside)
        blank = Attempt(kept=None, mind=without_asking(order), asking=Asking())
        return self._carried_out(f"begins, {mode}", blank, as_of_now(order), effects)

    def _stepped(self, label: str, attempt: Attempt, message: Message, order: Order | None = None) -> list[Outcome]:
        order = order or self.concrete(attempt)
        key = (order, order.asking, message)
        stepped = self._stepped_before.get(key)
        if stepped is None:
            try:
                after, effects = self.machine.step(order, message, AT)
            except Exception as error:  # the machine's own assertions: whatever they are, the walk must not reach them
                return [Outcome(label, attempt, broken=f"raised: {error!r}")]
            stepped = self._stepped_before[key] = as_of_now(after), effects
        outcomes = self._carried_out(label, attempt, *stepped)
        if attempt.stuck is None and self._may_fail(stepped[1]):
            outcomes.append(Outcome(f"{label}; the commit fails", attempt._replace(stuck=message)))
        return outcomes

    def _may_fail(self, effects: tuple[Effect, ...]) -> bool:
        kinds = [effect.kind for effect in effects if isinstance(effect, Append)]
        failing = self.site.disk_fails
        return bool(kinds) and (failing == "any" or (failing == "paid" and EventKind.PAID in kinds))

    def _carried_out(self, label: str, before: Attempt, order: Order, effects: tuple[Effect, ...]) -> list[Outcome]:
        """The step carried out whole; and, where the commit does not come first, cut short after each part of it."""
        rest = [effect for effect in effects if not isinstance(effect, Append)]
        parts: list[object] = ["commit"] if len(rest) < len(effects) else []
        if self.composition.commit_first:
            parts += rest
        else:
            parts = rest + parts
        paint = "paint" if self._to_paint(order) else ""
        if paint:
            parts = [*parts, paint] if self.composition.paints_after_commit else [paint, *parts]
        attempt = before._replace(mind=without_asking(order), asking=order.asking)
        outcomes, broken, learned = [], "", False
        cut = not (self.composition.commit_first and self.composition.paints_after_commit)
        for done, part in enumerate(parts):
            if cut and done > 0:
                dies = f"{label}; the program dies in the middle of it"
                outcomes.append(Outcome(dies, self.crash(attempt), learned, crashed=True, broken=broken))
            attempt, wrong = self._part(attempt, part)
            learned = learned or isinstance(part, Learned)
            broken = broken or wrong
        outcomes.append(Outcome(label, self._settled(before, attempt), learned, broken=broken))
        return outcomes

    def _to_paint(self, order: Order) -> bool:
        return order.state is State.SHOWN and order.asking.hidden_s is None and bool(order.pay_url)

    def _part(self, attempt: Attempt, part: object) -> tuple[Attempt, str]:
        match part:
            case "commit":
                return self._commit(attempt), ""
            case "paint":
                durable = attempt.kept is not None and bool(attempt.kept.pay_url)
                return attempt._replace(painted=True), "" if durable else "qr_before_commit"
            case SendCall():
                sent = attempt._replace(request=SOCKET_OPEN, calling=True, codes_sent=attempt.codes_sent + 1)
                if sent.codes_sent > 1:
                    return sent, "code_sent_twice"
                return sent, "" if attempt.kept is not None else "sent_before_intent"
            case Ask(asked_by=asked_by):
                after_hidden = attempt.asking.hidden_s is not None
                nothing = attempt.held is Held.NOTHING
                question = Question(asked_by, moments.sent_offset(attempt.asking), after_hidden, nothing)
                return attempt._replace(question=question), ""
            case SendNotice():
                return self._send_notice(attempt)
            case AskArrears():
                return attempt._replace(was_owed=attempt.credited == 0), ""
        return attempt, ""

    def _commit(self, attempt: Attempt) -> Attempt:
        kept = attempt.mind
        if self.composition.forgets_gateway_number and attempt.kept is not None:
            kept = replace(kept, gateway_order_no=attempt.kept.gateway_order_no)
        return attempt._replace(kept=kept)

    def _send_notice(self, attempt: Attempt) -> tuple[Attempt, str]:
        # Where notices are idempotent, those on their way can do no harm and are not followed.
        on_their_way = () if self.site.idempotent else tuple(sorted((*attempt.notices, SOCKET_OPEN)))[-2:]
        sent = attempt._replace(notices=on_their_way, notice_sent=True)
        return sent, "" if attempt.state is State.PAID else "notice_without_paid"

    def _settled(self, before: Attempt, attempt: Attempt) -> Attempt:
        """After the step: what a QR that left the screens, or came back, means for a question that was on its way."""
        hidden, was_hidden = attempt.asking.hidden_s, before.asking.hidden_s
        question = attempt.question
        if question is not None and question is before.question and hidden is not None and was_hidden is None:
            attempt = attempt._replace(question=question._replace(after_hidden=False))
        if attempt.mind.mode is Mode.SHOW and (hidden is None) != (was_hidden is None):
            attempt = attempt._replace(unpaid=False)
        if hidden is None and was_hidden is not None and attempt.question is not None:
            attempt = attempt._replace(question=attempt.question._replace(after_hidden=False, offset_s=moments.BESIDE))
        return attempt

    def unstuck(self, attempt: Attempt, twin: bool) -> Outcome:
        """The message that waited for the journal, stepped again, as it was kept."""
        message = attempt.stuck
        assert message is not None
        if isinstance(message, QueryAnswered) and self.composition.twin_read_again:
            message = replace(message, twin_paid=twin and message.answer.status == "SUCCESS")
        outcomes = self._stepped("", attempt._replace(stuck=None), message)
        return next(outcome for outcome in outcomes if not outcome.crashed and outcome.after.stuck is None)

    # --- a crash, a start, the clock --------------------------------------------------------------------------------

    def crash(self, attempt: Attempt) -> Attempt:
        """The program dies and starts again: what was only in its memory is gone, each open order is taken up."""
        closed = attempt._replace(
            calling=False,
            question=None,
            stuck=None,
            unpaid=False,
            was_owed=False,
            evidence=Evidence(),
            echo=None,
            request=CLOSED if attempt.request == SOCKET_OPEN else attempt.request,
            notices=tuple(CLOSED if notice == SOCKET_OPEN else notice for notice in attempt.notices),
        )
        kept = closed.kept
        if kept is None:
            return closed._replace(asking=Asking())
        closed = closed._replace(mind=kept, asking=Asking())
        watched = kept.state is State.UNSEEN or (kept.state is State.FAILED and kept.bytes_left)
        if kept.state not in OPEN and not watched:
            return closed
        outcomes = self._stepped("", closed, TakenUp())
        whole = next(outcome for outcome in outcomes if not outcome.crashed and outcome.after.stuck is None)
        return finished(whole.after) if not whole.broken else whole.after._replace(wrong=whole.broken)

    def ticked(self, attempt: Attempt, seconds: float) -> Attempt:
        """Time went on."""
        half = seconds < moments.HOLD_OFF_S
        held = attempt.held
        aged = attempt.aged
        if not half:
            aged = aged or held is Held.PAID
            held = Held.DEAD if held is Held.LIVE else held
        order = as_of_now(self.concrete(attempt), seconds)
        kept = attempt.kept and without_asking(as_of_now(attempt.kept, seconds))
        return attempt._replace(
            kept=kept,
            mind=without_asking(order),
            asking=order.asking,
            request=_older(attempt.request) if half else NOT_ON_ITS_WAY,
            notices=tuple(filter(None, (_older(notice) for notice in attempt.notices))) if half else (),
            held=held,
            aged=aged,
            evidence=attempt.evidence.older(),
            echo=None,
            spell=Spell.OVER if attempt.spell is Spell.NOW else attempt.spell,
        )

    def may_tick(self, attempt: Attempt) -> bool:
        """Whether time may jump: a call, a notice, a question end within seconds, by their deadlines. Only a question
        that may tell what is no longer so is worth being on its way longer."""
        if attempt.calling or (attempt.asking.notice_in_flight and attempt.state is State.PAID) or attempt.stuck:
            return False
        may_come = attempt.held is not Held.NOTHING or attempt.request != NOT_ON_ITS_WAY
        return attempt.question is None or (attempt.question.was_nothing and may_come)

    # --- everything that may happen to it ---------------------------------------------------------------------------

    def steps(self, attempt: Attempt, learned: bool, twin: bool) -> Iterator[Outcome]:
        """Every next thing; ``twin``: another order of the bill is paid or credited in the journal."""
        if attempt.kept is None:
            yield from self._world(attempt)
            return
        if attempt.stuck is None:
            yield from self._call(attempt)
            yield from self._due(attempt, learned, twin)
            yield from self._answers(attempt, learned, twin)
            yield from self._doubled(attempt)
            yield from self._notice(attempt, learned)
            yield from self._people(attempt)
        yield from self._world(attempt)

    def _call(self, attempt: Attempt) -> Iterator[Outcome]:
        if not attempt.calling:
            return
        waiting = attempt.request == SOCKET_OPEN and attempt.held is Held.NOTHING
        for answer in gateway.call_answers(self.site, attempt.held, waiting=waiting):
            request = CLOSED if attempt.request == SOCKET_OPEN else attempt.request
            if answer.heard is Heard.NOT_SENT:
                request = NOT_ON_ITS_WAY
            verified = answer.heard is Heard.ANSWERED and answer.sub_code == "0000"
            evidence = attempt.evidence._replace(sign=attempt.evidence.sign or verified)
            told = self.site.own_numbers and answer.order_no == THEIRS and answer.heard is Heard.ANSWERED
            heard = attempt._replace(calling=False, request=request, told=told, evidence=evidence)
            for outcome in self._stepped(f"the call is answered {_words(answer)}", heard, CallAnswered(answer)):
                wrong = outcome.after.state is State.FAILED and answer.heard is not Heard.NOT_SENT
                yield outcome._replace(broken=outcome.broken or ("failed_without_proof" if wrong else ""))
        if self.site.elders and waiting:
            heard = attempt._replace(calling=False, request=NOT_ON_ITS_WAY, held=Held.ELDER)
            label = "an old order of somebody else's holds the number: the call is answered 1002"
            yield from self._stepped(label, heard, CallAnswered(gateway.EXISTS))

    def _due(self, attempt: Attempt, learned: bool, twin: bool) -> Iterator[Outcome]:
        """A deadline, or a person: mostly a question, which is answered in the same step (see :func:`may_wait`)."""
        asking = attempt.asking
        if asking.due_s is not None and asking.due_s > NOW_S:
            return
        if asking.due_s is not None:
            label, outcomes = "its deadline comes", self._stepped("its deadline comes", attempt, Due())
        elif not asking.in_flight and attempt.state in (State.UNSEEN, State.FAILED):
            label, outcomes = "a person asks now", self._stepped("a person asks now", attempt, AskNow())
        else:
            return
        for outcome in outcomes:
            asks = outcome.after.question is not None and outcome.after.question is not attempt.question
            if not asks or outcome.broken or outcome.crashed or outcome.after.stuck is not None:
                yield outcome
                continue
            if may_wait(outcome.after):
                yield outcome
            for answered in self._answers(outcome.after, learned, twin):
                yield answered._replace(label=f"{label}: {answered.label}")

    def _answers(self, attempt: Attempt, learned: bool, twin: bool) -> Iterator[Outcome]:
        question = attempt.question
        if question is None:
            return
        reason = attempt.mind.reason if attempt.mind.reason in ("0008", "0009") else ""
        asked = Asked(
            attempt.held, attempt.spell, question.asked_by, question.was_nothing,
            attempt.mind.mode is Mode.SCAN, attempt.aged, reason,
        )  # fmt: skip
        order = self._as_it_was_asked(attempt, question)
        for answer, false in gateway.query_answers(self.site, asked):
            yield from self._answered(attempt, order, question, answer, learned, twin, false=false)

    def _as_it_was_asked(self, attempt: Attempt, question: Question) -> Order:
        """The order, its QR hidden before or after the moment at which the question was sent."""
        order = self.concrete(attempt)
        if order.mode is Mode.SCAN or order.asking.hidden_s is None:
            return order
        moment_s = moments.sent_s(order, question.offset_s)
        hidden_s = moment_s - 0.5 if question.after_hidden else moment_s + 0.5
        stands = order.asking.unpaid_sent_s is not None
        return order.asking_now(hidden_s=hidden_s, unpaid_sent_s=hidden_s if stands else None)

    def _answered(
        self,
        attempt: Attempt,
        order: Order,
        question: Question,
        answer: Answer,
        learned: bool,
        twin: bool,
        *,
        false: bool,
    ) -> Iterator[Outcome]:
        moment_s = moments.sent_s(order, question.offset_s)
        message = QueryAnswered(
            answer=answer,
            number=order.asking.in_flight,
            asked_by=question.asked_by,
            sent_s=moment_s,
            finds_by_ours=learned,
            twin_paid=twin and answer.status == "SUCCESS",
        )
        heard = attempt._replace(question=None, unpaid=self._unpaid(attempt, question, answer, learned))
        if false:
            heard = heard._replace(spell=Spell.NOW)
        asked = {OURS: "ours", THEIRS: "the gateway's"}.get(question.asked_by, "an unknown")
        label = f"the question by {asked} number is answered {'falsely ' if false else ''}{_words(answer)}"
        admitted = self._admitted(attempt, question, learned)
        hearing = Hearing(answer, order, question.offset_s, question.asked_by, admitted)
        evidence, proven = judged(attempt.evidence, hearing)
        heard = heard._replace(evidence=evidence, echo=None)
        for outcome in self._stepped(label, heard, message, order):
            after = outcome.after
            unproven = after.state is State.FAILED and attempt.state is not State.FAILED and not proven
            outcome = outcome._replace(broken=outcome.broken or ("failed_without_proof" if unproven else ""))
            yield outcome
            if self.site.doubles and answer.sub_code in ("PAYERROR", "0003", "1003", "0001") and not outcome.broken:
                yield outcome._replace(label=f"{label}; the network doubles that", after=after._replace(echo=answer))

    def _doubled(self, attempt: Attempt) -> Iterator[Outcome]:
        """The second copy of a reply that was heard before: it answers no question that is open."""
        if attempt.echo is None:
            return
        message = QueryAnswered(
            answer=attempt.echo, number=-1, asked_by=OURS, sent_s=NOW_S, finds_by_ours=None
        )
        label = f"the doubled reply comes again: {_words(attempt.echo)}"
        for outcome in self._stepped(label, attempt._replace(echo=None), message):
            wrong = outcome.after.state is State.FAILED and attempt.state is not State.FAILED
            yield outcome._replace(broken=outcome.broken or ("failed_without_proof" if wrong else ""))

    def _admitted(self, attempt: Attempt, question: Question, learned: bool) -> bool:
        """Rule 11 c and d: by a number that was told, or one by which this gateway was seen to find an order."""
        if question.asked_by == attempt.mind.gateway_order_no:
            return True
        return self.site.trait == "true" or (self.site.trait == "learn" and learned)

    def _unpaid(self, attempt: Attempt, question: Question, answer: Answer, learned: bool) -> bool:
        """Page part 3, read anew here: does the newest verified answer let a second attempt stand beside it?"""
        if answer.heard is not Heard.ANSWERED:
            return attempt.unpaid
        if answer.sub_code == "0000" and answer.order_no not in (OURS, attempt.mind.gateway_order_no):
            return attempt.unpaid
        late = question.offset_s >= moments.HOLD_OFF_S if attempt.mind.mode is Mode.SCAN else question.after_hidden
        if answer.sub_code == "0001":
            return late
        if answer.sub_code in ("1003", "0008", "0009"):
            return late if self._admitted(attempt, question, learned) else attempt.unpaid
        return False

    def _notice(self, attempt: Attempt, learned: bool) -> Iterator[Outcome]:
        for position, notice in enumerate(attempt.notices):
            others = attempt.notices[:position] + attempt.notices[position + 1 :]
            done = attempt._replace(notices=others, credited=attempt.credited + 1)
            broken = "credited_twice" if done.credited > 1 else ""
            yield Outcome(f"a notice ({notice}) is carried out", done, broken=broken)
        if attempt.asking.notice_in_flight:
            yield from self._notice_answers(attempt, learned)
        if attempt.asking.arrears_in_flight:
            yield from self._arrears(attempt)

    def _notice_answers(self, attempt: Attempt, learned: bool) -> Iterator[Outcome]:
        answers = [gateway.SILENCE, gateway.said("1001"), gateway.FORGED, gateway.said("0003")]
        if self.site.every_row:
            codes = ("0001", "0002", "0008", "1003", "1006", "7777")
            answers += [*gateway.MORE_NOISE, *(gateway.said(code) for code in codes)]
        if attempt.credited or self.site.idempotent:
            answers += [gateway.said("0000"), gateway.EXISTS]
        closed = tuple(CLOSED if notice == SOCKET_OPEN else notice for notice in attempt.notices)
        for answer in answers:
            good = answer.heard is Heard.ANSWERED and answer.sub_code in ("0000", "1002")
            heard = attempt._replace(notices=closed, acknowledged=attempt.acknowledged or good)
            yield from self._stepped(
                f"the notice is answered {_words(answer)}", heard, NoticeAnswered(answer, learned)
            )

    def _arrears(self, attempt: Attempt) -> Iterator[Outcome]:
        heard = attempt._replace(was_owed=False)
        if attempt.was_owed or not attempt.credited:
            yield from self._stepped("the arrears show the bill", heard, ArrearsSeen(True))
        if attempt.credited:
            yield from self._stepped("the arrears show the bill no more", heard, ArrearsSeen(False))
        yield from self._stepped("the arrears say nothing", heard, ArrearsSeen(None))

    def _people(self, attempt: Attempt) -> Iterator[Outcome]:
        if attempt.state is State.SHOWN:
            if attempt.asking.hidden_s is None:
                yield from self._stepped("the QR is withdrawn", attempt, Withdrawn())
            else:
                yield from self._stepped("the QR is shown again", attempt, Reshown())

    def _world(self, attempt: Attempt) -> Iterator[Outcome]:
        """What the gateway and the customer do."""
        if attempt.request != NOT_ON_ITS_WAY and attempt.held is Held.NOTHING:
            came = attempt._replace(request=NOT_ON_ITS_WAY)
            yield Outcome("the gateway takes the request", came._replace(held=Held.LIVE))
        if attempt.held is Held.LIVE:
            if attempt.payable:
                yield Outcome("the customer pays", attempt._replace(held=Held.PAID))
            yield Outcome("the gateway closes the order", attempt._replace(held=Held.DEAD))
        if attempt.held is Held.PAID and self.site.refunds:
            yield Outcome("the gateway gives the money back", attempt._replace(held=Held.REFUNDED))


def _older(request: int) -> int:
    return {CLOSED: HALF_OLD, HALF_OLD: NOT_ON_ITS_WAY}.get(request, request)


def _words(answer: Answer) -> str:
    if answer.heard is not Heard.ANSWERED:
        return f"by {answer.heard}{' (SUCCESS)' if answer.heard is Heard.BAD_SIGN else ''}"
    said = f"{answer.sub_code} {answer.status}".strip() or "nothing"
    return f"{said}, naming {answer.order_no}" if answer.order_no else said
