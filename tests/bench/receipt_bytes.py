"""What a receipt of fifteen Chinese lines costs: bytes and milliseconds, as text and as an image.

    python tests/bench/receipt_bytes.py [--json]

Reach (hardware.md): text <= 1 kB and <= 2 ms, image <= 20 ms.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from hardware.printer.encode import encode_document
from hardware.printer.profile import PROFILES
from hardware.printer.raster import RowPainter

TIMES = 100


@dataclass(frozen=True)
class Line:
    """A line of a document."""

    kind: str = "pair"
    left: str = ""
    right: str = ""
    align: str = "left"
    size: int = 1
    bold: bool = False


LINES = [
    Line("text", "电费缴费凭证", align="center", size=2, bold=True), Line("pair", "营业厅", "城东供电营业厅"),
    Line("pair", "柜台", "A01"), Line("pair", "收费员", "0012"), Line("rule"), Line("pair", "户号", "6100000101"),
    Line("pair", "户名", "张*"), Line("pair", "账期", "2026-10"), Line("pair", "电费本金", "￥128.50"),
    Line("pair", "违约金", "￥1.28"), Line("rule"), Line("pair", "合计", "￥129.78", size=2, bold=True),
    Line("pair", "支付方式", "微信支付"), Line("pair", "确认时间", "2026-11-27 20:15:58"),
    Line("text", "本凭条不作报销凭证", align="center"),
]  # fmt: skip


def main() -> None:
    """Measure and print."""
    painter = RowPainter(Path(__file__).parents[2] / "assets" / "fonts" / "NotoSansSC-Regular.ttf")
    rows: list[dict[str, object]] = []
    for name in ("generic-58", "generic-80", "raster-58", "raster-80"):
        profile = PROFILES[name]
        took_ms = []
        for _ in range(TIMES):
            began = time.perf_counter()
            job = encode_document(LINES, profile, lambda row, profile=profile: painter.bitmap(row, profile))
            took_ms.append((time.perf_counter() - began) * 1000)
        median_ms = statistics.median(took_ms[5:])
        if not profile.raster_only:
            rows.append(_row(f"receipt of 15 lines as text, bytes, {name}", len(job.data), 1024))
        rows.append(_row(f"the same encoded, ms, {name}", median_ms, 20.0 if profile.raster_only else 2.0))
    print(json.dumps(rows))
    raise SystemExit(0 if all(row["holds"] for row in rows) else 1)


def _row(what: str, ours: float, most: float) -> dict[str, object]:
    return {"what": what, "ours": round(ours, 2), "reach": f"<= {most:g}", "holds": ours <= most}


if __name__ == "__main__":
    main()
