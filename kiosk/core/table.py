"""What every answer means: the table of payment.md part 3, row by row, to be laid beside that page.

Rules
1. :data:`TABLE` has a row for each kind of answer and a column for each call that concerns money; a cell names what
   the machine does with it. ``ring`` around a cell is the page's ``!``: people are told.
2. Which row an answer belongs to is :func:`row_of`, and depends on nothing but the answer and the order's numbers.
3. Nothing here knows the present state of an order: what a cell does in a state is the machine's part.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.messages import Answer, Call, Heard
from kiosk.core.order import Order


class Row(StrEnum):
    """One kind of answer. Four-digit values are the gateway's ``sub_code``."""

    NOT_SENT = "not_sent"
    BROKEN = "broken"
    SILENT = "silent"
    REDIRECT = "redirect"
    CLIENT_ERROR = "client_error"
    OUT_OF_SERVICE = "out_of_service"  # 401, 403, 404, 405: this door is not for us
    SERVER_ERROR = "server_error"
    UNREADABLE = "unreadable"
    BAD_SIGN = "bad_sign"
    STRANGER = "stranger"  # names no order, or one that is neither our number nor the gateway's for it
    CALL_FAILED = "call_failed"
    ACCEPTED = "0000"  # on pay, unified, notice; on a query the status decides
    UNPAID = "0001"
    REFUNDED = "0002"
    CLOSED = "0003"
    REVOKED = "0004"
    NOT_AUTHORISED = "0008"
    TRANSACTION_FAILED = "0009"
    SYSTEM_ERROR = "1001"
    EXISTS = "1002"
    NOT_FOUND = "1003"
    NO_MERCHANT = "1006"
    NO_CHANNEL = "1009"
    NOT_SUPPORTED = "1010"
    OTHER_CODE = "other_code"
    SUCCESS = "success"
    USERPAYING = "userpaying"
    UNKNOWN = "unknown"
    PAYERROR = "payerror"
    OTHER_STATUS = "other_status"


class Move(StrEnum):
    """What the machine does with an answer."""

    # pay and unified
    FAIL = "fail"  # the attempt ends, the bill is free
    DOUBT = "doubt"  # in_doubt: the bill is blocked, ask
    DOUBT_SOON = "doubt_soon"  # the same, and ask at once
    ACCEPT = "accept"  # taken, not paid: ask
    UNSEEN = "unseen"  # nobody can have seen a QR
    SHOW = "show"  # shown, where there is a number and a fit pay_url; else unseen
    # query
    AGAIN = "again"  # says nothing: ask on
    SLOWER = "slower"
    DISCARD = "discard"  # not about this order: ask on, count the stranger
    PENDING = "pending"  # the customer is at it: clears the count of negatives
    UNDECIDED = "undecided"  # unknown, never final: ask on, slower
    NEGATIVE = "negative"  # rule 11 b
    QUERY_FAILED = "query_failed"  # 0008, 0009: rule 11 b where they speak of the order, else the query failed
    NOT_PAID = "not_paid"  # 0001: as pending, but counts after the order's life (rule 11 d)
    ABSENT = "absent"  # 1003: rule 11 c, rule 11 d
    PAID = "paid"
    REFUND = "refund"
    # notice
    REPEAT = "repeat"  # the same notice again
    REPEAT_SLOW = "repeat_slow"
    CREDIT = "credit"
    EXISTS = "exists"  # credited, where the profile says that 1002 means so
    ASK_AND_WAIT = "ask_and_wait"  # ask how the payment stands, repeat slowly, a supervisor after give_up_s
    ASK_AND_SETTLE = "ask_and_settle"  # ask how the payment stands; a supervisor at once
    # all
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Cell:
    """A move, and whether it rings: at once, or at the third such answer in a row."""

    move: Move
    rings: bool = False
    rings_at_third: bool = False


