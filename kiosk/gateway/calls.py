"""The calls of ``GatewayPort`` and what their answers mean, over whatever line brings bytes there and back.

Rules
1. Whatever the line does is an ``Answer``; nothing that a network does is raised.
2. pay, unified, query and notice are sent exactly once a call; only look-ups are tried again.
3. A body that holds a payment code lives from the moment of sending to the reply, in no log and in no error.
"""

from __future__ import annotations

import email.utils
import logging
import time
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from kiosk.core.messages import Answer, ArrearsAnswer, Call, CustomerAnswer, Found, Heard
from kiosk.core.order import Kind, Order
from kiosk.core.payment_code import PaymentCode
from kiosk.core.policy import PaymentPolicy
from kiosk.gateway import data, profile
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.received import LineError, Received, Transport
from kiosk.gateway.replies import Counters, Replies, Reply
from kiosk.gateway.signing import OutgoingValueError
from kiosk.gateway.strict_json import UnreadableError
from kiosk.gateway.wire import Requests

#: Before the second try of a look-up, and twice as long before each next one.
LOOKUP_PAUSE_S = 0.2
#: Of a connection's age: only one that never carried a call will do (no use is less than no time ago).
NEVER_USED = -1.0
_TRIED_AGAIN = frozenset({Heard.NOT_SENT, Heard.BROKEN, Heard.SILENT, Heard.SERVER_ERROR})
_HEARD_BY_STATUS = {3: Heard.REDIRECT, 4: Heard.CLIENT_ERROR, 5: Heard.SERVER_ERROR}
_log = logging.getLogger(__name__)


