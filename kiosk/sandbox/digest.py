"""The gateway's digest, written a second time for its own side.

Rules (interface.md part 3)
1. Fields without a value (null, empty text) and ``sign`` itself take no part; ``0`` is a value.
2. Keys in ASCII order, ``key=value`` joined by ``&``, nothing escaped, UTF-8, SHA-256, lower-case hex.
3. A value that is not text takes part as the characters that stand in the reply: here the compact JSON that
   :func:`sealed` puts there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def compact(value: object) -> str:
    """The one JSON text of a value in this gateway's replies: no blanks, Chinese as itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def digest(fields: Mapping[str, object]) -> str:
    """The digest over a request's or a reply's inner fields."""
    total = hashlib.sha256()
    separator = ""
    for key in sorted(fields, key=lambda name: name.encode()):
        value = fields[key]
        if key == "sign" or value is None or value == "":
            continue
        total.update(f"{separator}{key}={value if isinstance(value, str) else compact(value)}".encode())
        separator = "&"
    return total.hexdigest()


def sealed(fields: Mapping[str, object], *, signed: bool = True) -> bytes:
    """A reply's body: ``{"response": fields, "sign": digest}``; the sign is empty where ``signed`` is false."""
    return compact({"response": fields, "sign": digest(fields) if signed else ""}).encode()
