"""The sandbox on HTTP: carries bytes between the socket and ``calls``, ``phone`` and ``ledger``, and decides nothing.

Rules
1. A reply can be delivered late, never, or be replaced by a closing connection; a client that goes ends all three.
2. When the server stops, every connection closes at once, whatever hangs in it.
3. Nothing of a call is logged.
"""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from kiosk.sandbox.behaviours import Call, Delivery
from kiosk.sandbox.calls import Gateway, Outcome
from kiosk.sandbox.envelope import MAX_BODY_BYTES
from kiosk.sandbox.page import PAGE_HEADERS
from kiosk.sandbox.phone import Phone, Shown

_JSON = "application/json; charset=utf-8"


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
        ]
        self.app = Starlette(routes=[*calls, *pages])
        self.app.router.redirect_slashes = False

    async def _call(self, request: Request) -> Response:
        body = await _bounded_body(request)
        outcome = self._gateway.answer(Call(request.url.path), request.headers.get("content-type", ""), body)
        return await self._delivered(request, outcome)

    async def _delivered(self, request: Request, outcome: Outcome) -> Response:
        if outcome.delay_s and await _has_gone_within(request, outcome.delay_s):
            return _Unanswered()
        if outcome.delivery is Delivery.REPLY:
            return Response(outcome.body, media_type=_JSON)
        if outcome.delivery is Delivery.CLOSE:
            self._connections.close(request.scope["client"])
        await _gone(request)
        return _Unanswered()

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
