"""Starting, stopping, the command, and the data file."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kiosk.sandbox.customers import DEFAULT, DataError, load
from kiosk.sandbox.run import SandboxServer, description, serve

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("ending", ["3000", "3001"])
def test_stopping_ends_a_call_that_hangs(start, client_of, ending):
    server = start()
    client = client_of(server)
    ended = []

    def hang():
        try:
            client.pay(ending)
        except http.client.RemoteDisconnected as error:
            ended.append(error)

    client.timeout_s = 30
    thread = threading.Thread(target=hang)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.ledger._numbers and time.monotonic() < deadline:
        time.sleep(0.01)
    server.stop()
    thread.join(10)
    assert len(ended) == 1


def test_stopping_closes_the_port_and_twice_is_harmless(start):
    server = start()
    server.stop()
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_a_kept_connection_does_not_hold_the_stop_up(start):
    server = start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        server.stop()
        assert connection.recv(1) == b""


def test_nothing_is_logged_while_it_serves_and_stops(start, client_of, caplog):
    server = start()
    client = client_of(server)
    client.timeout_s = 0.3
    with pytest.raises(TimeoutError):
        client.pay("3000")
    with pytest.raises(http.client.RemoteDisconnected):
        client.pay("3002")
    server.stop()
    assert [record for record in caplog.records if record.levelname not in ("DEBUG", "INFO")] == []


def test_the_command_says_where_it_listens_first_and_prints_its_tables(tmp_path):
    code = "import sys; from kiosk.sandbox.run import serve; sys.exit(serve())"
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as process:
        assert process.stdout is not None
        port = re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", process.stdout.readline())[1]
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
        connection.request("GET", "/ledger")
        assert json.loads(connection.getresponse().read())["orders"] == []
        connection.close()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert err == description(DEFAULT) + "\n"


def test_a_port_in_use_is_a_sentence_and_2(start, capsys):
    assert serve(port=start().port) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"port \d+ on 127\.0\.0\.1 cannot be used: .+; choose another, 0 takes a free one\n", err)


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_is_none_is_a_sentence_and_2(port, capsys):
    assert serve(port=port) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_customers_can_come_from_a_file(tmp_path, start, client_of):
    file = tmp_path / "data.toml"
    file.write_text(
        'payee = "西城营业厅"\n[conduct]\nown_numbers = false\n'
        '[[customers]]\ncustomer_no = "77"\nname = "钱多"\nbalance = "3.05"\nbehaviour = "slow_wallet"\n'
        '[[customers.bills]]\ncost_id = "c1"\nperiod = "2026-11"\nprincipal = "10.00"\nlate_fee = "0.10"\n',
        encoding="utf-8",
    )
    client = client_of(start(load(file)))
    assert client.show("77", order_no="MINE")["order_no"] == "MINE"
    assert client.ledger()["orders"][0]["total_fen"] == 1010
    assert client.call("/trade/userInfoQuery", usr_id="6100000101")["sub_code"] == "1003"


def test_a_json_file_says_the_same(tmp_path):
    file = tmp_path / "data.json"
    file.write_text('{"customers": [{"customer_no": "1", "bills": []}]}', encoding="utf-8")
    assert [customer.customer_no for customer in load(file).customers] == ["1"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("customers = 3", "customers"),
        ("nonsense", "data.toml"),
        ('[[customers]]\ncustomer_no = "1"\nnam = "x"', "nam"),
        ('[[customers]]\ncustomer_no = "1"\nbalance = "1.5"', "two decimals"),
        ('[[customers]]\ncustomer_no = "1"\nbehaviour = "kind"', "no behaviour 'kind'"),
        ('[[customers]]\ncustomer_no = "1"\n[[customers]]\ncustomer_no = "1"', "twice"),
        ('customers = []\n[conduct]\nquery_names = "none"', "query_names"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path, capsys, text, says):
    file = tmp_path / "data.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(says)):
        load(file)
    assert serve(data_file=file) == 2
    assert says in capsys.readouterr().err


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_the_default_table_holds_what_the_demo_needs():
    bills = {customer.customer_no: len(customer.bills) for customer in DEFAULT.customers}
    assert [bills[f"61000001{n:02d}"] for n in range(1, 7)] == [1, 3, 2, 0, 1, 1]
    assert "6100000199" not in bills


def test_a_server_that_never_started_lets_its_port_go():
    server = SandboxServer()
    server.stop()
    SandboxServer(port=server.port).stop()
