"""PINs as argon2id texts. Slow on purpose (some tens of milliseconds): never on the engine's or the windows' thread."""

from __future__ import annotations


def hashed(pin: str) -> str:
    """The text to keep: parameters, salt and digest."""
    from argon2 import PasswordHasher  # 20 ms that only a supervisor's hand should cost

    return PasswordHasher().hash(pin)


def is_right(kept: str, pin: str) -> bool:
    """Whether this is the PIN of the kept text; False too where the text is none."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(kept, pin)
    except (VerificationError, InvalidHashError):
        return False
