"""The receipt (缴费凭证), the slip of an unconfirmed payment (未确认凭条), the refund request (退款申请单).

Rules
1. A receipt says "paid" only of an order that is ``paid``, "credited" only of one that is ``credited`` (rule 16); a
   slip says neither.
2. Names are masked before they come here. Times are of our own confirmation and labelled so: the gateway gives none.
3. A line has exactly the attributes that ``hardware.printer.document.DocumentLine`` asks for; neither room imports
   the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from kiosk.core.calendar import to_second
from kiosk.core.money import chinese_capitals, show_yuan
from kiosk.core.order import Kind, Mode, Order, State
from kiosk.core.sentence import Sentence

#: How much of the journal's chain head stands on the foot: enough to find a journal whose tail was cut.
CHAIN_DIGITS = 16


class ReceiptLine(msgspec.Struct, frozen=True):
    """One line: ``text``, ``pair`` (left and right), ``rule``, ``qr`` or ``barcode`` (of ``left``), or ``blank``."""

    kind: str
    left: str = ""
    right: str = ""
    align: str = "left"
    size: int = 1
    bold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What stands on every paper of a counter."""

    branch: str
    counter_id: str
    cashier: str
    note: str = ""
    service_line: str = ""
    training: bool = False


Say = Callable[[Sentence], str]


