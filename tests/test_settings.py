"""The settings' names, types, ranges and words, as scripts and sites rely on them (design.md part 5)."""

import os
import tomllib
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printer.profile import PROFILES
from hardware.scanner.framing import Suffix
from kiosk.core.policy import PaymentPolicy
from kiosk.errors import SettingsError
from kiosk.settings import ScannerSettings, Settings, describe, load, settings_from
from kiosk.settings.sections import REQUIRED
from kiosk.wording import LOCALES, Wording

posix = pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")

LEAST = '[counter]\nid = "A1"\n[gateway]\nurl = "https://gateway.example"\nacq_code = "ACQ"\n'

#: The contract: tables and keys.
NAMES = {
    "counter": "id branch locale cashier closed_hours",
    "gateway": "url acq_code channel version verify_replies ca_file client_cert client_key allow_plain_http",
    "gateway.profile": "paths data_key late_fee_key customer_aliases bill_aliases amount_holds_late_fee plain_amounts"
    " notices_idempotent exists_means_credited pay_url_hosts pay_url_schemes finds_by_our_number query_names"
    " final_query_codes",
    "payment": "pay_timeout_s query_timeout_s notice_timeout_s lookup_timeout_s lookup_tries attended_scan_s"
    " attended_show_s qr_life_s scan_life_s hold_off_s negative_gap_s not_found_answers not_found_span_s late_asks_s"
    " unseen_watch_s give_up_s alarm_s retry_after_max_s fresh_connection_s code_memory_s bill_fresh_s scan_asks_s"
    " scan_gap_s scan_gap_growth show_first_s show_gap_s show_gap_growth gap_max_s background_gaps_s notice_gaps_s"
    " receipt_wait_s second_attempt prepay_min prepay_max confirm_above",
    "scanner": "kind port baud suffix protocol identifier prefix brand customer_pattern",
    "printer": "kind address width profile baud flow drawer",
    "display": "screen pole pole_port pole_baud",
    "sound": "enabled speak_amount",
    "data": "directory",
    "security": "lock_after_s pin_tries",
    "ui": "theme training",
    "receipt": "note service_line",
}


def _read(text: str) -> Settings:
    return settings_from(tomllib.loads(text), "counter.toml")


def _with(table: str, line: str) -> str:
    """The least document with one more line in a table."""
    head = f"[{table}]\n"
    return LEAST.replace(head, head + line + "\n") if head in LEAST else f"{LEAST}{head}{line}\n"


def _faults(text: str, locale: str = "en") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        _read(text)
    assert caught.value.exit_code == 2
    return caught.value.told(Wording(locale).say).splitlines()


def _fault(text: str) -> str:
    (fault,) = _faults(text)
    return fault


def test_every_name_of_the_contract_is_there() -> None:
    names = {item.name for item in describe()}
    assert {f"{table}.{key}" for table, keys in NAMES.items() for key in keys.split()} == names


def test_the_least_file_is_enough_and_the_rest_has_its_default() -> None:
    settings = _read(LEAST)
    assert settings.counter.id == "A1"
    assert settings.payment == PaymentPolicy()
    assert settings.counter.locale == "zh_CN"
    assert settings.scanner == ScannerSettings()
    assert settings.scanner.kind == "none"
    assert (settings.gateway.version, settings.gateway.channel) == ("3.0", "APP")


def test_settings_cannot_be_changed() -> None:
    settings = _read(LEAST)
    with pytest.raises(FrozenInstanceError):
        settings.counter.id = "B"


