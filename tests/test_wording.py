"""The texts that people read: the same codes and fields in each language, compiled, and none missing in the code."""

import ast
import importlib.util
import logging
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from hardware.health import Reason
from kiosk.core.messages import Call, Heard
from kiosk.core.order import Kind, Mode, State
from kiosk.core.payment_code import WALLETS
from kiosk.core.report import Apart
from kiosk.core.sentence import Level, Sentence
from kiosk.core.table import Row
from kiosk.paths import assets
from kiosk.ports import PrintResult
from kiosk.present import _FOR_THE_CASHIER, _TOLD_REASONS
from kiosk.settings.sections import LOCALES as LOCALES_OF_SETTINGS
from kiosk.snapshot import CustomerState, Outcome, Stage
from kiosk.wording import LOCALES, Wording

ROOT = Path(__file__).resolve().parent.parent


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translate", ROOT / "packaging" / "translate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["translate"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


translate = _script()
CATALOGS = {
    locale: translate.read(assets() / "locale" / locale / "LC_MESSAGES" / "kiosk.po", locale) for locale in LOCALES
}
TEXTS: dict[str, str] = CATALOGS["zh_CN"].texts
GROUPS = frozenset(code.partition(".")[0] for code in TEXTS)


# --- the catalogs --------------------------------------------------------------------------------------------------


def test_the_catalogs_hold_the_same_codes_and_fields_none_empty_none_fuzzy() -> None:
    assert list(translate.findings(list(CATALOGS.values()))) == []


def test_the_compiled_catalogs_hold_what_the_texts_say_and_the_texts_are_sorted() -> None:
    assert [line for catalog in CATALOGS.values() for line in translate.stale(catalog, assets() / "locale")] == []


def test_every_place_names_the_same_languages() -> None:
    assert tuple(CATALOGS) == LOCALES == LOCALES_OF_SETTINGS == translate.LOCALES


@pytest.mark.parametrize("locale", LOCALES)
def test_every_text_is_said_with_its_fields_filled_in(locale: str) -> None:
    wording = Wording(locale)
    for code, text in CATALOGS[locale].texts.items():
        fields = {name: f"<{name}>" for name in translate.named_fields(text)}
        said = wording.say(code, **fields)
        assert not set("{}") & set(said), code
        assert all(value in said for value in fields.values()), code


def test_chinese_texts_use_chinese_marks() -> None:
    """A half-width mark after a Chinese character is a slip of the keyboard."""
    slips = [code for code, text in TEXTS.items() if re.search(r"[\u4e00-\u9fff][,;:!?]", text)]
    assert slips == []


# --- every code that the program says ------------------------------------------------------------------------------

#: Files that name settings, which look like codes.
NOT_SAID = ("kiosk/settings/",)
#: Not codes, though they look like some.
EXCEPTIONS = frozenset({"query.userpaying"})


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "kiosk").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(NOT_SAID):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def _codes(node: ast.AST) -> Iterator[str]:
    """Texts that look like a code; the first part of one that is put together ends in ``_`` or a point."""
    for child in ast.walk(node):
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            code = child.value
            if translate.CODE.fullmatch(code) and not code.endswith("_") and code not in EXCEPTIONS:
                yield code


