"""`kill -9` of the real program against the real sandbox over HTTP, and then the two books side by side.

Each story is a payment by `kiosk pay` that is killed: at a named point (`kiosk.stop_at`), or at a moment that a seed
chose out of the length of a whole payment. Then, as it would be at a counter: somebody tries the same bill again, the
machine comes back (`kiosk recover`), and the sandbox's `/ledger` is laid beside `kiosk orders`. What nobody was
charged for can be paid afterwards. Customers pay whatever QR they have seen, also after the program is gone.
"""

import json
import os
import random
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest

from kiosk.sandbox.behaviours import sample_code
from kiosk.stop_at import VARIABLE

pytestmark = [
    pytest.mark.long_counts,
    pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's; Windows ends a process by other means"),
]

AT_A_TIME = 2
SEED = 20261124
BILL_FEN = 4321
PREPAYMENT = "12.34"
OPEN = {"in_doubt", "shown", "paid", "manual"}
#: Nothing may free a bill that is in one of these before the next start has asked for a hold-off at least. (A show
#: order without a QR is another matter: nobody has seen one, so the next start frees its bill at once.)
BLOCKING = {("scan", "in_doubt"), ("show", "shown")}
POLICY = """
pay_timeout_s = 2.0
query_timeout_s = 2.0
notice_timeout_s = 2.0
lookup_timeout_s = 4.0
attended_scan_s = 3.0
attended_show_s = 5.0
qr_life_s = 5.0
scan_life_s = 3.0
hold_off_s = 1.5
negative_gap_s = 0.2
not_found_answers = 3
not_found_span_s = 0.3
scan_asks_s = [0.1, 0.2, 0.4]
scan_gap_s = 0.3
show_first_s = 0.2
show_gap_s = 0.2
gap_max_s = 0.4
background_gaps_s = [0.2, 0.3]
notice_gaps_s = [0.2, 0.3]
receipt_wait_s = 0.2
"""


@dataclass(frozen=True)
class Kill:
    """One story: how is paid, and when the program dies."""

    mode: str
    kind: str
    #: A named point, or empty: at the moment ``fraction`` of a whole payment's length.
    point: str = ""
    fraction: float = 0.0
    ending: str = "0000"
    #: The first `kiosk recover` is killed too, here.
    recover_point: str = ""

    @property
    def name(self) -> str:
        when = self.point or f"{self.fraction:.3f}"
        ending = self.ending if self.ending != "0000" else ""
        return "-".join(filter(None, (self.mode, self.kind, when, ending, self.recover_point)))


def _sides(*names):
    return [f"{side}_{name}" for name in names for side in ("before", "after")]


SCAN_POINTS = _sides("intent", "call", "gateway_number", "query", "paid", "notice", "credited", "print")
SHOW_POINTS = _sides("intent", "call", "shown", "query", "paid", "notice", "credited", "print")
KINDS = ("arrears", "prepayment")
NAMED = [
    *(Kill("scan", KINDS[n % 4 == 3], point) for n, point in enumerate(SCAN_POINTS)),
    *(Kill("show", KINDS[n % 2], point) for n, point in enumerate(["after_call", "before_shown"])),
    Kill("show", "arrears", "after_shown"),
    Kill("show", "arrears", "after_paid"),
    Kill("scan", "arrears", "after_in_doubt", ending="3002"),
    Kill("scan", "arrears", "after_intent", recover_point="in_recover"),
    Kill("show", "prepayment", "before_paid", recover_point="after_notice"),
]
MORE_NAMED = [
    *(Kill(mode, kind, point) for kind in KINDS for mode, points in (("scan", SCAN_POINTS), ("show", SHOW_POINTS))
      for point in points),
    *(Kill("scan", "arrears", point, recover_point=again) for point in ("after_call", "after_paid")
      for again in _sides("query", "paid", "notice", "credited") if (point, again[-4:]) != ("after_paid", "paid")
      and (point, again[-5:]) != ("after_paid", "query")),
]  # fmt: skip
ENDINGS = ("0000", "0000", "0000", "1001", "3001", "3002", "3003", "5001", "7001", "7002", "2000")


