"""Checks, sorts and compiles the texts that people read: assets/locale/*/LC_MESSAGES/kiosk.po -> kiosk.mo.

    .venv/bin/python packaging/translate.py            sort the .po files and compile them
    .venv/bin/python packaging/translate.py --check    change nothing; say what is wrong, exit 1 if anything is

1. A code (the msgid) stands in every language, with the same named fields; none is empty, none is fuzzy. A catalog
   that breaks this is refused with a sentence for each fault, and nothing at all is written.
2. Only plain named fields: ``{amount}``; no positions, no attributes, no formats (a number is formatted by whoever
   says the sentence).
3. The same texts give the same bytes: the .mo carries no time and no tool's version.
"""

import argparse
import io
import re
import string
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

LOCALE_DIRECTORY = Path(__file__).resolve().parent.parent / "assets" / "locale"
#: The first is what the others are compared with.
LOCALES = ("zh_CN", "en")
CODE = re.compile(r"[a-z]+(\.[a-z0-9_]+)+")

HEAD = """\
# What people read, in {language}. Each msgid is a code, each {{name}} a named field that the program fills in.
#
# To add a sentence: add the same msgid with the same fields to the file of every language (anywhere; the script
# sorts), run `.venv/bin/python packaging/translate.py`, and commit the .po and .mo files together.
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
LANGUAGE = {"zh_CN": "Chinese (the counter's own language)", "en": "English"}


@dataclass
class Texts:
    """One language's catalog: texts and translators' comments by code, and what is wrong with the file itself."""

    locale: str
    texts: dict[str, str] = field(default_factory=dict)
    comments: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class _Plain(Catalog):
    """A catalog whose header says nothing of times and tools."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [("Language", str(self.locale)), ("Content-Type", "text/plain; charset=utf-8")]


def named_fields(text: str) -> set[str]:
    """The names in the braces of a text; raises ValueError, in words, for anything but plain names."""
    names = set()
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"{{{name}}} is not a plain named field")
        names.add(name)
    return names


def read(path: Path, locale: str) -> Texts:
    """The catalog in a .po file, with the faults of its form."""
    found = Texts(locale)
    try:
        raw = path.read_text(encoding="utf-8")
        catalog = read_po(io.StringIO(raw), locale=locale, abort_invalid=True)
    except (OSError, UnicodeDecodeError, PoFileError) as error:
        found.faults.append(f"cannot be read: {error}")
        return found
    written = re.findall(r'^msgid "(.+)"$', raw, re.MULTILINE)
    found.faults += [f"{code} stands there twice" for code in sorted({c for c in written if written.count(c) > 1})]
    for message in catalog:
        if message.id:
            _take(found, message)
    return found


def _take(found: Texts, message: Message) -> None:
    code, text = message.id, message.string
    if not isinstance(code, str) or not isinstance(text, str):
        found.faults.append(f"{code} has plural forms, which are not used here")
        return
    if not CODE.fullmatch(code):
        found.faults.append(f"{code} is no code (like pay.waiting)")
    if not text.strip():
        found.faults.append(f"{code} has no text")
    if message.fuzzy:
        found.faults.append(f"{code} is marked fuzzy")
    try:
        named_fields(text)
    except ValueError as error:
        found.faults.append(f"{code}: {error}")
    found.texts[code] = text
    found.comments[code] = [line for line in message.user_comments if not line.startswith("----")]


def findings(catalogs: Sequence[Texts]) -> Iterator[str]:
    """Everything that is wrong, a sentence each."""
    for catalog in catalogs:
        yield from (f"{catalog.locale}: {fault}" for fault in catalog.faults)
    if any(catalog.faults for catalog in catalogs):
        return
    first = catalogs[0]
    for other in catalogs[1:]:
        yield from _differences(first, other)


def _differences(first: Texts, other: Texts) -> Iterator[str]:
    for code in sorted(first.texts.keys() ^ other.texts.keys()):
        lacking = other if code in first.texts else first
        yield f"{lacking.locale}: {code} is missing"
    for code in sorted(first.texts.keys() & other.texts.keys()):
        ours, theirs = named_fields(first.texts[code]), named_fields(other.texts[code])
        if ours != theirs:
            yield f"{code}: {first.locale} has {_named(ours)}, {other.locale} has {_named(theirs)}"


def _named(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no fields"


def canonical(catalog: Texts) -> str:
    """The .po file as it should be: sorted by code, a heading for each group."""
    lines = [HEAD.format(locale=catalog.locale, language=LANGUAGE[catalog.locale])]
    for group, codes in groupby(sorted(catalog.texts), key=lambda code: code.partition(".")[0]):
        heading = f"# ---- {group} ----\n"
        for code in codes:
            comments = "".join(f"# {line}\n" for line in catalog.comments[code])
            lines.append(f"{heading}{comments}msgid {_quoted(code)}\nmsgstr {_quoted(catalog.texts[code])}\n")
            heading = ""
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def compiled(texts: Mapping[str, str], locale: str) -> bytes:
    """The bytes of the .mo file."""
    catalog = _Plain(locale=locale)
    for code, text in texts.items():
        catalog.add(code, text)
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def _files(directory: Path, locale: str) -> tuple[Path, Path]:
    folder = directory / locale / "LC_MESSAGES"
    return folder / "kiosk.po", folder / "kiosk.mo"


def stale(catalog: Texts, directory: Path) -> Iterator[str]:
    """What the files of a sound catalog lack of being sorted and compiled."""
    po, mo = _files(directory, catalog.locale)
    if po.read_text(encoding="utf-8") != canonical(catalog):
        yield f"{catalog.locale}: kiosk.po is not sorted; run packaging/translate.py"
    if not mo.exists() or mo.read_bytes() != compiled(catalog.texts, catalog.locale):
        yield f"{catalog.locale}: kiosk.mo does not hold what kiosk.po says; run packaging/translate.py"


def write(catalog: Texts, directory: Path) -> None:
    """Sort and compile one language."""
    po, mo = _files(directory, catalog.locale)
    text = canonical(catalog)
    if po.read_text(encoding="utf-8") != text:
        po.write_text(text, encoding="utf-8", newline="\n")
    mo.write_bytes(compiled(catalog.texts, catalog.locale))


def main(arguments: Sequence[str] | None = None) -> int:
    """The script. Exits 1 where a translation is broken (or, with --check, not compiled)."""
    parser = argparse.ArgumentParser(description="Checks, sorts and compiles the translations.")
    parser.add_argument("--check", action="store_true", help="change nothing, only say what is wrong")
    parser.add_argument("--directory", type=Path, default=LOCALE_DIRECTORY, help="where the languages stand")
    options = parser.parse_args(arguments)
    catalogs = [read(_files(options.directory, locale)[0], locale) for locale in LOCALES]
    wrong = list(findings(catalogs))
    if options.check and not wrong:
        wrong = [line for catalog in catalogs for line in stale(catalog, options.directory)]
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    if not options.check:
        for catalog in catalogs:
            write(catalog, options.directory)
    print(f"{len(catalogs[0].texts)} sentences in {len(catalogs)} languages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
