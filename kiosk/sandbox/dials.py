"""What can be dialled for one copy of a call: the calls, and the data of an answer and of its way back.

Rules
1. An :class:`Answer` is data: what the reply says (``sub_code``, ``status``, ...), how it is written
   (:class:`Writing`) and how it travels (:class:`Travel`). Nothing here does anything.
2. What the gateway *did* is never changed by what it says: ``works`` alone tells whether the work was done.
3. What only a wire can do (cut, drip, reset, double) is a :class:`Delivery`, so that a simulated network can
   interpret it as the real server does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Call(StrEnum):
    """The seven calls; the value is the path (interface.md part 2)."""

    CUSTOMER = "/trade/userInfoQuery"
    ARREARS = "/trade/owInfoQuery"
    PAY = "/trade/pay"
    UNIFIED = "/trade/unified"
    QUERY = "/trade/query"
    ARREARS_NOTICE = "/trade/owPayNotice"
    PREPAYMENT_NOTICE = "/trade/rechargePayNotice"


NOTICES = frozenset({Call.ARREARS_NOTICE, Call.PREPAYMENT_NOTICE})


class Delivery(StrEnum):
    """What becomes of a finished reply on its way back."""

    REPLY = "reply"
    SILENCE = "silence"
    """The connection stays open and nothing comes, until the client goes."""
    CLOSE = "close"
    """The connection closes without a byte."""
    RESET = "reset"
    """The connection is reset (TCP RST), after ``at_byte`` bytes of the reply."""
    TWICE = "twice"
    """The whole reply comes two times, ``gap_s`` apart, on a connection that stays open."""
    CUT_HEADERS = "cut_headers"
    """The connection closes after ``at_byte`` bytes of the status line and headers."""
    CUT_BODY = "cut_body"
    """The connection closes after ``at_byte`` bytes of the body; the whole length was announced."""
    DRIP = "drip"
    """One byte every ``gap_s``."""
    ANNOUNCED = "announced"
    """A length of ``at_byte`` is announced; the body comes, and then nothing more."""
    ENDLESS = "endless"
    """Chunks without an end."""


class Sign(StrEnum):
    """What stands in a reply's ``sign``."""

    AS_CONDUCTED = "as_conducted"
    WRONG = "wrong"
    EMPTY = "empty"


class Names(StrEnum):
    """Whose order number a reply names."""

    TRUTH = "truth"
    OURS = "ours"
    GATEWAY = "gateway"
    OTHER_ORDER = "other_order"
    UNKNOWN = "unknown"
    NEW_UNKNOWN = "new_unknown"


class Shape(StrEnum):
    """A body that is not what the interface promises."""

    SOUND = "sound"
    NOT_JSON = "not_json"
    EMPTY = "empty"
    ARRAY = "array"
    NO_RESPONSE = "no_response"
    DOUBLED_KEY = "doubled_key"
    WRONG_TYPES = "wrong_types"
    TOO_DEEP = "too_deep"
    LONE_SURROGATE = "lone_surrogate"
    BOM = "bom"
    UTF16 = "utf16"


class Charset(StrEnum):
    """How a body's characters are written; ``..._unnamed``: the header does not say so."""

    UTF8 = "utf-8"
    GB18030 = "gb18030"
    GB18030_UNNAMED = "gb18030_unnamed"


@dataclass(frozen=True, slots=True)
class Writing:
    """How a reply is written: its fields, its signature, its bytes."""

    names: Names = Names.TRUTH
    sign: Sign = Sign.AS_CONDUCTED
    shape: Shape = Shape.SOUND
    charset: Charset = Charset.UTF8
    #: The key that carries the data: ``data``, or as in the source's examples ``date``.
    data_key: str = "data"
    #: Keys carry a blank for the underscore, as in the source's examples.
    blank_keys: bool = False
    #: The gateway's own words.
    words: str = ""
    #: Fields put in or replaced, then left out, before the reply is signed.
    fields: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Travel:
    """What HTTP adds: status, headers, and the numbers of a delivery."""

    http_status: int = 200
    retry_after: str = ""
    #: Where the client is sent to; ``own``: an address of the sandbox that notes whoever comes.
    redirect: str = ""
    #: The body is replaced by this many MiB of blanks, compressed with gzip.
    bomb_mib: int = 0
    #: So many headers more than there would be.
    more_headers: int = 0
    #: How far the Date header is from the sandbox's wall clock.
    clock_skew_s: float = 0.0
    at_byte: int = 0
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How one call is answered.

    ``sub_code`` other than 0000 also means that the call did not do its work, unless ``works`` says so (for pay and
    unified without it: ``Behaviour.makes_order``). ``data`` replaces the reply's own; ``status`` is what a query says
    in the place of the truth.
    """

    sub_code: str = "0000"
    delivery: Delivery = Delivery.REPLY
    delay_s: float = 0.0
    data: object = None
    works: bool | None = None
    code: str = "SUCCESS"
    status: str = ""
    writing: Writing = field(default_factory=Writing)
    travel: Travel = field(default_factory=Travel)


ORDINARY_ANSWER = Answer()
