#!/usr/bin/env python3
"""Pack the stock: `build.py FOLDER` writes FOLDER/<product>/<version>/<file> for each file that
stock.toml names. The same sources give the same bytes, on any machine and on any day:
entries are sorted, dated 1980 and stored as they are (compressors differ from build to build).
"""

from __future__ import annotations

import html
import io
import stat
import sys
import tomllib
import uuid
import zipfile
from pathlib import Path

from markdown_it import MarkdownIt

HERE = Path(__file__).resolve().parent
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
MARKDOWN = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True})
BOOK_CSS = """body { font-family: serif; line-height: 1.5; margin: 1em; }
h1 { font-weight: normal; margin: 2em 0 1em; }
h2 { font-weight: normal; font-style: italic; }
"""
PAGE_CSS = (
    ":root { color-scheme: light dark; }\n"
    "body { max-width: 34rem; margin: 3rem auto; padding: 0 1rem;"
    " font: 1.1rem/1.6 Georgia, serif; }\n"
    "h1, h2 { font-weight: normal; }\n"
)
Entry = tuple[str, bytes, bool]


def archive(entries: list[Entry]) -> bytes:
    """A zip of (name, content, executable), in the order given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name, content, executable in entries:
            info = zipfile.ZipInfo(name, FIRST_DAY)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            target.writestr(info, content)
    return packed.getvalue()


def folder_zip(source: str) -> bytes:
    """files/<source> as a zip that unpacks into one folder."""
    folder = HERE / "files" / source
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return archive(
        [
            (f"{source}/{p.relative_to(folder).as_posix()}", p.read_bytes(),
             p.suffix == ".sh" or p.read_bytes().startswith(b"#!"))
            for p in paths
        ]
    )


def program(source: str) -> bytes:
    """files/<source>/__main__.py as one file that Python runs."""
    content = (HERE / "files" / source / "__main__.py").read_bytes()
    return b"#!/usr/bin/env python3\n" + archive([("__main__.py", content, False)])


def chapters(source: str) -> list[tuple[str, str, str]]:
    """(id, title, XHTML) of each chapter of books/<source>, in order."""
    found = []
    for path in sorted((HERE / "books" / source).glob("*.md")):
        text = path.read_text("utf-8")
        found.append((f"c{path.stem}", text.splitlines()[0].lstrip("# "), MARKDOWN.render(text)))
    return found


def page(title: str, body: str) -> bytes:
    """One XHTML file of an EPUB."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
        f' lang="en" xml:lang="en"><head><title>{html.escape(title)}</title>'
        '<link rel="stylesheet" type="text/css" href="book.css"/></head>\n'
        f"<body>\n{body}</body></html>\n"
    ).encode()


def epub(source: str, title: str, released_on: str) -> bytes:
    """An EPUB 3 book. Its `mimetype` stands first and uncompressed, as readers demand."""
    parts = chapters(source)
    items = "".join(
        f'<li><a href="{name}.xhtml">{html.escape(heading)}</a></li>\n'
        for name, heading, _ in parts
    )
    contents = f'<nav epub:type="toc"><h1>{html.escape(title)}</h1>\n<ol>\n{items}</ol></nav>\n'
    container = (
        '<?xml version="1.0"?>\n<container version="1.0" '
        'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>\n"
    )
    files = [
        ("mimetype", b"application/epub+zip", False),
        ("META-INF/container.xml", container.encode(), False),
        ("book/book.opf", package(source, title, released_on), False),
        ("book/book.css", BOOK_CSS.encode(), False),
        ("book/contents.xhtml", page(title, contents), False),
    ]
    files += [(f"book/{name}.xhtml", page(head, body), False) for name, head, body in parts]
    return archive(files)


def package(source: str, title: str, released_on: str) -> bytes:
    """The EPUB's package document."""
    names = [name for name, _, _ in chapters(source)]
    manifest = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>\n'
        for name in names
    )
    spine = "".join(f'<itemref idref="{name}"/>\n' for name in names)
    book_id = uuid.uuid5(uuid.NAMESPACE_URL, f"https://larkfield.example.com/{source}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"'
        ' xml:lang="en">\n<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="id">urn:uuid:{book_id}</dc:identifier>\n'
        f"<dc:title>{html.escape(title)}</dc:title>\n<dc:language>en</dc:language>\n"
        "<dc:creator>Larkfield Software</dc:creator>\n"
        f'<meta property="dcterms:modified">{released_on}T00:00:00Z</meta>\n'
        "</metadata>\n<manifest>\n"
        '<item id="contents" href="contents.xhtml" media-type="application/xhtml+xml"'
        ' properties="nav"/>\n<item id="css" href="book.css" media-type="text/css"/>\n'
        f'{manifest}</manifest>\n<spine>\n<itemref idref="contents"/>\n{spine}</spine>\n'
        "</package>\n"
    ).encode()


def book_page(source: str, title: str) -> bytes:
    """The whole book as one HTML file."""
    body = "".join(f"<section>\n{text}</section>\n" for _, _, text in chapters(source))
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{PAGE_CSS}</style>\n"
        f"<p>{html.escape(title)}, Larkfield Software</p>\n{body}</html>\n"
    ).encode()


def build_one(kind: str, product: dict[str, str], released_on: str) -> bytes:
    """The bytes of one file."""
    source = product["slug"]
    if kind == "zip":
        return folder_zip(source)
    if kind == "program":
        return program(source)
    if kind == "epub":
        return epub(source, product["name"], released_on)
    if kind == "book_page":
        return book_page(source, product["name"])
    if kind == "copy":
        (path,) = (HERE / "files" / source).iterdir()
        return path.read_bytes()
    raise SystemExit(f"{source}: kind {kind!r} is not known.")


def build(folder: Path) -> None:
    """Everything that stock.toml names."""
    stock = tomllib.loads((HERE / "stock.toml").read_text("utf-8"))
    for product in stock["product"]:
        for release in product["release"]:
            for file in release.get("file", ()):
                target = folder / product["slug"] / release["version"] / file["name"]
                target.parent.mkdir(parents=True, exist_ok=True)
                day = release["released_on"].isoformat()
                target.write_bytes(build_one(file["kind"], product, day))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    build(Path(sys.argv[1]))
