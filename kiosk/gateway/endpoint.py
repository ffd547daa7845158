"""From the settings to what a connection needs: the address, found allowed, and the TLS it is reached by.

Rules
1. TLS 1.2 at least, the certificate and its host always checked; there is no switch for less.
2. Plain HTTP reaches this machine itself, or whatever the settings name in so many words (interface.md part 1).
3. No variable of the environment changes where the traffic goes or who can read it.
"""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import httpx

from kiosk.gateway.pay_url import is_loopback
from kiosk.gateway.profile import Endpoint, GatewayConfigurationError
from kiosk.gateway.signing import OutgoingValueError, outgoing

_MAX_LENGTHS = {"acq_code": 16, "channel": 16, "version": 8}


def checked_url(endpoint: Endpoint) -> httpx.URL:
    """The gateway's address; raises :class:`GatewayConfigurationError` for settings that cannot or must not be used."""
    for key, max_length in _MAX_LENGTHS.items():
        try:
            outgoing(key, getattr(endpoint, key), max_length)
        except OutgoingValueError as error:
            raise GatewayConfigurationError(error.reason, key) from None
    if endpoint.verify_replies not in ("when-signed", "required"):
        raise GatewayConfigurationError("not_allowed", "verify_replies", "when-signed or required")
    if not endpoint.url:
        raise GatewayConfigurationError("empty", "url")
    url = _url(endpoint.url)
    if url.scheme == "http" and not endpoint.allow_plain_http and not is_loopback(url.host):
        raise GatewayConfigurationError("plain_http", "url", "only https, unless allow_plain_http says otherwise")
    return url


def _url(text: str) -> httpx.URL:
    try:
        parts, url = urlsplit(text), httpx.URL(text.rstrip("/"))
        whole = bool(parts.hostname) and parts.scheme in ("http", "https") and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        whole = False
    if not whole or parts.query or parts.fragment or "@" in parts.netloc:
        raise GatewayConfigurationError("not_an_address", "url", "https://host/path, without user, query or fragment")
    return url


def tls_context(endpoint: Endpoint) -> ssl.SSLContext:
    """The TLS side of this counter; raises :class:`GatewayConfigurationError` for files that cannot be used.

    Made by hand, not by ``create_default_context``: that one writes the session's keys to a file which a variable
    of the environment names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        if endpoint.ca_file:
            context.load_verify_locations(cafile=endpoint.ca_file)
        else:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    except OSError as error:
        raise GatewayConfigurationError("file", "ca_file", type(error).__name__) from None
    if endpoint.client_key and not endpoint.client_cert:
        raise GatewayConfigurationError("empty", "client_cert")
    try:
        if endpoint.client_cert:
            context.load_cert_chain(endpoint.client_cert, endpoint.client_key or None, password=_no_password)
    except (OSError, ValueError) as error:
        raise GatewayConfigurationError("file", "client_cert", type(error).__name__) from None
    return context


def _no_password() -> str:
    """A locked key must fail, not ask on a terminal that no counter has."""
    return ""
