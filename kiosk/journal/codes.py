"""Used payment codes (rules 2 and 3): remembered as a keyed hash, refused for ``code_memory_s``.

The key is drawn once for a journal and stays in it: whoever has both could try all codes, so it protects a copied
table only for as long as the key is not beside it. The codes themselves are worth nothing after a minute.
"""

from __future__ import annotations

import hashlib
import hmac

from kiosk.core.payment_code import PaymentCode

KEY_LENGTH = 32


def keyed_hash(key: bytes, code: PaymentCode) -> bytes:
    """HMAC-SHA-256 of the code's digits."""
    return hmac.digest(key, code.digits.encode(), hashlib.sha256)