class Paper:
    """A document in the making."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.lines: list[ReceiptLine] = []

    def text(self, code: str, *, align: str = "left", size: int = 1, bold: bool = False, **fields: str | int) -> None:
        words = self.say(Sentence.of(code, **fields))
        self.lines.append(ReceiptLine("text", words, align=align, size=size, bold=bold))

    def pair(self, code: str, value: str, *, bold: bool = False) -> None:
        if value:
            self.lines.append(ReceiptLine("pair", self.say(Sentence.of(code)), value, bold=bold))

    def told(self, left: str, right: str, *, bold: bool = False) -> None:
        """A pair whose two sides are words already."""
        self.lines.append(ReceiptLine("pair", left, right, bold=bold))

    def rule(self) -> None:
        self.lines.append(ReceiptLine("rule"))

    def word(self, code: str, **fields: str | int) -> str:
        return self.say(Sentence.of(code, **fields))


def receipt(
    orders: Sequence[Order], head: Letterhead, say: Say, *, printed_ms: int, copy: int, chain_head: str
) -> tuple[ReceiptLine, ...]:
    """One receipt for the paid orders of a run; ``copy`` 1 is the first print, every further one is marked.

    Raises :class:`ValueError` where an order is neither paid nor credited.
    """
    if not orders or any(order.state not in (State.PAID, State.CREDITED) for order in orders):
        raise ValueError("a receipt is for orders that are paid or credited")
    paper = Paper(say)
    _head(paper, "receipt.title", orders[0], head, copy)
    for order in orders:
        _bill(paper, order)
        paper.pair("receipt.state", paper.word("receipt.credited" if _credited(order) else "receipt.paid"))
    paper.rule()
    _sum(paper, sum(order.total_fen for order in orders))
    for order in orders:
        _way(paper, order)
    paper.pair("receipt.confirmed_at", to_second(max(order.paid_ms or 0 for order in orders)))
    _foot(paper, orders[0], head, printed_ms, chain_head)
    return tuple(paper.lines)


def slip(
    order: Order, head: Letterhead, say: Say, *, printed_ms: int, copy: int, chain_head: str, wallet_no: str = ""
) -> tuple[ReceiptLine, ...]:
    """The slip of a payment whose result is not known: the amount, a warning, and the numbers to ask by.

    Raises :class:`ValueError` where the result is known.
    """
    if order.state not in (State.INTENT, State.IN_DOUBT, State.SHOWN, State.MANUAL):
        raise ValueError(f"the result of {order.order_no} is known: {order.state}")
    paper = Paper(say)
    _head(paper, "receipt.slip_title", order, head, copy)
    _bill(paper, order)
    paper.rule()
    _sum(paper, order.total_fen)
    paper.text("receipt.unconfirmed", align="center", bold=True)
    _way(paper, order)
    paper.pair("receipt.wallet_no", wallet_no)
    paper.pair("receipt.begun_at", to_second(order.created_ms))
    _foot(paper, order, head, printed_ms, chain_head)
    return tuple(paper.lines)


def refund_request(
    order: Order, head: Letterhead, say: Say, *, printed_ms: int, copy: int, chain_head: str, wallet_no: str = ""
) -> tuple[ReceiptLine, ...]:
    """A request to the bank to refund what was taken twice or too late; there is no refund by the gateway.

    Raises :class:`ValueError` where the gateway never said that this order was paid, or where it was credited.
    """
    if order.state is not State.MANUAL or not order.success_seen:
        raise ValueError(f"nothing of {order.order_no} is known to be refunded: {order.state}")
    paper = Paper(say)
    _head(paper, "receipt.refund_title", order, head, copy)
    _bill(paper, order)
    paper.rule()
    _sum(paper, order.total_fen)
    paper.text("receipt.refund_why", align="center", bold=True)
    _way(paper, order)
    paper.pair("receipt.wallet_no", wallet_no)
    paper.pair("receipt.begun_at", to_second(order.created_ms))
    paper.lines.append(ReceiptLine("blank"))
    paper.text("receipt.signed_by_customer")
    paper.lines.append(ReceiptLine("blank"))
    paper.text("receipt.signed_by_supervisor")
    _foot(paper, order, head, printed_ms, chain_head)
    return tuple(paper.lines)


def _head(paper: Paper, title: str, order: Order, head: Letterhead, copy: int) -> None:
    paper.text(title, align="center", size=2, bold=True)
    if head.training:
        paper.text("receipt.training", align="center", bold=True)
    if copy > 1:
        paper.text("receipt.copy", align="center", bold=True, count=copy - 1)
    paper.lines.append(ReceiptLine("text", head.branch, align="center"))
    paper.pair("receipt.counter", head.counter_id)
    paper.pair("receipt.cashier", head.cashier)
    paper.rule()
    paper.pair("receipt.customer_no", order.customer_no)
    paper.pair("receipt.name", order.name_masked)
    paper.rule()


def _bill(paper: Paper, order: Order) -> None:
    if order.kind is Kind.PREPAYMENT:
        paper.pair("receipt.prepayment", show_yuan(order.total_fen))
        return
    if order.period:
        paper.pair("receipt.period", order.period)
    paper.pair("receipt.principal", show_yuan(order.principal_fen))
    paper.pair("receipt.late_fee", show_yuan(order.late_fee_fen))
    paper.pair("receipt.subtotal", show_yuan(order.total_fen))


def _sum(paper: Paper, total_fen: int) -> None:
    paper.pair("receipt.total", show_yuan(total_fen), bold=True)
    paper.pair("receipt.capitals", chinese_capitals(total_fen))


def _way(paper: Paper, order: Order) -> None:
    way = paper.word("receipt.way_scan" if order.mode is Mode.SCAN else "receipt.way_show")
    wallet = paper.word(f"wallet.{order.wallet}") if order.wallet else ""
    paper.pair("receipt.way", f"{way} {wallet}".strip())
    paper.pair("receipt.order_no", order.order_no)
    if order.gateway_order_no != order.order_no:
        paper.pair("receipt.gateway_order_no", order.gateway_order_no)


#: 2026-01-01 in Beijing. A clock that is before it was never set: no payment of this program is as old.
CLOCK_SET_MS = 1_767_196_800_000


def _foot(paper: Paper, order: Order, head: Letterhead, printed_ms: int, chain_head: str) -> None:
    paper.pair("receipt.printed_at", to_second(printed_ms))
    if min(printed_ms, order.created_ms) < CLOCK_SET_MS:
        paper.text("receipt.clock_wrong", align="center", bold=True)
    paper.rule()
    for text in (head.note, head.service_line):
        if text:
            paper.lines.append(ReceiptLine("text", text, align="center"))
    paper.lines.append(ReceiptLine("qr", order.order_no, align="center"))
    paper.text("receipt.chain", align="center", head=chain_head[:CHAIN_DIGITS])


#: What shows whether a printer can do its work: marks that fonts lack, rare characters of names, amounts in capitals.
_SAMPLES = (
    "￥1,234.50  （含违约金）“”—…·",
    "囍 祎 彧 喆 龑 䶮 燚 堃",
    "壹贰叁肆伍陆柒捌玖拾佰仟万元角分整",
    "ABCDEFGHIJ abcdefghij 0123456789",
)


def test_page(head: Letterhead, say: Say, *, printed_ms: int) -> tuple[ReceiptLine, ...]:
    """A page to see whether a printer prints: no order's, no amount that anybody paid, and it says so."""
    paper = Paper(say)
    paper.text("receipt.test_title", align="center", size=2, bold=True)
    paper.text("receipt.test_no_proof", align="center")
    paper.rule()
    paper.lines.append(ReceiptLine("text", head.branch, align="center"))
    paper.pair("receipt.counter", head.counter_id)
    paper.pair("receipt.printed_at", to_second(printed_ms))
    paper.rule()
    paper.lines += [ReceiptLine("text", sample) for sample in _SAMPLES]
    paper.lines += [
        ReceiptLine("text", _SAMPLES[0], bold=True),
        ReceiptLine("pair", "←", "→"),
        ReceiptLine("qr", f"TEST {head.counter_id}", align="center"),
        ReceiptLine("barcode", f"TEST {head.counter_id}", align="center"),
    ]
    paper.text("receipt.test_read", align="center")
    return tuple(paper.lines)


def _credited(order: Order) -> bool:
    return order.state is State.CREDITED