def test_a_full_file_is_read_value_by_value(tmp_path: Path) -> None:
    certificate = tmp_path / "ca.pem"
    certificate.touch()
    settings = _read(f"""
[counter]
id = "0AZ9"
branch = "城东营业厅"
locale = "en"
cashier = "张三"
closed_hours = ["22:00-24:00", "00:00-06:00"]
[gateway]
url = "http://10.0.0.1:8080/bank"
acq_code = "ACQ"
channel = "COUNTER"
version = "V3.0"
verify_replies = "required"
ca_file = "{certificate.as_posix()}"
allow_plain_http = true
[gateway.profile]
data_key = "date"
late_fee_key = "dflt_pnyt"
plain_amounts = true
pay_url_hosts = ["127.0.0.1"]
query_names = "gateway"
final_query_codes = ["0008"]
[gateway.profile.paths]
query = "/v3/query"
[gateway.profile.bill_aliases]
amount = ["owed", "sum"]
cost_id = "fee_no"
[payment]
pay_timeout_s = 1
scan_asks_s = [0.1, 1]
second_attempt = "never"
prepay_max = "500"
[scanner]
kind = "serial"
port = "/dev/serial/by-id/x"
baud = 115200
suffix = "crlf"
customer_pattern = "^DL([0-9]{{10}})"
[printer]
kind = "network"
address = "192.168.1.50:9100"
width = 80
profile = "raster-80"
[security]
lock_after_s = 60
[ui]
theme = "contrast"
training = true
[receipt]
note = ""
""")
    assert settings.counter.closed_hours == ("22:00-24:00", "00:00-06:00")
    assert settings.profile.paths["query"] == "/v3/query"
    assert settings.profile.paths["pay"] == "/trade/pay"
    assert settings.profile.bill_aliases["amount"] == ("owed", "sum")
    assert settings.profile.bill_aliases["cost_id"] == ("fee_no",)
    assert settings.traits.final_query_codes == ("0008",)
    assert settings.payment.pay_timeout_s == 1.0
    assert isinstance(settings.payment.pay_timeout_s, float)
    assert settings.payment.scan_asks_s == (0.1, 1.0)
    assert settings.printer.width == 80
    assert settings.receipt.note == ""


@pytest.mark.parametrize(
    ("value", "word"), [("true", "true"), ("false", "false"), ('"learn"', "learn"), ('"true"', "true")]
)
def test_finds_by_our_number_takes_booleans_and_words(value: str, word: str) -> None:
    assert _read(_with("gateway.profile", f"finds_by_our_number = {value}")).traits.finds_by_our_number == word