def ring(move: Move) -> Cell:
    """The page's ``!``."""
    return Cell(move, rings=True)


def ring_at_third(move: Move) -> Cell:
    """The page's ``! at the third``."""
    return Cell(move, rings_at_third=True)


def _row(pay: Cell | Move, unified: Cell | Move, query: Cell | Move, notice: Cell | Move) -> tuple[Cell, ...]:
    return tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in (pay, unified, query, notice))


_COLUMN = {Call.PAY: 0, Call.UNIFIED: 1, Call.QUERY: 2, Call.NOTICE: 3}
M = Move

# fmt: off
TABLE: dict[Row, tuple[Cell, ...]] = {
    #                           pay              unified          query                   notice
    Row.NOT_SENT:           _row(M.FAIL,          M.FAIL,          M.AGAIN,                M.REPEAT),
    Row.BROKEN:             _row(M.DOUBT,         M.UNSEEN,        M.AGAIN,                M.REPEAT),
    Row.SILENT:             _row(M.DOUBT,         M.UNSEEN,        M.AGAIN,                M.REPEAT),
    Row.REDIRECT:           _row(ring(M.DOUBT),   ring(M.UNSEEN),  ring(M.AGAIN),          ring(M.REPEAT)),
    Row.CLIENT_ERROR:       _row(M.DOUBT,         ring(M.UNSEEN),  M.SLOWER,               ring(M.REPEAT_SLOW)),
    Row.OUT_OF_SERVICE:     _row(ring(M.DOUBT),   ring(M.UNSEEN),  M.SLOWER,               ring(M.REPEAT_SLOW)),
    Row.SERVER_ERROR:       _row(M.DOUBT,         M.UNSEEN,        M.AGAIN,                M.REPEAT),
    Row.UNREADABLE:         _row(M.DOUBT,         M.UNSEEN,        ring_at_third(M.AGAIN), ring_at_third(M.REPEAT)),
    Row.BAD_SIGN:           _row(ring(M.DOUBT),   ring(M.UNSEEN),  ring(M.AGAIN),          ring(M.REPEAT)),
    Row.STRANGER:           _row(ring(M.DOUBT),   ring(M.UNSEEN),  M.DISCARD,              ring(M.REPEAT)),
    Row.CALL_FAILED:        _row(M.DOUBT,         M.UNSEEN,        M.AGAIN,                M.REPEAT),
    Row.ACCEPTED:           _row(M.ACCEPT,        M.SHOW,          ring(M.AGAIN),          M.CREDIT),
    Row.UNPAID:             _row(M.DOUBT,         M.UNSEEN,        M.NOT_PAID,             ring(M.ASK_AND_WAIT)),
    Row.REFUNDED:           _row(M.DOUBT,         ring(M.UNSEEN),  M.REFUND,               ring(M.ASK_AND_SETTLE)),
    Row.CLOSED:             _row(M.DOUBT,         M.UNSEEN,        M.NEGATIVE,             ring(M.ASK_AND_SETTLE)),
    Row.REVOKED:            _row(M.DOUBT,         M.UNSEEN,        M.NEGATIVE,             ring(M.ASK_AND_SETTLE)),
    Row.NOT_AUTHORISED:     _row(M.DOUBT_SOON,    M.UNSEEN,        M.QUERY_FAILED,         ring(M.REPEAT_SLOW)),
    Row.TRANSACTION_FAILED: _row(M.DOUBT_SOON,    M.UNSEEN,        M.QUERY_FAILED,         ring(M.REPEAT_SLOW)),
    Row.SYSTEM_ERROR:       _row(M.DOUBT,         M.UNSEEN,        M.AGAIN,                M.REPEAT),
    Row.EXISTS:             _row(ring(M.DOUBT),   ring(M.DOUBT),   ring(M.AGAIN),          M.EXISTS),
    Row.NOT_FOUND:          _row(M.DOUBT,         M.UNSEEN,        M.ABSENT,               ring(M.ASK_AND_WAIT)),
    Row.NO_MERCHANT:        _row(ring(M.DOUBT),   ring(M.UNSEEN),  ring(M.AGAIN),          ring(M.REPEAT_SLOW)),
    Row.NO_CHANNEL:         _row(ring(M.DOUBT),   ring(M.UNSEEN),  ring(M.AGAIN),          ring(M.REPEAT_SLOW)),
    Row.NOT_SUPPORTED:      _row(ring(M.DOUBT),   ring(M.UNSEEN),  ring(M.AGAIN),          ring(M.REPEAT_SLOW)),
    Row.OTHER_CODE:         _row(ring(M.DOUBT),   ring(M.UNSEEN),  ring(M.AGAIN),          ring(M.REPEAT)),
    Row.SUCCESS:            _row(M.IGNORE,        M.IGNORE,        M.PAID,                 M.IGNORE),
    Row.USERPAYING:         _row(M.IGNORE,        M.IGNORE,        M.PENDING,              M.IGNORE),
    Row.UNKNOWN:            _row(M.IGNORE,        M.IGNORE,        M.UNDECIDED,            M.IGNORE),
    Row.PAYERROR:           _row(M.IGNORE,        M.IGNORE,        M.NEGATIVE,             M.IGNORE),
    Row.OTHER_STATUS:       _row(M.IGNORE,        M.IGNORE,        ring(M.UNDECIDED),      M.IGNORE),
}
# fmt: on

