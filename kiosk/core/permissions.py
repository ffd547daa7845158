"""Second attempts that were allowed and not begun yet: beside which order, by whom, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kiosk.core.order import Instant

#: One that nobody used is forgotten after this.
ALLOWED_FOR_S = 900.0

Facts = tuple[tuple[str, str], ...]


class Permissions:
    """By the number of the order beside which; each is good for one attempt."""

    def __init__(self) -> None:
        self._given: dict[str, tuple[Facts, float]] = {}

    def give(self, order_no: str, by: str, why: str, at: Instant) -> None:
        """Allow one attempt beside this order."""
        self._given[order_no] = ((("by", by), ("why", why)), at.mono_s)

    def facts(self, order_no: str) -> Facts:
        """Who allowed it and why, as the journal is told; KeyError where nobody did."""
        return self._given[order_no][0]

    def use(self, order_nos: Iterable[str]) -> None:
        """The attempt has begun."""
        for order_no in order_nos:
            self._given.pop(order_no, None)

    def forget_old(self, at: Instant) -> None:
        """Nobody came back for these."""
        if self._given:
            self.use([number for number, (_, given_s) in self._given.items() if at.mono_s - given_s > ALLOWED_FOR_S])

    def __contains__(self, order_no: object) -> bool:
        return order_no in self._given

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)
