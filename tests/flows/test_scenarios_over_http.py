"""Every shipped scenario against the whole counter: real engine, real journal on a disk, real HTTP, real sandbox.

For each file and each mode: the state in which the order ends, whether an alarm rings, whether the bill can be paid
again, and the gateway's own book are what the file's ``[expect]`` says. Whatever the scenario, no bill is charged
twice, none is credited twice, and nothing that the journal calls credited is missing from the book.

All runs that are asked for go side by side, a few at a time: most of each is waiting for a deadline. A run during which
the machine itself stood still for longer than a call may take says nothing of the counter, and is made again.
"""

from __future__ import annotations

import http.client
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from kiosk.app import Counter, open_counter
from kiosk.core.commands import LookUp, NextCustomer, PayBills, Scanned, ShowQr, StopWaiting
from kiosk.core.order import Order, State
from kiosk.core.policy import GatewayTraits, PaymentPolicy, field_names
from kiosk.gateway.profile import Endpoint
from kiosk.journal import JournalReader
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.run import SandboxServer
from kiosk.sandbox.scenario import SCAN, SHOW, Expected, Scenario
from kiosk.sandbox.scenario_file import load_scenario, shipped
from kiosk.settings import CounterSettings, Settings
from kiosk.snapshot import Face, Snapshot

#: The rules of a day in a few seconds. Deadlines of calls are as long as a loaded machine may need.
POLICY = PaymentPolicy(
    pay_timeout_s=1.2, query_timeout_s=0.6, notice_timeout_s=0.6, lookup_timeout_s=0.8, lookup_tries=2,
    attended_scan_s=0.6, attended_show_s=1.0, qr_life_s=1.0, scan_life_s=1.0, hold_off_s=0.3,
    negative_gap_s=0.08, not_found_answers=3, not_found_span_s=0.15, late_asks_s=(0.4, 0.9, 1.8),
    unseen_watch_s=1.0, give_up_s=6.0, alarm_s=3.0, retry_after_max_s=0.2, fresh_connection_s=2.0,
    scan_asks_s=(0.02, 0.08, 0.15), scan_gap_s=0.1, scan_gap_growth=1.0,
    show_first_s=0.05, show_gap_s=0.1, show_gap_growth=1.0, gap_max_s=0.15,
    background_gaps_s=(0.1,), notice_gaps_s=(0.05, 0.15), receipt_wait_s=0.1,
)  # fmt: skip
CUSTOMER_NO = "6100000101"
#: A state that lasts so long after it was reached is the end of it.
LASTS_S = 0.25
TIMEOUT_S = 20.0
AT_ONCE = 16
CASES = [(name, mode) for name in shipped() for mode in (SCAN, SHOW)]


@dataclass(slots=True)
class Seen:
    """The newest snapshot, waited for."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    latest: Snapshot | None = None

    def publish(self, snapshot: Snapshot) -> None:
        with self.changed:
            self.latest = snapshot
            self.changed.notify_all()

    def until(self, holds: Callable[[Snapshot], bool]) -> Snapshot:
        with self.changed:
            if not self.changed.wait_for(lambda: self.latest is not None and holds(self.latest), TIMEOUT_S):
                raise AssertionError(f"never seen; the last was {self.latest}")
            assert self.latest is not None
            return self.latest


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run came to."""

    state: str
    history: tuple[str, ...]
    bill_free: bool
    book: Mapping[str, Any]
    order: Order | None = None


class Stalls:
    """Notices when this machine stands still: a short sleep that lasts long."""

    LONG_S = 0.5

    def __init__(self) -> None:
        self._seen_s: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        last_s = time.monotonic()
        while not self._over.wait(0.02):
            now_s = time.monotonic()
            if now_s - last_s > self.LONG_S:
                self._seen_s.append(now_s)
            last_s = now_s

    def since(self, moment_s: float) -> bool:
        """Whether there was one after this moment."""
        return any(seen_s > moment_s for seen_s in self._seen_s)

    def stop(self) -> None:
        self._over.set()
        self._thread.join(5)


