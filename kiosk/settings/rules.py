"""What a value of the right type must still be: ranges, forms, and what must fit together.

A rule takes a value and raises :class:`WrongValue`, or returns the value as it is to be kept.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from hardware.printer.profile import PROFILES
from kiosk.core.money import AmountError, parse_yuan
from kiosk.settings.values import WrongValue

Rule = Callable[[Any], Any]

#: A year and a day: nothing here waits longer.
LONGEST_S = 366 * 86_400
_ID = re.compile(r"[0-9A-Z]{1,8}\Z", re.ASCII)
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)\Z", re.ASCII)
_WIRE_NAME = re.compile(r"[0-9A-Za-z_.-]{1,64}\Z", re.ASCII)
_PATH = re.compile(r"/[0-9A-Za-z_.~/-]{0,200}\Z", re.ASCII)
_NOT_ON_THE_WIRE = frozenset("&=")


def between(low: float, high: float) -> Rule:
    """A number from ``low`` to ``high``."""

    def rule(value: float) -> float:
        if not low <= value <= high:
            raise WrongValue("settings.range", low=f"{low:g}", high=f"{high:g}")
        return value

    return rule


def seconds(value: float) -> float:
    """A time above 0."""
    if not 0 < value <= LONGEST_S:
        raise WrongValue("settings.seconds", limit=LONGEST_S)
    return value


def times(value: tuple[float, ...]) -> tuple[float, ...]:
    """Times that are each above 0."""
    for item in value:
        seconds(item)
    return value


def growing(value: tuple[float, ...]) -> tuple[float, ...]:
    """Moments one after the other."""
    if any(later <= earlier for earlier, later in pairwise(value)):
        raise WrongValue("settings.ascending")
    return times(value)


def yuan(value: str) -> str:
    """An amount as text in yuan."""
    try:
        parse_yuan(value)
    except AmountError:
        raise WrongValue("settings.yuan") from None
    return value


def some_yuan(value: str) -> str:
    """An amount above zero, as text in yuan."""
    if not parse_yuan(yuan(value)):
        raise WrongValue("settings.yuan")
    return value


def at_most(limit: int, *, on_the_wire: bool = False) -> Rule:
    """A text of ``limit`` characters at most; one that is signed is never empty and holds neither ``&`` nor ``=``."""

    def rule(value: str) -> str:
        if on_the_wire and not value:
            raise WrongValue("settings.missing")
        if on_the_wire and _NOT_ON_THE_WIRE & set(value):
            raise WrongValue("settings.text_characters")
        if len(value) > limit:
            raise WrongValue("settings.text_long", limit=limit)
        return value

    return rule


def matching(pattern: re.Pattern[str], code: str) -> Rule:
    """A text of this form."""

    def rule(value: str) -> str:
        if not pattern.match(value):
            raise WrongValue(code)
        return value

    return rule


def each(rule: Rule) -> Rule:
    """The rule for each of a list."""
    return lambda values: tuple(rule(value) for value in values)


def words(allowed: tuple[Any, ...]) -> Rule:
    """One of these."""

    def rule(value: Any) -> Any:
        if value not in allowed:
            raise WrongValue("settings.words", allowed=", ".join(map(str, allowed)))
        return value

    return rule


def one_group(value: str) -> str:
    """A regular expression with exactly one group; empty for none."""
    try:
        groups = re.compile(value).groups if value else 1
    except (re.error, RecursionError, OverflowError):
        groups = 0
    if groups != 1:
        raise WrongValue("settings.pattern")
    return value


def address_of_gateway(value: str) -> str:
    """An http(s) address without user, query or fragment."""
    try:
        parts = urlsplit(value)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise WrongValue("settings.url") from None
    extra = parts.username or parts.password or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not sound or extra or not value.isascii() or " " in value:
        raise WrongValue("settings.url")
    return value


def is_loopback(url: str) -> bool:
    """Whether the address is this machine by its form alone; no name is resolved."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_and_port(value: str) -> str:
    """``host:port``."""
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise WrongValue("settings.address")
    return value


