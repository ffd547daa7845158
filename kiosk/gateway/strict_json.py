"""Reading a reply's bytes without believing any of them.

Rules
1. A text that two readers could read differently is refused: doubled keys, NaN, a lone surrogate, a byte order mark.
2. A number stays the text that stood there (:class:`NumberText`); nothing becomes a float.
3. What it may cost is bounded before parsing: depth, and the count of brackets and commas.
4. For the signature each value of an object comes with the very characters that stood in the text.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

_Result = TypeVar("_Result")

MAX_DEPTH = 32
#: Brackets and commas outside of strings: some thousands of bills; far below what would cost memory.
MAX_STRUCTURE = 50_000
#: What a header may name, as Python's codecs call it, and how it is read (GB18030 holds the two older ones).
_CHARSETS = {"utf-8": "utf-8", "ascii": "ascii", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
_STRUCTURE = re.compile(r'["\\\[\]{},]')
_BLANK = re.compile(r"[ \t\n\r]*")
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
#: A member that is text without an escape, up to what follows it: nearly every one of a reply.
_PLAIN_MEMBER = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*("([^"\\\x00-\x1f]*)")[ \t\n\r]*([,}])[ \t\n\r]*')
_BLANKS = (" ", "\t", "\n", "\r")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class UnreadableError(ValueError):
    """A text that is no reply. The message is for the log and holds nothing of the text."""


class NumberText(str):
    """A JSON number as the characters that stood in the text."""

    __slots__ = ()


class Member(msgspec.Struct, frozen=True):
    """One field of an object: its value, and the value's own characters in the text."""

    key: str
    value: Any
    raw: str


def decode_text(body: bytes, content_type: str) -> str:
    """The body's text by the header's charset; where it names none, UTF-8, else GB18030 (interface.md part 5)."""
    for charset in _charsets(content_type):
        try:
            return body.decode(charset)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("the bytes are no text in the reply's charset")


@lru_cache(maxsize=8)
def _charsets(content_type: str) -> tuple[str, ...]:
    named = _CHARSET.search(content_type)
    if named is None:
        return "utf-8", "gb18030"
    try:
        return (_CHARSETS[codecs.lookup(named[1]).name],)
    except (LookupError, ValueError):
        raise UnreadableError("a charset that no reply may have") from None


def parse(text: str) -> Any:
    """The value of a whole JSON text; raises :class:`UnreadableError`."""
    return _guarded(text, _whole_value)


def parse_members(text: str, inner: str) -> tuple[list[Member], list[Member] | None]:
    """The fields of the outermost object but for ``inner``, and those of the object under that key; None: no object is
    there, and what is there instead stands among the outermost."""

    def walk(text: str) -> tuple[list[Member], list[Member] | None]:
        plain = _plain_members(text, inner) if "\\" not in text else None
        if plain is not None:
            return plain
        opened: dict[str, list[Member]] = {}
        outer, end = _members(text, _blank(text, 0), inner, opened)
        if _blank(text, end) != len(text):
            raise UnreadableError("more text after the reply's end")
        return outer, opened.get(inner)

    return _guarded(text, walk)