WRONG = [
    # table, line, key, what was found, what is allowed
    ("payment", "pay_timeout_s = true", "payment.pay_timeout_s", "true", "number"),
    ("payment", "pay_timeout_s = nan", "payment.pay_timeout_s", "NaN", "number"),
    ("payment", "pay_timeout_s = inf", "payment.pay_timeout_s", "Infinity", "number"),
    ("payment", 'pay_timeout_s = "20"', "payment.pay_timeout_s", '"20"', "number"),
    ("payment", "pay_timeout_s = 0", "payment.pay_timeout_s", "0", "above 0"),
    ("payment", "alarm_s = -1.5", "payment.alarm_s", "-1.5", "above 0"),
    ("payment", "give_up_s = 1e300", "payment.give_up_s", "1e+300", "31622400"),
    ("payment", "lookup_tries = 1.0", "payment.lookup_tries", "1.0", "whole number"),
    ("payment", "lookup_tries = true", "payment.lookup_tries", "true", "whole number"),
    ("payment", "lookup_tries = 0", "payment.lookup_tries", "0", "from 1 to 10"),
    ("payment", "scan_gap_growth = 0.9", "payment.scan_gap_growth", "0.9", "from 1 to 10"),
    ("payment", "scan_asks_s = []", "payment.scan_asks_s", "[]", "list of numbers"),
    ("payment", "scan_asks_s = [1, true]", "payment.scan_asks_s", "[1, true]", "list of numbers"),
    ("payment", "scan_asks_s = [1, 0]", "payment.scan_asks_s", "[1, 0]", "above 0"),
    ("payment", "scan_asks_s = [2, 1]", "payment.scan_asks_s", "[2, 1]", "grow"),
    ("payment", "notice_gaps_s = 5", "payment.notice_gaps_s", "5", "list of numbers"),
    ("payment", 'second_attempt = "always"', "payment.second_attempt", '"always"', "never, supervisor, cashier"),
    ("payment", 'prepay_min = "1.005"', "payment.prepay_min", '"1.005"', "yuan"),
    ("payment", 'prepay_min = "0.00"', "payment.prepay_min", '"0.00"', "yuan"),
    ("payment", 'prepay_max = ""', "payment.prepay_max", '""', "yuan"),
    ("payment", 'prepay_min = "20000"', "payment.prepay_min", "20000", "payment.prepay_max (10000.00)"),
    ("gateway", 'version = "123456789"', "gateway.version", "123456789", "8 characters"),
    ("gateway", 'channel = "A&B"', "gateway.channel", "A&B", "&"),
    ("gateway", 'channel = ""', "gateway.channel", "", "has to be given"),
    ("gateway", 'verify_replies = "off"', "gateway.verify_replies", '"off"', "when-signed, required"),
    ("gateway", 'ca_file = "/no/such.pem"', "gateway.ca_file", "/no/such.pem", "not there"),
    ("gateway", 'allow_plain_http = "yes"', "gateway.allow_plain_http", '"yes"', "true or false"),
    ("gateway", "profile = 3", "gateway.profile", "3", "table"),
    ("gateway.profile", 'late_fee_key = "a b"', "gateway.profile.late_fee_key", "a b", "ASCII"),
    ("gateway.profile", 'final_query_codes = ["0000"]', "gateway.profile.final_query_codes", "0000", "0008, 0009"),
    ("gateway.profile", 'paths = {pay = "pay"}', "gateway.profile.paths.pay", '"pay"', "begins with /"),
    ("gateway.profile", "paths = 1", "gateway.profile.paths", "1", "table"),
    ("gateway.profile", "bill_aliases = {amount = []}", "gateway.profile.bill_aliases.amount", "[]", "list of texts"),
    ("counter", 'locale = "de"', "counter.locale", '"de"', "zh_CN, en"),
    ("counter", 'branch = "a\\nb"', "counter.branch", "a\\nb", "control characters"),
    ("counter", 'closed_hours = ["25:00-06:00"]', "counter.closed_hours", "25:00", "22:00-06:00"),
    ("counter", "closed_hours = [1]", "counter.closed_hours", "[1]", "list of texts"),
    ("scanner", 'kind = "usb"', "scanner.kind", '"usb"', "serial, keyboard, evdev, none"),
    ("scanner", 'kind = "serial"', "scanner.port", "scanner.kind", "set too"),
    ("scanner", "baud = 1", "scanner.baud", "1", "from 110"),
    ("scanner", 'customer_pattern = "("', "scanner.customer_pattern", '"("', "one group"),
    ("scanner", 'customer_pattern = "(a)(b)"', "scanner.customer_pattern", "(a)(b)", "one group"),
    ("printer", "width = 57", "printer.width", "57", "58, 80"),
    ("printer", 'kind = "file"', "printer.address", "printer.kind", "set too"),
    ("printer", 'kind = "network"\naddress = "printer"', "printer.address", '"printer"', "host:port"),
    ("printer", 'kind = "network"\naddress = "p:99999"', "printer.address", '"p:99999"', "host:port"),
    ("printer", 'profile = "generic-80"', "printer.profile", "generic-80", "80 mm"),
    ("printer", 'profile = "epson"', "printer.profile", "epson", "generic-58"),
    ("security", "pin_tries = 0", "security.pin_tries", "0", "from 1 to 20"),
    ("ui", 'theme = "blue"', "ui.theme", '"blue"', "light, dark, contrast"),
    ("ui", "training = 1", "ui.training", "1", "true or false"),
]


