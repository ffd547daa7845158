"""Snapshots made by hand: one for each thing the windows can be asked to show, for pictures and tests.

The names hold what has gone wrong elsewhere: markup, a long name, long amounts, more bills than fit.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.snapshot import (
    AccountView,
    Banner,
    BillRow,
    CounterView,
    CustomerState,
    CustomerView,
    Face,
    FindView,
    Level,
    Outcome,
    PayView,
    Pill,
    Recent,
    ResultLine,
    ResultView,
    Sentence,
    Snapshot,
    Stage,
)

#: What the examples' monotonic and wall clocks say (2025-11-18 10:24 in Beijing).
NOW_S = 1000.0
WALL_S = 1763432640.0
QR_TEXT = "https://pay.example.cn/cashier/unified?order=A01K7Q2M9X4TB00017&sign=9f86d081884c7d659a2feaa0c55ad015"
NUMBER = "0541203387"
MASKED = "王*敏"
COUNTER = CounterView("A01", "城东供电营业厅", "李晓燕")
TRAINING = replace(COUNTER, training=True, plain_http=True)
_NO = "A01K7Q2M9X4TB00017"


def pill(device: str, level: Level, advice: str = "") -> Pill:
    """A pill in the program's own words."""
    return Pill(device, level, Sentence.of(f"pill.{device}.{level}"), Sentence.of(advice) if advice else None)


GOOD = tuple(pill(device, Level.GOOD) for device in ("gateway", "scanner", "printer", "display"))
MIXED = (
    pill("gateway", Level.WARN, "gateway.silent"),
    pill("scanner", Level.GOOD),
    pill("printer", Level.BAD, "health.paper_out"),
    pill("display", Level.OFF),
)
RECENT = (Recent(NUMBER, MASKED), Recent("0541209921", "上海**有限公司"), Recent("9900000017", "张*"))


def bill(month: int, principal_fen: int, late_fee_fen: int, chosen: bool = True, lock: str = "") -> BillRow:
    """A bill of 2025."""
    total_fen = principal_fen + late_fee_fen
    locked = Sentence.of(lock) if lock else None
    return BillRow(
        f"C{month}", f"2025-{month:02d}", principal_fen, late_fee_fen, total_fen, chosen and not lock, locked
    )


BILLS = (bill(8, 18_645, 1_250), bill(9, 1_234_567, 9_999), bill(10, 9_820, 0, lock="lock.open_attempt"))
ACCOUNT = AccountView(
    NUMBER, MASKED, "江苏省****幸福路***号", name="王小敏", address="江苏省南京市幸福路 88 号 3 幢 502 室",
    balance_fen=1_050, bills=BILLS, chosen_fen=1_264_461, chosen_count=2, fetched_s=NOW_S - 11,
    prepay_min_fen=100, prepay_max_fen=1_000_000,
)  # fmt: skip
PAY = PayView(
    1_244_566, MASKED, NUMBER, Sentence.of("pay.for_bill", period="2025-09"), Stage.READY,
    Sentence.of("pay.ready_many", position=2, count=3), NOW_S - 2, position=2, count=3, scan_armed=True,
)  # fmt: skip
_LINES = (
    ResultLine(Sentence.of("pay.for_bill", period="2025-08"), 19_895, Outcome.PAID, Sentence.of("state.credited")),
    ResultLine(Sentence.of("pay.for_bill", period="2025-09"), 1_244_566, Outcome.PAID, Sentence.of("state.paid")),
)


def _snapshot(face: Face, legal: str) -> Snapshot:
    customer = CustomerView(branch=COUNTER.branch)
    return Snapshot(COUNTER, face, pills=GOOD, legal=frozenset(legal.split()), customer=customer)


def _pay(view: PayView, legal: str, state: CustomerState) -> Snapshot:
    customer = CustomerView(
        state,
        COUNTER.branch,
        view.name_masked,
        view.amount_fen,
        view.position,
        view.count,
        view.qr_text,
        view.qr_until_s,
    )
    return replace(_snapshot(Face.PAY, legal), pay=view, customer=customer)


def _result(view: ResultView, legal: str, state: CustomerState) -> Snapshot:
    customer = CustomerView(state, COUNTER.branch, view.name_masked, view.total_fen)
    return replace(_snapshot(Face.RESULT, legal), result=view, customer=customer)


def _outcome(outcome: Outcome, advice: Sentence, lines: tuple[ResultLine, ...]) -> ResultView:
    return ResultView(
        outcome, Sentence.of(f"result.{outcome}"), advice, MASKED, NUMBER, sum(line.amount_fen for line in lines),
        lines, reference=_NO, since_s=NOW_S - 1,
    )  # fmt: skip


def find_examples() -> dict[str, Snapshot]:
    """*Find*, quiet and troubled."""
    unknown = Sentence.of("find.unknown_customer", customer_no=NUMBER)
    quiet = replace(_snapshot(Face.FIND, "LookUp Scanned"), find=FindView("", RECENT))
    troubled = replace(
        quiet,
        find=FindView(NUMBER, RECENT),
        pills=MIXED,
        pending_count=3,
        banner=Banner(Level.WARN, unknown, Sentence.of("find.check_number")),
        counter=TRAINING,
    )
    return {"find": quiet, "find-trouble": troubled}


