"""An append is whole or not at all, whichever statement it ends at."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.upheld.ledger.test_log import NOW, fill
from upheld.ledger import append, verify
from upheld.ledger.events import DataRemoved
from upheld.ledger.tiles import TILE_WIDTH

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


class Ended(Exception):
    pass


def ends_at(number: int):
    """An execute wrapper that fails instead of running the statement of that number."""
    seen = [0]

    def run(execute, sql, params, many, context):
        seen[0] += 1
        if seen[0] == number:
            raise Ended
        return execute(sql, params, many, context)

    return run, seen


@pytest.mark.parametrize("size", [0, 5, TILE_WIDTH - 1])
def test_ended_at_every_statement(size: int) -> None:
    """The last size completes a tile, so that its hash is among the statements."""
    fill(size)
    before, number = verify(), 0
    while True:
        number += 1
        wrapper, seen = ends_at(number)
        try:
            with transaction.atomic(), connection.execute_wrapper(wrapper):
                append(DataRemoved("a_table", number), NOW)
        except Ended:
            assert verify() == before
            continue
        break
    assert verify().ok and verify().size == size + 1
    assert seen[0] >= 3, "the loop must have ended appends, not found none"


CHILD = """
    import os, sys
    import django
    django.setup()
    from datetime import datetime, UTC
    from django.db import connection, transaction
    from upheld.ledger import append, verify
    from upheld.ledger.events import DataRemoved

    def killed_at(number):
        seen = [0]
        def run(execute, sql, params, many, context):
            seen[0] += 1
            if seen[0] > number:
                os.kill(os.getpid(), 9)
            return execute(sql, params, many, context)
        return run

    if sys.argv[1] == "verify":
        found = verify()
        print(found.ok, found.size, found.problem)
        sys.exit(not found.ok)
    with connection.execute_wrapper(killed_at(int(sys.argv[1]))), transaction.atomic():
        for rows in range(300):
            append(DataRemoved("a_table", rows), datetime.now(UTC))
"""


@pytest.mark.deep
@pytest.mark.sqlite_only  # a store of its own; PostgreSQL's log has the same transactions
def test_killed_at_many_statements(tmp_path: Path) -> None:
    environ = dict(os.environ) | {
        "UPHELD_HOME": str(tmp_path / "home"),
        "UPHELD_KEYS": str(tmp_path / "keys"),
        "DJANGO_SETTINGS_MODULE": "upheld_store.site.settings",
    }
    environ.pop("UPHELD_DATABASE_URL", None)
    upgrade = [sys.executable, "-m", "upheld_store.site", "upgrade"]
    subprocess.run(upgrade, env=environ, check=True, capture_output=True)
    child = [sys.executable, "-c", textwrap.dedent(CHILD)]
    begun = _size(child, environ)
    for number in [1, 2, 3, 4, 7, 8, 50, 767, 768, 769, 770, 771, 10_000]:
        ended = subprocess.run([*child, str(number)], env=environ, check=False).returncode
        assert ended == (0 if number == 10_000 else -9)
        assert _size(child, environ) == begun + (300 if number == 10_000 else 0)


def _size(child: list[str], environ: dict[str, str]) -> int:
    """How many entries there are, once they verified."""
    looked = subprocess.run(
        [*child, "verify"], env=environ, capture_output=True, text=True, check=False
    )
    assert looked.returncode == 0, looked.stdout + looked.stderr
    return int(looked.stdout.split()[1])