#: Rules by the setting's name; a time without a row here is held by its unit (:func:`rule_for`).
RULES: dict[str, Rule] = {
    "counter.id": matching(_ID, "settings.id"),
    "counter.branch": at_most(40),
    "counter.cashier": at_most(20),
    "counter.closed_hours": each(matching(_HOURS, "settings.hours")),
    "gateway.url": address_of_gateway,
    "gateway.acq_code": at_most(16, on_the_wire=True),
    "gateway.channel": at_most(16, on_the_wire=True),
    "gateway.version": at_most(8, on_the_wire=True),
    "gateway.profile.data_key": matching(_WIRE_NAME, "settings.wire_name"),
    "gateway.profile.late_fee_key": matching(_WIRE_NAME, "settings.wire_name"),
    "gateway.profile.paths": matching(_PATH, "settings.path"),
    "gateway.profile.final_query_codes": each(words(("0008", "0009"))),
    "payment.lookup_tries": between(1, 10),
    "payment.not_found_answers": between(1, 100),
    "payment.scan_gap_growth": between(1, 10),
    "payment.show_gap_growth": between(1, 10),
    "payment.late_asks_s": growing,
    "payment.scan_asks_s": growing,
    "payment.background_gaps_s": times,
    "payment.notice_gaps_s": times,
    "payment.prepay_min": some_yuan,
    "payment.prepay_max": some_yuan,
    "payment.confirm_above": yuan,
    "scanner.baud": between(110, 4_000_000),
    "scanner.customer_pattern": one_group,
    "display.pole_baud": lambda value: value and between(300, 115_200)(value),
    "printer.baud": between(300, 921_600),
    "printer.width": words((58, 80)),
    "printer.profile": lambda value: value and words(tuple(sorted(PROFILES)))(value),
    "security.pin_tries": between(1, 20),
    "receipt.note": at_most(120),
    "receipt.service_line": at_most(120),
}


def rule_for(key: str) -> Rule | None:
    """The rule of a setting, by its name or its unit."""
    return RULES.get(key) or (seconds if key.endswith("_s") else None)


Values = dict[str, Any]
Complaint = tuple[str, WrongValue]

#: A time that cannot be longer than another, where the file names both.
_NOT_ABOVE = (
    ("payment.attended_scan_s", "payment.scan_life_s"),
    ("payment.attended_show_s", "payment.qr_life_s"),
)


def together(values: Values, given: frozenset[str]) -> Iterator[Complaint]:
    """What does not fit together, by the key that is to be changed; ``given`` are the keys that the file names."""
    for shorter, longer in _NOT_ABOVE:
        if {shorter, longer} <= given and values[shorter] > values[longer]:
            yield shorter, WrongValue("settings.above", other=longer, limit=f"{values[longer]:g}")
    smallest, largest = values["payment.prepay_min"], values["payment.prepay_max"]
    if parse_yuan(smallest) > parse_yuan(largest):
        yield "payment.prepay_min", WrongValue("settings.above", other="payment.prepay_max", limit=largest)
    yield from _gateway(values)
    yield from _devices(values)


def _gateway(values: Values) -> Iterator[Complaint]:
    url = values["gateway.url"]
    if url.startswith("http:") and not (values["gateway.allow_plain_http"] or is_loopback(url)):
        yield "gateway.url", WrongValue("settings.plain_http")
    if values["gateway.client_key"] and not values["gateway.client_cert"]:
        yield "gateway.client_cert", WrongValue("settings.need_both", other="gateway.client_key")


def _devices(values: Values) -> Iterator[Complaint]:
    if values["scanner.kind"] in ("serial", "evdev") and not values["scanner.port"]:
        yield "scanner.port", WrongValue("settings.need_both", other="scanner.kind")
    kind, address = values["printer.kind"], values["printer.address"]
    if kind not in ("none", "usb") and not address:
        yield "printer.address", WrongValue("settings.need_both", other="printer.kind")
    elif kind == "network":
        try:
            host_and_port(address)
        except WrongValue as error:
            yield "printer.address", error
    if values["display.pole"] != "none" and not values["display.pole_port"]:
        yield "display.pole_port", WrongValue("settings.need_both", other="display.pole")
    profile = PROFILES.get(values["printer.profile"])
    if profile is not None and profile.width_mm != values["printer.width"]:
        fits = WrongValue("settings.profile_width", width=profile.width_mm, other=values["printer.width"])
        yield "printer.profile", fits
