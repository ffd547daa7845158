"""Amounts read aloud: the words a cashier would say, and none of the money lost in them."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.sound.amount import MOST_FEN, SAYS, fragments

ROOT = Path(__file__).parents[3]


def said(amount_fen: int) -> str:
    return "".join(SAYS[name] for name in fragments(amount_fen))


@pytest.mark.parametrize(
    ("amount_fen", "words"),
    [
        (0, "零元"), (1, "一分"), (10, "一角"), (11, "一角一分"), (5, "五分"), (100, "一元"), (101, "一元零一分"),
        (110, "一元一角"), (105, "一元零五分"), (1_000, "十元"), (1_100, "十一元"), (2_000, "二十元"),
        (12_345, "一百二十三元四角五分"), (10_000, "一百元"), (10_100, "一百零一元"), (11_000, "一百一十元"),
        (100_000, "一千元"), (100_100, "一千零一元"), (101_000, "一千零一十元"), (110_000, "一千一百元"),
        (1_000_000, "一万元"), (1_000_100, "一万零一元"), (1_010_000, "一万零一百元"), (1_100_000, "一万一千元"),
        (10_000_000, "十万元"), (10_000_100, "十万零一元"), (12_000_000, "十二万元"), (100_000_000, "一百万元"),
        (1_000_000_000, "一千万元"), (10_000_000_000, "一亿元"), (10_000_000_100, "一亿零一元"),
        (10_500_000_000, "一亿零五百万元"), (12_345_678_912, "一亿二千三百四十五万六千七百八十九元一角二分"),
        (1_244_566, "一万二千四百四十五元六角六分"),
    ],
)  # fmt: skip
def test_an_amount_is_said_as_a_person_would(amount_fen: int, words: str) -> None:
    assert said(amount_fen) == words


def heard(words: str) -> int:
    """What somebody who writes down what is said gets: a reader of its own, from the words alone."""
    yuan_words, has_yuan, rest = words.partition("元")
    rest = rest if has_yuan else words
    total = _number(yuan_words) * 100 if has_yuan else 0
    rest = rest.lstrip("零")
    for unit, fen in (("角", 10), ("分", 1)):
        digits, found, after = rest.partition(unit)
        if found:
            total += _number(digits) * fen
            rest = after
    return total


def _number(words: str) -> int:
    total = section = digit = 0
    for word in words:
        if word in "零一二三四五六七八九":
            digit = "零一二三四五六七八九".index(word)
        elif word in "十百千":
            section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[word]
            digit = 0
        else:
            total += (section + digit) * {"万": 10_000, "亿": 100_000_000}[word]
            section = digit = 0
    return total + section + digit


@given(st.integers(0, MOST_FEN) | st.integers(0, 2_000_000))
def test_whoever_writes_down_what_is_said_has_the_same_fen(amount_fen: int) -> None:
    assert heard(said(amount_fen)) == amount_fen


@pytest.mark.parametrize("amount_fen", [-1, MOST_FEN + 1])
def test_what_is_no_bill_is_not_read(amount_fen: int) -> None:
    with pytest.raises(ValueError, match="not read aloud"):
        fragments(amount_fen)


def test_every_fragment_and_tone_is_there_and_all_of_one_kind() -> None:
    folder = ROOT / "assets" / "sounds"
    assert {file.stem for file in folder.glob("*.wav")} == set(SAYS) | {"paid", "error", "attention"}
    kinds = set()
    for file in folder.glob("*.wav"):
        with wave.open(str(file)) as sound:
            kinds.add(sound.getparams()[:3])
            assert 0.02 < sound.getnframes() / sound.getframerate() < 3
    assert kinds == {(1, 2, 22_050)}
    assert sum(file.stat().st_size for file in folder.glob("*.wav")) < 1_500_000
