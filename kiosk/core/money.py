"""Money is a whole number of fen; text in yuan exists at the edges only.

Rules
1. Never a float: ``int(float("1.15") * 100)`` is 114.
2. What cannot be read exactly is refused with a reason; nothing is rounded.
3. One text for one amount: :func:`wire_yuan` is what is sent, journalled and compared,
   :func:`show_yuan` is what is painted and printed.
"""

from __future__ import annotations

import re

#: The gateway's amounts are s(19,2): 17 digits before the point, 2 after it (interface.md part 2).
MAX_WHOLE_DIGITS = 17
MAX_FEN = 10 ** (MAX_WHOLE_DIGITS + 2) - 1

_YUAN = re.compile(rf"(\d{{1,{MAX_WHOLE_DIGITS}}})(?:\.(\d{{1,2}}))?\Z", re.ASCII)
_DECIMALS = re.compile(r"\d+\.\d{3,}\Z", re.ASCII)
_HALF_WIDTH = {ord("０") + n: ord("0") + n for n in range(10)} | {ord("．"): ord("."), ord("。"): ord(".")}


class AmountError(ValueError):
    """A text that is no amount. ``reason`` is a stable code: ``empty``, ``decimals``, ``not_a_number``."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{reason}: {text[:40]!r}")
        self.reason = reason


def half_width(text: str) -> str:
    """The text with full-width digits and points (from a Chinese input method) turned to ASCII, trimmed."""
    return text.strip().translate(_HALF_WIDTH)


def parse_yuan(text: str) -> int:
    """Fen from yuan as text (``"12.3"`` is 1230). Zero is an amount here; callers refuse it where it is none.

    Raises :class:`AmountError` for more than two decimals, signs, exponents, thousands marks, and anything else.
    """
    plain = half_width(text)
    if not plain:
        raise AmountError("empty", text)
    match = _YUAN.match(plain)
    if match is None:
        raise AmountError("decimals" if _DECIMALS.match(plain) else "not_a_number", text)
    whole, part = match.groups()
    return int(whole) * 100 + int((part or "0").ljust(2, "0"))


def wire_yuan(amount_fen: int) -> str:
    """``"1234.50"`` for 123450 fen: the one text for an amount on the wire and in the journal."""
    _require_amount(amount_fen)
    return f"{amount_fen // 100}.{amount_fen % 100:02d}"


def show_yuan(amount_fen: int) -> str:
    """``"¥1,234.50"`` for 123450 fen: the one text for an amount that a person reads."""
    _require_amount(amount_fen)
    return f"¥{amount_fen // 100:,}.{amount_fen % 100:02d}"


def _require_amount(amount_fen: int) -> None:
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int):
        raise TypeError(f"fen are whole numbers, not {type(amount_fen).__name__}")
    if not 0 <= amount_fen <= MAX_FEN:
        raise ValueError(f"{amount_fen} fen is outside what the gateway's amounts can hold")


_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿", "亿亿")


def chinese_capitals(amount_fen: int) -> str:
    """The amount in banker's capitals (大写), as receipts carry it: 100500 + 30 fen is 壹仟零伍元叁角整.

    Zeros inside give one 零; 整 ends an amount that has no 分; zero itself is 零元整 (domain.md, money).
    """
    _require_amount(amount_fen)
    yuan, fen = divmod(amount_fen, 100)
    jiao, fen = divmod(fen, 10)
    text = _whole_capitals(yuan) + "元" if yuan else ""
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif fen and yuan:
        text += "零"
    if fen:
        return text + _DIGITS[fen] + "分"
    return (text or "零元") + "整"


def _whole_capitals(number: int) -> str:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text += _group_capitals(group) + _GROUPS[index]
        gap = False
    return text


def _group_capitals(group: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if not digit:
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text