class Calls:
    """The seven calls over one lane's ``transport``; used by one thread at a time.

    ``wall`` is seconds since 1970 (for Retry-After dates and the skew only).
    """

    def __init__(
        self,
        endpoint: Endpoint,
        wire_profile: WireProfile,
        policy: PaymentPolicy,
        transport: Transport,
        *,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        counters: Counters | None = None,
    ) -> None:
        self._profile, self._policy, self._transport = wire_profile, policy, transport
        self._wall, self._sleep = wall, sleep
        self.counters = counters or Counters()
        self._requests = Requests(endpoint, wire_profile)
        self._replies = Replies(endpoint, wire_profile, self.counters)

    def open_connection(self) -> bool:
        """Have a fresh connection ready for the payment that is about to come; False where that fails, harmlessly."""
        return self._transport.open_ahead(self._policy.query_timeout_s)

    def warm(self) -> None:
        """The same, as the engine asks for it when the Pay face opens."""
        self.open_connection()

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._transport.close()

    # --- look-ups: they move no money and are tried again ---

    def customer(self, customer_no: str) -> CustomerAnswer:
        """Ask for the customer's basic information; each try has ``lookup_timeout_s``."""
        reply = self._look_up(Call.CUSTOMER, profile.CUSTOMER, customer_no)
        answer = reply.answer
        if answer.heard is not Heard.ANSWERED or answer.sub_code != "0000":
            unknown = answer.heard is Heard.ANSWERED and answer.sub_code in ("1003", "0009")
            return CustomerAnswer(answer=answer, found=Found.NOTHING if unknown else Found.NO_ANSWER)
        try:
            unpacked = self._unpacked(reply, customer_no)
            customer = data.read_customer(unpacked, customer_no, self._profile)
        except _ForeignReplyError:
            return CustomerAnswer(answer=self._foreign(answer), found=Found.NO_ANSWER)
        except UnreadableError as error:
            self.counters.add("unreadable_data")
            return CustomerAnswer(answer=replace(answer, detail=str(error)), found=Found.UNREADABLE)
        return CustomerAnswer(answer=answer, found=Found.FOUND, customer=customer)

    def arrears(self, customer_no: str, *, alone: bool = False) -> ArrearsAnswer:
        """Ask what the customer owes; each try has ``lookup_timeout_s``.

        ``alone``: on a connection that carried nothing, for an answer on which a credit may hang: no late copy of
        another call's reply can be taken for it.
        """
        reply = self._look_up(Call.ARREARS, profile.ARREARS, customer_no, NEVER_USED if alone else None)
        answer = reply.answer
        if answer.heard is not Heard.ANSWERED or answer.sub_code != "0000":
            nothing = answer.heard is Heard.ANSWERED and answer.sub_code == "1003"
            return ArrearsAnswer(answer=answer, found=Found.NOTHING if nothing else Found.NO_ANSWER)
        try:
            bills = data.read_bills(self._unpacked(reply, customer_no), self._profile)
        except _ForeignReplyError:
            return ArrearsAnswer(answer=self._foreign(answer), found=Found.NO_ANSWER)
        except UnreadableError as error:
            self.counters.add("unreadable_data")
            received = data.received_text(reply.data)
            return ArrearsAnswer(answer=replace(answer, detail=str(error)), found=Found.UNREADABLE, received=received)
        return ArrearsAnswer(answer=answer, found=Found.FOUND if bills else Found.NOTHING, bills=bills)

    def _look_up(self, call: Call, path: str, customer_no: str, fresh_s: float | None = None) -> Reply:
        timeout_s = self._policy.lookup_timeout_s
        for attempt in range(max(self._policy.lookup_tries, 1)):
            if attempt:
                self._sleep(LOOKUP_PAUSE_S * 2 ** (attempt - 1))
            reply = self._call(call, path, lambda: self._requests.lookup(customer_no), timeout_s, fresh_s)
            if reply.answer.heard not in _TRIED_AGAIN:
                break
        return reply

    def _unpacked(self, reply: Reply, customer_no: str) -> object:
        """The reply's data; refuses one that is about another customer (proof.md Z20)."""
        unpacked = data.unpacked(reply.data)
        for named in (reply.customer_no, data.named_customer(unpacked)):
            if named and named.strip().upper() != customer_no:
                raise _ForeignReplyError
        return unpacked

    def _foreign(self, answer: Answer) -> Answer:
        return self._replies.unreadable(answer.http_status, "the reply is about another customer")

    # --- the calls that move money: each sent once ---

    def pay(self, order: Order, code: PaymentCode) -> Answer:
        """Scan mode: charge the customer's payment code. One try on the line, whatever happens."""
        timeout_s, fresh_s = self._policy.pay_timeout_s, self._policy.fresh_connection_s
        answer = self._call(Call.PAY, profile.PAY, lambda: self._requests.pay(order, code), timeout_s, fresh_s).answer
        # A gateway may repeat the code in its words; they go to screens and logs.
        return replace(answer, words=answer.words.replace(code.digits, code.masked))

    def unified(self, order: Order) -> Answer:
        """Show mode: ask for the text of a QR. One try on the line."""
        timeout_s, fresh_s = self._policy.pay_timeout_s, self._policy.fresh_connection_s
        return self._call(
            Call.UNIFIED, profile.UNIFIED, lambda: self._requests.unified(order), timeout_s, fresh_s
        ).answer

    def query(self, order_no: str) -> Answer:
        """Ask how the payment stands, by this number. One try."""
        timeout_s = self._policy.query_timeout_s
        return self._call(Call.QUERY, profile.QUERY, lambda: self._requests.query(order_no), timeout_s).answer

    def notice_body(self, order: Order) -> bytes:
        """The bytes of the payment notice for a paid order; raises ``OutgoingValueError`` for what cannot be sent."""
        return self._requests.notice(order)

    def notice(self, order: Order, body: bytes) -> Answer:
        """Send the stored bytes to the notice call of the order's kind. One try, on a connection that carried nothing:
        an acknowledgement names no order, so a query's reply that came twice must not be able to stand for it."""
        path = profile.ARREARS_NOTICE if order.kind is Kind.ARREARS else profile.PREPAYMENT_NOTICE
        return self._call(Call.NOTICE, path, lambda: body, self._policy.notice_timeout_s, NEVER_USED).answer

    # --- one call on the line ---

    def _call(
        self, call: Call, path: str, build: Callable[[], bytes], timeout_s: float, fresh_s: float | None = None
    ) -> Reply:
        """Build, send once, read; ``fresh_s`` as in :meth:`Transport.exchange`."""
        try:
            received = self._transport.exchange(self._profile.paths[path], build, timeout_s, fresh_s)
        except OutgoingValueError as error:
            return Reply(Answer(heard=Heard.NOT_SENT, detail=f"refused before sending: {error}"))
        except LineError as error:
            return Reply(self._failed(call, error.answer))
        return self._read(call, received)

    def _failed(self, call: Call, answer: Answer) -> Answer:
        if answer.heard is Heard.UNREADABLE:
            self.counters.add("unreadable")
        _log.info("%s: %s, %s", call, answer.heard, answer.detail)
        return answer

    def _read(self, call: Call, received: Received) -> Reply:
        status, headers = received.status, received.headers
        self._learn_skew(headers)
        if status >= 300:
            heard = _HEARD_BY_STATUS.get(status // 100, Heard.UNREADABLE)
            return Reply(Answer(heard=heard, http_status=status, retry_after_s=self._retry_after_s(headers)))
        if received.unreadable_because:
            return Reply(self._replies.unreadable(status, received.unreadable_because))
        if received.body is None:
            return Reply(self._replies.unreadable(status, "the reply is too large"))
        return self._replies.read(call, status, headers.get("content-type", ""), received.body)

    def _retry_after_s(self, headers: Mapping[str, str]) -> float | None:
        text = headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            wait_s = float(text[:9])
        else:
            moment_s = _date_s(text)
            if moment_s is None:
                return None
            now_s = _date_s(headers.get("date", ""))
            wait_s = moment_s - (self._wall() if now_s is None else now_s)
        return min(max(wait_s, 0.0), self._policy.retry_after_max_s)

    def _learn_skew(self, headers: Mapping[str, str]) -> None:
        moment_s = _date_s(headers.get("date", ""))
        if moment_s is not None:
            self.counters.last_date_skew_s = moment_s - self._wall()


class _ForeignReplyError(Exception):
    """A reply to another question."""


def _date_s(text: str) -> float | None:
    """Seconds since 1970 of a date in a header; None where it is none."""
    if not text:
        return None
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
