"""The pictures are what the script draws, and nothing in them fetches or runs anything."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.upheld_store.catalog.built_stock import STOCK, stock

ALLOWED_TAGS = {"svg", "rect", "circle", "path", "g"}


def foreign_parts(svg: str) -> list[str]:
    """What a picture holds beside plain shapes."""
    found = []
    for element in ElementTree.fromstring(svg).iter():
        tag = element.tag.rpartition("}")[2]
        if tag not in ALLOWED_TAGS:
            found.append(tag)
        found += [k for k in element.attrib if k.startswith("on") or "href" in k or k == "style"]
    return found


def test_the_script_draws_every_picture_again_byte_for_byte(tmp_path: Path) -> None:
    command = [sys.executable, str(STOCK / "draw_artwork.py"), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    drawn = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in (STOCK / "artwork").iterdir()}
    assert drawn == kept
    assert set(drawn) == {f"{product.slug}.svg" for product in stock().products}


def test_pictures_are_distinct_small_and_of_one_size() -> None:
    texts = [path.read_text() for path in (STOCK / "artwork").glob("*.svg")]
    assert len(set(texts)) == len(texts)
    assert all(len(text) < 12_000 for text in texts)
    assert all('width="640" height="400"' in text for text in texts)
    assert [foreign_parts(text) for text in texts] == [[] for _ in texts]


def test_one_style_has_few_colors() -> None:
    colors = {
        color
        for path in (STOCK / "artwork").glob("*.svg")
        for color in re.findall(r"#[0-9a-f]{6}", path.read_text())
    }
    assert len(colors) <= 24


def test_that_check_can_fail() -> None:
    bad = '<svg xmlns="http://www.w3.org/2000/svg"><script/><rect onload="x" style="y"/></svg>'
    assert foreign_parts(bad) == ["script", "onload", "style"]
