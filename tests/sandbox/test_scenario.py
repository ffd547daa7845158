"""Scenarios: read strictly, chosen by copy, customer, code and mode, and delivered byte by byte on a real socket."""

import gzip
import http.client
import json
import re
import socket
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from kiosk.sandbox.dial_keys import EXPECT_KEYS, PROFILE_KEYS, TABLES, markdown
from kiosk.sandbox.dials import Delivery
from kiosk.sandbox.run import serve
from kiosk.sandbox.scenario_file import ScenarioError, listed, load_scenario, read_scenario, shipped, told
from kiosk.sandbox.wire import End, end, steps
from kiosk.sandbox.writing import Outcome, bomb

ROOT = Path(__file__).parents[2]
PATH = Path("mine.toml")
ARREARS = "/trade/owInfoQuery"


def scenario(text):
    return read_scenario(text.encode(), PATH)


@pytest.fixture
def dialled(start, client_of):
    """A client of a sandbox with this scenario."""

    def made(text):
        return client_of(start(scenario=scenario(text)))

    return made


def faults(text):
    with pytest.raises(ScenarioError) as raised:
        scenario(text)
    return str(raised.value).splitlines()


def bytes_of(client, path=ARREARS, timeout_s=0.4, **fields):
    """What stands on the connection after one call, until it ends or is quiet; and how it ended."""
    request = {"version": "3.0", "channel": "APP", "acq_code": "283499", "usr_id": "6100000101", **fields}
    body = json.dumps({"request": request, "sign": client.signed(request)}).encode()
    host, _, port = client.address.partition(":")
    received, ended = b"", "quiet"
    with socket.create_connection((host, int(port)), timeout=timeout_s) as connection:
        connection.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {client.address}\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode() + body
        )
        try:
            while len(received) < 1 << 20:
                data = connection.recv(65536)
                if not data:
                    ended = "closed"
                    break
                received += data
        except TimeoutError:
            pass
        except ConnectionResetError:
            ended = "reset"
    return received, ended


# --- reading ---


def test_the_least_scenario_is_an_empty_file():
    assert scenario("").dials == ()


def test_a_scenario_says_what_stands_in_its_first_comment():
    assert scenario("# First line.\n# Second line.\n\n# not this\n").says == "First line. Second line."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[dail]]", ["the file's tables", "'dail'", "nearest: dial", "allowed: conduct, dial"]),
        ("[dial]\ncall = 'pay'", ["dial", "[[dial]]"]),
        ("[[conduct]]\nsigned = true", ["conduct", "[conduct], once"]),
        ("dial = 3", ["dial", "found 3"]),
        ("[[dial]]", ["dial 1, key call", "found 'nothing'"]),
        ("[[dial]]\ncall = 'pay'\n[[dial]]\ncall = 'querry'", ["dial 2, key call", "'querry'", "nearest: query"]),
        ("[[dial]]\ncall = 'pay'\nsubcode = '0009'", ["key subcode", "nearest: sub_code", "allowed: call, copies"]),
        ("[[dial]]\ncall = 'pay'\nsub_code = 9", ["key sub_code", "found 9", "four digits"]),
        ("[[dial]]\ncall = 'pay'\ndelivery = 'silent'", ["'silent'", "nearest: silence", '"cut_body"']),
        ("[[dial]]\ncall = 'pay'\ncopies = 0", ["copies", "found 0", "from N"]),
        ("[[dial]]\ncall = 'pay'\ncopies = 'from 0'", ["copies", "from N"]),
        ("[[dial]]\ncall = 'pay'\ncopies = true", ["copies", "found True"]),
        ("[[dial]]\ncall = 'pay'\ndelay_s = '1'", ["delay_s", "seconds"]),
        ("[[dial]]\ncall = 'pay'\ndelay_s = nan", ["delay_s", "seconds"]),
        ("[[dial]]\ncall = 'pay'\nwork = 'no'", ["work", "true or false"]),
        ("[[dial]]\ncall = 'pay'\nhttp_status = 100", ["http_status", "200 to 599"]),
        ("[[dial]]\ncall = 'pay'\nretry_after = \"1\\r\\nx: y\"", ["retry_after", "one line"]),
        ("[[dial]]\ncall = 'pay'\nredirect = 'ftp://x'", ["redirect", "an address"]),
        ("[[course]]", ["course 1", "phases"]),
        ("[[course]]\nphases = [[1, 'paid']]", ["phases", "rising from 0"]),
        ("[[course]]\nphases = [[0, 'payed']]", ["phases", "nearest: paid"]),
        ("[conduct]\ncost_ids = 'new'", ["conduct, key cost_ids", '"fresh"']),
        ("[expect]\nstate_scan = 'paid'", ["key state_show", "nothing"]),
        ("[expect]\nstate_scan = 'payed'\nstate_show = 'none'", ["state_scan", "nearest: paid"]),
        ("x = ", ["mine.toml"]),
    ],
)
def test_a_fault_names_the_file_the_key_what_was_found_and_what_is_allowed(text, says):
    told_of = faults(text)
    assert all(line.startswith("mine.toml: ") for line in told_of)
    assert all(part in told_of[0] for part in says), told_of


