"""Every known way round the roles is refused; without the guard, or with more rights, each one
works."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.upheld.db.bypass_database import ALIAS, MARK
from tests.upheld.db.postgresql import server
from tests.upheld.db.postgresql.ways import CHOICES, READS
from upheld.db import entry_point
from upheld.policy.errors import UndeclaredPurpose

# As a superuser these do nothing worth the name, or are refused to everyone.
# The server of the tests is built without XML.
ONLY_REFUSED = {"sql empty", "sql comment alone", "sql copy", "sql query_to_xml"}
# Without the guard these fail for reasons of their own.
ONLY_CHOSEN = {"raw pipeline", "execute immediate", "line comment ended by a return", "pg_settings"}


@pytest.fixture
def everything_granted(prepared: None, django_db_blocker: Any) -> Iterator[None]:
    """set_config as a server has it when it is installed."""
    function = "FUNCTION pg_catalog.set_config(text, text, boolean)"
    with django_db_blocker.unblock():
        server.superuser(f"GRANT EXECUTE ON {function} TO PUBLIC")
        yield
        server.superuser(f"REVOKE EXECUTE ON {function} FROM PUBLIC")


def test_there_are_enough_ways() -> None:
    assert len(READS) + len(CHOICES) >= 90


@pytest.mark.parametrize("name", sorted({**READS, **CHOICES}))
def test_is_refused(name: str, run_login: Any) -> None:
    with entry_point("route", "catalog:home"), pytest.raises(UndeclaredPurpose) as caught:
        {**READS, **CHOICES}[name]()
    told = "".join(traceback.format_exception(caught.value, chain=True))
    assert MARK not in told
    assert "Remedy: " in str(caught.value)
    assert "DatabaseError" not in told


@pytest.mark.parametrize("name", sorted(READS.keys() - ONLY_REFUSED))
def test_a_superuser_past_the_guard_gets_it(name: str, prepared: None) -> None:
    with server.stock(server.SUPERUSER), entry_point("route", "catalog:home"):
        if name.startswith("raw"):
            found = READS[name]()
        else:
            with transaction.atomic(ALIAS):
                found = READS[name]()
                transaction.set_rollback(True, ALIAS)
    assert found is True or MARK in str(found)


@pytest.mark.parametrize("name", sorted(CHOICES.keys() - ONLY_CHOSEN))
def test_the_run_login_past_the_guard_chooses_its_role(name: str, everything_granted: None) -> None:
    with server.stock(server.RUN), entry_point("route", "catalog:home"):
        assert MARK in str(CHOICES[name]())
