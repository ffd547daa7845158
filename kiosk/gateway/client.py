"""The gateway, called over HTTP: the one implementation of ``GatewayPort`` that leaves this machine.

Rules
1. Whatever the line does is an ``Answer``; nothing that a network does is raised.
2. pay, unified, query and notice are sent exactly once a call; only look-ups are tried again.
3. One :class:`Gateway` is one lane with one connection; :meth:`Gateway.another_lane` makes the others.
4. A body that holds a payment code lives from the moment of sending to the reply, in no log and in no error.
"""

from __future__ import annotations

import email.utils
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from kiosk.core.messages import Answer, ArrearsAnswer, Call, CustomerAnswer, Found, Heard
from kiosk.core.order import Kind, Order
from kiosk.core.payment_code import PaymentCode
from kiosk.core.policy import PaymentPolicy
from kiosk.gateway import data, profile
from kiosk.gateway.endpoint import checked_url, tls_context
from kiosk.gateway.failures import answer_of
from kiosk.gateway.line import Trip
from kiosk.gateway.pay_url import is_loopback
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.replies import Counters, Replies, Reply
from kiosk.gateway.signing import OutgoingValueError
from kiosk.gateway.strict_json import UnreadableError
from kiosk.gateway.transport import LaneTransport
from kiosk.gateway.wire import Requests

MAX_BODY_BYTES = 1024 * 1024
#: How many pieces a body may come in; a body of one-byte chunks would cost seconds to put together.
MAX_BODY_PIECES = 10_000
#: Before the second try of a look-up, and twice as long before each next one.
LOOKUP_PAUSE_S = 0.2
_TRIED_AGAIN = frozenset({Heard.NOT_SENT, Heard.BROKEN, Heard.SILENT, Heard.SERVER_ERROR})
_HEADERS = {
    "Content-Type": "application/json; charset=utf-8",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "kiosk",
}
_log = logging.getLogger(__name__)


