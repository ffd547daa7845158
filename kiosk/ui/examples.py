"""Snapshots made by hand: one for each thing the windows can be asked to show, for pictures and tests.

The names hold what has gone wrong elsewhere: markup, a long name, long amounts, more bills than fit.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from kiosk.snapshot import (
    AccountView,
    Banner,
    BillRow,
    CaseRow,
    CaseView,
    CounterView,
    CustomerState,
    CustomerView,
    DeviceRow,
    DevicesView,
    Face,
    FindView,
    Level,
    Outcome,
    Page,
    PayView,
    PendingView,
    Pill,
    Recent,
    ResultLine,
    ResultView,
    ScanTried,
    SecondView,
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
    return Snapshot(COUNTER, face, pills=GOOD, legal=frozenset([*legal.split(), "GoTo", "SetPin"]),
                    customer=customer, pin_is_set=True)  # fmt: skip


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
    late = Banner(Level.WARN, Sentence.of("alarm.late_success", order_no=_NO), reference=_NO)
    return {
        "find": quiet,
        "find-trouble": troubled,
        "find-alarm": replace(quiet, banner=late, pending_count=4, rings=1),
    }


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
            "Scanned AskNow StopWaiting WithdrawQr",
            CustomerState.QR,
        ),
        "pay-paid": _pay(
            replace(sent, stage=Stage.PAID, sentence=Sentence.of("pay.paid")), "Scanned", CustomerState.PAID
        ),
    }  # fmt: skip


def second_examples() -> dict[str, Snapshot]:
    """A code scanned while the QR is up; the QR withdrawn, before and after the gateway's answer; a second attempt
    beside a result that is not known."""
    shown = pay_examples()["pay-qr"]
    assert shown.pay is not None
    scanned = Banner(Level.WARN, Sentence.of("code.qr_is_shown"))
    hidden = replace(
        shown.pay, qr_text="", qr_until_s=None, sentence=Sentence.of("pay.qr_withdrawn"), withdrawn=True, order_no=_NO
    )
    refused = SecondView(_NO, "supervisor", Sentence.of("second.not_answered"))
    free = SecondView(_NO, "supervisor")
    offered = "Scanned AskNow StopWaiting ShowQr"
    unknown = result_examples()["result-unknown"]
    assert unknown.result is not None
    return {
        "pay-qr-scanned": replace(shown, banner=scanned),
        "pay-withdrawn": _pay(replace(hidden, second=refused), offered, CustomerState.WAIT),
        "pay-withdrawn-free": _pay(replace(hidden, second=free), f"{offered} AllowSecond", CustomerState.WAIT),
        "pay-withdrawn-cashier": replace(
            _pay(replace(hidden, second=replace(free, by="cashier")), f"{offered} AllowSecond", CustomerState.WAIT),
            banner=Banner(Level.WARN, Sentence.of("code.qr_withdrawn")),
        ),
        "result-unknown-second": replace(
            unknown, result=replace(unknown.result, second=free), legal=unknown.legal | {"AllowSecond"}
        ),
    }


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


def case_row(at: int, state: str, level: Level, amount_fen: int, next_s: float | None = None) -> CaseRow:
    """A row of *Pending*; every third customer has a long name."""
    who = RECENT[at % len(RECENT)]
    title = Sentence.of("pay.for_bill", period="2025-09") if at % 4 else Sentence.of("pay.for_prepayment")
    begun_at = "11-17 16:05" if at % 5 == 4 else f"10:{at % 60:02d}:31"
    return CaseRow(
        f"A01K7Q2M9X4TB{at:05d}", begun_at, who.customer_no, who.name_masked, title, amount_fen,
        Sentence.of(f"state.{state}"), level, None if next_s is None else NOW_S + next_s,
    )  # fmt: skip


ROWS = (
    case_row(1, "manual", Level.BAD, 6_666, 280.0),
    case_row(4, "manual", Level.BAD, 123_456_789),
    case_row(2, "in_doubt", Level.WARN, 1_244_566, 12.0),
    case_row(3, "shown", Level.WARN, 5_000, 0.0),
    case_row(5, "paid", Level.BUSY, 19_895, 31.0),
)
_CASE = CaseView(
    replace(ROWS[2], order_no=_NO), "2025111822001450230001", Sentence.of("case.sent_scan", begun_at="10:02:31"),
    Sentence.of("case.heard", call=Sentence.of("call.query"), what=Sentence.of("gateway.unknown"), heard_at="10:24:03"),
    Sentence.of("case.in_doubt"), second_by="supervisor", second_refused=Sentence.of("second.hold_off"), prints="slip",
)  # fmt: skip
_WALLET_NO = "4200002745202511180123456789"
_ON_CASE = "OpenCase CloseCase NoteWallet PrintCase"


def _pending(view: PendingView, legal: str, base: Snapshot | None = None) -> Snapshot:
    """*Pending* over what the counter is at."""
    below = base if base is not None else _snapshot(Face.FIND, "LookUp Scanned")
    return replace(
        below, page=Page.PENDING, pending=view, legal=below.legal | set(legal.split()), pending_count=len(view.rows)
    )


def pending_examples() -> dict[str, Snapshot]:
    """*Pending*: empty, a few, five hundred, over a payment that runs or ended; each kind of case."""
    listed = PendingView(ROWS)
    rows = tuple(case_row(at, "in_doubt", Level.WARN, 1_000 + at, 5.0 + at) for at in range(500))
    words = replace(
        _CASE, heard=Sentence.of("case.heard_words", call=Sentence.of("call.query"), heard_at="10:24:03",
                                 what=Sentence.of("gateway.unknown"), words="系统繁忙，请稍后再查（SYS_BUSY_0417）"),
        wallet_no=_WALLET_NO, printing=Sentence.of("printing.sent_unconfirmed"),
    )  # fmt: skip
    free = replace(_CASE, second_refused=None)
    paid = replace(
        _CASE, row=ROWS[4], why=Sentence.of("case.paid_checking"), second_by="never", second_refused=None, prints="",
        heard=Sentence.of("case.heard", call=Sentence.of("call.notice"), what=Sentence.of("gateway.silent"),
                          heard_at="10:24:03"), evidence=(Sentence.of("case.evidence_success"),),
    )  # fmt: skip
    late = replace(
        _CASE, row=ROWS[0], why=Sentence.of("case.manual_late_success"), evidence=(
            Sentence.of("case.evidence_success"), Sentence.of("case.evidence_owed")),
        settle_as=("credited", "refunded", "release"), second_refused=Sentence.of("second.state"), prints="refund",
    )  # fmt: skip
    twice = replace(
        late, row=replace(ROWS[1], order_no="A01K7Q2M9X4TB00017A01K7Q2M9X4TB0"),
        why=Sentence.of("case.manual_paid_twice"), settle_as=("credited", "refunded"), wallet_no=_WALLET_NO,
        sent=Sentence.of("case.sent_show", begun_at="11-17 16:05"),
        evidence=(*late.evidence, Sentence.of("case.evidence_twin")),
    )  # fmt: skip
    gave_up = replace(late, why=Sentence.of("case.manual_gave_up"), evidence=(), prints="slip",
                      settle_as=("credited", "failed", "refunded"))  # fmt: skip
    alarm = Banner(Level.WARN, Sentence.of("alarm.late_success", order_no=_NO), reference=_NO)
    settling = f"{_ON_CASE} AskAbout SeekEvidence Settle"
    told = Sentence.of("settle.as_refunded")
    return {
        "pending-empty": _pending(PendingView(), "OpenCase"),
        "pending": replace(_pending(listed, "OpenCase"), banner=alarm, rings=1),
        "pending-many": _pending(PendingView(rows, more=37), "OpenCase"),
        "pending-over-pay": _pending(listed, "OpenCase", pay_examples()["pay-waiting"]),
        "pending-over-result": _pending(listed, "OpenCase", result_examples()["result-paid"]),
        "case": _pending(replace(listed, case=_CASE), f"{_ON_CASE} AskAbout"),
        "case-second": _pending(replace(listed, case=free), f"{_ON_CASE} AskAbout AllowSecond"),
        "case-words": replace(_pending(replace(listed, case=words), f"{_ON_CASE} AskAbout"), counter=TRAINING),
        "case-paid": _pending(replace(listed, case=paid), f"{_ON_CASE} SeekEvidence"),
        "case-late": _pending(replace(listed, case=late), settling),
        "case-twice": replace(_pending(replace(listed, case=twice), settling), counter=TRAINING, pills=MIXED),
        "case-gave-up": replace(
            _pending(replace(listed, case=gave_up), settling), pin_told=told, pin_count=1, pin_done=True
        ),
    }


def _device(
    device: str, level: Level, advice: str = "", *counts: tuple[str, int], place: str = "", can_try: bool = False,
    tried: Sentence | None = None,
) -> DeviceRow:  # fmt: skip
    told = Sentence.of(advice or f"health.{device}.{level}")
    counters = tuple((Sentence.of(f"counter.{name}"), count) for name, count in counts)
    since_s = None if level is Level.OFF else NOW_S - 754.0
    word = Sentence.of(f"pill.{device}.{level}")
    return DeviceRow(device, level, word, told, place, "", since_s, counters, can_try, tried)


_SCANNER_AT = "serial /dev/serial/by-id/usb-Newland_Auto-ID_FM3056-20_AB123456-if00"
_DIAGNOSTICS = "\n".join(["kiosk 0.1.0", "counter A01 城东供电营业厅", *(f"* printer.at_{n} = 80" for n in range(60))])


def devices_examples() -> dict[str, Snapshot]:
    """*Devices*: all well with things tried, all in trouble, none there, over a payment that runs."""
    meaning = Sentence.of("devices.scan_is_payment_code", wallet=Sentence.of("wallet.wechat"))
    scan = ScanTried("13************0000", 18, meaning, 3, NOW_S - 2)
    well = DevicesView((
        _device("scanner", Level.GOOD, "", ("scans", 1284), ("duplicates", 3), place=_SCANNER_AT),
        _device("printer", Level.GOOD, "", ("jobs", 211), ("confirmed", 209), ("interrupted", 2),
                place="network 192.168.1.87:9100", can_try=True, tried=Sentence.of("devices.tried_confirmed")),
        _device("display", Level.GOOD, place="HDMI-1"),
        _device("pole", Level.GOOD, "", ("writes", 402), place="cd5220 /dev/serial/by-id/usb-1a86", can_try=True,
                tried=Sentence.of("devices.tried_pole")),
        _device("sound", Level.GOOD, "", ("played", 198), can_try=True, tried=Sentence.of("devices.tried_sound")),
    ), scan, _DIAGNOSTICS)  # fmt: skip
    ill = DevicesView((
        _device("scanner", Level.BAD, "health.wrong_baud", ("noise", 88_211), place=_SCANNER_AT),
        _device("printer", Level.BAD, "health.paper_out", ("jobs", 211), ("interrupted", 2), ("refused", 4),
                place="network 192.168.1.87:9100", can_try=True, tried=Sentence.of("devices.tried_refused")),
        _device("display", Level.BAD, "health.gone", place="HDMI-1"),
        _device("pole", Level.WARN, "health.stalled", place="led8 COM5", can_try=True),
        _device("sound", Level.BAD, "health.not_found", can_try=True),
    ), None, _DIAGNOSTICS)  # fmt: skip
    all_devices = ("scanner", "printer", "display", "pole", "sound")
    none = DevicesView(tuple(_device(device, Level.OFF) for device in all_devices))
    looking = {"devices": well, "devices-ill": ill, "devices-none": none}
    made = {
        name: _pending(PendingView(), "TryDevice", pay_examples()["pay-waiting"] if name == "devices-ill" else None)
        for name in looking
    }
    return {name: replace(made[name], page=Page.DEVICES, pending=None, devices=view) for name, view in looking.items()}


#: Sheets, each with the example that it lies over.
SHEETS = {
    "settle": ("case-late", "settle"),
    "settle-twice": ("case-twice", "settle"),
    "settle-gave-up": ("case-gave-up", "settle"),
    "second": ("pay-withdrawn-free", "second"),
    "second-cashier": ("pay-withdrawn-cashier", "second"),
    "second-case": ("case-second", "second"),
    "wallet": ("case", "wallet"),
    "first-pin": ("no-pin", "first_pin"),
    "diagnostics": ("devices", "diagnostics"),
    "screens": ("devices", "screens"),
}


@cache
def examples() -> dict[str, Snapshot]:
    """All of them, by name."""
    closed = replace(
        _snapshot(Face.FIND, "LookUp Scanned"),
        customer=CustomerView(CustomerState.CLOSED, COUNTER.branch),
        pills=(pill("gateway", Level.BAD, "health.unreachable"), *GOOD[1:]),
        banner=Banner(Level.BAD, Sentence.of("banner.gateway_down"), None, "E-7F3A21"),
    )
    hours = Banner(Level.WARN, Sentence.of("banner.after_hours", opens_at="06:00"))
    after_hours = replace(
        _snapshot(Face.FIND, "LookUp Scanned"),
        customer=CustomerView(CustomerState.CLOSED, COUNTER.branch),
        banner=hours,
    )
    made = {
        **find_examples(),
        **account_examples(),
        **pay_examples(),
        **result_examples(),
        **second_examples(),
        **pending_examples(),
        **devices_examples(),
        "no-pin": replace(_snapshot(Face.FIND, "LookUp Scanned"), pin_is_set=False),
        "closed": closed,
        "after-hours": after_hours,
    }
    return {name: replace(made[name], version=at) for at, name in enumerate(made, 1)}
