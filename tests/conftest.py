"""The test database, the purpose of a test, and the tools that some tests need."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Iterator

import pytest

from tests.template import seeded

__all__ = ["seeded"]
# Whom the suite's login becomes while a test changes the schema (see tests/on_postgresql.py).
SCHEMA_ROLE = "upheld_owner"
# Marker → the program of Debian's that such a test needs.
_TOOLS = {"browser": "chromium", "strace": "strace", "faketime": "faketime"}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without its tool a test is skipped loudly; in CI that is a failure."""
    for marker, tool in _TOOLS.items():
        if item.get_closest_marker(marker) and shutil.which(tool) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{tool} is not installed, so this test could not run.")
            pytest.skip(f"{tool} is not installed: apt-get install {tool}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, tests that hold on SQLite alone are left out by name."""
    if os.environ.get("UPHELD_DATABASE_URL", "sqlite:").startswith("sqlite:"):
        return
    deep = os.environ.get("UPHELD_TEST_TIER") == "deep"
    for item in items:
        if item.get_closest_marker("sqlite_only"):
            item.add_marker(pytest.mark.skip(reason="holds on SQLite alone"))
        if not deep and any(map(item.get_closest_marker, ("browser", "own_servers"))):
            item.add_marker(pytest.mark.skip(reason="on PostgreSQL in make test-deep"))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: object
) -> Iterator[None]:
    """The test database, made by the migrations under the one command that may change schemas."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from upheld.db import entry_point
    from upheld.db.schema_change import schema_change

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        connection.settings_dict["SCHEMA_ROLE"] = SCHEMA_ROLE
        if connection.vendor == "postgresql":
            importlib.import_module("upheld.db.postgresql.check").ALLOWED_BESIDE = {SCHEMA_ROLE}
        with entry_point("command", "migrate"):
            made = setup_databases(verbosity=0, interactive=False)
            with schema_change():
                pass  # the grants alone: Django has migrated
        yield
        with entry_point("command", "migrate"):
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session", autouse=True)
def _emptied_as_a_command() -> Iterator[None]:
    """After a test with transactions of its own Django empties every table, the personal ones
    too: that is a command's right."""
    from django.test import TransactionTestCase

    from upheld.db import entry_point

    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # not in the stubs

    def as_a_command(case: TransactionTestCase) -> None:
        with entry_point("command", "migrate"):
            empty(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", as_a_command)
        yield


@pytest.fixture(scope="session", autouse=True)
def _digests_without_their_price() -> Iterator[None]:
    """A password's digest is made slow on purpose; in the tests' own process it need not be."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    with pytest.MonkeyPatch.context() as patch:
        for cost, least in (("time_cost", 1), ("memory_cost", 8), ("parallelism", 1)):
            patch.setattr(Argon2PasswordHasher, cost, least)
        yield


@pytest.fixture(autouse=True)
def _content_types_of_this_test_alone() -> Iterator[None]:
    """Django keeps rows of content types in memory. One that a test made and rolled back would
    be taken for real by the next."""
    from django.contrib.contenttypes.models import ContentType

    yield
    ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _purpose_of_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """`@pytest.mark.purpose("deliver_order")` runs a test under that purpose."""
    from upheld.db.purpose import purpose_for_test

    marker = request.node.get_closest_marker("purpose")
    if marker is None:
        yield
        return
    with purpose_for_test(marker.args[0]):
        yield


@pytest.fixture(autouse=True)
def _no_checkpoint_of_another_test() -> None:
    """The database forgets each test's log; the key folder must not remember it."""
    from tests.own_store import FOLDER

    (FOLDER / "keys" / "log.checkpoint").unlink(missing_ok=True)