def kills(long_run: bool) -> list[Kill]:
    named = list(dict.fromkeys([*NAMED, *MORE_NAMED])) if long_run else NAMED
    seeded, count = random.Random(SEED), (200 if long_run else 29) - len(named)
    at_random = []
    for n in range(count):
        mode = ("scan", "show")[n % 2]
        ending = seeded.choice(ENDINGS) if mode == "scan" and long_run else "0000"
        at_random.append(Kill(mode, seeded.choice(KINDS), fraction=(n + seeded.random()) / count, ending=ending))
    return [*named, *at_random]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kill" in metafunc.fixturenames:
        chosen = kills(bool(metafunc.config.getoption("--long")))
        metafunc.parametrize("kill", chosen, ids=[kill.name for kill in chosen])


# --- the program -----------------------------------------------------------------------------------------------------


class Sandbox:
    """A real `kiosk sandbox` with a customer and a bill for each story."""

    def __init__(self, directory: Path, stories: int) -> None:
        customers = [
            {
                "customer_no": customer_no(n), "name": "张伟",
                "bills": [{"cost_id": cost_id(n), "period": "2026-10", "principal": "40.21", "late_fee": "3.00"}],
            }
            for n in range(stories)
        ]  # fmt: skip
        data = directory / "customers.json"
        data.write_text(json.dumps({"customers": customers, "conduct": {"qr_life_s": 4.8}}), encoding="utf-8")
        self._said = (directory / "sandbox.txt").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "sandbox", "--port", "0", "--data", str(data)],
            stdout=subprocess.PIPE, stderr=self._said, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[-1]

    def ledger(self, customer: str) -> dict[str, list[dict[str, object]]]:
        """The gateway's book of one customer."""
        with urllib.request.urlopen(f"{self.url}/ledger", timeout=10) as reply:
            book = json.loads(reply.read())
        orders = [order for order in book["orders"] if order["customer_no"] == customer]
        numbers = {order["order_no"] for order in orders}
        return {
            "orders": orders,
            "credits": [credit for credit in book["credits"] if credit["customer_no"] == customer],
            "breaches": [breach for breach in book["breaches"] if breach["order_no"] in numbers],
        }

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)
        self._said.close()


def customer_no(story: int) -> str:
    return f"61{story:08d}"


def cost_id(story: int) -> str:
    return f"2610{story:06d}"


@dataclass
class Ended:
    """A command that is over; ``length_s`` from its first word to its end."""

    code: int
    out: str
    err: str
    length_s: float


@dataclass
class Counter:
    """One counter with a data directory of its own: the commands that a cashier and an operator would give."""

    directory: Path
    story: int
    url: str
    codes: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True)
        self.settings.write_text(
            f'[counter]\nid = "K1"\n[gateway]\nurl = "{self.url}"\nacq_code = "283499"\n'
            f'[gateway.profile]\nfinds_by_our_number = "true"\n[payment]\n{POLICY}\n'
            f'[printer]\nkind = "file"\naddress = "{self.directory / "receipts.bin"}"\n'
            f'[data]\ndirectory = "{self.data}"\n',
            encoding="utf-8",
        )

    @property
    def settings(self) -> Path:
        return self.directory / "settings.toml"

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def run(self, *words: str, point: str = "") -> Ended:
        """A command without a customer."""
        began_s = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "kiosk", words[0], "--config", str(self.settings), *words[1:]],
            capture_output=True, text=True, timeout=60, check=False, env=_environment(point),
        )  # fmt: skip
        self.said += [done.stdout, done.stderr]
        return Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began_s)

    def pay(
        self, mode: str, kind: str, ending: str = "0000", point: str = "", kill_after_s: float | None = None
    ) -> Ended:
        """`kiosk pay`, with a customer who does what is to be done; killed so long after its first word, if at all."""
        what = ["--bill", cost_id(self.story)] if kind == "arrears" else ["--prepay", PREPAYMENT]
        way = ["--scan", "--stdin"] if mode == "scan" else ["--show-qr"]
        command = [sys.executable, "-m", "kiosk", "pay", "--config", str(self.settings), "--json"]
        process = subprocess.Popen(
            [*command, "--customer", customer_no(self.story), *what, *way],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(point),
        )  # fmt: skip
        assert process.stdin is not None
        if mode == "scan":
            self.codes.append(sample_code(ending, 1000 * self.story + len(self.codes)))
            process.stdin.write(self.codes[-1] + "\n")
        process.stdin.close()
        process.stdin = None  # communicate() would flush what is closed
        out, err = _heard(process, kill_after_s)
        self.said += [out.text, err.text]
        return Ended(process.returncode, out.text, err.text, time.monotonic() - (err.first_s or time.monotonic()))

    def orders(self) -> list[dict[str, object]]:
        told = self.run("orders", "--json")
        assert told.code == 0, told.err
        found: list[dict[str, object]] = json.loads(told.out)
        return found


