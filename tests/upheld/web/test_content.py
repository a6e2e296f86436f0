"""The version of the public content rises with every change of it, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from upheld.web.content import ContentVersion, bump_version, read_version
from upheld_store.catalog.models import Category

pytestmark = pytest.mark.django_db


def shelf(slug: str = "tools") -> Category:
    return Category(slug=slug, name="Tools")


@pytest.fixture
def tools() -> Category:
    made = shelf()
    made.save()
    return made


CHANGES: dict[str, Callable[[Category], object]] = {
    "save": lambda tools: tools.save(),
    "save of one column": lambda tools: tools.save(update_fields=["name"]),
    "delete": lambda tools: tools.delete(),
    "create": lambda tools: Category.objects.create(slug="books", name="Books"),
    "get_or_create": lambda tools: Category.objects.get_or_create(slug="b", name="B"),
    "update_or_create": lambda tools: Category.objects.update_or_create(
        slug="tools", defaults={"name": "T"}),
    "bulk_create": lambda tools: Category.objects.bulk_create([shelf("a"), shelf("b")]),
    "bulk_update": lambda tools: Category.objects.bulk_update([tools], ["name"]),
    "update of many": lambda tools: Category.objects.filter(slug="tools").update(name="T"),
    "delete of many": lambda tools: Category.objects.all().delete(),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CHANGES))
def test_every_change_raises_the_version(name: str, tools: Category) -> None:
    before = read_version()
    CHANGES[name](tools)
    assert read_version() > before


def test_reading_raises_nothing(tools: Category) -> None:
    before = read_version()
    assert list(Category.objects.all()) and Category.objects.filter(slug="x").exists() is False
    assert read_version() == before


def test_there_is_a_version_before_anything_was_written() -> None:
    assert read_version() == 0
    bump_version()
    bump_version()
    assert read_version() == 2 and ContentVersion.objects.count() == 1


def test_a_change_that_is_rolled_back_leaves_the_version(tools: Category) -> None:
    before = read_version()
    with pytest.raises(RuntimeError), transaction.atomic():
        tools.save()
        raise RuntimeError
    assert read_version() == before
