"""The sandbox on HTTP: carries bytes between the socket and ``calls``, ``phone`` and ``ledger``, and decides nothing.

Rules
1. A reply can be delivered late, never, in pieces, doubled, or be replaced by a closing connection; a client that
   goes ends them all. What is not an ordinary reply is written past the HTTP server, onto the connection itself.
2. When the server stops, every connection closes at once, whatever hangs in it.
3. Nothing of a call is logged.
"""

from __future__ import annotations

import asyncio
import socket
import struct

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.sandbox.calls import Gateway
from kiosk.sandbox.dials import Call, Delivery
from kiosk.sandbox.envelope import MAX_BODY_BYTES
from kiosk.sandbox.page import PAGE_HEADERS
from kiosk.sandbox.phone import Phone, Shown
from kiosk.sandbox.wire import End, Step, end, steps
from kiosk.sandbox.writing import ELSEWHERE, Outcome

#: A client that does not read is not written to beyond this.
_MAX_UNREAD_BYTES = 1 << 20
_UNREAD_LOOK_S = 0.01


class Connections:
    """The open connections of one server, by the client's address, so that one can be closed without a reply."""

    def __init__(self) -> None:
        self._open: dict[object, asyncio.Transport] = {}
        self._closing = False

    def protocol(self) -> type[H11Protocol]:
        """uvicorn's HTTP protocol, telling this object of each connection."""
        connections = self

        class TrackedProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                super().connection_made(transport)
                connections._add(self.client, transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections._open.pop(self.client, None)
                super().connection_lost(exc)

        return TrackedProtocol

    def _add(self, client: object, transport: asyncio.Transport) -> None:
        self._open[client] = transport
        if self._closing:
            transport.close()

    def close(self, client: object) -> None:
        """Close one connection; what was written to it before still leaves."""
        transport = self._open.get(client)
        if transport is not None:
            transport.close()

    def write(self, client: object, data: bytes) -> bool:
        """Write bytes onto a connection; False where it must be waited with, or there is none."""
        transport = self._open.get(client)
        if transport is None or transport.is_closing() or transport.get_write_buffer_size() > _MAX_UNREAD_BYTES:
            return False
        transport.write(data)
        return True

    def reset(self, client: object) -> None:
        """End one connection with a TCP reset."""
        transport = self._open.get(client)
        if transport is not None:
            # A close that does not linger is a reset; closed after the next turn of the loop, so that bytes leave.
            opened: socket.socket = transport.get_extra_info("socket")
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()

    def close_all(self) -> None:
        """Close every connection, and each that still comes."""
        self._closing = True
        for transport in list(self._open.values()):
            transport.close()


class _Unanswered(Response):
    """No reply at all: its connection is closed already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


class Server:
    """The routes over one gateway; ``app`` is what uvicorn serves."""

    def __init__(self, gateway: Gateway, connections: Connections) -> None:
        self._gateway = gateway
        self._phone = Phone(gateway)
        self._connections = connections
        calls = [Route(call.value, self._call, methods=["POST"]) for call in Call]
        pages = [
            Route("/ledger", self._ledger, methods=["GET"]),
            Route("/phone/{token}", self._open, methods=["GET"]),
            Route("/phone/{token}", self._confirm, methods=["POST"]),
            Route("/phone/{token}/refuse", self._refuse, methods=["POST"]),
            Route(ELSEWHERE, self._elsewhere, methods=["GET", "POST"]),
        ]
        self.app = Starlette(routes=[*calls, *pages])
        self.app.router.redirect_slashes = False

    async def _call(self, request: Request) -> Response:
        try:
            body = await _bounded_body(request)
        except ClientDisconnect:  # half a call is none
            return _Unanswered()
        outcome = self._gateway.answer(Call(request.url.path), request.headers.get("content-type", ""), body)
        return await self._delivered(request, outcome)

    async def _delivered(self, request: Request, outcome: Outcome) -> Response:
        if outcome.delay_s and await _has_gone_within(request, outcome.delay_s):
            return _Unanswered()
        if outcome.delivery is Delivery.REPLY:
            return Response(outcome.body, outcome.http_status, dict(outcome.headers))
        await self._written(request, outcome)
        return _Unanswered()

    async def _written(self, request: Request, outcome: Outcome) -> None:
        """Write what this delivery writes, and leave the connection as it leaves it, until the client is gone."""
        client = request.scope["client"]
        for step in steps(outcome):
            if await self._is_over(request, client, step):
                return
        match end(outcome.delivery):
            case End.CLOSE:
                self._connections.close(client)
            case End.RESET:
                self._connections.reset(client)
        await _gone(request)

    async def _is_over(self, request: Request, client: object, step: Step) -> bool:
        """Whether the client went before this piece could be written."""
        if step.wait_s and await _has_gone_within(request, step.wait_s):
            return True
        while not self._connections.write(client, step.data):
            if await _has_gone_within(request, _UNREAD_LOOK_S):
                return True
        await asyncio.sleep(0)  # a client that reads as fast as this writes must not keep all others waiting
        return False

    async def _elsewhere(self, request: Request) -> Response:
        await _bounded_body(request)
        self._gateway.elsewhere()
        return Response(status_code=204)

    async def _ledger(self, request: Request) -> Response:
        return JSONResponse(self._gateway.ledger.as_json(self._gateway.now_s()), headers={"Cache-Control": "no-store"})

    async def _open(self, request: Request) -> Response:
        return _page(self._phone.open(request.path_params["token"]))

    async def _confirm(self, request: Request) -> Response:
        return _page(self._phone.confirm(request.path_params["token"]))

    async def _refuse(self, request: Request) -> Response:
        return _page(self._phone.refuse(request.path_params["token"]))


def _page(shown: Shown) -> HTMLResponse:
    return HTMLResponse(shown.html, shown.status, headers=PAGE_HEADERS)


async def _bounded_body(request: Request) -> bytes:
    """The body, or its first bytes where it is larger than a call may be: enough to be refused for it."""
    body = b""
    async for chunk in request.stream():
        body = (body + chunk)[: MAX_BODY_BYTES + 1]
    return body


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _has_gone_within(request: Request, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await _gone(request)
    except TimeoutError:
        return False
    return True