class Run:
    """One scenario in one mode, from the look-up to the end of its order."""

    def __init__(self, scenario: Scenario, mode: str, directory: Path, serial: int, alarms: list[str]) -> None:
        self._scenario, self._mode, self._serial = scenario, mode, serial
        self._alarms = alarms
        self._expected = scenario.expected[mode]
        self._directory = directory
        self._seen = Seen()
        self._history: list[str] = []

    def __call__(self) -> Ended:
        with SandboxServer(scenario=self._scenario) as sandbox:
            counter = open_counter(self._settings(sandbox.url), self._seen.publish)
            counter.start()
            try:
                ended = self._ended(counter, sandbox)
            finally:
                counter.close()
        return ended

    def _settings(self, url: str) -> Settings:
        profile = dict(self._scenario.profile)
        traits = {"finds_by_our_number": "true"} | {
            name: profile[name] for name in field_names(GatewayTraits) if name in profile
        }
        made = Settings(
            counter=CounterSettings(id="K1", branch="测试厅"),
            gateway=Endpoint(
                url=url, acq_code="283499", verify_replies=str(profile.get("verify_replies", "when-signed"))
            ),
            traits=GatewayTraits(**traits),
            payment=POLICY,
        )
        return made.with_data_directory(self._directory)

    def _ended(self, counter: Counter, sandbox: SandboxServer) -> Ended:
        engine, seen = counter.engine, self._seen
        engine.send(LookUp(CUSTOMER_NO))
        if self._expected.states == ("none",):
            seen.until(lambda now: now.face is Face.ACCOUNT or now.banner is not None)
            engine.send(PayBills())
            time.sleep(LASTS_S)
            return Ended("none", (), False, book_of(sandbox))
        seen.until(lambda now: now.face is Face.ACCOUNT)
        engine.send(PayBills())
        seen.until(lambda now: now.face is Face.PAY)
        engine.send(Scanned(sample_code("0000", self._serial)) if self._mode == SCAN else ShowQr())
        with JournalReader(self._directory) as reader:
            order = self._final(reader)
        book = book_of(sandbox)
        return Ended(order.state, tuple(self._history), self._bill_is_free(counter), book, order)

    def _final(self, reader: JournalReader) -> Order:
        """Watch the order until it is, and stays, in a state that is expected, and its alarm, if one is, has rung."""
        acts = self._mode == SHOW
        deadline_s, since_s = time.monotonic() + TIMEOUT_S, time.monotonic()
        while time.monotonic() < deadline_s:
            order = next(iter(reader.orders()), None)
            state = order.state if order is not None else "none"
            if not self._history or self._history[-1] != state:
                self._history.append(state)
                since_s = time.monotonic()
            if order is not None and acts and order.state is State.SHOWN:
                act(self._scenario.phone, order.pay_url)
                acts = False
            if order is not None and time.monotonic() - since_s >= LASTS_S and self._is_expected(order):
                return order
            time.sleep(0.02)
        raise AssertionError(f"never {self._expected}: {self._history}")

    def _is_expected(self, order: Order) -> bool:
        rang = not self._expected.alarm or bool(rung(self._alarms, order))
        return order.state in self._expected.states and rang

    def _bill_is_free(self, counter: Counter) -> bool:
        """As the cashier finds it: the customer is looked up again, and the bill can be chosen."""
        engine, seen = counter.engine, self._seen
        for command in (StopWaiting(), NextCustomer()):
            engine.send(command)
        seen.until(lambda now: now.face is Face.FIND)
        engine.send(LookUp(CUSTOMER_NO))
        account = seen.until(lambda now: now.face is Face.ACCOUNT).account
        assert account is not None
        return any(bill.locked is None for bill in account.bills)


def rung(alarms: list[str], order: Order | None) -> list[str]:
    """The alarms of one order."""
    return [alarm for alarm in alarms if order is not None and order.order_no in alarm]


def act(phone: str, pay_url: str) -> None:
    """What the customer does with the QR."""
    steps = {
        "confirms": ("", "POST"),
        "refuses": ("", "POST/refuse"),
        "refuses_then_confirms": ("", "POST/refuse", "", "POST"),
        "only_opens": ("",),
        "never": (),
    }[phone]
    address = urlsplit(pay_url)
    for step in steps:
        with closing(http.client.HTTPConnection(address.netloc, timeout=5)) as connection:
            connection.request("POST" if step else "GET", address.path + step.removeprefix("POST"))
            assert connection.getresponse().status == 200
        if step == "POST/refuse":
            time.sleep(0.2)  # long enough to be asked meanwhile


def book_of(sandbox: SandboxServer) -> Mapping[str, Any]:
    return sandbox.ledger.as_json(sandbox.gateway.now_s())


