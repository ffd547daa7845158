"""Bytes: exact where the standard says so, and read back by a decoder that is not the encoder's kin."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hardware.printer.barcode import barcode_bitmap
from hardware.printer.bitmap import Bitmap
from hardware.printer.charset import clean, columns_of, is_carried
from hardware.printer.document import DocumentError
from hardware.printer.encode import EscPosBuilder, encode_document, encode_text, guarded
from hardware.printer.layout import Row
from hardware.printer.profile import PROFILES, PrinterProfile
from hardware.printer.raster import RowPainter
from hardware.virtual.decoder import Decoded, decode
from hardware.virtual.paper import draw_paper

NARROW, WIDE = PROFILES["generic-58"], PROFILES["generic-80"]
PAPERS = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: str(profile.name))
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()), max_size=80)


def printed(document: Any, profile: PrinterProfile, painter: RowPainter) -> Decoded:
    """The document as the strict decoder reads it; nothing in it may be wrong."""
    job = encode_document(document, profile, lambda row: painter.bitmap(row, profile))
    decoded = decode(job.data, profile.columns)
    assert decoded.problems == []
    assert decoded.real_time == []
    return decoded


def test_chinese_is_sent_between_fs_ampersand_and_fs_period_and_ascii_outside() -> None:
    assert encode_text("电费 12元") == bytes.fromhex("1c26 b5e7b7d1 1c2e 20 31 32 1c26 d4aa 1c2e")


def test_a_job_begins_with_a_reset_and_ends_with_a_feed_and_the_cut(line: Any) -> None:
    wide = encode_document([line(left="A")], WIDE, None).data
    assert wide == b"\x1b@\x1ba\x00A\n\x1bd\x05\x1dVB\x00"


def test_r24_a_printer_without_a_cutter_is_never_told_to_cut(line: Any) -> None:
    assert b"\x1dV" not in encode_document([line(left="A")], NARROW, None).data
    assert decode(encode_document([line(left="A")], WIDE, None).data, 48).cuts


def test_double_size_and_bold_are_said_for_ascii_and_for_chinese_and_taken_back(
    line: Any, painter: RowPainter
) -> None:
    decoded = printed([line(left="合A", size=2, bold=True), line(left="计B")], NARROW, painter)
    styles = [
        [(span.style.wide, span.style.high, span.style.bold) for span in row.spans] for row in decoded.lines
    ]
    assert styles == [[(2, 2, True), (2, 2, True)], [(1, 1, False), (1, 1, False)]]


def test_alignment_is_the_printers_own(line: Any, painter: RowPainter) -> None:
    decoded = printed(
        [line(left="甲", align=align) for align in ("center", "right", "left")], NARROW, painter
    )
    assert [row.align for row in decoded.lines] == ["center", "right", "left"]


@pytest.mark.parametrize("profile", [NARROW, WIDE], ids=["58", "80"])
def test_a_slip_reads_back_as_it_was_written(
    slip: Any, profile: PrinterProfile, painter: RowPainter, order_no: str
) -> None:
    text = printed(slip, profile, painter).text
    for words in ("缴费凭证", "城东营业厅", "*小明", "128.40", "￥129.68", order_no, "95598"):
        assert words in text


@pytest.mark.parametrize("text", ["余额：￥88", "¥88", "￥88", "€ · — 〇 ① ℃ ㎡ ■", "，。：（）", "“甲”…"])
def test_r18_the_same_character_prints_whatever_stands_beside_it(
    text: str, line: Any, painter: RowPainter
) -> None:
    decoded = printed([line(left=text)], NARROW, painter)
    assert decoded.text == text.replace("¥", "￥")
    assert decoded.pictures == []


@pytest.mark.parametrize("name", ["𠮷野", "王😀", "张䶮", "Nuñez", "김"])
def test_r18_a_line_with_a_rare_character_is_an_image_and_its_neighbours_stay_text(
    name: str, line: Any, painter: RowPainter
) -> None:
    decoded = printed([line(left="甲"), line("pair", "户名", name), line(left="乙")], NARROW, painter)
    assert [row.text for row in decoded.lines] == ["甲", "乙"]
    assert len(decoded.pictures) == 1
    assert any(any(row) for row in decoded.pictures[0].rows)


@pytest.mark.parametrize(
    "name",
    [
        "王\x1bp\x00\x19\x19明",
        "王\x10\x14\x01\x00\x05明",
        "王\x1b@明",
        "王\x1dV\x00明",
        "王\n\n明",
        "王\ud83d明",
        "\x9b\x1c.王明",
    ],
)
def test_r18_a_name_that_holds_drawer_and_other_commands_commands_nothing(
    name: str, line: Any, painter: RowPainter
) -> None:
    """The drawer's bytes 1B 70 are the attack worth money: a name must not open it."""
    plain = printed([line("pair", "户名", "王明")], NARROW, painter)
    decoded = printed([line("pair", "户名", name)], NARROW, painter)
    assert decoded.kicks == []
    assert decoded.cuts == plain.cuts
    assert len(decoded.elements) == len(plain.elements)
    assert decoded.text.startswith("户名")
    assert decoded.text.endswith("明")


