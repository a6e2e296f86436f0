"""What the database must be before the store starts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection

from upheld.db import check
from upheld.db.purpose import entry_point

AFFECTED = [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 2)]
SOUND = [(3, 6, 9), (3, 44, 6), (3, 50, 7), (3, 51, 3), (3, 53, 4), (4, 0, 0)]


@pytest.mark.parametrize("version", AFFECTED)
def test_a_library_that_can_lose_commits_is_refused(version: tuple[int, ...]) -> None:
    assert "can lose acknowledged commits" in check.library_findings(version)[0].problem


@pytest.mark.parametrize("version", SOUND)
def test_a_sound_library_is_taken(version: tuple[int, ...]) -> None:
    assert check.library_findings(version) == []


@pytest.mark.django_db
def test_this_database_may_be_started_on() -> None:
    assert check.check_database() == []


@pytest.mark.sqlite_only
def test_a_database_that_cannot_be_opened_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("unable to open database file")

    monkeypatch.setattr(connection, "ensure_connection", fail)
    assert "`upheld upgrade`" in check.check_database()[0].remedy


@pytest.mark.django_db
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("pragma", "value"), [("synchronous", "NORMAL"), ("secure_delete", "OFF"), ("temp_store", "1")]
)
def test_a_missing_pragma_is_named(pragma: str, value: str, monkeypatch: Any) -> None:
    # Settings of a connection, not of the file, so they can be changed inside the test.
    if pragma == "secure_delete":
        with entry_point("command", "migrate"), connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {pragma} = {value}")
        found = check.check_database()
        with entry_point("command", "migrate"), connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    else:
        monkeypatch.setitem(check._REQUIRED, pragma, (frozenset({"other"}), "a stake"))
        found = check.check_database()
    assert [f"PRAGMA {pragma} is" in finding.problem for finding in found] == [True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("pragma", "weak", "right"),
    [
        ("synchronous", "OFF", "FULL"),
        ("synchronous", "NORMAL", "FULL"),
        ("secure_delete", "FAST", "ON"),
        ("foreign_keys", "OFF", "ON"),
        ("temp_store", "FILE", "MEMORY"),
    ],
)
def test_a_weaker_pragma_is_named(pragma: str, weak: str, right: str) -> None:
    with entry_point("command", "migrate"), connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma} = {weak}")
    found = check.check_database()
    with entry_point("command", "migrate"), connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma} = {right}")
    assert [finding.problem.split(" is ")[0] for finding in found] == [f"PRAGMA {pragma}"]
    assert check.check_database() == []


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_a_full_text_index_over_a_person_is_refused() -> None:
    with entry_point("command", "migrate"), connection.cursor() as cursor:
        cursor.execute(
            "CREATE VIRTUAL TABLE people USING fts5(email, content='store_orders_ordercontact')"
        )
        cursor.execute("CREATE VIRTUAL TABLE words USING fts5(title)")
    findings = check.check_database()
    assert [finding.clause for finding in findings] == ["P44"]
    assert "people is a full-text index over personal columns" in findings[0].problem


@pytest.mark.django_db
@pytest.mark.sqlite_only
def test_a_view_or_trigger_that_joins_unseen_is_refused() -> None:
    with entry_point("command", "migrate"), connection.cursor() as cursor:
        cursor.execute("CREATE VIEW plain AS SELECT 1 FROM store_orders_order")
        cursor.execute(
            "CREATE VIEW buyers AS SELECT email FROM store_orders_ordercontact "
            "FULL JOIN (SELECT NULL AS email) USING (email)"
        )
        cursor.execute(
            "CREATE TRIGGER told AFTER UPDATE ON store_orders_order BEGIN SELECT 1 FROM "
            "store_orders_order NATURAL JOIN store_orders_ordercontact; END"
        )
    problems = [finding.problem for finding in check.check_database()]
    assert [problem.split(",")[0] for problem in problems] == [
        "the view buyers joins by USING",
        "the trigger told joins by NATURAL",
    ]