def _said(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls of ``Sentence.of`` and of whatever is named ``say``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("of", "say"):
                yield node


def test_every_literal_that_looks_like_a_code_of_ours_has_its_texts() -> None:
    missing = {
        f"{name}: {code}"
        for name, tree in _trees()
        for code in _codes(tree)
        if code.partition(".")[0] in GROUPS and code not in TEXTS
    }
    assert sorted(missing) == []


def test_every_code_said_outright_has_its_texts() -> None:
    missing = [
        f"{name}:{call.lineno} {code}"
        for name, tree in _trees()
        for call in _said(tree)
        for code in _codes(call.args[0])
        if code not in TEXTS
    ]
    assert missing == []


def test_every_sentence_is_said_with_exactly_its_fields() -> None:
    wrong = []
    for name, tree in _trees():
        for call in _said(tree):
            code = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
            given = {keyword.arg for keyword in call.keywords}
            if code in TEXTS and None not in given and given != translate.named_fields(TEXTS[code]):
                wrong.append(f"{name}:{call.lineno} {code} is said with {sorted(map(str, given))}")
    assert wrong == []


def test_the_scan_of_the_program_finds_what_it_looks_for() -> None:
    found = {code for _, tree in _trees() for call in _said(tree) for code in _codes(call.args[0])}
    assert {"pay.ready", "account.confirm_large", "find.searching"} <= found
    assert len(found) > 50


#: Codes that are put together from a prefix and one of these.
FAMILIES: dict[str, tuple[str, ...]] = {
    "state.": tuple(state.value for state in State),
    "kind.": tuple(kind.value for kind in Kind),
    "mode.": tuple(mode.value for mode in Mode),
    "stage.": tuple(stage.value for stage in Stage),
    "result.": tuple(outcome.value for outcome in Outcome),
    "customer.": tuple(state.value for state in CustomerState),
    "printing.": tuple(result.value for result in PrintResult),
    "wallet.": (*(wallet for wallet, _, _ in WALLETS), "unknown"),
    "gateway.": (*(heard.value for heard in Heard), *(row.value for row in Row)),
    "call.": tuple(call.value for call in Call),
    "health.": tuple(reason.value for reason in Reason),
    "number.": ("empty", "too_long", "characters"),
    "code.": ("empty", "not_digits", "too_short", "too_long", "doubled"),
    "amount.": ("empty", "decimals", "not_a_number"),
    "alarm.": tuple(sorted(_FOR_THE_CASHIER)),
    "result.because_": tuple(sorted(_TOLD_REASONS)),
    "lock.": ("open_attempt", "renamed", "credited", "doubled"),
    "report.apart_": tuple(apart.value for apart in Apart),
    "device.": ("gateway", "scanner", "printer", "display"),
    **{
        f"pill.{device}.": tuple(level.value for level in Level)
        for device in ("gateway", "scanner", "printer", "display")
    },
}


@pytest.mark.parametrize("prefix", FAMILIES)
def test_every_value_of_a_family_has_its_texts(prefix: str) -> None:
    assert [prefix + value for value in FAMILIES[prefix] if prefix + value not in TEXTS] == []


# --- saying --------------------------------------------------------------------------------------------------------


def test_a_language_is_changed_at_any_moment() -> None:
    wording = Wording()
    sentence = Sentence.of("amount.above_max", limit="¥1.00")
    assert wording.say(sentence) == "金额超过上限 ¥1.00，请重新输入。"
    wording.set_locale("en")
    assert wording.say(sentence) == "The amount is above the limit of ¥1.00. Please type it again."
    assert wording.locale == "en"


def test_a_field_may_be_a_sentence() -> None:
    reason = Sentence.of("gateway.silent")
    said = Wording("en").say("cli.failed", reason=reason, order_no="A1")
    assert said == "Not paid: the gateway did not answer. Order A1."


def test_braces_in_a_value_are_text() -> None:
    assert "{order_no} %s {0.__class__}" in Wording().say("find.searching", customer_no="{order_no} %s {0.__class__}")


def test_there_is_no_other_language() -> None:
    with pytest.raises(ValueError, match="zh_CN, en"):
        Wording("de")


@pytest.mark.expects_error_log("kiosk.wording")
def test_a_code_without_text_is_said_in_brackets_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    wording = Wording()
    with caplog.at_level(logging.ERROR, "kiosk.wording"):
        assert [wording.say("no.such_code"), wording.say("no.such_code")] == ["[no.such_code]"] * 2
    assert len(caplog.records) == 1
    assert not wording.has("no.such_code")
    assert wording.has("pay.ready")


@pytest.mark.expects_error_log("kiosk.wording")
def test_a_field_that_was_not_given_is_said_in_brackets_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    wording = Wording()
    with caplog.at_level(logging.ERROR, "kiosk.wording"):
        assert wording.say("find.searching") == wording.say("find.searching") == "正在查询户号 [customer_no]…"
    assert len(caplog.records) == 1


@pytest.mark.expects_error_log("kiosk.wording")
def test_without_its_texts_the_counter_still_speaks_in_codes(tmp_path: Path) -> None:
    assert Wording("en", tmp_path).say("pay.ready") == "[pay.ready]"


# --- the script ----------------------------------------------------------------------------------------------------


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    """A copy of the catalogs that may be broken."""
    return Path(shutil.copytree(assets() / "locale", tmp_path / "locale"))


def _change(directory: Path, name: str, old: str, new: str) -> bytes:
    """Change one text of a catalog; what was compiled before."""
    po = directory / name / "LC_MESSAGES" / "kiosk.po"
    text = po.read_text(encoding="utf-8")
    assert old in text
    po.write_text(text.replace(old, new, 1), encoding="utf-8")
    return po.with_suffix(".mo").read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("{customer_no}", "{customer}", "find.searching: zh_CN has {customer_no}, en has {customer}"),
        ("{customer_no}", "{customer_no.x}", "is not a plain named field"),
        ("{customer_no}", "{}", "is not a plain named field"),
        ("{customer_no}", "{customer_no", "find.searching"),
        ('msgid "find.searching"', '#, fuzzy\nmsgid "find.searching"', "find.searching is marked fuzzy"),
        ('msgid "find.searching"', 'msgid "find.serching"', "find.searching is missing"),
        ('msgid "find.searching"', 'msgid "find.title"', "find.title stands there twice"),
        ('msgstr "Looking {customer_no} up…"', 'msgstr ""', "find.searching has no text"),
    ],
)
def test_a_broken_translation_is_refused_with_a_sentence_and_nothing_is_written(
    locale: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, sentence: str
) -> None:
    english = (locale / "en" / "LC_MESSAGES" / "kiosk.po").read_text(encoding="utf-8")
    start = english.index('msgid "find.searching"')
    end = english.index("\n\n", start)
    entry = english[start:end]
    before = _change(locale, "en", entry, entry.replace(old, new))
    assert translate.main(["--directory", str(locale)]) == 1
    assert sentence in capsys.readouterr().err
    assert (locale / "en" / "LC_MESSAGES" / "kiosk.mo").read_bytes() == before


