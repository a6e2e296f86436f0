"""The sealed values of one day stand in one partition, so that PostgreSQL drops what it otherwise
would delete row by row. SQLite has no partitions; there the constraint alone changes."""

from __future__ import annotations

import importlib
from typing import Any

from django.db import migrations, models

_TABLE = "upheld_sealed_value"
_BEFORE = (
    f"ALTER TABLE {_TABLE} RENAME TO {_TABLE}_before",
    f"CREATE TABLE {_TABLE} (LIKE {_TABLE}_before INCLUDING DEFAULTS INCLUDING IDENTITY) "
    "PARTITION BY LIST (day)",
    # A day whose partition nobody has made yet: a sale never waits for one.
    f"CREATE TABLE {_TABLE}_rest PARTITION OF {_TABLE} DEFAULT",
)
_AFTER = (
    f"INSERT INTO {_TABLE} SELECT * FROM {_TABLE}_before",  # noqa: S608 - names of our own
    f"DROP TABLE {_TABLE}_before",
    f"ALTER TABLE {_TABLE} ADD CONSTRAINT {_TABLE}_pkey PRIMARY KEY (id, day)",
    f"ALTER TABLE {_TABLE} ADD CONSTRAINT {_TABLE}_place UNIQUE (table_name, row_key, field, day)",
    "SELECT setval(pg_get_serial_sequence('upheld_sealed_value', 'id'), "
    "coalesce((SELECT max(id) FROM upheld_sealed_value), 0) + 1, false)",
)


def divide(apps: Any, schema_editor: Any) -> None:
    """On PostgreSQL put a table with partitions in the place of the one there is."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    vaults = importlib.import_module("upheld.db.postgresql.vaults")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT day FROM {_TABLE} ORDER BY day")  # noqa: S608 - our own name
        days = [day for (day,) in cursor.fetchall()]
    for text in (*_BEFORE, *vaults.partition_statements(days), *_AFTER):
        schema_editor.execute(text)


class Migration(migrations.Migration):
    dependencies = [("upheld", "0002_ledger_in_tiles")]

    operations = [
        migrations.RemoveConstraint(model_name="sealedvalue", name="upheld_sealed_value_place"),
        migrations.AddConstraint(
            model_name="sealedvalue",
            constraint=models.UniqueConstraint(
                fields=["table_name", "row_key", "field", "day"], name="upheld_sealed_value_place"
            ),
        ),
        migrations.RunPython(divide, migrations.RunPython.noop),
    ]
