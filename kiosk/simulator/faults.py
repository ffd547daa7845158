"""The kinds of faults, by name: what is drawn, counted and told.

Rule: a fault stays within what payment.md assumes of a gateway; what goes beyond (:attr:`Fault.BROKEN_WORD`) is marked
in the bank's book, and only silence about it is then a violation.
"""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """One kind of fault. The network's first, then the gateway's, the people's, the machine's own."""

    REFUSED = "refused"  # no connection: not a byte left
    REQUEST_LOST = "request_lost"
    REQUEST_LATE = "request_late"  # beyond the deadline, to the gateway all the same
    REQUEST_TWICE = "request_twice"
    RESET = "reset"  # the request arrived, or did not
    REPLY_LOST = "reply_lost"
    REPLY_LATE = "reply_late"
    REPLY_CUT = "reply_cut"
    REPLY_OLD = "reply_old"  # an earlier reply of the same kind once more, instead of this one's
    REPLY_OTHERS = "reply_others"  # another order's reply, rightly signed
    NUMBER_CHANGED = "number_changed"
    REDIRECT = "redirect"
    CLIENT_ERROR = "client_error"
    SERVER_ERROR = "server_error"
    NOT_JSON = "not_json"
    WRONG_SIGN = "wrong_sign"
    FORGED_SUCCESS = "forged_success"
    SLOW = "slow"  # within the deadline, by a little

    CALL_FAILED = "call_failed"  # code FAIL
    SYSTEM_ERROR = "system_error"  # 1001
    OTHER_CODE = "other_code"  # codes that say nothing of this order
    UNKNOWN = "unknown"  # UNKNOW, and statuses nobody knows
    EXISTS = "exists"  # 1002 to the only sending
    NO_NUMBER = "no_number"  # 0000 that names no order
    ONE_NEGATIVE = "one_negative"  # a single PAYERROR, 0003 or 0004 that is not true
    LAGGING = "lagging"  # 1003 for an order that is there
    OWN_NUMBER = "own_number"  # the gateway's number is not ours
    NOTICE_REFUSED = "notice_refused"
    UNFIT_QR = "unfit_qr"
    REFUND = "refund"
    RENAMED = "renamed"  # the bill's id is another in each list
    BROKEN_WORD = "broken_word"  # money moves after two refusals

    PAID_LATE = "paid_late"  # after the cashier had gone on
    PAID_HIDDEN = "paid_hidden"  # a photographed QR, paid when it was on no screen
    PAID_TWICE = "paid_twice"  # the same QR from two phones
    CODE_AGAIN = "code_again"  # the same payment code scanned again
    DOUBLE_SCAN = "double_scan"

    CRASH = "crash"
    POWER_CUT = "power_cut"
    DISK_FULL = "disk_full"
    DISK_ERROR = "disk_error"
    CLOCK_JUMP = "clock_jump"
    PRINTER = "printer"


#: Faults that a request or its reply may meet on the way, for every call.
ON_THE_WAY = (
    Fault.REFUSED, Fault.REQUEST_LOST, Fault.REQUEST_LATE, Fault.REQUEST_TWICE, Fault.RESET, Fault.REPLY_LOST,
    Fault.REPLY_LATE, Fault.REPLY_CUT, Fault.REDIRECT, Fault.CLIENT_ERROR, Fault.SERVER_ERROR, Fault.NOT_JSON,
    Fault.WRONG_SIGN, Fault.SLOW,
)  # fmt: skip
#: What else may be wrong with an answer, by the call.
OF_A_PAYMENT = (
    *ON_THE_WAY, Fault.CALL_FAILED, Fault.SYSTEM_ERROR, Fault.OTHER_CODE, Fault.EXISTS, Fault.REPLY_OTHERS,
    Fault.FORGED_SUCCESS, Fault.UNFIT_QR,
)  # fmt: skip
OF_A_QUERY = (
    *ON_THE_WAY, Fault.CALL_FAILED, Fault.SYSTEM_ERROR, Fault.OTHER_CODE, Fault.UNKNOWN, Fault.NO_NUMBER,
    Fault.REPLY_OLD, Fault.REPLY_OTHERS, Fault.NUMBER_CHANGED, Fault.FORGED_SUCCESS, Fault.ONE_NEGATIVE,
)  # fmt: skip
OF_A_NOTICE = (
    *ON_THE_WAY, Fault.CALL_FAILED, Fault.SYSTEM_ERROR, Fault.NOTICE_REFUSED, Fault.REPLY_OTHERS,
    Fault.FORGED_SUCCESS,
)  # fmt: skip
OF_A_LOOK_UP = (*ON_THE_WAY, Fault.CALL_FAILED, Fault.SYSTEM_ERROR)
