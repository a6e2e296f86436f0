"""Key pools by staff: imported from a text or a file, counted, and never shown."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.upheld_store.pool import pooled
from tests.upheld_store.staff.desk import member
from upheld_store.catalog.models import KeyPool, Plan
from upheld_store.licensing.models import PooledKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(stock: dict[str, Plan]) -> str:
    return f"/staff/keys/{pooled(stock['licensed'], 'NW-there').pk}/"


def test_a_pool_is_made_and_filled_from_a_file(stock: dict[str, Plan]) -> None:
    _, client = member("sales")
    answer = client.post("/staff/keys/", {"name": "Northwind Mail"})
    assert answer.status_code == 303
    upload = SimpleUploadedFile("keys.txt", b"NW-1\r\nNW-2\r\nNW-1\r\n", "text/plain")
    page = client.post(answer["Location"], {"upload": upload}).content.decode()
    assert "2 keys imported" in page and "line 3 is line 1 again" in page and "NW-" not in page
    assert PooledKey.objects.count() == 2
    listed = client.get("/staff/keys/").content.decode()
    assert "Northwind Mail" in listed and "no plan yet" in listed and "sold out" not in listed


def test_typed_and_known_ones_are_named_by_line(path: str) -> None:
    _, client = member("owner")
    page = client.post(path, {"keys": "NW-new\nNW-there"}).content.decode()
    assert "1 key imported" in page and "it was imported before" in page and "line 2" in page
    assert "NW-" not in page and "Licensed thing" in page
    assert client.post(path, {"keys": "NW-new"}).content.decode().count("0 keys imported") == 1


@pytest.mark.parametrize(
    ("keys", "content", "words"),
    [
        ("", None, "one of the two"),
        ("NW-1", b"NW-2", "one of the two"),
        ("NW-1\nNW\u200b2", None, "Line 2 is no key"),
        ("", b"\xff\xfe\x00", "no plain text"),
        ("   \n ", None, "one of the two"),
    ],
)
def test_what_imports_nothing_says_why(
    path: str, keys: str, content: bytes | None, words: str
) -> None:
    _, client = member("owner")
    form: dict[str, object] = {"keys": keys}
    if content is not None:
        form["upload"] = SimpleUploadedFile("keys.txt", content, "text/plain")
    answer = client.post(path, form)
    assert answer.status_code == 400 and words in answer.content.decode()
    assert PooledKey.objects.count() == 1


def test_a_plan_of_a_pool_comes_with_a_key(stock: dict[str, Plan]) -> None:
    pool = pooled(stock["licensed"])
    _, client = member("owner")
    plan = stock["plain"]
    edit = f"/staff/catalog/product/{plan.product_id}/"
    form = {
        "name": "Plain thing", "slug": "plain", "summary": "A thing.", "published": "on",
        "category": plan.product.category_id, "plans-TOTAL_FORMS": "1",
        "plans-INITIAL_FORMS": "1", "plans-0-id": plan.pk, "plans-0-product": plan.product_id,
        "plans-0-name": "Single", "plans-0-price_minor": "700", "plans-0-currency": "USD",
        "plans-0-position": "0", "plans-0-active": "on", "plans-0-pool": pool.pk,
    }  # fmt: skip
    answer = client.post(edit, form)
    assert "comes with a key" in answer.content.decode()
    assert client.post(edit, {**form, "plans-0-licensed": "on"}).status_code == 302
    assert Plan.objects.get(pk=plan.pk).pool == pool


def test_a_second_pool_of_the_same_name_is_refused(path: str) -> None:
    _, client = member("owner")
    answer = client.post("/staff/keys/", {"name": KeyPool.objects.get().name})
    assert answer.status_code == 400 and KeyPool.objects.count() == 1
