"""What the printer's tests share: the bundled font, lines, and a slip as a counter prints it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hardware.printer.raster import RowPainter
from hardware.virtual.printer import VirtualPrinter

ORDER_NO = "20261122093015A03000000000000127"


@dataclass(frozen=True)
class Line:
    """A line of a document, as whoever writes receipts would define it."""

    kind: str = "text"
    left: str = ""
    right: str = ""
    align: str = "left"
    size: int = 1
    bold: bool = False


@pytest.fixture(scope="session")
def font_path() -> Path:
    return Path(__file__).parents[3] / "assets" / "fonts" / "NotoSansSC-Regular.ttf"


@pytest.fixture(scope="session")
def painter(font_path: Path) -> RowPainter:
    return RowPainter(font_path)


@pytest.fixture(scope="session")
def line() -> type[Line]:
    return Line


@pytest.fixture(scope="session")
def order_no() -> str:
    return ORDER_NO


@pytest.fixture(scope="session")
def slip() -> list[Line]:
    """A receipt of one bill, with every kind of line."""
    return [
        Line(left="缴费凭证", align="center", size=2, bold=True),
        Line("blank"),
        Line("pair", "营业厅", "城东营业厅"),
        Line("pair", "户名", "*小明"),
        Line("rule"),
        Line("pair", "本金", "128.40"),
        Line("pair", "违约金", "1.28"),
        Line("pair", "合计", "￥129.68", size=2, bold=True),
        Line("pair", "订单号", ORDER_NO),
        Line(left="本凭条不作报销凭证。如有疑问请拨打 95598。"),
        Line("qr", ORDER_NO, align="center"),
    ]


@pytest.fixture
def virtual_printer(tmp_path: Path, font_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "paper", font_path) as printer:
        yield printer