class Gateway:
    """One lane to the gateway; used by one thread at a time. Its connection is made at the first call.

    Raises :class:`~kiosk.gateway.profile.GatewayConfigurationError` when made with settings that cannot be used.
    ``clock`` is monotonic seconds, ``wall`` seconds since 1970 (for Retry-After dates and the skew only).
    """

    def __init__(
        self,
        endpoint: Endpoint,
        wire_profile: WireProfile,
        policy: PaymentPolicy,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        counters: Counters | None = None,
    ) -> None:
        self._endpoint, self._profile, self._policy = endpoint, wire_profile, policy
        self._clock, self._wall, self._sleep = clock, wall, sleep
        self._url = checked_url(endpoint)
        self._tls = tls_context(endpoint) if self._url.scheme == "https" else None
        self.counters = counters or Counters()
        self._requests = Requests(endpoint, wire_profile)
        self._replies = Replies(endpoint, wire_profile, self.counters)
        self._transport = LaneTransport(self._url, self._tls, clock)
        self._client: httpx.Client | None = None

    def another_lane(self) -> Gateway:
        """A gateway with the same settings, certificates and counters, and a connection of its own."""
        lane = Gateway.__new__(Gateway)
        lane.__dict__.update(self.__dict__)
        lane._transport = LaneTransport(self._url, self._tls, self._clock)
        lane._client = None
        return lane

    @property
    def is_plain_http(self) -> bool:
        """Whether payments travel unprotected; the windows then carry a red banner."""
        return self._url.scheme == "http"

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the gateway is a loopback address: the sandbox's."""
        return is_loopback(self._url.host)

    def open_connection(self) -> bool:
        """Have a fresh connection ready for the payment that is about to come; False where that fails, harmlessly."""
        trip = Trip(self._policy.query_timeout_s, self._clock)
        try:
            self._transport.open_ahead(trip)
        except Exception as error:
            _log.info("no connection ahead: %s", type(error).__name__)
            return False
        return True

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

    def arrears(self, customer_no: str) -> ArrearsAnswer:
        """Ask what the customer owes; each try has ``lookup_timeout_s``."""
        reply = self._look_up(Call.ARREARS, profile.ARREARS, customer_no)
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

    def _look_up(self, call: Call, path: str, customer_no: str) -> Reply:
        for attempt in range(max(self._policy.lookup_tries, 1)):
            if attempt:
                self._sleep(LOOKUP_PAUSE_S * 2 ** (attempt - 1))
            reply = self._call(call, path, lambda: self._requests.lookup(customer_no), self._policy.lookup_timeout_s)
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
        """Send the stored bytes to the notice call of the order's kind. One try."""
        path = profile.ARREARS_NOTICE if order.kind is Kind.ARREARS else profile.PREPAYMENT_NOTICE
        return self._call(Call.NOTICE, path, lambda: body, self._policy.notice_timeout_s).answer

    # --- one call on the line ---

    def _call(
        self, call: Call, path: str, build: Callable[[], bytes], timeout_s: float, fresh_s: float | None = None
    ) -> Reply:
        """Build, send once, read; ``fresh_s`` as in :meth:`LaneTransport.begin`."""
        trip = Trip(timeout_s, self._clock)
        try:
            self._transport.begin(trip, fresh_s)
            request = self._http_client().build_request(
                "POST", f"{self._url}{self._profile.paths[path]}", content=build(), headers=_HEADERS
            )
            return self._exchange(call, request)
        except OutgoingValueError as error:
            return Reply(Answer(heard=Heard.NOT_SENT, detail=f"refused before sending: {error}"))
        except Exception as error:
            return Reply(self._failed(call, error, trip))

    def _exchange(self, call: Call, request: httpx.Request) -> Reply:
        response = self._http_client().send(request, stream=True)
        try:
            refused = self._refused(response)
            if refused is not None:
                return Reply(refused)
            body = _bounded_body(response)
            if body is None:
                return Reply(self._replies.unreadable(response.status_code, "the reply is too large"))
            self._transport.ended()
        finally:
            response.close()
        return self._replies.read(call, response.status_code, response.headers.get("content-type", ""), body)

    def _failed(self, call: Call, error: Exception, trip: Trip) -> Answer:
        answer = answer_of(error, trip)
        if answer.heard is Heard.UNREADABLE:
            self.counters.add("unreadable")
        self._transport.close()
        _log.info("%s: %s, %s", call, answer.heard, answer.detail)
        return answer

    def _refused(self, response: httpx.Response) -> Answer | None:
        """The answer that the status line and the headers give by themselves; None: the body is to be read."""
        status = response.status_code
        self._learn_skew(response)
        if 200 <= status < 300:
            encoding = response.headers.get("content-encoding", "identity").strip().lower()
            if encoding not in ("", "identity"):
                return self._replies.unreadable(status, "the reply is compressed")
            if _announced_bytes(response) > MAX_BODY_BYTES:
                return self._replies.unreadable(status, "the reply is announced too large")
            return None
        if status < 300:
            return self._replies.unreadable(status, "a status that no reply has")
        kinds = {3: Heard.REDIRECT, 4: Heard.CLIENT_ERROR, 5: Heard.SERVER_ERROR}
        heard = kinds.get(status // 100, Heard.UNREADABLE)
        return Answer(heard=heard, http_status=status, retry_after_s=self._retry_after_s(response))

    def _retry_after_s(self, response: httpx.Response) -> float | None:
        text = response.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            wait_s = float(text[:9])
        else:
            moment_s = _date_s(text)
            if moment_s is None:
                return None
            now_s = _date_s(response.headers.get("date", ""))
            wait_s = moment_s - (self._wall() if now_s is None else now_s)
        return min(max(wait_s, 0.0), self._policy.retry_after_max_s)

    def _learn_skew(self, response: httpx.Response) -> None:
        moment_s = _date_s(response.headers.get("date", ""))
        if moment_s is not None:
            self.counters.last_date_skew_s = moment_s - self._wall()

    def _http_client(self) -> httpx.Client:
        if self._client is None:
            logging.getLogger("httpx").setLevel(logging.WARNING)  # it writes a line for each call otherwise
            no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
            self._client = httpx.Client(
                transport=self._transport, trust_env=False, follow_redirects=False, cookies=no_cookies, timeout=None
            )
        return self._client


class _ForeignReplyError(Exception):
    """A reply to another question."""


def _bounded_body(response: httpx.Response) -> bytes | None:
    """The body as it came; None where it is longer, or in more pieces, than a reply may be."""
    body = bytearray()
    for number, piece in enumerate(response.iter_raw()):
        body += piece
        if len(body) > MAX_BODY_BYTES or number >= MAX_BODY_PIECES:
            return None
    return bytes(body)


def _announced_bytes(response: httpx.Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text[:20]) if text.isascii() and text.isdigit() else 0


def _date_s(text: str) -> float | None:
    """Seconds since 1970 of a date in a header; None where it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