def test_a_changed_text_is_stale_until_it_is_compiled(locale: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _change(locale, "en", "Looking {customer_no} up…", "Asking for {customer_no}…")
    assert translate.main(["--check", "--directory", str(locale)]) == 1
    assert "does not hold what kiosk.po says" in capsys.readouterr().err
    assert translate.main(["--directory", str(locale)]) == 0
    assert translate.main(["--check", "--directory", str(locale)]) == 0
    assert Wording("en", locale).say("find.searching", customer_no="1") == "Asking for 1…"


def test_a_new_sentence_may_be_put_anywhere_and_is_sorted_in(locale: Path) -> None:
    for name, text in (("zh_CN", "金额 {amount}"), ("en", "Amount {amount}")):
        po = locale / name / "LC_MESSAGES" / "kiosk.po"
        with po.open("a", encoding="utf-8") as stream:
            stream.write(f'\n# seen by nobody\nmsgid "account.aaa"\nmsgstr "{text}"\n')
    assert translate.main(["--directory", str(locale)]) == 0
    text = (locale / "en" / "LC_MESSAGES" / "kiosk.po").read_text(encoding="utf-8")
    assert text.index('msgid "account.aaa"') < text.index('msgid "account.address"')
    assert "# seen by nobody\n" in text
    assert text.count("# ---- account ----") == 1
