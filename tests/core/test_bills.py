"""Customers and bills: numbers as sent, names masked, bills locked beside a doubt."""

import pytest

from kiosk.core.bills import Attempt, Bill, CustomerNumberError, customer_number, locks, mask_middle, mask_name


@pytest.mark.parametrize(("text", "number"), [(" 6100000213 ", "6100000213"), ("ｋ１２", "K12"), ("ab-9", "AB-9")])
def test_a_customer_number_is_half_width_trimmed_and_upper_case(text: str, number: str) -> None:
    assert customer_number(text) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("9" * 33, "too_long"),
        ("1&order_no=2", "characters"),
        ("1=2", "characters"),
        ("12\x1b34", "characters"),
        ("12 34", "characters"),
        ("1\u202e2", "characters"),
        ("１＆２", "characters"),
    ],
)
def test_z9_a_number_that_would_sign_as_other_fields_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CustomerNumberError) as caught:
        customer_number(text)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("欧阳锋", "欧**"),
        ("李", "李"),
        ("", ""),
        ("阿不都热西提", "阿不**西提"),
        ("爱新觉罗氏", "爱***"),
    ],
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_an_address_keeps_its_ends_only() -> None:
    assert mask_middle("幸福路12号3单元402") == "幸福路****402"
    assert mask_middle("幸福路") == "幸**"


def attempt(cost_id: str, *, period: str = "2026-09", principal_fen: int = 100, known: tuple[str, ...] = ()) -> Attempt:
    return Attempt("K1", cost_id, period, principal_fen, "in_doubt", frozenset(known or (cost_id,)))


def test_a_bill_with_an_open_attempt_is_locked() -> None:
    assert locks([Bill("7", 100), Bill("8", 100)], [attempt("7", known=("7", "8"))], []) == {"7": "open_attempt"}


def test_a_new_bill_is_locked_while_an_open_attempts_id_is_gone_from_the_list() -> None:
    bills = [Bill("8", 100), Bill("9", 100)]
    assert locks(bills, [attempt("7", known=("7", "8"))], []) == {"9": "renamed"}


def test_credited_means_done_only_where_id_period_and_principal_agree() -> None:
    done = attempt("7", period="2026-09", principal_fen=100)
    assert locks([Bill("7", 100, period="2026-09")], [], [done]) == {"7": "credited"}
    assert locks([Bill("7", 100, period="2026-10")], [], [done]) == {}
    assert locks([Bill("7", 200, period="2026-09")], [], [done]) == {}


def test_an_id_that_a_list_names_twice_is_locked() -> None:
    assert locks([Bill("7", 100), Bill("7", 300)], [], []) == {"7": "doubled"}


def test_a_total_is_the_sum_unless_the_amount_holds_the_late_fee() -> None:
    assert Bill("7", 1000, 50).total_fen == 1050
    assert Bill("7", 1000, 50, holds_late_fee=True).total_fen == 1000