@pytest.mark.parametrize(("table", "line", "key", "found", "allowed"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_value_names_file_key_what_was_found_and_what_is_allowed(
    table: str, line: str, key: str, found: str, allowed: str
) -> None:
    fault = _fault(_with(table, line))
    assert fault.startswith("counter.toml: ")
    assert key in fault
    assert found in fault
    assert allowed in fault


@pytest.mark.parametrize("value", ["", "abc", "A-1", "A12345678", "Ａ1", "电"])
def test_a_counter_id_is_1_to_8_digits_or_capitals(value: str) -> None:
    assert "counter.id" in _fault(LEAST.replace('"A1"', f'"{value}"'))


@pytest.mark.parametrize("url", ["gateway", "ftp://h", "https://", "https://u:p@h/", "https://h/?a=1", "https://h/#x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert "gateway.url" in _fault(LEAST.replace("https://gateway.example", url))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:1/x", "http://[::1]:9"])
def test_plain_http_to_this_machine_needs_no_permission(url: str) -> None:
    assert _read(LEAST.replace("https://gateway.example", url)).gateway.url == url


@pytest.mark.parametrize("url", ["http://gateway.example", "http://127.0.0.1.example", "http://10.0.0.1"])
def test_plain_http_elsewhere_must_be_allowed_in_so_many_words(url: str) -> None:
    text = LEAST.replace("https://gateway.example", url)
    assert "allow_plain_http" in _fault(text)
    assert _read(text + "allow_plain_http = true\n").gateway.allow_plain_http


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        (_with("payment", "pay_timout_s = 1"), "payment.pay_timout_s", "payment.pay_timeout_s"),
        (_with("ui", "lock_after_s = 1"), "ui.lock_after_s", "security.lock_after_s"),
        (_with("gateway.profile", 'query_name = "asked"'), "query_name", "gateway.profile.query_names"),
        (_with("gateway.profile", 'paths = {qery = "/q"}'), "paths.qery", "gateway.profile.paths.query"),
        (LEAST + "[paymnet]\n", "[paymnet]", "[payment]"),
        ('acq_code = "X"\n' + LEAST, "acq_code", "gateway.acq_code"),
    ],
)
def test_a_misspelt_name_is_told_with_the_nearest_right_one(text: str, wrong: str, right: str) -> None:
    fault = _fault(text)
    assert wrong in fault
    assert f"Did you mean {right}?" in fault


def test_a_name_like_no_other_is_told_without_a_guess() -> None:
    assert _fault(_with("ui", "zzzzzz = 1")) == "counter.toml: there is no setting ui.zzzzzz."


@pytest.mark.parametrize("locale", LOCALES)
def test_all_faults_are_told_at_once_a_line_each(locale: str) -> None:
    faults = _faults('[counter]\nid = "x"\nbranch = 1\n[ui]\ntheme = "?"\n', locale)
    keys = ("counter.id", "counter.branch", "ui.theme", "gateway.url", "gateway.acq_code")
    assert [key for fault, key in zip(faults, keys, strict=True) if key not in fault] == []
    assert not any("[settings." in fault for fault in faults)


def test_what_is_missing_is_named() -> None:
    faults = _faults("")
    assert [key for fault, key in zip(faults, REQUIRED, strict=True) if f"{key} is missing" not in fault] == []


def test_times_that_do_not_fit_together_are_told() -> None:
    assert "payment.qr_life_s (60)" in _fault(_with("payment", "attended_show_s = 61\nqr_life_s = 60"))


def test_a_key_without_its_certificate_is_told(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.touch(0o600)
    assert "gateway.client_cert" in _fault(_with("gateway", f'client_key = "{key.as_posix()}"'))


# --- the file ------------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sound settings file."""
    path = tmp_path / "counter.toml"
    path.write_text(LEAST, encoding="utf-8")
    return path


def _load_fault(path: Path | None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load(path, environ or {})
    return caught.value.told(Wording("en").say)


def test_the_named_file_comes_before_the_environments_and_that_before_the_platforms(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(LEAST.replace("A1", "B2"), encoding="utf-8")
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    assert load(file, {"KIOSK_CONFIG": str(other)}).counter.id == "A1"
    assert load(None, {"KIOSK_CONFIG": str(other)}).counter.id == "B2"
    assert "settings.toml" in _load_fault(None)


@posix
def test_the_users_place_comes_before_the_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "site"))
    site, user = (tmp_path / place / "kiosk" / "settings.toml" for place in ("site", "user"))
    for path, counter in ((site, "S1"), (user, "U1")):
        path.parent.mkdir(parents=True)
        path.write_text(LEAST.replace("A1", counter), encoding="utf-8")
        assert load(None, {}).counter.id == counter


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'no.toml'}" in _load_fault(tmp_path / "no.toml")


@pytest.mark.parametrize(
    "raw", [b"[counter", b"\xff\xfe[\x00", b"a = 1\na = 2\n", b"x" * (2 << 20), b"a = " + b"[" * 100_000]
)
def test_a_file_that_is_no_toml_is_told_in_one_sentence(file: Path, raw: bytes) -> None:
    file.write_bytes(raw)
    fault = _load_fault(file)
    assert str(file) in fault
    assert len(fault.splitlines()) == 1


def test_a_directory_in_its_place_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in _load_fault(tmp_path)


def test_a_byte_order_mark_is_let_through(file: Path) -> None:
    file.write_text(LEAST, encoding="utf-8-sig")
    assert load(file, {}).counter.id == "A1"


def test_paths_count_from_the_settings_file(file: Path, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    file.write_text(LEAST + 'ca_file = "ca.pem"\n[data]\ndirectory = "data"\n', encoding="utf-8")
    settings = load(file, {})
    assert settings.gateway.ca_file == str(tmp_path / "ca.pem")
    assert settings.data_directory == tmp_path / "data"
    assert settings.file == str(file)


@posix
@pytest.mark.parametrize("open_one", ["counter.toml", "key.pem"])
def test_a_file_with_a_secret_that_others_may_read_is_refused(file: Path, tmp_path: Path, open_one: str) -> None:
    """Z23."""
    for name in ("key.pem", "cert.pem"):
        (tmp_path / name).touch(0o600)
    file.write_text(LEAST + 'client_cert = "cert.pem"\nclient_key = "key.pem"\n', encoding="utf-8")
    file.chmod(0o600)
    assert load(file, {}).gateway.client_key == str(tmp_path / "key.pem")
    (tmp_path / open_one).chmod(0o640)
    fault = _load_fault(file)
    assert open_one in fault
    assert "0640" in fault


@posix
def test_a_file_without_a_secret_may_be_read_by_others(file: Path) -> None:
    file.chmod(0o644)
    assert load(file, {}).counter.id == "A1"


# --- the list of settings ------------------------------------------------------------------------------------------


def test_every_setting_is_described_with_type_default_and_sentence() -> None:
    for item in describe():
        assert item.type, item.name
        assert item.default, item.name
        assert item.sentence.endswith("."), item.name
    by_name = {item.name: item for item in describe()}
    assert (by_name["payment.alarm_s"].unit, by_name["payment.alarm_s"].default) == ("s", "300.0")
    assert by_name["payment.prepay_min"].unit == "yuan"
    assert by_name["scanner.kind"].allowed == ("serial", "keyboard", "evdev", "none")
    assert {name for name, item in by_name.items() if item.required} == set(REQUIRED)


def test_the_defaults_pass_their_own_rules() -> None:
    document: dict[str, Any] = tomllib.loads(LEAST)
    document["payment"] = {
        item.name: list(item.default) if isinstance(item.default, tuple) else item.default
        for item in fields(PaymentPolicy)
    }
    assert settings_from(document).payment == PaymentPolicy()


def test_words_of_devices_are_those_of_their_drivers() -> None:
    allowed = {item.name: item.allowed for item in describe()}
    assert set(allowed["scanner.suffix"]) == {suffix.value for suffix in Suffix}
    assert allowed["counter.locale"] == LOCALES
    for name, profile in PROFILES.items():
        text = _with("printer", f'profile = "{name}"\nwidth = {profile.width_mm}')
        assert _read(text).printer.profile == name


_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=3)
)


@given(st.sampled_from(sorted(f"{t}.{k}" for t, keys in NAMES.items() for k in keys.split())), _scalars)
def test_whatever_stands_in_the_file_it_is_read_or_told(key: str, value: object) -> None:
    document: dict[str, Any] = tomllib.loads(LEAST)
    table = document
    *tables, name = key.split(".")
    for part in tables:
        table = table.setdefault(part, {})
    table[name] = value
    try:
        settings_from(document, "counter.toml")
    except SettingsError as error:
        told = error.told(Wording("en").say)
        assert "counter.toml" in told
        assert "[settings." not in told
