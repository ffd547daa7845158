"""The command line as scripts outside of this repository use it: exit codes, JSON fields, streams."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.virtual.scanner import VirtualScanner
from kiosk.sandbox.behaviours import sample_code
from kiosk.sandbox.run import SandboxServer

Run = Callable[..., subprocess.CompletedProcess[str]]
ORDER_FIELDS = [
    "order_no", "gateway_order_no", "customer_no", "kind", "principal_fen", "late_fee_fen", "total_fen", "cost_id",
    "mode", "state", "credited", "created_at", "paid_at", "credited_at",
]  # fmt: skip
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d")


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, sandbox: SandboxServer) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(
        f"""
[counter]
id = "K1"
[gateway]
url = "{sandbox.url}"
acq_code = "283499"
[gateway.profile]
finds_by_our_number = "true"
[payment]
pay_timeout_s = 1.0
attended_scan_s = 2.0
attended_show_s = 8.0
show_first_s = 0.5
negative_gap_s = 0.5
lookup_tries = 1
[printer]
kind = "file"
address = "{tmp_path / "receipts.bin"}"
[data]
directory = "{tmp_path / "data"}"
""",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def kiosk(settings: Path) -> Run:
    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kiosk", arguments[0], "--config", str(settings), *arguments[1:]]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)

    return run


def pay(kiosk: Run, customer: str, bill: str, ending: str, serial: int = 1) -> subprocess.CompletedProcess[str]:
    code = sample_code(ending, serial) + "\n"
    return kiosk("pay", "--customer", customer, "--bill", bill, "--scan", "--stdin", "--json", stdin=code)


def test_lookup_gives_one_object_with_the_bills(kiosk: Run) -> None:
    told = kiosk("lookup", "--customer", "6100000102", "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert list(found) == ["customer_no", "name_masked", "balance_fen", "bills"]
    assert found["name_masked"] == "王**"
    assert found["bills"][0] == {
        "cost_id": "2608000102", "period": "2026-08", "principal_fen": 9630, "late_fee_fen": 587,
        "total_fen": 10217, "locked": False,
    }  # fmt: skip


def test_lookup_of_an_unknown_customer_exits_1_and_of_a_silent_gateway_3(kiosk: Run, sandbox: SandboxServer) -> None:
    assert kiosk("lookup", "--customer", "6100000199").returncode == 1
    sandbox.stop()
    assert kiosk("lookup", "--customer", "6100000101").returncode == 3


def test_a_scanned_payment_is_credited_printed_and_listed(kiosk: Run, sandbox: SandboxServer, tmp_path: Path) -> None:
    told = pay(kiosk, "6100000101", "2610000101", "0000")
    assert told.returncode == 0, told.stderr
    order = json.loads(told.stdout.splitlines()[-1])
    assert list(order) == ORDER_FIELDS
    assert (order["state"], order["credited"], order["total_fen"], order["mode"]) == ("credited", True, 12850, "scan")
    assert all(ISO.fullmatch(order[name]) for name in ("created_at", "paid_at", "credited_at"))
    book = sandbox.ledger.as_json(sandbox.gateway.now_s())
    assert book["totals"] == {"paid_fen": 12850, "credited_fen": 12850}
    assert book["breaches"] == []
    assert (tmp_path / "receipts.bin").stat().st_size > 500
    assert json.loads(kiosk("orders", "--json").stdout) == [order]
    assert json.loads(kiosk("orders", "--pending", "--json").stdout) == []
    assert kiosk("verify").returncode == 0
    assert kiosk("recover").returncode == 0
    assert sample_code("0000", 1) not in told.stdout + told.stderr


def test_a_shown_qr_is_paid_by_posting_its_page(kiosk: Run, settings: Path, sandbox: SandboxServer) -> None:
    command = [sys.executable, "-m", "kiosk", "pay", "--config", str(settings), "--customer", "6100000104"]
    with subprocess.Popen(
        [*command, "--prepay", "50", "--show-qr", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        first = running.stdout.readline().split()
        assert first[0] == "pay_url"
        with urllib.request.urlopen(first[1], data=b"", timeout=5) as page:
            assert page.status == 200
        rest, _ = running.communicate(timeout=30)
    assert running.returncode == 0
    order = json.loads(rest.splitlines()[-1])
    assert (order["kind"], order["mode"], order["cost_id"], order["credited"]) == ("prepayment", "show", None, True)


def test_in_the_closed_hours_a_look_up_works_and_a_payment_exits_1_with_nothing_sent(
    kiosk: Run, settings: Path, sandbox: SandboxServer
) -> None:
    whole_day = 'id = "K1"\nclosed_hours = ["00:00-24:00"]'
    settings.write_text(settings.read_text("utf-8").replace('id = "K1"', whole_day), encoding="utf-8")
    assert kiosk("lookup", "--customer", "6100000101").returncode == 0
    told = pay(kiosk, "6100000101", "2610000101", "0000")
    assert told.returncode == 1
    assert "24:00" in told.stderr
    assert told.stdout.splitlines()[-1] == "null"
    assert sandbox.ledger.as_json(sandbox.gateway.now_s())["orders"] == []


def test_a_refusal_exits_1_and_frees_the_bill(kiosk: Run) -> None:
    refused = pay(kiosk, "6100000101", "2610000101", "2000")
    assert refused.returncode == 1, refused.stderr
    assert json.loads(refused.stdout.splitlines()[-1])["state"] == "failed"
    assert pay(kiosk, "6100000101", "2610000101", "0000", serial=2).returncode == 0


def test_a_doubt_exits_3_blocks_its_bill_and_is_listed_as_pending(kiosk: Run) -> None:
    doubt = pay(kiosk, "6100000101", "2610000101", "4000")
    assert doubt.returncode == 3, doubt.stderr
    assert pay(kiosk, "6100000101", "2610000101", "0000", serial=2).returncode == 3
    pending = json.loads(kiosk("orders", "--pending", "--json").stdout)
    assert [order["state"] for order in pending] == ["in_doubt"]
    assert kiosk("recover").returncode == 3


def test_a_lost_reply_is_found_and_credited(kiosk: Run) -> None:
    told = pay(kiosk, "6100000101", "2610000101", "3002")
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (("--customer", "6100000104", "--prepay", "1.005", "--scan", "--stdin"), "", 2),
        (("--customer", "6100000104", "--prepay", "0.50", "--scan", "--stdin"), "", 1),
        (("--customer", "6100000104", "--prepay", "0", "--scan", "--stdin"), "", 1),
        (("--customer", "6100000104", "--prepay", "10000.01", "--scan", "--stdin"), "", 1),
        (("--customer", "6100000199", "--prepay", "5", "--scan", "--stdin"), "", 1),
        (("--customer", "6100000101", "--bill", "nothing", "--scan", "--stdin"), "", 1),
        (("--customer", "6100000101", "--bill", "2610000101", "--scan", "--stdin"), "", 2),
        (("--customer", "6100000101", "--bill", "2610000101", "--scan", "--stdin"), "6100000101\n", 1),
        (("--customer", "6100000101", "--bill", "2610000101", "--scan"), "", 2),
        (("--customer", "6100000101", "--scan"), "", 2),
    ],
)
def test_bad_input_is_a_sentence_and_sends_nothing(
    kiosk: Run, sandbox: SandboxServer, arguments: tuple[str, ...], stdin: str, code: int
) -> None:
    told = kiosk("pay", *arguments, stdin=stdin)
    assert told.returncode == code, told.stderr
    assert told.stderr.strip()
    assert "Traceback" not in told.stderr
    assert sandbox.ledger.as_json(sandbox.gateway.now_s())["orders"] == []


def test_x3_a_second_process_that_may_pay_is_told_so_and_readers_read(
    kiosk: Run, settings: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "kiosk", "pay", "--config", str(settings), "--customer", "6100000104"]
    with subprocess.Popen(
        [*command, "--prepay", "5", "--show-qr"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        while not holder.stdout.readline().startswith("pay_url"):
            pass
        second = kiosk("recover")
        assert second.returncode == 2
        assert second.stderr.strip()
        assert kiosk("orders", "--json").returncode == 0
        assert kiosk("verify").returncode == 0
        holder.communicate(timeout=30)
    assert holder.returncode == 3


def test_a_wrong_setting_is_named_and_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[counter]\nid = "K1"\n[gatway]\nurl = "x"\n', encoding="utf-8")
    for command in (["orders"], ["recover"], ["lookup", "--customer", "1"]):
        told = subprocess.run(
            [sys.executable, "-m", "kiosk", *command, "--config", str(file)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert told.returncode == 2
        assert "gatway" in told.stderr


def test_the_sandbox_says_where_it_listens_and_demo_wants_a_display() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "kiosk", "sandbox", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as sandbox:  # fmt: skip
        assert sandbox.stdout is not None
        assert re.fullmatch(r"listening on http://127\.0\.0\.1:\d+\n", sandbox.stdout.readline())
        sandbox.terminate()
        sandbox.communicate(timeout=20)
    assert sandbox.returncode == 0
    if sys.platform == "linux":
        told = subprocess.run(
            [sys.executable, "-m", "kiosk", "demo"], capture_output=True, text=True, timeout=60, check=False, env={}
        )
        assert told.returncode == 2
        assert "--walkthrough" in told.stderr


def test_a_signal_after_the_intent_exits_3_and_recover_finds_the_order(kiosk: Run, settings: Path) -> None:
    command = [sys.executable, "-m", "kiosk", "pay", "--config", str(settings), "--customer", "6100000104"]
    with subprocess.Popen(
        [*command, "--prepay", "5", "--show-qr"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        while not running.stdout.readline().startswith("pay_url"):
            pass
        running.terminate()
        running.communicate(timeout=20)
    assert running.returncode == 3
    assert [order["state"] for order in json.loads(kiosk("orders", "--pending", "--json").stdout)] == ["shown"]


def test_run_opens_the_counter_and_ends_in_order_when_told_to(settings: Path, tmp_path: Path) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-m", "kiosk", "run", "--windowed", "--config", str(settings)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as running:  # fmt: skip
        lock = tmp_path / "data" / "journal.lock"
        deadline_s = time.monotonic() + 30
        while not (lock.exists() and lock.read_text().strip()) and time.monotonic() < deadline_s:
            time.sleep(0.05)
        running.terminate()
        _, said = running.communicate(timeout=20)
    assert running.returncode == 0, said
    assert "Traceback" not in said


def test_a_code_from_the_configured_scanner_pays(settings: Path, tmp_path: Path) -> None:
    with VirtualScanner(tmp_path) as gun:
        with settings.open("a", encoding="utf-8") as file:
            file.write(f'[scanner]\nkind = "serial"\nport = "{gun.port}"\nsuffix = "cr"\n')
        command = [sys.executable, "-m", "kiosk", "pay", "--config", str(settings), "--customer", "6100000101"]
        with subprocess.Popen(
            [*command, "--bill", "2610000101", "--scan"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as running:
            assert running.stderr is not None
            running.stderr.readline()  # the amount
            running.stderr.readline()  # "please scan"
            deadline_s = time.monotonic() + 20
            while running.poll() is None and time.monotonic() < deadline_s:
                gun.scan(sample_code("0000", 1))  # what comes before the port is open is lost, as in life
                time.sleep(0.7)
            running.communicate(timeout=20)
    assert running.returncode == 0


def test_an_older_orders_alarm_is_never_taken_for_a_refusal(kiosk: Run, sandbox: SandboxServer) -> None:
    """Exit 1 says "charge again": an alarm about yesterday's order must not end today's payment with it."""
    unseen = kiosk("pay", "--customer", "6100000202", "--bill", "2610000202", "--show-qr", "--json")
    assert unseen.returncode == 1, unseen.stderr
    assert json.loads(unseen.stdout.splitlines()[-1])["state"] == "unseen"
    [trade] = sandbox.ledger.trades
    with urllib.request.urlopen(f"{sandbox.url}/phone/{trade.token}", data=b"", timeout=5):
        pass  # somebody pays it all the same: a late success, which rings at the next start
    told = pay(kiosk, "6100000101", "2610000101", "0000")
    assert told.returncode == 0, told.stderr
    states = {order["customer_no"]: order["state"] for order in json.loads(kiosk("orders", "--json").stdout)}
    assert states == {"6100000101": "credited", "6100000202": "manual"}


@pytest.mark.parametrize("deaf", ["stdout", "stderr", "both"])
def test_a_reader_that_went_away_never_makes_a_doubt_a_refusal(settings: Path, deaf: str) -> None:
    """Exit 1 says "charge again": so does Python's own, where it cannot write what it has to say."""
    command = [sys.executable, "-m", "kiosk", "pay", "--config", str(settings), "--customer", "6100000101", "--json"]
    with subprocess.Popen(
        [*command, "--bill", "2610000101", "--scan", "--stdin"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stderr.readline()  # the amount: from here on it is silent until its last word
        for name, stream in (("stdout", running.stdout), ("stderr", running.stderr)):
            if deaf in (name, "both"):
                stream.close()
        running.stdin.write(sample_code("4000", 1) + "\n")
        running.stdin.close()
        assert running.wait(timeout=30) == 3
