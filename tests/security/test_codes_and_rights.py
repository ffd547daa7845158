"""A code is used once (Z17); an edited, opened, held or full data directory takes no money (Z22, Z23, Z24, Z28)."""

import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from kiosk.app import open_counter
from kiosk.core.commands import LookUp, PayBills, Scanned
from kiosk.core.messages import Answer, Heard
from kiosk.ports import Lane
from kiosk.settings import load
from kiosk.snapshot import Face

CUSTOMER, BILL = "6100000901", "2610000901"
OTHER, OTHER_BILL = "6100000902", "2610000902"


class Seen:
    """The newest snapshot, waited for."""

    def __init__(self):
        self._changed = threading.Condition()
        self.latest = None

    def publish(self, snapshot):
        with self._changed:
            self.latest = snapshot
            self._changed.notify_all()

    def until(self, holds):
        with self._changed:
            assert self._changed.wait_for(lambda: self.latest is not None and holds(self.latest), 15), self.latest


@pytest.fixture
def counter(program):
    """A counter at work in this process, at the *Pay* face; and what it shows."""
    seen = Seen()
    counter = open_counter(load(program.settings, {}), seen.publish)
    counter.start()
    counter.engine.send(LookUp(CUSTOMER))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    counter.engine.send(PayBills())
    seen.until(lambda now: now.face is Face.PAY)
    yield counter, seen
    counter.close()


def test_z17_the_same_code_twice_in_100_ms_is_one_order(counter, code, trades):
    counter, seen = counter
    used = code()
    counter.engine.send(Scanned(used))
    time.sleep(0.05)  # as a scanner repeats itself: whatever the payment is at by then
    counter.engine.send(Scanned(used))
    seen.until(lambda now: now.result is not None)
    [trade] = trades()
    assert (trade["state"], trade["total_fen"]) == ("paid", 4321)


def test_z17_a_code_whose_bytes_left_is_refused_though_its_payment_failed(program, code, trades):
    used = code("2000")
    assert program.scan(CUSTOMER, used, BILL).returncode == 1
    again = program.scan(OTHER, used, OTHER_BILL)
    assert again.returncode == 1
    assert "used" in again.stderr
    assert len(trades()) == 1


def test_z17_a_code_of_which_no_byte_left_may_be_used_again(program, code, trades, tmp_path):
    used = code()
    script = tmp_path / "unreachable.py"
    script.write_text(
        "import sys, httpx\nsent = httpx.Client.send\n"
        "def failing(self, request, **options):\n"
        "    if request.url.path == '/trade/pay': raise httpx.ConnectError('unreachable')\n"
        "    return sent(self, request, **options)\n"
        "httpx.Client.send = failing\nfrom kiosk.__main__ import main\nsys.exit(main())\n",
        encoding="utf-8",
    )
    unsent = program.scan(CUSTOMER, used, BILL, through=[sys.executable, str(script)])
    assert unsent.returncode == 1, unsent.stderr
    assert trades() == []
    again = program.scan(CUSTOMER, used, BILL)
    assert again.returncode == 0, again.stderr
    assert len(trades()) == 1


def test_z17_a_code_of_which_no_byte_left_may_be_used_again_in_the_same_process(counter, code, trades):
    counter, seen = counter
    gateway = counter.gateways[Lane.PAYMENT]
    pay, used = gateway.pay, code()
    gateway.pay = lambda order, payment_code: Answer(heard=Heard.NOT_SENT)
    counter.engine.send(Scanned(used))
    seen.until(lambda now: now.result is not None)
    gateway.pay = pay
    counter.engine.send(LookUp(CUSTOMER))
    seen.until(lambda now: now.face is Face.ACCOUNT)
    counter.engine.send(PayBills())
    seen.until(lambda now: now.face is Face.PAY)
    counter.engine.send(Scanned(used))
    seen.until(lambda now: now.result is not None and now.result.reference != "" and bool(trades()))
    assert len(trades()) == 1


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE orders SET total_fen = total_fen - 1",
        "UPDATE orders SET state = 'failed'",
        "DELETE FROM orders",
        "DROP TRIGGER IF EXISTS events_never_change",
    ],
)
def test_z22_whoever_edits_the_journal_is_found_by_the_command(program, code, edit):
    assert program.scan(CUSTOMER, code(), BILL).returncode == 0
    assert program.run("verify").returncode == 0
    with sqlite3.connect(program.data / "journal.db") as database:
        if edit.startswith("DROP"):
            triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            assert triggers
            edit = f"DROP TRIGGER {triggers[0][0]}"
        database.execute(edit)
    database.close()
    told = program.run("verify")
    assert told.returncode == 1
    assert told.stdout + told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps its rights elsewhere")
@pytest.mark.parametrize("place", [".", "journal.db", "journal.events.txt", "kiosk.log"])
def test_z23_a_data_directory_that_others_may_read_takes_no_payment(program, code, trades, place):
    assert program.scan(CUSTOMER, code("2000"), BILL).returncode == 1
    opened = program.data / place
    opened.chmod(opened.stat().st_mode | 0o044)
    told = program.scan(OTHER, code(), OTHER_BILL)
    assert told.returncode == 2
    assert str(opened.resolve()) in told.stderr
    assert len(trades()) == 1


def test_z24_a_second_process_that_may_pay_is_refused_and_sends_nothing(program, code, trades):
    with subprocess.Popen(
        program.command("pay", "--customer", CUSTOMER, "--prepay", "5", "--show-qr", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout.readline().startswith("pay_url ")
        for words in (("recover",), ("pay", "--customer", OTHER, "--prepay", "5", "--show-qr")):
            told = program.run(*words)
            assert told.returncode == 2, words
            assert told.stderr
        assert program.run("verify").returncode == 0
        holder.terminate()
        holder.communicate(timeout=20)
    assert holder.returncode == 3
    assert len(trades()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
def test_z28_a_full_disk_sends_nothing_and_loses_nothing_that_was_paid(program, code, trades):
    """No file may grow any more: the intent cannot be written, so no byte of the payment leaves."""
    assert program.scan(CUSTOMER, code(), BILL).returncode == 0
    size_kb = max(path.stat().st_size for path in program.data.iterdir()) // 1024
    full = ["/bin/bash", "-c", f'trap "" XFSZ; ulimit -f {min(size_kb, 1)}; exec "$@"', "bash", sys.executable,
            "-m", "kiosk"]  # fmt: skip
    told = program.scan(OTHER, code(), OTHER_BILL, through=full)
    assert told.returncode != 0, told.stderr
    assert "Traceback" not in told.stderr
    assert len(trades()) == 1
    assert program.run("verify").returncode == 0
    assert program.scan(OTHER, code(), OTHER_BILL).returncode == 0
    assert [trade["credited"] for trade in trades()] == [True, True]
