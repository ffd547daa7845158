"""Protection by TLS, with certificates made for the test: what is not protected rightly gets not one byte of body."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.core.messages import Heard
from kiosk.core.order import Order
from kiosk.core.payment_code import PaymentCode
from kiosk.gateway.client import Gateway
from kiosk.gateway.endpoint import tls_context
from kiosk.gateway.profile import Endpoint, GatewayConfigurationError

Envelope = Callable[..., bytes]
ServeAt = Callable[..., Any]
GatewayAt = Callable[..., Gateway]


class Papers:
    """A small certificate authority in a directory."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.ca = self._issue("ca", "/CN=Test CA", None, "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign")[0]

    def server(self, name: str, host: str, days: int = 2) -> ssl.SSLContext:
        """A server's side with a certificate for this host."""
        kind = "IP" if host[0].isdigit() else "DNS"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._issue(name, f"/CN={host}", "ca", f"subjectAltName={kind}:{host}", days))
        return context

    def self_signed(self) -> ssl.SSLContext:
        """A server's side that nobody vouches for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._issue("alone", "/CN=127.0.0.1", None, "subjectAltName=IP:127.0.0.1"))
        return context

    def client(self) -> tuple[str, str]:
        """A counter's own certificate and key."""
        return self._issue("counter", "/CN=counter 1", "ca", "extendedKeyUsage=clientAuth")

    def _issue(self, name: str, subject: str, issuer: str | None, extension: str, days: int = 2) -> tuple[str, str]:
        key, request, cert = (self._home / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extensions = self._home / f"{name}.ext"
        extensions.write_text(extension + "\n")
        self._run("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        self._run("req", "-new", "-key", key, "-subj", subject, "-out", request)
        signer = (
            ("-CA", self._home / f"{issuer}.pem", "-CAkey", self._home / f"{issuer}.key")
            if issuer
            else ("-signkey", key)
        )
        serial = ("-set_serial", str(abs(hash(name)) % 10**9 + 1))
        self._run("x509", "-req", "-in", request, *signer, *serial, "-days", days, "-extfile", extensions, "-out", cert)
        return str(cert), str(key)

    def _run(self, *words: object) -> None:
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the certificates, is not on this machine")
    return Papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def reply(envelope: Envelope) -> Callable[[Any], None]:
    """Answer every request of a visit."""

    def behave(visit: Any) -> None:
        while visit.request():
            visit.reply(envelope())

    return behave


def _assert_nothing_left(server: Any, answer: Any) -> None:
    assert answer.heard is Heard.NOT_SENT
    assert (server.requests, server.received) == ([], b"")


def test_a_rightly_protected_gateway_is_reached(
    serve: ServeAt, gateway_at: GatewayAt, papers: Papers, reply: Any, order: Order, code: PaymentCode
) -> None:
    server = serve(reply, papers.server("good", "127.0.0.1"))
    gateway = gateway_at(server.url, ca_file=papers.ca)
    assert not gateway.is_plain_http
    assert gateway.open_connection()
    assert gateway.query("1").heard is Heard.ANSWERED
    assert gateway.pay(order, code).heard is Heard.ANSWERED
    assert server.visits == 1, "tickets that TLS 1.3 sends after the handshake end no connection"


def test_tls_1_2_is_enough(serve: ServeAt, gateway_at: GatewayAt, papers: Papers, reply: Any) -> None:
    context = papers.server("older", "127.0.0.1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    server = serve(reply, context)
    assert gateway_at(server.url, ca_file=papers.ca).query("1").heard is Heard.ANSWERED


def test_z1_a_self_signed_gateway_gets_no_byte(
    serve: ServeAt, gateway_at: GatewayAt, papers: Papers, reply: Any, order: Order, code: PaymentCode
) -> None:
    server = serve(reply, papers.self_signed())
    for options in ({}, {"ca_file": papers.ca}):
        answer = gateway_at(server.url, **options).pay(order, code)
        _assert_nothing_left(server, answer)
        assert "certificate refused" in answer.detail


def test_z2_a_certificate_for_another_host_gets_no_byte(
    serve: ServeAt, gateway_at: GatewayAt, papers: Papers, reply: Any, order: Order, code: PaymentCode
) -> None:
    server = serve(reply, papers.server("elsewhere", "gateway.example"))
    _assert_nothing_left(server, gateway_at(server.url, ca_file=papers.ca).pay(order, code))


def test_z3_an_expired_certificate_gets_no_byte(
    serve: ServeAt, gateway_at: GatewayAt, papers: Papers, reply: Any, order: Order, code: PaymentCode
) -> None:
    server = serve(reply, papers.server("expired", "127.0.0.1", days=-1))
    answer = gateway_at(server.url, ca_file=papers.ca).pay(order, code)
    _assert_nothing_left(server, answer)
    assert "expired" in answer.detail


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_z4_tls_1_1_gets_no_byte(
    serve: ServeAt, gateway_at: GatewayAt, papers: Papers, reply: Any, order: Order, code: PaymentCode
) -> None:
    context = papers.server("ancient", "127.0.0.1")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    server = serve(reply, context)
    _assert_nothing_left(server, gateway_at(server.url, ca_file=papers.ca).pay(order, code))


def test_the_counters_own_certificate_is_shown(
    serve: ServeAt, gateway_at: GatewayAt, papers: Papers, reply: Any
) -> None:
    context = papers.server("strict", "127.0.0.1")
    context.load_verify_locations(papers.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    server = serve(reply, context)
    cert, key = papers.client()
    known = gateway_at(server.url, ca_file=papers.ca, client_cert=cert, client_key=key)
    assert known.query("1").heard is Heard.ANSWERED
    assert gateway_at(server.url, ca_file=papers.ca).query("1").heard is not Heard.ANSWERED


def test_a_session_key_file_named_by_the_environment_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert tls_context(Endpoint()).keylog_filename is None


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file"),
        ({"client_cert": "/nowhere/cert.pem"}, "client_cert"),
        ({"client_key": "/nowhere/key.pem"}, "client_cert"),
        ({"ca_file": __file__}, "ca_file"),
        ({"client_cert": __file__}, "client_cert"),
    ],
)
def test_files_that_are_none_are_told_at_the_start(options: dict[str, str], key: str) -> None:
    with pytest.raises(GatewayConfigurationError) as refused:
        tls_context(Endpoint(url="https://gateway.example", **options))
    assert refused.value.key == key
