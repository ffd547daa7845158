"""The gateway, called over HTTP: the one implementation of ``GatewayPort`` that leaves this machine.

One :class:`Gateway` is one lane with one connection; :meth:`Gateway.another_lane` makes the others. What the calls
mean is in calls.py, how bytes get there and back in http_transport.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kiosk.core.policy import PaymentPolicy
from kiosk.gateway.calls import Calls
from kiosk.gateway.endpoint import checked_url, tls_context
from kiosk.gateway.http_transport import HttpTransport
from kiosk.gateway.pay_url import is_loopback
from kiosk.gateway.profile import Endpoint, WireProfile
from kiosk.gateway.replies import Counters


class Gateway(Calls):
    """One lane to the gateway over HTTP; used by one thread at a time. Its connection is made at the first call.

    Raises :class:`~kiosk.gateway.profile.GatewayConfigurationError` when made with settings that cannot be used.
    ``clock`` is monotonic seconds, ``wall`` seconds since 1970 (for Retry-After dates and the skew only).
    """

    def __init__(
        self,
        endpoint: Endpoint,
        wire_profile: WireProfile,
        policy: PaymentPolicy,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        counters: Counters | None = None,
    ) -> None:
        self._clock = clock
        self._url = checked_url(endpoint)
        self._tls = tls_context(endpoint) if self._url.scheme == "https" else None
        transport = HttpTransport(self._url, self._tls, clock)
        super().__init__(endpoint, wire_profile, policy, transport, wall=wall, sleep=sleep, counters=counters)

    def another_lane(self) -> Gateway:
        """A gateway with the same settings, certificates and counters, and a connection of its own."""
        lane = Gateway.__new__(Gateway)
        lane.__dict__.update(self.__dict__)
        lane._transport = HttpTransport(self._url, self._tls, self._clock)
        return lane

    @property
    def is_plain_http(self) -> bool:
        """Whether payments travel unprotected; the windows then carry a red banner."""
        return self._url.scheme == "http"

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the gateway is a loopback address: the sandbox's."""
        return is_loopback(self._url.host)