class _Ear(Thread):
    """Reads one stream to its end; a customer pays the QR as soon as it is there."""

    def __init__(self, stream) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self.text = ""
        self.first_s: float | None = None
        self.start()

    def run(self) -> None:
        for line in self._stream:
            self.first_s = self.first_s or time.monotonic()
            self.text += line
            if line.startswith("pay_url "):
                _pay_by_phone(line.split()[1])
        self._stream.close()


def _pay_by_phone(pay_url: str) -> None:
    try:
        with urllib.request.urlopen(pay_url, data=b"", timeout=5):
            pass
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 410:  # its life is over: this customer was slow
            raise


def _heard(process: subprocess.Popen, kill_after_s: float | None) -> tuple[_Ear, _Ear]:
    out, err = _Ear(process.stdout), _Ear(process.stderr)
    if kill_after_s is not None:
        while err.first_s is None and process.poll() is None:
            time.sleep(0.005)
        time.sleep(max(0.0, (err.first_s or 0.0) + kill_after_s - time.monotonic()))
        process.kill()
    process.wait(timeout=60)
    out.join(20)
    err.join(20)
    return out, err


def _environment(point: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")}
    return clean | ({VARIABLE: point} if point else {})


# --- a story ---------------------------------------------------------------------------------------------------------


def told(kill: Kill, counter: Counter, sandbox: Sandbox, length_s: float) -> None:
    """The whole story; an assertion that fails says what was lost."""
    killed(kill, counter, length_s)
    if kill.recover_point:
        died = counter.run("recover", "--until-settled", "30", point=kill.recover_point)
        assert died.code == -9, f"recover never came to {kill.recover_point}: {died.code} {died.err}"
    tried_again(kill, counter, sandbox)
    recovered = counter.run("recover", "--until-settled", "30")
    # This gateway says at last what became of each order, so none may stay open, whoever was killed when.
    assert recovered.code == 0, recovered.out + recovered.err
    compared(kill, counter, sandbox, recovered.code)
    paid_afterwards(kill, counter, sandbox)
    verified = counter.run("verify")
    assert verified.code == 0, verified.out + verified.err
    nothing_of_the_codes_is_left(counter)


def killed(kill: Kill, counter: Counter, length_s: float) -> None:
    if kill.point:
        died = counter.pay(kill.mode, kill.kind, kill.ending, point=kill.point)
        assert died.code == -9, f"pay never came to {kill.point}: {died.code} {died.err}"
    else:
        died = counter.pay(kill.mode, kill.kind, kill.ending, kill_after_s=kill.fraction * length_s)
        assert died.code in (-9, 0, 1, 3), died.err


def tried_again(kill: Kill, counter: Counter, sandbox: Sandbox) -> None:
    """The cashier tries the bill again while it is in doubt: refused, and nobody is charged for it."""
    pending = [order for order in counter.orders() if order["state"] in OPEN]
    if kill.kind != "arrears" or not any((order["mode"], order["state"]) in BLOCKING for order in pending):
        return
    before = len(sandbox.ledger(customer_no(counter.story))["orders"])
    again = counter.pay("scan", "arrears")
    known = sandbox.ledger(customer_no(counter.story))["orders"]
    # Found to be paid or credited at that very start, it is refused just as well; the bill may be off the list then.
    settled = any(order["state"] == "paid" for order in known)
    assert again.code in ((1, 3) if settled else (3,)), again.err
    assert len(known) == before, "a bill in doubt was charged again"


def compared(kill: Kill, counter: Counter, sandbox: Sandbox, recover_code: int) -> None:
    """The gateway's book beside the journal's."""
    book, orders = sandbox.ledger(customer_no(counter.story)), counter.orders()
    states = {order["order_no"]: order["state"] for order in orders}
    left_open = [number for number, state in states.items() if state in OPEN]
    assert recover_code == (3 if left_open else 0), f"recover said {recover_code}, the journal {states}"
    charged = [trade for trade in book["orders"] if trade["state"] == "paid"]
    assert len(charged) <= 1, f"charged twice: {charged}"
    for trade in charged:
        assert trade["order_no"] in states, f"charged and not in the journal: {trade}"
        state = states[trade["order_no"]]
        assert state == "credited" or trade["order_no"] in left_open, f"charged, and the journal says {state}"
        assert trade["credited"] or trade["order_no"] in left_open, "charged, and settled without a credit"
    credited = [credit["order_no"] for credit in book["credits"]]
    assert sorted(credited) == sorted(set(credited)), "credited twice"
    assert set(credited) <= {trade["order_no"] for trade in charged}, "credited and not charged"
    for order in orders:
        if order["state"] == "credited":
            [trade] = [trade for trade in book["orders"] if trade["order_no"] == order["order_no"]]
            assert trade["credited"]
            assert trade["total_fen"] == order["total_fen"]
    assert book["breaches"] == []


def paid_afterwards(kill: Kill, counter: Counter, sandbox: Sandbox) -> None:
    """Nobody was charged, nothing is open: then the customer can pay; credited, and once."""
    book = sandbox.ledger(customer_no(counter.story))
    open_now = any(order["state"] in OPEN for order in counter.orders())
    if open_now or any(trade["state"] == "paid" for trade in book["orders"]):
        return
    paid = counter.pay("scan", kill.kind)
    assert paid.code == 0, f"a bill that nobody was charged for cannot be paid: {paid.err}"
    compared(kill, counter, sandbox, 0)


def nothing_of_the_codes_is_left(counter: Counter) -> None:
    texts = {path: path.read_bytes() for path in counter.directory.rglob("*") if path.is_file()}
    texts[Path("what was said")] = "".join(counter.said).encode()
    for code in counter.codes:
        found = [str(path) for path, text in texts.items() if code.encode() in text]
        assert not found, f"a payment code stands in {found}"


# --- the tests -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stories(request, tmp_path_factory):
    """The chosen stories, two at a time; a future a story."""
    directory = tmp_path_factory.mktemp("kill")
    chosen = [
        item.callspec.params["kill"] for item in request.session.items
        if item.path == request.path and "kill" in getattr(getattr(item, "callspec", None), "params", {})
    ]  # fmt: skip
    sandbox = Sandbox(directory, len(chosen) + 2)
    try:
        lengths_s = {}
        for n, mode in enumerate(("scan", "show")):
            whole = Counter(directory / f"whole-{mode}", len(chosen) + n, sandbox.url).pay(mode, "arrears")
            assert whole.code == 0, whole.err
            lengths_s[mode] = whole.length_s
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            yield {
                kill: pool.submit(
                    told, kill, Counter(directory / str(n), n, sandbox.url), sandbox, lengths_s[kill.mode]
                )
                for n, kill in enumerate(chosen)
            }
            pool.shutdown(cancel_futures=True)
    finally:
        sandbox.stop()


@pytest.mark.timeout(3600)
def test_a_kill_at_any_moment_charges_nobody_twice_and_loses_nothing(kill, stories):
    stories[kill].result()


def test_the_ordinary_run_kills_at_every_kind_of_point():
    ordinary = kills(False)
    assert len(ordinary) >= 25
    assert {*SCAN_POINTS, "before_shown", "after_shown", "after_in_doubt"} <= {kill.point for kill in ordinary}
    assert "in_recover" in {kill.recover_point for kill in ordinary}
    assert sum(not kill.point for kill in ordinary) >= 5


def test_the_long_run_kills_two_hundred_times():
    assert len(set(kills(True))) == 200


def test_a_misspelt_point_is_a_sentence_and_exits_2(tmp_path):
    counter = Counter(tmp_path / "counter", 1, "http://127.0.0.1:9")
    said = counter.run("recover", point="after_payed")
    assert said.code == 2
    assert "after_payed" in said.err
    assert "Traceback" not in said.err