def account_examples() -> dict[str, Snapshot]:
    """*Account*: bills, many bills, nothing owed, a question, data that could not be read."""
    owed = _snapshot(Face.ACCOUNT, "Scanned Back Refresh ChooseBill PayBills PayPrepayment")
    free = _snapshot(Face.ACCOUNT, "Scanned Back Refresh PayPrepayment")
    asking = _snapshot(Face.ACCOUNT, "Confirm Back Scanned")
    twelve = tuple(bill(month, 10_000 * month, 123 * month) for month in range(1, 13))
    many = replace(ACCOUNT, bills=twelve, chosen_count=12, chosen_fen=7_809_594)
    note = Sentence.of("account.nothing_owed")
    nothing = replace(ACCOUNT, bills=(), chosen_fen=0, chosen_count=0, note=note, fetched_s=NOW_S - 700)
    asked = replace(nothing, question=Sentence.of("account.confirm_large", amount="¥5,000.00"), question_fen=500_000)
    received = '{"data": [{"??": "\\u6b20"}]}'
    unreadable = replace(nothing, note=Sentence.of("account.unreadable"), received=received)
    return {
        "account": replace(owed, account=ACCOUNT),
        "account-many": replace(owed, account=many),
        "account-prepay": replace(free, account=nothing, counter=TRAINING, pills=MIXED),
        "account-unreadable": replace(free, account=unreadable),
        "account-question": replace(asking, account=asked),
    }


def pay_examples() -> dict[str, Snapshot]:
    """*Pay*: armed, sending, waiting, the QR shown, paid."""
    ready_one = Sentence.of("pay.ready")
    single = replace(
        PAY, position=1, count=1, title=Sentence.of("pay.for_prepayment"), amount_fen=123_450, sentence=ready_one
    )
    sent = replace(PAY, scan_armed=False, since_s=NOW_S - 8, order_no=_NO)
    ready = _pay(PAY, "Scanned ShowQr Back", CustomerState.AMOUNT)
    return {
        "pay": ready,
        "pay-single": _pay(single, "Scanned ShowQr Back", CustomerState.AMOUNT),
        "pay-training": replace(ready, counter=TRAINING),
        "pay-sending": _pay(
            replace(sent, stage=Stage.SENDING, sentence=Sentence.of("pay.sending")), "Scanned", CustomerState.CONFIRM
        ),
        "pay-waiting": _pay(
            replace(sent, stage=Stage.WAITING, sentence=Sentence.of("pay.userpaying")),
            "Scanned AskNow StopWaiting",
            CustomerState.CONFIRM,
        ),
        "pay-qr": _pay(
            replace(
                single, scan_armed=False, stage=Stage.WAITING, sentence=Sentence.of("pay.qr_shown"), qr_text=QR_TEXT,
                qr_until_s=NOW_S + 95.0,
            ),
            "Scanned AskNow StopWaiting",
            CustomerState.QR,
        ),
        "pay-paid": _pay(
            replace(sent, stage=Stage.PAID, sentence=Sentence.of("pay.paid")), "Scanned", CustomerState.PAID
        ),
    }  # fmt: skip


def result_examples() -> dict[str, Snapshot]:
    """*Result*: paid, not paid, not known yet."""
    paid = _outcome(Outcome.PAID, Sentence.of("result.credited"), _LINES)
    not_begun = ResultLine(Sentence.of("pay.for_bill", period="2025-10"), 9_820, None, Sentence.of("result.not_begun"))
    failed = replace(_LINES[1], outcome=Outcome.NOT_PAID, state=Sentence.of("state.failed"))
    doubt = replace(_LINES[1], outcome=Outcome.UNKNOWN, state=Sentence.of("state.in_doubt"))
    advice = Sentence.of("result.do_not_charge_again", amount="¥12,445.66")
    printed = replace(paid, leaves_s=NOW_S + 3.2, printing=Sentence.of("printing.now"))
    unpaid = _outcome(Outcome.NOT_PAID, Sentence.of("result.because_refused"), (_LINES[0], failed, not_begun))
    unknown = _outcome(Outcome.UNKNOWN, advice, (_LINES[0], doubt, not_begun))
    return {
        "result-paid": _result(printed, "NextCustomer LookUp Scanned PrintSlip", CustomerState.PAID),
        "result-not-paid": _result(
            replace(unpaid, total_fen=1_244_566),
            "NextCustomer LookUp Scanned PrintSlip TryAgain",
            CustomerState.NOT_PAID,
        ),
        "result-unknown": _result(
            replace(unknown, total_fen=1_244_566),
            "NextCustomer LookUp Scanned PrintSlip AskNow GoOn",
            CustomerState.WAIT,
        ),
    }


def examples() -> dict[str, Snapshot]:
    """All of them, by name."""
    closed = replace(
        _snapshot(Face.FIND, "LookUp Scanned"),
        customer=CustomerView(CustomerState.CLOSED, COUNTER.branch),
        pills=(pill("gateway", Level.BAD, "health.unreachable"), *GOOD[1:]),
        banner=Banner(Level.BAD, Sentence.of("banner.gateway_down"), None, "E-7F3A21"),
    )
    made = {**find_examples(), **account_examples(), **pay_examples(), **result_examples(), "closed": closed}
    return {name: replace(made[name], version=at) for at, name in enumerate(made, 1)}
