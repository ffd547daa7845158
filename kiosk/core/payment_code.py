"""Payment codes (付款码): the customer's bearer secret, told apart by its first digits.

Rules
1. Text, never a number: 19 digits exceed what a double holds.
2. A code that cannot be one is refused before it is sent; an unknown prefix is only warned of, the gateway decides.
3. Whoever prints, logs or compares a :class:`PaymentCode` sees the first two and the last four digits at most.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.core.money import half_width

MIN_LENGTH = 16
MAX_LENGTH = 32
_DOUBLED_LENGTH = 36

#: As of 2026-11: wallet, first two digits, lengths (pay.weixin.qq.com micropay; Alipay open docs; huangang/payqrcode;
#: jeequan/jeepay JeepayKit.java; e-CNY by practice only).
WALLETS: tuple[tuple[str, frozenset[str], range], ...] = (
    ("wechat", frozenset(str(n) for n in range(10, 16)), range(18, 19)),
    ("alipay", frozenset(str(n) for n in range(25, 31)), range(16, 25)),
    ("unionpay", frozenset({"62"}), range(19, 20)),
    ("jd", frozenset({"18"}), range(18, 19)),
    ("duxiaoman", frozenset({"31"}), range(18, 19)),
    ("qq", frozenset({"91"}), range(18, 19)),
    ("ecny", frozenset({"01"}), range(19, 20)),
)


class PaymentCodeError(ValueError):
    """A scanned text that is no payment code. ``reason``: ``empty``, ``not_digits``, ``too_short``, ``too_long``,
    ``doubled``. The text itself is never part of the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class PaymentCode:
    """A payment code on its one way to the wire; ``wallet`` is ``unknown`` where no prefix matches."""

    digits: str
    wallet: str

    @property
    def masked(self) -> str:
        """What may be seen of it: ``13************0000``."""
        return mask_code(self.digits)

    def __repr__(self) -> str:
        return f"PaymentCode({self.masked}, {self.wallet})"

    __str__ = __repr__


def mask_code(text: str) -> str:
    """The first two and the last four characters, the middle as stars; short texts vanish wholly."""
    return f"{text[:2]}{'*' * (len(text) - 6)}{text[-4:]}" if len(text) >= 12 else "*" * len(text)


def payment_code(text: str) -> PaymentCode:
    """The payment code in a scanned text; raises :class:`PaymentCodeError` for what must not be sent."""
    digits = half_width(text)
    if not digits:
        raise PaymentCodeError("empty")
    if not (digits.isascii() and digits.isdigit()):
        raise PaymentCodeError("not_digits")
    if len(digits) < MIN_LENGTH:
        raise PaymentCodeError("too_short")
    if len(digits) == _DOUBLED_LENGTH and digits[:18] == digits[18:]:
        raise PaymentCodeError("doubled")
    if len(digits) > MAX_LENGTH:
        raise PaymentCodeError("too_long")
    return PaymentCode(digits, wallet_of(digits))


def wallet_of(digits: str) -> str:
    """The wallet by prefix and length, or ``unknown``."""
    for wallet, prefixes, lengths in WALLETS:
        if digits[:2] in prefixes and len(digits) in lengths:
            return wallet
    return "unknown"


def looks_like_payment_code(text: str) -> bool:
    """True where a scan at the *Find* face is surely a payment code and no customer number (a known wallet's)."""
    try:
        return payment_code(text).wallet != "unknown"
    except PaymentCodeError as error:
        return error.reason == "doubled"
