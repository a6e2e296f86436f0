"""A text's first word as the server reads it. Pure: no server is needed."""

from __future__ import annotations

import pytest

from upheld.db.postgresql.roles import purpose_role
from upheld.db.postgresql.statement import Kind, kind_of, packing


@pytest.mark.parametrize(
    "text",
    ["SELECT 1", "  select 1", "(SELECT 1) UNION (SELECT 2)", "/* a */ -- b\n WITH x AS (SELECT 1)",
     "VALUES (1)", "insert into a values (1)"],
)  # fmt: skip
def test_rows(text: str) -> None:
    assert kind_of(text) is Kind.ROWS


@pytest.mark.parametrize(
    "text",
    ["SET ROLE a", "RESET ROLE", "", "/* /* */ SELECT */ SET ROLE a", "-- x\rSET ROLE a\nSELECT",
     "/* open SELECT", "SELECTED", ";SELECT 1", "\u00a0SELECT 1", "SAVEPOINT a; SET ROLE b",
     "ROLLBACK TO SAVEPOINT a; SELECT 1", "RELEASE SAVEPOINT a b", "SET CONSTRAINTS x IMMEDIATE",
     "DECLARE c CURSOR FOR SELECT 1", "EXPLAIN SELECT 1", "TABLE a", "COPY a TO STDOUT"],
)  # fmt: skip
def test_others(text: str) -> None:
    assert kind_of(text) is Kind.OTHER


def test_own() -> None:
    for text in ('SAVEPOINT "s1_x2"', 'RELEASE SAVEPOINT "s1_x2"', "SET CONSTRAINTS ALL IMMEDIATE"):
        assert kind_of(text) is Kind.OWN
    assert kind_of('ROLLBACK TO SAVEPOINT "s1_x2"') is Kind.BACK


def test_declared() -> None:
    start = 'DECLARE "c" NO SCROLL CURSOR WITH HOLD FOR '
    assert kind_of(start + "SELECT 1", declares=True) is Kind.ROWS
    assert kind_of(start + "UPDATE a SET b = 1", declares=True) is Kind.OTHER
    assert kind_of("SET ROLE a", declares=True) is Kind.OTHER


def test_names_too_long_for_the_server_stay_apart() -> None:
    first, second = (purpose_role("d" * 40, "p" * 40 + last) for last in "ab")
    assert first != second
    assert max(len(first), len(second)) <= 63


def test_functions_that_pack_rows() -> None:
    for text in ("string_agg(x, '')", "json_agg(x)", "array_agg(x)", "xmlagg(x)", "jsonb_agg(x)"):
        assert packing(f"SELECT {text} FROM a")
    assert packing("SELECT max(x) FROM a") is None
