"""The owner's folder of pages, read leniently and never left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from upheld_store.pages.owner_pages import pages_of, read_page


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / "secret.md").write_text("Title: Secret\n\nNot a page.")
    return tmp_path


def write(store: Path, name: str, text: str) -> None:
    (store / "pages" / name).write_text(text)


def test_facts_come_first_and_the_rest_is_markdown(store: Path) -> None:
    write(
        store, "about.md", "Title: About us\nSummary: Who we are.\n\n# Two people\n\nAnd *one* dog."
    )
    page = read_page(store, "about")
    assert page is not None
    assert (page.title, page.facts["summary"]) == ("About us", "Who we are.")
    assert str(page.html()) == "<h2>Two people</h2>\n<p>And <em>one</em> dog.</p>\n"


def test_a_page_needs_no_facts(store: Path) -> None:
    write(store, "opening-hours.md", "Always.\n\nTitle: not a fact down here")
    page = read_page(store, "opening-hours")
    assert page is not None
    assert page.title == "Opening hours" and "Title: not a fact" in page.markdown


@pytest.mark.parametrize("slug", ["../secret", "nowhere", "About", "", "a b", "about.md"])
def test_what_is_no_page_is_none(store: Path, slug: str) -> None:
    write(store, "about.md", "Here.")
    assert read_page(store, slug) is None


def test_the_menu_is_sorted_and_leaves_out_the_terms(store: Path) -> None:
    write(store, "z.md", "Title: About\n")
    write(store, "a.md", "Title: Press\n")
    write(store, "terms.md", "Title: Terms\n")
    write(store, "Not a slug.md", "Title: Odd\n")
    assert [page.title for page in pages_of(store)] == ["About", "Press"]


def test_a_store_without_pages_has_none(tmp_path: Path) -> None:
    assert pages_of(tmp_path) == ()


def test_a_changed_page_is_read_again(store: Path) -> None:
    write(store, "about.md", "Title: One\n")
    assert pages_of(store)[0].title == "One"
    write(store, "about.md", "Title: Two\n")
    os.utime(store / "pages" / "about.md", ns=(1, 1))
    assert pages_of(store)[0].title == "Two"


def test_raw_html_and_pictures_stay_text(store: Path) -> None:
    write(store, "about.md", "<script>x</script> ![a](https://example.com/a.png)\n")
    page = read_page(store, "about")
    assert page is not None
    assert "<script" not in page.html() and "<img" not in page.html()
