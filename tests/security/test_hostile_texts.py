"""Texts of the gateway that some reader could take for commands (Z25, Z26)."""

import json
import subprocess
import urllib.request

import pytest

from kiosk.sandbox.behaviours import sample_code

HOSTILE, DRAWER = "6100000903", "6100000904"
COST_ID = "B3');DROP TABLE orders;--<i>"
MARKUP = "<b onclick=1>\"'; DROP TABLE orders;--</b>{0}%s${x}"


def test_z25_markup_and_sql_in_a_name_and_an_id_are_texts_all_the_way(program, printer, trades):
    looked = json.loads(program.run("lookup", "--customer", HOSTILE, "--json").stdout)
    assert [bill["cost_id"] for bill in looked["bills"]] == [COST_ID]
    paid = program.scan(HOSTILE, sample_code("0000", 1), COST_ID)
    assert paid.returncode == 0, paid.stderr
    assert "Traceback" not in paid.stderr
    [order] = json.loads(program.run("orders", "--json").stdout)
    assert (order["cost_id"], order["state"]) == (COST_ID, "credited")
    assert COST_ID in {trade["cost_id"] for trade in trades()}
    [found] = json.loads(program.run("orders", "--find", "6100000903", "--json").stdout)
    assert found == order
    assert json.loads(program.run("orders", "--find", "x' OR 1=1 --", "--json").stdout) == []
    assert program.run("verify").returncode == 0
    lines = (program.data / "kiosk.log").read_text(encoding="utf-8").splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert MARKUP not in program.said
    [receipt] = printer.wait_for(1, 10)
    assert receipt.problems == []
    assert "<b**x}" in receipt.text  # masked as any name is, and printed as it stands
    assert receipt.decoded.kicks == []


def test_z25_the_customers_page_shows_a_hostile_name_as_text(program):
    with subprocess.Popen(
        program.command("pay", "--customer", HOSTILE, "--prepay", "5", "--show-qr", "--json"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as showing:  # fmt: skip
        url = showing.stdout.readline().split()[1]
        with urllib.request.urlopen(url, timeout=5) as page:
            html = page.read().decode()
        assert "<b " not in html
        assert "onclick" not in html
        urllib.request.urlopen(url, data=b"", timeout=5).close()
        showing.communicate(timeout=30)
    assert showing.returncode == 0


@pytest.mark.parametrize("way", ["arrears", "prepayment"])
def test_z26_the_drawers_command_in_a_name_opens_no_drawer(program, printer, way):
    """The real encoder wrote it, the decoder of a real printer's language read it."""
    paid = program.scan(DRAWER, sample_code("0000", 1), "2610000904" if way == "arrears" else "")
    assert paid.returncode == 0, paid.stderr
    [receipt] = printer.wait_for(1, 10)
    assert receipt.decoded.kicks == []
    assert b"\x1bp" not in receipt.data
    assert receipt.problems == []
    assert receipt.text.strip()