def test_r18_without_cleaning_the_same_name_would_open_the_drawer() -> None:
    assert decode(b"\x1b@" + b"A\n\x1bp\x00\x19\x19", 32).kicks


def blank_strip(row: Row) -> Bitmap:
    """Stands for the painter where only the choice between text and image is looked at."""
    return Bitmap(384, 30, bytes(48 * 30))


@settings(max_examples=150)
@given(left=ANY_TEXT, right=ANY_TEXT, size=st.sampled_from([1, 2]), kind=st.sampled_from(["text", "pair"]))
def test_r19_any_unicode_is_printed_within_the_paper_and_read_back(
    line: Any, left: str, right: str, size: int, kind: str
) -> None:
    drawn: list[Row] = []

    def draw(row: Row) -> Bitmap:
        drawn.append(row)
        return blank_strip(row)

    job = encode_document([line(kind, left, right, size=size)], NARROW, draw)
    decoded = decode(job.data, NARROW.columns)
    assert decoded.problems == []
    assert all(row.columns <= 32 for row in decoded.lines)
    assert all(columns_of(row.text) * row.size <= 32 and not is_carried(row.text) for row in drawn)
    wanted = clean(left) + (clean(right) if kind == "pair" else "")
    paper = decoded.text + "".join(row.text for row in drawn)
    assert sorted(paper.replace(" ", "").replace("\n", "")) == sorted(wanted.replace(" ", ""))


@settings(max_examples=40)
@given(text=ANY_TEXT)
def test_r19_any_unicode_can_be_drawn(line: Any, painter: RowPainter, text: str) -> None:
    printed([line("pair", "户名", text, bold=True)], PROFILES["raster-58"], painter)


def test_a_row_wider_than_the_paper_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="wider than the paper"):
        EscPosBuilder(NARROW).row(Row("电" * 17))


def test_r20_image_bytes_that_spell_a_command_are_changed_by_one_dot() -> None:
    pattern = bytes.fromhex("10 04 01 10 14 01 00 05 10 05 02 10 14 08 01 03 14 01 06 02 08 10 10 04")
    data = pattern * (48 * 30 // len(pattern))
    assert decode(b"\x1dv0\x00\x30\x00\x1e\x00" + data, 32).real_time  # the judge sees them
    safe = guarded(data)
    builder = EscPosBuilder(NARROW)
    builder.raster(Bitmap(384, 30, data))
    decoded = decode(builder.finish(), 32)
    assert decoded.real_time == []
    assert b"".join(decoded.pictures[0].rows) == safe
    turned = sum((one ^ other).bit_count() for one, other in zip(data, safe, strict=True))
    assert turned == data.count(b"\x10\x04") + data.count(b"\x10\x14") + data.count(b"\x10\x05")


@given(st.lists(st.sampled_from([0x10, 0x04, 0x05, 0x14, 0x06, 0x16]), max_size=40).map(bytes))
def test_r20_no_mixture_of_these_bytes_gets_through(data: bytes) -> None:
    safe = guarded(data)
    assert not any(pattern in safe for pattern in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))
    assert len(safe) == len(data)


@settings(max_examples=60)
@given(
    width=st.integers(1, 384),
    height=st.sampled_from([0, 1, 47, 48, 96, 127, 128, 129, 300]),
    seed=st.binary(min_size=1, max_size=64),
)
def test_r21_an_image_of_any_size_arrives_dot_for_dot_in_slices(width: int, height: int, seed: bytes) -> None:
    stride = (width + 7) // 8
    image = Bitmap(width, height, (seed * (stride * height))[: stride * height])
    builder = EscPosBuilder(NARROW)
    builder.raster(image)
    decoded = decode(builder.finish(), 32)
    assert decoded.problems == []
    assert all(len(picture.rows) <= 128 for picture in decoded.pictures)
    arrived = b"".join(row for picture in decoded.pictures for row in picture.rows)
    assert len(arrived) == len(image.data)
    assert arrived == image.data or any(
        pattern in image.data for pattern in (b"\x10\x04", b"\x10\x05", b"\x10\x14")
    )


