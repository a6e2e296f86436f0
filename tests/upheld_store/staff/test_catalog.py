"""The catalog in the staff pages: what staff change is what visitors see, and it is logged."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.upheld_store.staff.desk import member
from upheld.db.purpose import purpose_for_test
from upheld.web.content import read_version
from upheld_store.catalog.models import Category, Plan, Product, Release, ReleaseFile

pytestmark = pytest.mark.django_db


def rows(prefix: str, initial: int, *filled: dict[str, Any]) -> dict[str, Any]:
    """The inputs of the rows of another noun on the same page."""
    form: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(filled),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for n, row in enumerate(filled):
        form |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return form


@pytest.fixture
def product() -> Product:
    shelf = Category.objects.create(slug="tools", name="Tools")
    made = Product.objects.create(slug="knife", name="Knife", summary="Cuts.", category=shelf)
    Plan.objects.create(product=made, name="Single", price_minor=900, currency="USD")
    return made


def said(product: Product, **more: Any) -> dict[str, Any]:
    plan = product.plans.get()
    row = {"id": plan.pk, "product": product.pk, "name": "Single", "price_minor": 1100,
           "currency": "USD", "position": 0, "active": "on"}  # fmt: skip
    return {
        "name": "Sharper knife", "slug": "knife", "summary": "Cuts.", "published": "on",
        "category": product.category_id, **rows("plans", 1, row), **more,
    }  # fmt: skip


def test_a_change_is_seen_by_visitors_and_logged(product: Product) -> None:
    staff, client = member("sales")
    before, path = read_version(), f"/staff/catalog/product/{product.pk}/"
    page = client.get(path)
    assert b"<script" not in page.content and b"style=" not in page.content
    answer = client.post(path, said(product, _save="1"))
    assert answer.status_code == 302, answer.content
    assert read_version() > before
    shown = Client().get("/products/knife/").content
    assert b"Sharper knife" in shown and b"11.00" in shown
    with purpose_for_test("oversee"):
        entry = LogEntry.objects.get()
        assert entry.user_id == staff.customer_id and entry.object_repr == "Sharper knife"
    assert b"Sharper knife" in client.get("/staff/catalog/product/").content
    assert b"Changed" in client.get(f"{path}history/").content


def test_a_vendor_needs_a_policy(product: Product) -> None:
    _, client = member("owner")
    path = f"/staff/catalog/product/{product.pk}/"
    page = client.post(path, said(product, vendor_name="Other Ltd"))
    assert page.status_code == 200 and b"own policy" in page.content
    product.refresh_from_db()
    assert product.name == "Knife"


def test_support_looks_and_does_not_touch(product: Product) -> None:
    _, client = member("support")
    path = f"/staff/catalog/product/{product.pk}/"
    page = client.get(path)
    assert page.status_code == 200 and b'name="_save"' not in page.content
    assert client.post(path, said(product)).status_code == 403
    assert client.get("/staff/catalog/product/add/").status_code == 403


def test_an_upload_is_kept_under_a_random_name(product: Product, settings: Any) -> None:
    _, client = member("owner")
    content = b"what buyers get\n" * 99
    file = SimpleUploadedFile("../../knife 2.txt", content)
    form = {
        "product": product.pk, "version": "2.0", "released_on": "2026-11-25",
        **rows("files", 0, {"name": "", "upload": file}),
    }  # fmt: skip
    answer = client.post("/staff/catalog/release/add/", form)
    assert answer.status_code == 302, answer.content
    row = ReleaseFile.objects.get(release__version="2.0")
    stored = Path(settings.MEDIA_ROOT) / row.path
    assert stored.read_bytes() == content and "knife" not in row.path
    assert (row.name, row.size) == ("knife 2.txt", len(content))
    assert (row.sha256, row.content_type) == (sha256(content).hexdigest(), "text/plain")
    path = f"/staff/catalog/release/{row.release_id}/"
    assert client.get(path).status_code == 200


def test_a_release_without_its_file_is_refused(product: Product) -> None:
    _, client = member("owner")
    form = {
        "product": product.pk, "version": "2.0", "released_on": "2026-11-25",
        **rows("files", 0, {"name": "a.txt"}),
    }  # fmt: skip
    page = client.post("/staff/catalog/release/add/", form)
    assert page.status_code == 200 and b"Choose the file" in page.content
    assert not Release.objects.exists()


def test_nothing_can_be_deleted(product: Product) -> None:
    _, client = member("owner")
    for path in (f"/staff/catalog/product/{product.pk}/delete/", "/staff/catalog/product/"):
        form = {"action": "delete_selected", "_selected_action": product.pk, "post": "yes"}
        assert client.post(path, form).status_code in (403, 404)
    assert Product.objects.filter(pk=product.pk).exists()


def test_a_product_that_is_not_there_is_not_found() -> None:
    _, client = member("owner")
    for page in ("", "history/"):
        assert client.get(f"/staff/catalog/product/77/{page}").status_code == 404


@pytest.mark.parametrize("noun", ["product", "release", "category"])
def test_the_number_of_statements_does_not_grow_with_the_list(noun: str, product: Product) -> None:
    _, client = member("owner")
    counts = []
    for round_ in range(2):
        for n in range(6):
            slug = f"r{round_}-{n}"
            shelf = Category.objects.create(slug=slug, name=slug)
            made = Product.objects.create(slug=slug, name=slug, summary="x", category=shelf)
            Release.objects.create(product=made, version="1", released_on="2026-11-01")
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/staff/catalog/{noun}/").status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
