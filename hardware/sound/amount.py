"""An amount as the fragments that read it aloud in Chinese: 收款成功 一百二十三元四角五分. Pure.

1. A fragment's name is its file's name without the end; what it says stands in `SAYS`.
2. Nothing is rounded and nothing left out: an independent reader gets the same fen back (a test does).
"""

from __future__ import annotations

#: What each fragment says. `packaging/sounds.py` makes a file of each.
SAYS = {
    "received": "收款成功",
    "d0": "零", "d1": "一", "d2": "二", "d3": "三", "d4": "四", "d5": "五", "d6": "六", "d7": "七", "d8": "八",
    "d9": "九",
    "ten": "十", "hundred": "百", "thousand": "千", "wan": "万", "yi": "亿",
    "yuan": "元", "jiao": "角", "fen": "分",
}  # fmt: skip
#: Above this no bill is read aloud.
MOST_FEN = 999_999_999_999
_PLACES = ("", "ten", "hundred", "thousand")
_GROUPS = ("", "wan", "yi")


def fragments(amount_fen: int) -> tuple[str, ...]:
    """The fragments of an amount. Raises ValueError below 0 and above `MOST_FEN`."""
    if not 0 <= amount_fen <= MOST_FEN:
        raise ValueError(f"{amount_fen} fen are not read aloud")
    yuan, rest = divmod(amount_fen, 100)
    jiao, fen = divmod(rest, 10)
    said = [*_whole(yuan), "yuan"] if yuan or not rest else []
    if jiao:
        said += [f"d{jiao}", "jiao"]
    elif fen and yuan:
        said.append("d0")
    if fen:
        said += [f"d{fen}", "fen"]
    return tuple(said)


def _whole(number: int) -> list[str]:
    """A whole number in groups of four digits."""
    if number == 0:
        return ["d0"]
    said: list[str] = []
    skipped = False
    for group in reversed(range(len(_GROUPS))):
        part = number // 10_000**group % 10_000
        if part == 0:
            skipped = skipped or bool(said)
            continue
        if said and (skipped or part < 1000):
            said.append("d0")
        said += _four(part)
        if _GROUPS[group]:
            said.append(_GROUPS[group])
        skipped = False
    return said[1:] if said[:2] == ["d1", "ten"] else said  # 十二, not 一十二, where it begins


def _four(part: int) -> list[str]:
    """One to four digits, the first of them not zero."""
    said: list[str] = []
    zero = False
    for place in reversed(range(4)):
        digit = part // 10**place % 10
        if digit == 0:
            zero = zero or bool(said)
            continue
        if zero:
            said.append("d0")
            zero = False
        said.append(f"d{digit}")
        if _PLACES[place]:
            said.append(_PLACES[place])
    return said
