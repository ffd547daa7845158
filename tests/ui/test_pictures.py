"""Pictures of every face, and all of them small on one."""

from __future__ import annotations

from PIL import Image

from kiosk.ui.pictures import GAP_PX, NAME_PX, ROW_NAME_PX, SHEET_COLUMNS, SMALL_PX, TINY_PX, main


def test_the_contact_sheet_holds_every_picture_small(tmp_path, qapp):
    names = ["find", "pay-qr", "devices"]
    arguments = ["--size", "1024x768", "--theme", "light", "dark", "--locale", "en", "--name", *names]
    assert main([str(tmp_path), *arguments]) == 0
    for theme in ("light", "dark"):
        pictures = sorted(tmp_path.glob(f"*-1024x768-{theme}-en.png"))
        sheet = tmp_path / f"contact-sheet-1024x768-{theme}-en.png"
        single = [path for path in pictures if path != sheet]
        with Image.open(sheet) as small:
            tall = SMALL_PX * 768 // 1024
            assert small.width >= SHEET_COLUMNS * SMALL_PX
            assert small.height >= -(-len(single) // SHEET_COLUMNS) * tall
            # The first cell is the first picture: no blank paper.
            assert len(small.crop((8, 8, 8 + SMALL_PX, 8 + tall)).getcolors(1 << 20)) > 20


def test_the_sheet_of_all_has_a_row_for_each_face_and_a_column_for_each_look(tmp_path, qapp):
    arguments = ["--size", "1024x768", "--theme", "light", "dark", "--locale", "en", "--name", "find", "pay-qr"]
    assert main([str(tmp_path), *arguments]) == 0
    rows, columns, tall = 4, 2, TINY_PX * 768 // 1024  # two faces, each on the counter's side and the customer's
    with Image.open(tmp_path / "contact-sheet.png") as sheet:
        assert sheet.width == ROW_NAME_PX + columns * (TINY_PX + GAP_PX) + GAP_PX
        cells = [
            sheet.crop((left, top, left + TINY_PX, top + tall))
            for left in (ROW_NAME_PX + column * (TINY_PX + GAP_PX) for column in range(columns))
            for top in (2 * NAME_PX + 2 * GAP_PX + row * (tall + GAP_PX) for row in range(rows))
        ]
    assert all(len(cell.getcolors(1 << 20)) > 10 for cell in cells)
    assert len({cell.tobytes() for cell in cells}) == len(cells)  # no picture stands in another's place
