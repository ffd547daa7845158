"""Settings with which no gateway can be called are told at the start, by key and reason."""

from typing import Any

import pytest

from kiosk.core.policy import PaymentPolicy
from kiosk.gateway.client import Gateway
from kiosk.gateway.profile import Endpoint, GatewayConfigurationError, WireProfile


def _made(**options: Any) -> Gateway:
    endpoint = Endpoint(**{"url": "https://gateway.example", "acq_code": "283499"} | options)
    return Gateway(endpoint, WireProfile(), PaymentPolicy())


@pytest.mark.parametrize(
    ("options", "key", "reason"),
    [
        ({"url": ""}, "url", "empty"),
        ({"url": "gateway.example"}, "url", "not_an_address"),
        ({"url": "ftp://gateway.example"}, "url", "not_an_address"),
        ({"url": "https://"}, "url", "not_an_address"),
        ({"url": "https://user:pass@gateway.example"}, "url", "not_an_address"),
        ({"url": "https://gateway.example/?a=b"}, "url", "not_an_address"),
        ({"url": "https://gateway.example:99999"}, "url", "not_an_address"),
        ({"url": "http://gateway.example"}, "url", "plain_http"),
        ({"url": "http://192.0.2.1"}, "url", "plain_http"),
        ({"url": "http://localhost.example"}, "url", "plain_http"),
        ({"acq_code": ""}, "acq_code", "empty"),
        ({"acq_code": "1" * 17}, "acq_code", "too_long"),
        ({"channel": "A&B"}, "channel", "characters"),
        ({"version": "123456789"}, "version", "too_long"),
        ({"verify_replies": "off"}, "verify_replies", "not_allowed"),
    ],
)
def test_unusable_settings_are_refused(options: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(GatewayConfigurationError) as refused:
        _made(**options)
    assert (refused.value.key, refused.value.reason) == (key, reason)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000"])
def test_plain_http_to_this_machine_is_allowed_and_told(url: str) -> None:
    assert _made(url=url).is_plain_http


def test_plain_http_elsewhere_needs_so_many_words() -> None:
    assert _made(url="http://192.0.2.1", allow_plain_http=True).is_plain_http


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"paths": {"refund": "/x"}}, "paths.refund"),
        ({"paths": {"pay": "trade/pay"}}, "paths.pay"),
        ({"paths": {"pay": "/trade pay"}}, "paths.pay"),
        ({"customer_aliases": {"nam": ("x",)}}, "customer_aliases.nam"),
        ({"bill_aliases": {"amount": ("",)}}, "bill_aliases.amount"),
        ({"late_fee_key": "a=b"}, "late_fee_key"),
        ({"data_key": ""}, "data_key"),
    ],
)
def test_a_profile_with_a_mistake_is_refused_by_key(options: dict[str, Any], key: str) -> None:
    with pytest.raises(GatewayConfigurationError) as refused:
        WireProfile(**options)
    assert refused.value.key == key


def test_a_table_given_in_part_keeps_the_rest() -> None:
    profile = WireProfile(paths={"pay": "/p"}, bill_aliases={"amount": "je"}, pay_url_schemes=["UPWRP:"])
    assert (profile.paths["pay"], profile.paths["query"]) == ("/p", "/trade/query")
    assert profile.bill_aliases["amount"] == ("je",)
    assert profile.bill_aliases["cost_id"] == ("cost_id", "costId")
    assert profile.pay_url_schemes == ("upwrp",)
