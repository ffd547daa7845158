"""The TCP port against real sockets on loopback."""

import socket
import threading

import pytest

from hardware.ports.tcp_port import TcpPort
from hardware.ports.transport import TransportGone, TransportNotAPort, TransportNotFound, TransportStalled


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def pair(server):
    """Our port, open, and the device's end of it."""
    port = TcpPort(f"socket://127.0.0.1:{server.getsockname()[1]}")
    port.open()
    device, _ = server.accept()
    with device:
        yield port, device
    port.close()


def test_a_read_returns_what_is_there_at_once(pair):
    port, device = pair
    device.sendall(b"690123\r")
    assert port.read(4096, 30.0) == b"690123\r"


def test_a_read_with_nothing_there_is_empty_after_its_time(pair):
    assert pair[0].read(10, 0.02) == b""


def test_what_is_written_reaches_the_device(pair):
    port, device = pair
    port.write(b"\x16T\r")
    assert device.recv(10) == b"\x16T\r"


def test_s26_a_device_that_takes_no_bytes_stalls_the_write(pair):
    with pytest.raises(TransportStalled):
        pair[0].write(b"x" * 50_000_000)


def test_s27_cancel_ends_a_read_from_another_thread(pair):
    got = []
    reader = threading.Thread(target=lambda: got.append(pair[0].read(10, 30.0)))
    reader.start()
    pair[0].cancel()
    reader.join(5)
    assert got == [b""]


def test_s27_a_closed_port_is_gone_and_cancel_is_harmless(pair):
    port, _ = pair
    port.close()
    port.close()
    port.cancel()
    for act in (lambda: port.read(1, 0.1), lambda: port.write(b"x")):
        with pytest.raises(TransportGone):
            act()


def test_s2_a_device_that_hangs_up_is_gone(pair):
    port, device = pair
    device.close()
    with pytest.raises(TransportGone):
        port.read(1, 5.0)


def test_s1_nobody_listening_is_not_found(server):
    number = server.getsockname()[1]
    server.close()
    with pytest.raises(TransportNotFound):
        TcpPort(f"socket://127.0.0.1:{number}").open()


@pytest.mark.parametrize("url", ["socket://", "socket://127.0.0.1", "socket://127.0.0.1:99999", "socket://h:x"])
def test_s9_an_address_without_host_and_port_is_no_port(url):
    with pytest.raises(TransportNotAPort):
        TcpPort(url).open()
