"""What stands before a code's own text, by setting: an AIM identifier, a letter of the maker's, a text of the site's.

1. Pure. Nothing is taken off unless the settings say that the scanner puts it there: `]` and letters may be a code's
   own, and makers disagree on the letters.
2. The site's text comes first on the line, then the identifier; a scanner that was told to send them and did not has
   left the code as it is.
3. An escape of the kind `\\000026` at the very beginning names the encoding (ECI) and is never a code's own text.

Sources: ISO/IEC 15424 for the AIM identifiers; an ordinary payment QR is `]Q1`.
"""

from __future__ import annotations

import re
from enum import Enum

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_CODE_ID = re.compile(r"[A-Za-z](?=.)", re.DOTALL)
_ECI = re.compile(r"\\0000\d\d")
#: AIM identifiers under which backslashes are doubled, since ECI escapes may stand anywhere.
_WITH_ECI = frozenset({"]Q2", "]Q4", "]Q6", "]d4", "]d5", "]d6", "]L1"})


class Identifier(Enum):
    """What the scanner was set up to send before each code, to say what kind of code it is."""

    NONE = "none"
    AIM = "aim"  # `]`, a letter, a modifier
    CODE_ID = "code_id"  # one letter of the maker's


def without_prefix(text: str, identifier: Identifier, prefix: str) -> tuple[str, str]:
    """The code's own text, and the identifier that stood before it (empty where none did)."""
    text = text.removeprefix(prefix)
    pattern = {Identifier.AIM: _AIM, Identifier.CODE_ID: _CODE_ID}.get(identifier)
    found = pattern.match(text) if pattern is not None else None
    symbology = found.group() if found is not None else ""
    body = text[len(symbology) :]
    if symbology in _WITH_ECI:
        return _ECI.sub("", body).replace("\\\\", "\\"), symbology
    first = _ECI.match(body)
    return (body[first.end() :] if first is not None else body), symbology