def test_all_faults_of_a_file_are_told_at_once():
    assert len(faults("[[dial]]\ncall = 'x'\nwork = 1\n[[course]]\nrefusal = 'paid'\n[more]\n")) == 4


def test_a_file_that_is_not_there_and_a_name_that_is_none_are_sentences(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(str(tmp_path / "none.toml"))
    with pytest.raises(ScenarioError, match="did you mean lost_reply"):
        load_scenario("lost_replay")


def test_every_shipped_scenario_can_be_read_and_is_listed():
    assert [line.split()[0] for line in listed().splitlines()[1:]] == list(shipped())


def test_a_scenario_is_told_as_a_table():
    lines = told(scenario("# It breaks.\n[conduct]\nsigned = false\n[[dial]]\ncall = 'pay'\nwork = false")).splitlines()
    assert lines[0] == "Scenario mine: It breaks."
    assert [line.split() for line in lines[1:]] == [
        ["conduct", "signed", "False"], ["dial", "1", "call", "'pay'"], ["dial", "1", "work", "False"],
    ]  # fmt: skip


def test_readme_shows_every_key_as_it_is():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [table for table in ("dial", "course", "conduct") if markdown(table) not in readme] == []
    assert [key.name for key in (*EXPECT_KEYS, *PROFILE_KEYS) if f"`{key.name}`" not in readme] == []


def test_no_key_stands_twice_and_each_has_a_sentence():
    for keys in TABLES.values():
        assert len({key.name for key in keys}) == len(keys)
        assert all(key.says.endswith(".") and key.allowed for key in keys)


# --- choosing ---


def test_the_first_dial_that_fits_a_copy_decides(dialled):
    client = dialled(
        "[[dial]]\ncall = 'query'\ncopies = [1, 3]\nsub_code = '1001'\n"
        "[[dial]]\ncall = 'query'\ncopies = 'from 3'\nsub_code = '1006'\n"
    )
    number = client.pay()["order_no"]
    assert [client.query(number)[0] for _ in range(4)] == ["1001", "0000", "1001", "1006"]


def test_copies_are_counted_for_each_order_whichever_number_asks(dialled):
    client = dialled("[[dial]]\ncall = 'query'\ncopies = 1\nsub_code = '1001'")
    for ours in ("A1", "A2"):
        theirs = client.pay(order_no=ours)["order_no"]
        assert [client.query(number)[0] for number in (ours, theirs)] == ["1001", "0000"]


@pytest.mark.parametrize(
    ("limit", "meant"),
    [("ending = '0007'", (True, False, False)), ("customer = '6100000103'", (False, True, False)),
     ("mode = 'show'", (False, False, True))],
)  # fmt: skip
def test_a_dial_can_be_for_a_code_a_customer_or_a_mode_only(dialled, limit, meant):
    client = dialled(f"[[dial]]\ncall = ['payment', 'query']\n{limit}\nsub_code = '1001'\nwork = true")
    client.pay("0007", order_no="A1")
    client.pay(usr_id="6100000103", order_no="A2")
    client.show(order_no="A3", usr_id="6100000102")
    assert tuple(client.query(number)[0] == "1001" for number in ("A1", "A2", "A3")) == meant


# --- the truth under every dial ---


@pytest.mark.parametrize("work", [True, False])
def test_work_is_done_or_not_whatever_is_answered(dialled, work):
    word = "true" if work else "false"
    client = dialled(
        f"[[dial]]\ncall = 'pay'\nsub_code = '1001'\nwork = {word}\n"
        f"[[dial]]\ncall = 'notice'\ncode = 'FAIL'\nwork = {word}"
    )
    bill = client.arrears("6100000101")
    assert client.pay(order_no="A1")["sub_code"] == "1001"
    assert client.query("A1")[0] == ("0000" if work else "1003")
    notice = {"usr_id": "6100000101", "order_no": "A1", **bill}
    client.call("/trade/owPayNotice", **notice)
    assert len(client.ledger()["credits"]) == (1 if work else 0)


def test_a_status_that_is_dialled_is_said_and_the_book_knows_better(dialled):
    client = dialled("[[course]]\nphases = [[0, 'not_paid']]\n[[dial]]\ncall = 'query'\nstatus = 'SUCCESS'")
    assert client.query(client.pay()["order_no"]) == ("0000", "SUCCESS")
    assert client.ledger()["totals"]["paid_fen"] == 0


def test_a_course_says_what_becomes_of_a_payment_and_when_it_is_found(dialled, clock):
    client = dialled("[[course]]\nphases = [[0, 'failed'], [5, 'paid']]\nfound_after_s = 2")
    client.pay(order_no="A1")
    seen = []
    for seconds in (0, 2, 3):
        clock.now_s += seconds
        seen.append(client.query("A1"))
    assert seen == [("1003", None), ("0000", "PAYERROR"), ("0000", "SUCCESS")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [("ours", {"A2"}), ("unknown", {"X2020000000000000001"}), ("new_unknown", None), ("other_order", None)],
)
def test_a_reply_can_name_another_number(dialled, names, expected):
    client = dialled(f"[[dial]]\ncall = 'query'\nnames = '{names}'")
    other = client.pay(order_no="A1", usr_id="6100000103")["order_no"]
    theirs = client.pay(order_no="A2")["order_no"]
    named = {client.call("/trade/query", pre_order_no=theirs)["order_no"] for _ in range(2)}
    if names == "new_unknown":
        assert len(named) == 2
    else:
        assert named == (expected or {other})


def test_a_redirect_to_the_sandbox_itself_notes_whoever_comes(dialled):
    client = dialled("[[dial]]\ncall = 'arrears'\nredirect = 'own'")
    head, _ = bytes_of(client)
    assert head.startswith(b"HTTP/1.1 307 ")
    where = re.search(rb"location: http://[^/]+(/\S+)", head)[1].decode()
    assert client.rules() == []
    client.exchange("POST", where, b"whatever is sent there is not kept")
    assert client.rules() == ["redirect_followed"]
    assert "whatever" not in json.dumps(client.ledger())


# --- on the wire ---


def test_the_ordinary_reply_is_what_cut_and_doubled_ones_are_made_of(dialled):
    client = dialled("[[dial]]\ncall = 'arrears'\ndelivery = 'twice'")
    received, ended = bytes_of(client)
    assert received[: len(received) // 2] == received[len(received) // 2 :]
    assert ended == "quiet"
    assert json.loads(received.rpartition(b"\r\n\r\n")[2])["response"]["sub_code"] == "0000"


@pytest.mark.parametrize("at", [0, 7, 10_000])
def test_a_reply_can_end_within_its_headers(dialled, at):
    received, ended = bytes_of(dialled(f"[[dial]]\ncall = 'arrears'\ndelivery = 'cut_headers'\nat_byte = {at}"))
    assert ended == "closed"
    assert b"\r\n\r\n" not in received
    assert len(received) == at or at == 10_000


@pytest.mark.parametrize("at", [0, 20, 10_000])
def test_a_reply_can_end_within_its_body(dialled, at):
    received, ended = bytes_of(dialled(f"[[dial]]\ncall = 'arrears'\ndelivery = 'cut_body'\nat_byte = {at}"))
    head, _, body = received.partition(b"\r\n\r\n")
    promised = int(re.search(rb"content-length: (\d+)", head)[1])
    assert ended == "closed"
    assert len(body) == min(at, promised - 1)


@pytest.mark.parametrize("at", [0, 30])
def test_a_connection_can_be_reset(dialled, at):
    _, ended = bytes_of(dialled(f"[[dial]]\ncall = 'arrears'\ndelivery = 'reset'\nat_byte = {at}"))
    assert ended == "reset"


def test_a_reply_can_drip(dialled):
    client = dialled("[[dial]]\ncall = 'arrears'\ndelivery = 'drip'\ngap_s = 0.05")
    begun_s = time.monotonic()
    host, _, port = client.address.partition(":")
    request = {"version": "3.0", "channel": "APP", "acq_code": "283499", "usr_id": "6100000101"}
    body = json.dumps({"request": request, "sign": client.signed(request)}).encode()
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(
            f"POST {ARREARS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode() + body
        )
        assert b"".join(connection.recv(1) for _ in range(5)) == b"HTTP/"
    assert time.monotonic() - begun_s >= 0.2


def test_a_length_can_be_announced_that_never_comes(dialled):
    received, ended = bytes_of(dialled("[[dial]]\ncall = 'arrears'\ndelivery = 'announced'\nat_byte = 1000000000"))
    assert b"content-length: 1000000000\r\n" in received
    assert ended == "quiet"


def test_a_body_can_have_no_end(dialled):
    received, _ = bytes_of(dialled("[[dial]]\ncall = 'arrears'\ndelivery = 'endless'"))
    assert b"transfer-encoding: chunked\r\n" in received
    assert len(received) >= 1 << 20


def test_silence_and_a_close_send_nothing(dialled):
    for delivery, how in (("silence", "quiet"), ("close", "closed")):
        assert bytes_of(dialled(f"[[dial]]\ncall = 'arrears'\ndelivery = '{delivery}'")) == (b"", how)


def test_a_small_body_can_inflate_to_much(dialled):
    client = dialled("[[dial]]\ncall = 'arrears'\nbomb_mib = 8")
    request = {"version": "3.0", "channel": "APP", "acq_code": "283499", "usr_id": "6100000101"}
    body = json.dumps({"request": request, "sign": client.signed(request)}).encode()
    _, headers, reply = client.exchange("POST", ARREARS, body)
    assert headers["content-encoding"] == "gzip"
    assert len(reply) < 32 << 10
    assert len(gzip.decompress(reply)) == 8 << 20
    assert bomb(8) is bomb(8)


def answered(client, timeout_s=5.0, **fields):
    request = {"version": "3.0", "channel": "APP", "acq_code": "283499", "usr_id": "6100000101", **fields}
    body = json.dumps({"request": request, "sign": client.signed(request)}).encode()
    return client.exchange("POST", ARREARS, body)


def test_status_retry_after_headers_and_clock_are_as_dialled(dialled):
    client = dialled(
        "[[dial]]\ncall = 'arrears'\nhttp_status = 429\nretry_after = '3'\nmore_headers = 50\nclock_skew_s = -86400"
    )
    status, headers, _ = answered(client)
    assert (status, headers["retry-after"], headers["x-more-49"]) == (429, "3", "and more")
    assert -86410 < parsedate_to_datetime(headers["date"]).timestamp() - time.time() < -86390


def test_an_ordinary_reply_has_one_date(dialled):
    received, _ = bytes_of(dialled(""))
    assert received.lower().count(b"\r\ndate: ") == 1


@pytest.mark.parametrize(
    ("dial", "holds"),
    [
        ("data_key = 'date'", lambda text: '"date":[' in text and '"data"' not in text),
        ("blank_keys = true", lambda text: '"sub code":"0000"' in text),
        ("sign = 'empty'", lambda text: text.endswith('"sign":""}')),
        ("words = '请稍候'", lambda text: '"sub_msg":"请稍候"' in text),
        ("fields = { more = [1] }", lambda text: '"more":[1]' in text),
        ("leave_out = 'data'", lambda text: '"data"' not in text),
        ("shape = 'doubled_key'", lambda text: text.count('"sub_code":') == 2),
        ("shape = 'wrong_types'", lambda text: '"sub_code":0' in text),
        ("shape = 'too_deep'", lambda text: text.count("[") > 99_999),
        ("shape = 'lone_surrogate'", lambda text: "\\ud800" in text),
        ("shape = 'bom'", lambda text: text[0] == "\ufeff"),
        ("shape = 'array'", lambda text: text.startswith("[{")),
        ("shape = 'no_response'", lambda text: text.startswith('{"reply"')),
        ("shape = 'not_json'", lambda text: text.startswith("<html>")),
        ("shape = 'empty'", lambda text: text == ""),
    ],
)
def test_a_reply_is_written_as_dialled(dialled, dial, holds):
    assert holds(answered(dialled(f"[[dial]]\ncall = 'arrears'\n{dial}"))[2].decode())


@pytest.mark.parametrize("dial", ["data_key = 'date'", "blank_keys = true", "words = 'x'", "fields = { a = '1' }"])
def test_what_is_dialled_into_the_fields_is_signed_rightly(dialled, dial):
    reply = json.loads(answered(dialled(f"[[dial]]\ncall = 'arrears'\n{dial}"))[2])
    assert reply["sign"]


def test_a_wrong_signature_is_one(dialled, client_of):
    wrong = json.loads(answered(dialled("[[dial]]\ncall = 'arrears'\nsign = 'wrong'"))[2])
    right = json.loads(answered(dialled(""))[2])
    assert wrong["response"] == right["response"]
    assert wrong["sign"] != right["sign"]


@pytest.mark.parametrize(("charset", "header"), [("gb18030", "charset=GB18030"), ("gb18030_unnamed", "")])
def test_a_reply_can_be_written_in_gb18030(dialled, charset, header):
    _, headers, body = answered(dialled(f"[[dial]]\ncall = 'arrears'\ncharset = '{charset}'"))
    assert headers["content-type"].endswith(header)
    assert "成功" in body.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        body.decode()


def test_utf16_is_written_with_its_mark(dialled):
    body = answered(dialled("[[dial]]\ncall = 'arrears'\nshape = 'utf16'"))[2]
    assert json.loads(body.decode("utf-16"))["response"]["sub_code"] == "0000"


def test_every_delivery_can_be_interpreted_without_a_socket():
    for delivery in Delivery:
        pieces = steps(Outcome(b"body", delivery, headers=(("date", "today"),), at_byte=2, gap_s=0.5))
        first = next(pieces, None)
        assert (first is None) == (delivery in (Delivery.SILENCE, Delivery.CLOSE))
        assert end(delivery) in End


def test_half_a_call_is_none_and_logs_no_error(dialled):
    client = dialled("")
    host, _, port = client.address.partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"POST {ARREARS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{".encode())
        time.sleep(0.1)  # the call has begun
    assert client.call(ARREARS, usr_id="6100000101")["sub_code"] == "0000"
    assert client.rules() == []


# --- the command ---


def test_a_bad_scenario_is_a_sentence_and_2(tmp_path, capsys):
    file = tmp_path / "bad.toml"
    file.write_text("[[dial]]\ncall = 'x'", encoding="utf-8")
    assert serve(scenario=str(file)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"the scenario cannot be used: {file}: dial 1, key call: found 'x'")


def test_the_command_lists_what_is_shipped():
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "sandbox", "--scenario", "list"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "  lost_reply " in done.stdout


def test_the_command_says_what_it_is_set_to_after_its_first_line():
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "kiosk", "sandbox", "--scenario", "lost_reply"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        first = process.stdout.readline()
        port = int(re.fullmatch(r"listening on http://127\.0\.0\.1:(\d+)\n", first)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/ledger")
        assert connection.getresponse().status == 200
        connection.close()
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert out == ""
    assert "\nScenario lost_reply: The payment call works" in err
    assert re.search(r"dial 1 +delivery +'close'", err)