_BY_HEARD = {
    Heard.NOT_SENT: Row.NOT_SENT,
    Heard.BROKEN: Row.BROKEN,
    Heard.SILENT: Row.SILENT,
    Heard.REDIRECT: Row.REDIRECT,
    Heard.SERVER_ERROR: Row.SERVER_ERROR,
    Heard.UNREADABLE: Row.UNREADABLE,
    Heard.BAD_SIGN: Row.BAD_SIGN,
    Heard.CALL_FAILED: Row.CALL_FAILED,
}
_OUT_OF_SERVICE = frozenset({401, 403, 404, 405})
_BY_CODE = {row.value: row for row in Row if len(row.value) == 4 and row.value.isdigit()}
_BY_STATUS = {
    "SUCCESS": Row.SUCCESS,
    "USERPAYING": Row.USERPAYING,
    "UNKNOW": Row.UNKNOWN,  # the wire's own spelling
    "UNKNOWN": Row.UNKNOWN,
    "PAYERROR": Row.PAYERROR,
}


def row_of(call: Call, answer: Answer, order: Order, *, number_taken: bool = False) -> Row:
    """The row of an answer to one of the four calls that concern money.

    ``number_taken``: the number it names belongs to another order of the journal.
    """
    if answer.heard is Heard.CLIENT_ERROR:
        return Row.OUT_OF_SERVICE if answer.http_status in _OUT_OF_SERVICE else Row.CLIENT_ERROR
    if answer.heard is not Heard.ANSWERED:
        return _BY_HEARD[answer.heard]
    if _is_strange(call, answer, order, number_taken):
        return Row.STRANGER
    row = _BY_CODE.get(answer.sub_code, Row.OTHER_CODE)
    if call is Call.QUERY and row is Row.ACCEPTED:
        return _BY_STATUS.get(answer.status.upper(), Row.OTHER_STATUS)
    return row


def _is_strange(call: Call, answer: Answer, order: Order, number_taken: bool) -> bool:
    """A query's 0000 must name this order; a number that another order holds makes any answer somebody else's."""
    if call in (Call.PAY, Call.UNIFIED):
        return number_taken
    if not answer.order_no:
        return call is Call.QUERY and answer.sub_code == Row.ACCEPTED
    return answer.order_no not in order.numbers


def cell_of(call: Call, row: Row) -> Cell:
    """The table's cell for a call."""
    return TABLE[row][_COLUMN[call]]
