"""The shop window as a visitor gets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from upheld.web.public import is_public
from upheld_store.catalog import views
from upheld_store.catalog.models import Plan, Product, ReleaseFile

pytestmark = pytest.mark.usefixtures("stocked")


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    assert not response.cookies
    return response.content.decode()


def names_in(text: str) -> list[str]:
    """The products of a page's list, in its order."""
    return re.findall(r'<h3><a href="/products/([a-z0-9-]+)/"', text)


def test_the_first_page_shows_the_newest_and_the_free(client: Client) -> None:
    text = text_of(client, "/")
    assert names_in(text)[0] == "tidewatch"
    assert {"dust-sheet", "minutes-kit"} <= set(names_in(text))
    assert '<link rel="canonical" href="http://127.0.0.1:8000/">' in text


def test_the_list_holds_everything_by_name(client: Client) -> None:
    shown = names_in(text_of(client, "/products/"))
    assert len(shown) == Product.objects.count() and shown == sorted(
        shown, key=lambda slug: Product.objects.get(slug=slug).name
    )


def test_a_category_holds_its_own(client: Client) -> None:
    text = text_of(client, "/products/?category=e-books")
    assert set(names_in(text)) == {
        "the-quiet-spreadsheet", "ship-on-tuesday", "backups-you-have-tested",
    }  # fmt: skip
    assert 'href="http://127.0.0.1:8000/products/?category=e-books"' in text


def test_a_name_beats_a_mention(client: Client) -> None:
    shown = names_in(text_of(client, "/products/?q=night tide"))
    assert shown == ["night-tide", "backups-you-have-tested"]


@pytest.mark.parametrize("query", ["%25", "_", "100%25"])
def test_wildcards_are_only_characters(client: Client, query: str) -> None:
    assert len(names_in(text_of(client, f"/products/?q={query}"))) < Product.objects.count()


def test_nothing_found_says_what_to_do(client: Client) -> None:
    text = text_of(client, "/products/?q=zebra")
    assert "Try a shorter word" in text and 'content="noindex"' in text


@pytest.mark.parametrize("query", ["page=0", "page=7", "category=cars", "q=" + "x" * 101])
def test_a_question_without_an_answer_still_shows_products(client: Client, query: str) -> None:
    text = text_of(client, f"/products/?{query}", 400)
    assert 'role="alert"' in text and "<h1>" in text


def test_what_was_asked_is_shown_as_text(client: Client) -> None:
    text = text_of(client, "/products/?q=<script>")
    assert "<script>" not in text and "&lt;script&gt;" in text


def test_a_products_page_says_what_comes_with_it(client: Client) -> None:
    text = text_of(client, "/products/tidewatch/")
    file = ReleaseFile.objects.get(name="tidewatch.pyz")
    assert file.sha256 in text and "3.1.0" in text and "$99.00" in text
    assert text.count('name="plan"') == 3 and "with a license key" in text


def test_anothers_product_names_its_vendor_and_their_policy(client: Client) -> None:
    text = text_of(client, "/products/heron-letters/")
    assert "Made by Heronsgate Press, not by us" in text
    assert 'href="https://heronsgate.example.com/privacy" rel="external noreferrer"' in text
    assert "not by us" not in text_of(client, "/products/tidewatch/")


def test_a_product_off_sale_says_so(client: Client) -> None:
    Plan.objects.filter(product__slug="night-tide").update(active=False)
    assert "not on sale at the moment" in text_of(client, "/products/night-tide/")


def test_a_hidden_product_is_nowhere(client: Client) -> None:
    Product.objects.filter(slug="night-tide").update(published=False)
    for path in ("/products/night-tide/", "/artwork/night-tide.svg"):
        assert client.get(path).status_code == 404
    for path in ("/", "/products/", "/products/?q=tide", "/sitemap.xml"):
        assert "/products/night-tide/" not in text_of(client, path)


def test_a_picture_comes_from_its_folder_alone(client: Client, stocked: Path) -> None:
    answer = client.get("/artwork/tidewatch.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml" and b"<svg" in answer.content
    (stocked / "secret.svg").write_text("<svg/>")
    for path in ("secret.svg", "artwork/../secret.svg", "/etc/hostname", "artwork/nowhere.svg"):
        Product.objects.filter(slug="tidewatch").update(artwork=path)
        assert client.get("/artwork/tidewatch.svg").status_code == 404


def test_crawlers_are_told_what_is_public(client: Client) -> None:
    robots, sitemap = text_of(client, "/robots.txt"), text_of(client, "/sitemap.xml")
    assert "Disallow: /orders/" in robots
    assert "http://127.0.0.1:8000/products/tidewatch/" in sitemap
    assert "http://127.0.0.1:8000/terms/" in sitemap


def test_every_view_is_public() -> None:
    names = ("home", "list_products", "show_product", "artwork", "robots", "sitemap")
    assert all(is_public(getattr(views, name)) for name in names)


def test_a_page_costs_few_statements(client: Client, django_assert_max_num_queries: object) -> None:
    for path, most in (("/", 6), ("/products/", 4), ("/products/tidewatch/", 5)):
        with django_assert_max_num_queries(most):  # type: ignore[operator]
            client.get(path)
