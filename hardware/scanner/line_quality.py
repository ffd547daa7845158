"""Is the line's speed right? Told from how much of what arrives is noise.

1. Pure.
2. More than 30 % noise among the bytes lately seen means a wrong speed or parity; a few bytes, as a moved plug
   makes them, mean nothing.
3. Three good codes in a row prove the line, whatever came before.
"""

from __future__ import annotations

from collections import deque

NOISE_LIMIT = 0.30
_FEWEST_BYTES = 16
_REMEMBERED = 60  # codes or runs of noise
_PROOF = 3  # good codes in a row


class LineQuality:
    """Keeps the sizes of the last codes and runs of noise."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, bool]] = deque(maxlen=_REMEMBERED)

    def good(self, size: int) -> None:
        """A code of `size` bytes was read."""
        self._seen.append((size, True))
        if len(self._seen) >= _PROOF and all(good for _, good in list(self._seen)[-_PROOF:]):
            self._seen.clear()

    def noise(self, size: int) -> None:
        """`size` bytes came that are no code."""
        self._seen.append((size, False))

    @property
    def is_garbage(self) -> bool:
        """True when the line carries too much noise to be set right."""
        total = sum(size for size, _ in self._seen)
        noisy = sum(size for size, good in self._seen if not good)
        return total >= _FEWEST_BYTES and noisy > NOISE_LIMIT * total

    def reset(self) -> None:
        self._seen.clear()
