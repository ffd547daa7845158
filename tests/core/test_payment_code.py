"""Payment codes: told apart, refused before they are sent, never shown whole."""

import pytest

from kiosk.core.payment_code import PaymentCodeError, looks_like_payment_code, mask_code, payment_code


@pytest.mark.parametrize(
    ("text", "wallet"),
    [
        ("134500000000000000", "wechat"),
        ("2812345678901234", "alipay"),
        ("281234567890123456789012", "alipay"),
        ("6212345678901234567", "unionpay"),
        ("0112345678901234567", "ecny"),
        ("1812345678901234567", "unknown"),
        ("９１0000000000000000".translate({0xFF19: 57, 0xFF11: 49}), "qq"),
        ("１３4500000000000000", "wechat"),
    ],
)
def test_wallets_are_told_by_prefix_and_length(text: str, wallet: str) -> None:
    assert payment_code(text).wallet == wallet


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("13450000000000A000", "not_digits"),
        ("134500000000000", "too_short"),
        ("1" * 33, "too_long"),
        ("134500000000000000" * 2, "doubled"),
        ("١٣٤٥٠٠٠٠٠٠٠٠٠٠٠٠٠٠", "not_digits"),
    ],
)
def test_what_cannot_be_a_code_is_refused_with_a_reason_that_holds_no_code(text: str, reason: str) -> None:
    with pytest.raises(PaymentCodeError) as caught:
        payment_code(text)
    assert caught.value.reason == reason
    assert not text or text not in str(caught.value)


def test_a_code_is_never_whole_in_any_text_made_of_it() -> None:
    code = payment_code("134567890123456789")
    assert "4567890" not in f"{code} {code!r} {[code]} {code.masked}"
    assert code.masked == "13************6789"


def test_a_short_text_vanishes_when_masked() -> None:
    assert mask_code("12345678901") == "*" * 11


def test_a_customer_number_is_not_taken_for_a_payment_code() -> None:
    assert not looks_like_payment_code("6100000213")
    assert looks_like_payment_code("134500000000000000")
    assert looks_like_payment_code("134500000000000000" * 2)
