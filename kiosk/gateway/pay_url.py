"""Whether a text may be painted as a QR for a customer's phone (interface.md part 5, proof.md Z10).

Rule: what is not known to be fit is never shown; a thief's QR costs a customer's money.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from kiosk.gateway.profile import WireProfile

MAX_LENGTH = 512
_BARE = re.compile(r"[A-Za-z0-9]+\Z", re.ASCII)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.+)\Z", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\Z|[0-9a-f:.]+\Z", re.ASCII)
_LEFT_TO_RIGHT = frozenset({"L", "EN", "ES", "ET", "CS", "ON", "NSM"})


class Fitness(StrEnum):
    """What a ``pay_url`` is found to be."""

    ADDRESS = "address"
    WALLET = "wallet"  # a wallet's own scheme
    BARE = "bare"  # letters and digits alone, as in the source's example: shown, and counted
    UNFIT = "unfit"


def fitness(text: str, profile: WireProfile, gateway_url: str) -> Fitness:
    """Whether the text may become a QR; ``gateway_url`` decides whether a plain http address may."""
    if not 0 < len(text) <= MAX_LENGTH or not all(map(_is_harmless, text)):
        return Fitness.UNFIT
    if _BARE.match(text):
        return Fitness.BARE
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    if scheme in ("http", "https"):
        return Fitness.ADDRESS if _is_fit_address(text, profile, gateway_url) else Fitness.UNFIT
    return Fitness.WALLET if scheme and scheme in profile.pay_url_schemes else Fitness.UNFIT


def is_loopback(host: str) -> bool:
    """Whether the host is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_harmless(char: str) -> bool:
    return char.isprintable() and char not in ' \\"<>' and unicodedata.bidirectional(char) in _LEFT_TO_RIGHT


def _is_fit_address(text: str, profile: WireProfile, gateway_url: str) -> bool:
    try:
        parts, gateway = urlsplit(text), urlsplit(gateway_url)
        host = _host(parts)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return False
    if not host:
        return False
    if parts.scheme == "https":
        return not profile.pay_url_hosts or host in profile.pay_url_hosts
    return gateway.scheme == "http" and (host == gateway.hostname or is_loopback(host) or host in profile.pay_url_hosts)


def _host(parts: SplitResult) -> str:
    """The address's host, empty where there is none or a name and password stand before it."""
    host = (parts.hostname or "").lower()
    return host if "@" not in parts.netloc and _HOST.match(host) else ""
