"""A database of one store's own in the server of the tests, for tests that start servers."""

from __future__ import annotations

import importlib
import os
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.cluster import SUPERUSER, deploy, psql


def on_postgresql() -> bool:
    """Whether this run of the suite is one on PostgreSQL (see tests/on_postgresql.py)."""
    return "UPHELD_TEST_PSQL" in os.environ


class OwnDatabase:
    """Database, owner and run login carry one name: a run login is one store's."""

    def __init__(self) -> None:
        self.name = f"upheld_{secrets.token_hex(5)}"
        self._psql = os.environ["UPHELD_TEST_PSQL"]
        query = parse_qs(urlsplit(os.environ["UPHELD_DATABASE_URL"]).query)
        self._socket = query["host"][0]
        self._deploy()

    def _deploy(self) -> None:
        owner, run = f"{self.name}_owner", f"{self.name}_run"
        deploy(self._psql, self._socket, self.name, owner=owner, run=run)

    def environ(self) -> dict[str, str]:
        """What the store's processes get."""
        at = f"/{self.name}?host={self._socket}"
        return {
            "UPHELD_DATABASE_URL": f"postgres://{self.name}_run@{at}",
            "UPHELD_DATABASE_OWNER_URL": f"postgres://{self.name}_owner@{at}",
        }

    def execute(self, sql: str, rows: Sequence[Sequence[Any]] = ((),)) -> None:
        """Past every guard, as the superuser; placeholders are `?`."""
        psycopg = importlib.import_module("psycopg")
        address: Mapping[str, str] = {"host": self._socket, "user": SUPERUSER, "dbname": self.name}
        with psycopg.connect(**address) as server:
            server.cursor().executemany(sql.replace("?", "%s"), rows)

    def dump(self) -> bytes:
        """Every row in readable form, as the superuser sees it."""
        program = Path(self._psql).with_name("pg_dump")
        words = [program, "-h", self._socket, "-U", SUPERUSER, self.name]
        return subprocess.run(words, check=True, capture_output=True).stdout

    def keep_copy(self) -> None:
        """Remember how it stands."""
        self._copy(self.name, f"{self.name}_before")

    def restore(self) -> None:
        """As `keep_copy` found it. Under its own name, which its roles carry too."""
        self._copy(f"{self.name}_before", self.name)
        self._deploy()

    def _copy(self, source: str, target: str) -> None:
        for sql in (
            f"DROP DATABASE IF EXISTS {target} WITH (FORCE)",
            f"CREATE DATABASE {target} TEMPLATE {source} OWNER {self.name}_owner",
        ):
            psql(self._psql, self._socket, "-c", sql)
