"""Each file on sale opens, runs or reads as its page says."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import zipfile
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.upheld_store.catalog.built_stock import build, built, file_of, stock, unpacked

ALL_FILES = [
    (product.slug, file.name)
    for product in stock().products
    for release in product.releases
    for file in release.files
]


def run(*words: str | Path, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """A bought program, run as its page says."""
    return subprocess.run(
        [str(word) for word in words],
        input=stdin,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def python(*words: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, *words, **environ)


class Tags(HTMLParser):
    """Counts what is opened and closed, and gathers what a page would fetch."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [v or "" for k, v in attrs if k in {"src", "srcset"}]
        if tag == "link":
            self.fetched += [v or "" for k, v in attrs if k == "href"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def problems_of(html: str) -> list[str]:
    """What is wrong with a page that must stand alone."""
    tags = Tags()
    tags.feed(html)
    tags.close()
    return [*tags.wrong, *(f"open: {tag}" for tag in tags.open), *tags.fetched] + (
        [] if html.lower().startswith("<!doctype html>") else ["no doctype"]
    )


def test_there_is_enough_of_everything() -> None:
    assert len(stock().products) >= 12 and len(stock().categories) >= 4
    assert {p.category for p in stock().products} == {c.slug for c in stock().categories}
    assert any(p.vendor_name for p in stock().products)
    plans = [plan for p in stock().products for plan in p.plans]
    assert any(plan.price_minor == 0 for plan in plans) and any(plan.licensed for plan in plans)


@pytest.mark.parametrize(("slug", "name"), ALL_FILES)
def test_every_file_is_there(slug: str, name: str) -> None:
    assert file_of(slug, name).stat().st_size > 200


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    build(tmp_path)
    again = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    once = {p.relative_to(built()): p.read_bytes() for p in built().rglob("*") if p.is_file()}
    assert again == once


def test_rename_rook_renames_and_takes_it_back(tmp_path: Path) -> None:
    rook = unpacked("rename-rook") / "rename_rook.py"
    names = {"DSC_0417.JPG", "DSC_0418.JPG"}
    for name in names:
        (tmp_path / name).write_text(name)
    shown = python(rook, "holiday-{n:03}{ext}", tmp_path)
    assert "holiday-001.JPG" in shown.stdout and {p.name for p in tmp_path.iterdir()} == names
    assert python(rook, "holiday-{n:03}{ext}", tmp_path, "--go").returncode == 0
    assert (tmp_path / "holiday-002.JPG").read_text() == "DSC_0418.JPG"
    assert python(rook, "--undo", tmp_path).returncode == 0
    assert {p.name for p in tmp_path.iterdir()} == names
    assert python(rook, "same", tmp_path, "--go").returncode == 1
    assert {p.name for p in tmp_path.iterdir()} == names


def test_ledger_lark_adds_up_its_sample() -> None:
    folder = unpacked("ledger-lark")
    answer = python(folder / "ledger_lark.py", folder / "sample.csv", "--by", "month")
    assert answer.returncode == 0 and "645.10" in answer.stdout and "2026-02" in answer.stdout
    assert (
        "|"
        in python(
            folder / "ledger_lark.py", folder / "sample.csv", "--markdown"
        ).stdout.splitlines()[0]
    )
    (folder / "bad.csv").write_text("date,category,amount\n2026-01-01,x,NaN\n")
    refused = python(folder / "ledger_lark.py", folder / "bad.csv")
    assert refused.returncode == 1 and "Line 2" in refused.stderr


def test_dust_sheet_finds_what_is_there_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("the same")
    (tmp_path / "c").write_text("another")
    answer = python(unpacked("dust-sheet") / "dust_sheet.py", tmp_path)
    assert "1 groups, 8 bytes to spare" in answer.stdout
    assert {p.name for p in tmp_path.iterdir()} == {"a", "b", "c"}


def test_night_tide_keeps_checks_and_brings_back(tmp_path: Path) -> None:
    tide = unpacked("night-tide") / "night-tide.sh"
    assert os.access(tide, os.R_OK)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "one").write_text("word")
    copies, back = tmp_path / "copies", tmp_path / "back"
    assert run("sh", tide, "keep", tmp_path / "notes", copies, "1").returncode == 0
    assert "1 copies" in run("sh", tide, "check", copies).stdout
    assert run("sh", tide, "back", copies, back).returncode == 0
    assert (back / "one").read_text() == "word"
    assert run("sh", tide, "back", copies, back).returncode == 1, "not over what is there"
    (archive,) = copies.glob("*.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-1])
    assert run("sh", tide, "check", copies).returncode == 1


def test_tidewatch_writes_down_a_day(tmp_path: Path) -> None:
    program = file_of("tidewatch", "tidewatch.pyz")
    diary = str(tmp_path / "diary.tsv")
    assert python(program, "note", "40m", "Phone calls", TIDEWATCH_FILE=diary).returncode == 0
    assert "40 minutes in 1 stretches" in python(program, "day", TIDEWATCH_FILE=diary).stdout
    assert "0:40  Phone calls" in python(program, "week", TIDEWATCH_FILE=diary).stdout
    key = "7K2MN-QRST4-8VWXY-ZABCD-EFGHJ"
    assert python(program, "license", key, TIDEWATCH_FILE=diary).returncode == 0
    assert (tmp_path / "diary.key").read_text().strip() == key
    assert python(program, "note", "99h", "x", TIDEWATCH_FILE=diary).returncode == 1


def test_clip_basket_gives_back_what_was_put_in(tmp_path: Path) -> None:
    program, basket = file_of("clip-basket", "clip-basket.pyz"), str(tmp_path / "basket.json")
    python(program, "put", "thanks", "Dear {name}, thank you.", CLIP_BASKET=basket)
    answer = python(program, "get", "thanks", "name=Ada", CLIP_BASKET=basket)
    assert answer.stdout == "Dear Ada, thank you.\n"
    assert "name=..." in python(program, "get", "thanks", CLIP_BASKET=basket).stderr


def test_ink_and_paper_knows_a_contrast() -> None:
    program = file_of("ink-and-paper", "ink-and-paper.pyz")
    assert python(program, "#000", "#fff").stdout.startswith("21.00 to 1")
    fixed = python(program, "#7a8f2a", "#ffffff", "--fix")
    assert fixed.returncode == 1 and "try" in fixed.stdout


@pytest.mark.parametrize(
    ("slug", "name"), [pair for pair in ALL_FILES if pair[1].endswith((".py", ".pyz", ".zip"))]
)
def test_every_script_compiles_and_explains_itself(slug: str, name: str) -> None:
    if name.endswith(".pyz"):
        assert file_of(slug, name).read_bytes().startswith(b"#!/usr/bin/env python3\n")
        assert slug in python(file_of(slug, name)).stdout
        return
    folder = unpacked(slug)
    assert (folder / "README.md").read_text().startswith("# ")
    for script in folder.glob("*.py"):
        compile(script.read_text(), script.name, "exec")
        answer = python(script, "--help")
        assert answer.returncode == 0 and "usage" in answer.stdout


BOOKS = [pair for pair in ALL_FILES if pair[1].endswith(".epub")]


@pytest.mark.parametrize(("slug", "name"), BOOKS)
def test_every_book_is_an_epub(slug: str, name: str) -> None:
    with zipfile.ZipFile(file_of(slug, name)) as book:
        first = book.infolist()[0]
        assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        assert not first.extra and book.read("mimetype") == b"application/epub+zip"
        container = ElementTree.fromstring(book.read("META-INF/container.xml"))
        (root,) = container.iter("{urn:oasis:names:tc:opendocument:xmlns:container}rootfile")
        package = ElementTree.fromstring(book.read(root.attrib["full-path"]))
        opf = "{http://www.idpf.org/2007/opf}"
        items = {i.attrib["id"]: i.attrib for i in package.iter(f"{opf}item")}
        listed = {f"book/{item['href']}" for item in items.values()}
        assert listed | {"mimetype", "META-INF/container.xml", "book/book.opf"} == set(
            book.namelist()
        )
        assert [i for i in items.values() if i.get("properties") == "nav"]
        spine = [i.attrib["idref"] for i in package.iter(f"{opf}itemref")]
        assert set(spine) <= set(items) and len(spine) >= 4
        for item in items.values():
            if item["media-type"] == "application/xhtml+xml":
                ElementTree.fromstring(book.read(f"book/{item['href']}"))


@pytest.mark.parametrize(("slug", "name"), BOOKS)
def test_the_page_of_a_book_holds_the_same_chapters(slug: str, name: str) -> None:
    page = file_of(slug, name.replace(".epub", ".html")).read_text()
    assert problems_of(page) == []
    with zipfile.ZipFile(file_of(slug, name)) as book:
        chapters = [n for n in book.namelist() if n.startswith("book/c") and "contents" not in n]
    assert page.count("<section>") == len([n for n in chapters if n.endswith(".xhtml")])


def test_every_html_file_stands_alone() -> None:
    pages = [file_of("margin-ruler", "margin-ruler.html")]
    for slug in ("plain-invoice", "heron-letters", "workshop-year"):
        pages += unpacked(slug).glob("*.html")
    assert len(pages) == 6
    assert {page.name: problems_of(page.read_text()) for page in pages} == {
        page.name: [] for page in pages
    }


def test_that_check_can_fail() -> None:
    bad = "<p><b>x</p><img src='https://example.com/x.png'>"
    assert "https://example.com/x.png" in problems_of(bad) and "no doctype" in problems_of(bad)
    assert len(problems_of(bad)) > 2


def test_the_year_has_its_mondays() -> None:
    with (unpacked("workshop-year") / "year-2027.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    days = [date.fromisoformat(row["monday"]) for row in rows]
    assert len(days) == 52 and {day.weekday() for day in days} == {0}
    assert {day.isocalendar().week for day in days} == set(range(1, 53))


def test_the_invoices_agree_on_their_sum() -> None:
    folder = unpacked("plain-invoice")
    assert "135.00" in (folder / "invoice.html").read_text()
    assert "8500" in (folder / "invoice.typ").read_text()  # 1 × 85.00 + 4 × 12.50
    assert "1250" in (folder / "invoice.typ").read_text()
