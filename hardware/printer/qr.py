"""A QR code as dots: model 2, whole dots a module, four modules of white on every side.

Drawn by us and sent as an image, because printers differ in which QR commands they know and none differs in
images. Level M: thermal paper fades and folds.
"""

from __future__ import annotations

from hardware.printer.bitmap import Bitmap, from_rows

QUIET_MODULES = 4
LARGEST_MODULE_DOTS = {1: 6, 2: 8}  # by the line's size; 6 dots = 0.75 mm
SMALLEST_MODULE_DOTS = 3  # 0.375 mm; below this a phone's camera begins to fail on thermal paper


class QrTooLong(ValueError):
    """No QR of readable modules fits the paper with so much in it."""


def qr_bitmap(content: str, width: int, align: str = "center", size: int = 1) -> Bitmap:
    """The QR of `content` on a strip `width` dots wide. Raises `QrTooLong`."""
    rows = _modules(content)
    dots = min(LARGEST_MODULE_DOTS[size], width // len(rows))
    if dots < SMALLEST_MODULE_DOTS:
        raise QrTooLong(f"a QR of {len(rows)} modules does not fit {width} dots")
    spare = width - dots * len(rows)
    left = {"left": 0, "center": spare // 2, "right": spare}[align]
    return from_rows(rows, dots, left, width)


def _modules(content: str) -> list[list[bool]]:
    import qrcode  # here, not above: a counter starts without it
    from qrcode.exceptions import DataOverflowError

    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(content.encode("utf-8"))
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise QrTooLong(f"{len(content)} characters are more than a QR holds") from error
    return [[bool(module) for module in row] for row in code.get_matrix()]
