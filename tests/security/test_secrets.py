"""Payment codes, names and addresses: nowhere but where they are needed (Z12, Z13)."""

import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.core.bills import Customer
from kiosk.core.commands import Scanned
from kiosk.core.order import Kind, Mode, Order
from kiosk.core.payment_code import payment_code

CUSTOMER, OTHER = "6100000901", "6100000902"
NAME, ADDRESS, PHONE = "欧阳慕容雪晴", "暗号路77号隐身楼9单元", "13912345077"
ENCODINGS = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


def holders(files, *secrets):
    """The files that hold one of these, in whatever way they were written."""
    wanted = [secret.encode(encoding) for secret in secrets for encoding in ENCODINGS]
    wanted += [ascii(secret)[1:-1].encode() for secret in secrets]
    return [str(path) for path, held in files.items() if any(secret in held for secret in wanted)]


def paid_in_every_way(program, code):
    """Credited, in doubt, refused, without an answer, and by QR; returns the codes that were used."""
    codes = [code(ending) for ending in ("0000", "4000", "2000", "3000")]
    customers = ((OTHER, "2610000902"), (CUSTOMER, "2610000901"), (OTHER, ""), (OTHER, ""))
    exits = [program.scan(who, used, bill).returncode for (who, bill), used in zip(customers, codes, strict=True)]
    assert exits == [0, 3, 1, 3]
    with subprocess.Popen(
        program.command("pay", "--customer", CUSTOMER, "--prepay", "20.00", "--show-qr", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as showing:  # fmt: skip
        urllib.request.urlopen(showing.stdout.readline().split()[1], data=b"", timeout=5).close()
        program.said += "".join(showing.communicate(timeout=30))
    assert showing.returncode == 0
    return codes


def test_z12_no_code_no_full_name_and_no_address_in_any_file_or_stream(program, code, printer):
    codes = paid_in_every_way(program, code)
    for words in (("orders",), ("orders", "--json"), ("verify",), ("lookup", "--customer", CUSTOMER, "--json")):
        program.run(*words)
    files = program.files()
    names = {path.name for path in files}
    assert {"kiosk.log", "journal.db", "journal.events.txt"} <= names
    paper = {Path(receipt.path): receipt.data + receipt.text.encode() for receipt in printer.receipts}
    assert paper
    assert holders(files | paper, *codes) == []
    assert holders(files | paper, NAME, ADDRESS, PHONE) == []


def test_z12_what_a_kill_leaves_in_the_log_of_the_database_holds_no_secret(program, code):
    used = code("4000")
    with subprocess.Popen(
        program.command("pay", "--customer", CUSTOMER, "--bill", "2610000901", "--scan", "--stdin"),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as paying:  # fmt: skip
        paying.stdin.write(used + "\n")
        paying.stdin.flush()
        wal = program.data / "journal.db-wal"
        until(lambda: wal.exists() and b"intent" in wal.read_bytes())
        paying.kill()
        paying.communicate(timeout=20)
    files = program.files()
    assert wal in files
    assert holders(files, used, NAME, ADDRESS, PHONE) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads what /proc tells of a process")
def test_z12_a_running_payment_shows_no_code_to_other_processes_and_would_leave_no_core(program, code):
    used = code("3000")
    with subprocess.Popen(
        ["/bin/sh", "-c", 'ulimit -c unlimited 2>/dev/null; exec "$@"', "sh",
         *program.command("pay", "--customer", CUSTOMER, "--bill", "2610000901", "--scan", "--stdin")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as paying:  # fmt: skip
        paying.stdin.write(used + "\n")
        paying.stdin.flush()
        until(lambda: (program.data / "journal.events.txt").exists()
              and b"intent" in (program.data / "journal.events.txt").read_bytes())  # fmt: skip
        told = {name: Path(f"/proc/{paying.pid}/{name}").read_bytes() for name in ("environ", "cmdline", "limits")}
        paying.communicate(timeout=30)
    assert paying.returncode == 3
    assert holders({Path(name): held for name, held in told.items()}, used) == []
    [core] = [line for line in told["limits"].decode().splitlines() if line.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]


def until(holds):
    deadline_s = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_z12_no_value_that_carries_a_secret_shows_it():
    used = payment_code("134567890123456789")
    customer = Customer(customer_no=CUSTOMER, name=NAME, address=ADDRESS, phone=PHONE)
    order = Order(
        order_no="K1ABCDEFGHIJ0001", customer_no=CUSTOMER, kind=Kind.PREPAYMENT, mode=Mode.SCAN,
        principal_fen=1, late_fee_fen=0, total_fen=1, created_ms=0, name_masked=customer.name_masked,
    )  # fmt: skip
    shown = "".join(f"{value!r} {value!s}" for value in (used, Scanned(used.digits), customer, order, replace(order)))
    assert used.digits not in shown
    assert not any(secret in shown for secret in (NAME, ADDRESS, PHONE))


_FAULT = """
import sys
import httpx
sent = httpx.Client.send
def failing(self, request, **options):
    if request.url.path == "/trade/pay":
        if {sent_first}:
            sent(self, request, **options)
        raise {error}(f"while sending {{request.content!r}} of {{request!r}}")
    return sent(self, request, **options)
httpx.Client.send = failing
from kiosk.__main__ import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("error", "sent_first", "exit_code"),
    [("RuntimeError", False, 1), ("MemoryError", False, 1), ("RuntimeError", True, 3), ("httpx.WriteError", True, 3)],
)
def test_z13_an_exception_while_sending_dumps_no_code_wherever_it_ends(
    program, code, tmp_path, error, sent_first, exit_code
):
    used = code("4000")
    script = tmp_path / "faulty.py"
    script.write_text(_FAULT.format(sent_first=sent_first, error=error), encoding="utf-8")
    told = program.scan(CUSTOMER, used, "2610000901", through=[sys.executable, str(script)])
    assert told.returncode == exit_code, told.stderr
    assert "Traceback" not in told.stderr
    assert holders(program.files(), used, NAME, ADDRESS, PHONE) == []
