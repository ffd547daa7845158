"""Pictures of every face, and all of them small on one."""

from __future__ import annotations

from PIL import Image

from kiosk.ui.pictures import SHEET_COLUMNS, SMALL_PX, main


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