def test_r22_an_image_wider_than_the_paper_is_refused_not_clipped() -> None:
    with pytest.raises(ValueError, match="576 dots on paper of 384"):
        EscPosBuilder(NARROW).raster(Bitmap(576, 1, bytes(72)))


@PAPERS
@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_r23_the_qr_is_read_from_the_paper(
    line: Any, profile: PrinterProfile, painter: RowPainter, align: str, order_no: str
) -> None:
    decoded = printed([line(left="缴费凭证"), line("qr", order_no, align=align)], profile, painter)
    found = zxingcpp.read_barcodes(draw_paper(decoded, profile.columns, painter))
    assert [(code.text, code.format) for code in found] == [(order_no, zxingcpp.BarcodeFormat.QRCode)]


def test_r23_a_short_number_is_no_micro_qr(line: Any, painter: RowPainter) -> None:
    decoded = printed([line("qr", "123456789012345678")], NARROW, painter)
    found = zxingcpp.read_barcodes(draw_paper(decoded, 32, painter))
    assert [code.format for code in found] == [zxingcpp.BarcodeFormat.QRCode]


@pytest.mark.parametrize("length", [1500, 4000])
def test_r23_what_no_readable_qr_holds_is_printed_in_words(
    line: Any, painter: RowPainter, length: int
) -> None:
    decoded = printed([line("qr", "Z" * length)], NARROW, painter)
    assert decoded.pictures == []
    assert decoded.text.replace("\n", "") == "Z" * length


@pytest.mark.parametrize("name", ["raster-58", "raster-80"])
def test_a_printer_of_images_only_gets_no_text(slip: Any, painter: RowPainter, name: str) -> None:
    decoded = printed(slip, PROFILES[name], painter)
    assert decoded.text == ""
    assert {picture.width for picture in decoded.pictures} == {PROFILES[name].dots}


def test_r28_without_a_font_a_rare_character_is_marked_and_it_is_said(line: Any) -> None:
    job = encode_document([line("pair", "户名", "𠮷野")], NARROW, None)
    assert decode(job.data, 32).text.endswith("〓野")
    assert job.substituted
    assert not encode_document([line(left="王明")], NARROW, None).substituted


def test_r28_a_printer_of_images_only_cannot_do_without_a_font(line: Any) -> None:
    with pytest.raises(ValueError, match="no font"):
        encode_document([line(left="A")], PROFILES["raster-58"], None)


def test_what_is_no_document_is_refused_before_a_byte_is_made(line: Any) -> None:
    with pytest.raises(DocumentError):
        encode_document([line("photo")], NARROW, None)


@PAPERS
@pytest.mark.parametrize("align", ["left", "center", "right"])
@pytest.mark.parametrize("content", ["6100000101", "K1-2026/11", "7", "AB123456", "12345", "0541203387X"])
def test_a_barcode_is_read_from_the_paper_and_its_text_stands_under_it(
    line: Any, profile: PrinterProfile, painter: RowPainter, align: str, content: str
) -> None:
    decoded = printed([line(left="户号"), line("barcode", content, align=align)], profile, painter)
    found = zxingcpp.read_barcodes(draw_paper(decoded, profile.columns, painter))
    assert [(code.text, code.format) for code in found] == [(content, zxingcpp.BarcodeFormat.Code128)]
    assert profile.raster_only or content in decoded.text
    assert decoded.problems == []


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=18))
def test_any_printable_ascii_is_a_barcode_that_is_read_back(content: str) -> None:
    strip = barcode_bitmap(content, 1200)
    row = "".join(f"{byte:08b}" for byte in strip.row(0))
    picture = Image.new("L", (strip.width, strip.height), 255)
    picture.putdata([0 if dot == "1" else 255 for dot in row[: strip.width]] * strip.height)
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == content


@pytest.mark.parametrize("content", ["电费", "", "Z" * 40])
def test_what_no_readable_barcode_holds_is_printed_in_words(line: Any, painter: RowPainter, content: str) -> None:
    decoded = printed([line("barcode", content)], NARROW, painter)
    assert decoded.pictures == []
    assert "".join(decoded.text.split()) == "".join(content.split())