Case = tuple[str, str]
Runs = Mapping[Case, "Future[Failure]"]
#: Why a run is not what its file says; empty where it is.
Failure = str
#: How often a run is made at most.
TRIES = 4


class Judge:
    """Makes runs and holds each against its file."""

    def __init__(self, directory: Path, alarms: list[str], stalls: Stalls) -> None:
        self._directory, self._alarms, self._stalls = directory, alarms, stalls
        self._serial = itertools.count(1)

    def __call__(self, case: Case) -> Failure:
        """Run a case, again only where the machine stood still; the last run's failure."""
        failure = ""
        for _ in range(TRIES):
            begun_s = time.monotonic()
            failure = self._tried(case)
            if not failure or not self._stalls.since(begun_s):
                return failure
        return failure

    def _tried(self, case: Case) -> Failure:
        scenario, serial = load_scenario(case[0]), next(self._serial)
        directory = self._directory / f"{case[0]}-{case[1]}-{serial}"
        try:
            ended = Run(scenario, case[1], directory, serial, self._alarms)()
            compare(ended, scenario.expected[case[1]], rung(self._alarms, ended.order))
        except AssertionError as error:
            return str(error) or "an assertion"
        return ""


@pytest.fixture(scope="module")
def alarms() -> Iterator[list[str]]:
    """Every alarm that rang, as the log has it."""
    rang: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if str(record.msg).startswith("alarm "):
                rang.append(record.getMessage())

    handler = Kept(logging.WARNING)
    logging.getLogger("kiosk").addHandler(handler)
    yield rang
    logging.getLogger("kiosk").removeHandler(handler)


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, alarms: list[str]
) -> Iterator[Runs]:
    """The runs of the tests that were asked for, under way."""
    wanted = [item.callspec.params["case"] for item in request.session.items if "runs" in _fixtures(item)]
    stalls = Stalls()
    judge = Judge(tmp_path_factory.mktemp("scenarios"), alarms, stalls)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case: pool.submit(judge, case) for case in wanted}
    stalls.stop()


def _fixtures(item: Any) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_scenario_ends_as_its_file_says(case: Case, runs: Runs) -> None:
    assert runs[case].result(timeout=200) == ""


def compare(ended: Ended, expected: Expected, rang: list[str]) -> None:
    """Hold a run against its file, and against what holds whatever the gateway does."""
    book, told = ended.book, f"{ended.history}, {rang}, {ended.book}"
    charged = sum(order["state"] == "paid" for order in book["orders"])
    assert ended.state in expected.states, told
    assert bool(rang) == expected.alarm, f"alarm: {told}"
    assert ended.bill_free == expected.bill_free, f"bill_free {ended.bill_free}: {told}"
    assert (charged, len(book["credits"])) == (expected.charged, expected.credited), f"charged, credited: {told}"
    assert (book["double_charges"], book["double_credits"]) == ([], []), told
    assert {breach["rule"] for breach in book["breaches"]} <= set(expected.breaches), told
    assert {order["order_no"] for order in book["orders"]} <= ({ended.order.order_no} if ended.order else set()), told
    if ended.state == State.CREDITED:
        assert [order["credited"] for order in book["orders"]] == [True], told


def test_a_run_that_is_not_what_is_expected_is_told() -> None:
    scenario = load_scenario("lost_request")
    ended = Ended("failed", ("failed",), True, {
        "orders": [], "credits": [], "double_charges": [], "double_credits": [], "breaches": [],
    })  # fmt: skip
    compare(ended, scenario.expected[SCAN], [])
    for wrong, rang in (
        (replace(ended, state="credited"), []),
        (replace(ended, bill_free=False), []),
        (ended, ["alarm x"]),
        (replace(ended, book={**ended.book, "double_credits": ["A1"]}), []),
        (replace(ended, book={**ended.book, "orders": [{"state": "paid", "order_no": "A1"}]}), []),
        (replace(ended, book={**ended.book, "breaches": [{"rule": "redirect_followed"}]}), []),
    ):
        with pytest.raises(AssertionError):
            compare(wrong, scenario.expected[SCAN], rang)


def test_every_shipped_scenario_opens_with_what_it_shows_and_says_what_is_expected() -> None:
    for name in shipped():
        scenario = load_scenario(name)
        assert len(scenario.says) > 20, name
        assert set(scenario.expected) == {SCAN, SHOW}, name
