"""P36: the terms are frozen under their number; an edit under an old number does not start."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from upheld.ledger.models import LedgerEntry
from upheld.policy.errors import ActRefused
from upheld_store.pages.models import TermsVersion
from upheld_store.pages.publish_terms import check_terms, in_force, publish_terms

NOW = datetime.now(UTC)
TODAY = NOW.date()

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(tmp_path: Path, settings: Settings) -> Path:
    shutil.copytree(Path(settings.UPHELD_STORE) / "pages", tmp_path / "pages")
    settings.UPHELD_STORE = tmp_path
    return tmp_path


def edit(store: Path, *changes: tuple[str, str]) -> None:
    file = store / "pages" / "terms.md"
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, "utf-8")


def raised(store: Path, day: date) -> None:
    edit(
        store,
        ("Version: 1", "Version: 2"),
        ("Effective: 2 November 2026", f"Effective: {day}"),
        ("# Who sells to you", "# Who it is that sells to you"),
    )


def test_the_first_version(store: Path) -> None:
    row = publish_terms(store, NOW)
    assert row is not None and (row.version, row.effective) == (1, date(2026, 11, 2))
    assert publish_terms(store, NOW) == row and check_terms(store) == []
    assert LedgerEntry.objects.filter(event="TermsPublished").count() == 1


def test_an_edit_under_an_old_number_does_not_start(store: Path) -> None:
    assert check_terms(store) == []
    publish_terms(store, NOW)
    edit(store, ("# Who sells to you", "# Who it is that sells to you"))
    (finding,) = check_terms(store)
    assert finding.clause == "P36" and "upheld publish" in finding.remedy
    with pytest.raises(ActRefused, match="Version: 2"):
        publish_terms(store, NOW)


def test_a_day_that_has_passed_is_none(store: Path) -> None:
    publish_terms(store, NOW)
    raised(store, TODAY - timedelta(days=1))
    with pytest.raises(ActRefused, match="has passed"):
        publish_terms(store, NOW)


def test_until_its_day_the_one_before_is_shown(store: Path, client: Client) -> None:
    publish_terms(store, NOW)
    day = TODAY + timedelta(days=3)
    raised(store, day)
    publish_terms(store, NOW)
    assert check_terms(store) == []
    shown = client.get("/terms/").content.decode()
    assert "Who sells to you" in shown and "Version 1, in force since 2 November 2026" in shown
    following = client.get("/terms/versions/2/").content.decode()
    assert "Who it is that sells to you" in following and "takes effect on" in following
    assert in_force(day) == TermsVersion.objects.get(version=2)
    assert client.get("/terms/versions/3/").status_code == 404


@pytest.mark.parametrize("line", ["Version: one", "Effective: soon"])
def test_facts_that_cannot_be_read(store: Path, line: str) -> None:
    name = line.partition(":")[0]
    old = "Version: 1" if name == "Version" else "Effective: 2 November 2026"
    edit(store, (old, line))
    with pytest.raises(ActRefused, match="begin it with lines"):
        publish_terms(store, NOW)
    assert "name no version" in check_terms(store)[0].problem


def test_a_store_without_terms(tmp_path: Path) -> None:
    assert publish_terms(tmp_path, NOW) is None and check_terms(tmp_path) == []