def compact(value: Any) -> str:
    """The value as JSON without blanks, texts unescaped as far as JSON allows, numbers as received."""
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{compact(key)}:{compact(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(compact, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _guarded(text: str, read: Callable[[str], _Result]) -> _Result:
    _refuse_costly(text)
    if text.startswith("\ufeff"):
        raise UnreadableError("a byte order mark")
    try:
        result = read(text)
    except UnreadableError:
        raise
    except (ValueError, RecursionError, IndexError) as error:
        raise UnreadableError(f"not JSON: {type(error).__name__}") from None
    if "\\" in text and _SURROGATE_ESCAPE.search(text):
        _refuse_lone_surrogates(result)
    return result


def _refuse_costly(text: str) -> None:
    """Count before parsing, so that no text makes the parser recurse or allocate without bound."""
    if len(text) <= MAX_STRUCTURE and text.count("{") + text.count("[") <= MAX_DEPTH:
        return
    depth = count = 0
    in_text, escaped_at = False, -1
    for match in _STRUCTURE.finditer(text):
        char, at = match[0], match.start()
        if in_text:
            if at == escaped_at:
                continue
            if char == "\\":
                escaped_at = at + 1
            elif char == '"':
                in_text = False
            continue
        if char == '"':
            in_text = True
            continue
        count += 1
        depth += (char in "[{") - (char in "]}")
        if depth > MAX_DEPTH or count > MAX_STRUCTURE:
            raise UnreadableError("too deep" if depth > MAX_DEPTH else "too many parts")


def _refuse_lone_surrogates(result: Any) -> None:
    waiting = [result]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if any("\ud800" <= char <= "\udfff" for char in value):
                raise UnreadableError("half a character")
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, Member):
            waiting += [value.key, value.value]
        elif isinstance(value, list | tuple):
            waiting += value


def _object_of_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("a key stands twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise UnreadableError(f"{name} is no value")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_of_pairs, parse_int=NumberText, parse_float=NumberText, parse_constant=_refuse_constant
)
#: The same but for the doubled keys, which whoever takes it looks for himself.
_PLAIN_DECODER = json.JSONDecoder(parse_int=NumberText, parse_float=NumberText, parse_constant=_refuse_constant)


def _blank(text: str, at: int) -> int:
    if text[at : at + 1] not in _BLANKS:
        return at
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _whole_value(text: str, decoder: json.JSONDecoder = _DECODER) -> Any:
    value, end = decoder.raw_decode(text, _blank(text, 0))
    if _blank(text, end) != len(text):
        raise UnreadableError("more text after the value's end")
    return value


def _plain_members(text: str, inner: str) -> tuple[list[Member], list[Member]] | None:
    """As :func:`parse_members`, of a text without an escape whose two objects hold nothing but texts: there a value's
    own characters are the value between quotes. Nearly every reply is one; None where this one is not.

    No key stands twice where every quote belongs to a key or a text that was kept: a second one has its own.
    """
    if text.count("{") != 2:
        return None
    outer = _whole_value(text, _PLAIN_DECODER)
    opened = outer.pop(inner, None) if type(outer) is dict else None
    if type(opened) is not dict or not _TEXT.issuperset(map(type, (*outer.values(), *opened.values()))):
        return None
    if text.count('"') != 2 + 4 * (len(outer) + len(opened)):
        return None
    return _plain(outer), _plain(opened)


_TEXT = frozenset({str})


def _plain(fields: dict[str, str]) -> list[Member]:
    return [Member(key, value, f'"{value}"') for key, value in fields.items()]


def _members(
    text: str, at: int, inner: str = "", opened: dict[str, list[Member]] | None = None
) -> tuple[list[Member], int]:
    """The fields of the object that begins at ``at``, and where it ends.

    ``inner``: the key of an object in it that is wanted as fields too: they are put into ``opened``.
    """
    at = _expect(text, at, "{")
    members: list[Member] = []
    keys: set[str] = set()
    if text[at] == "}":
        return members, at + 1
    while True:
        plain = _PLAIN_MEMBER.match(text, at)
        if plain is not None:
            key, raw, words, following = plain.groups()
            if key in keys:
                raise UnreadableError("a key stands twice")
            keys.add(key)
            members.append(Member(key, words, raw))
            if following == "}":
                return members, plain.end(4)
            at = plain.end()
            continue
        key, at = _DECODER.raw_decode(text, at)
        if type(key) is not str:
            raise UnreadableError("a key that is no text")
        if key in keys:
            raise UnreadableError("a key stands twice")
        keys.add(key)
        start = _expect(text, _blank(text, at), ":")
        if opened is not None and key == inner and text[start] == "{":
            opened[key], end = _members(text, start)
        else:
            value, end = _DECODER.raw_decode(text, start)
            members.append(Member(key, value, text[start:end]))
        at = _blank(text, end)
        if text[at] == "}":
            return members, at + 1
        at = _expect(text, at, ",")


def _expect(text: str, at: int, char: str) -> int:
    if text[at] != char:
        raise UnreadableError(f"no {char} where one must be")
    return _blank(text, at + 1)
