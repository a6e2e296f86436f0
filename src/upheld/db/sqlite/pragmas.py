"""Which pragmas may run, and what every connection is opened with."""

from __future__ import annotations

# What a connection must have, each with the reason; `check_database` reads them back.
PRAGMAS = {
    "auto_vacuum": "INCREMENTAL",  # freed pages go back in small steps; only a new file takes it
    "journal_mode": "WAL",  # readers do not wait for the writer
    "synchronous": "FULL",  # an acknowledged order survives a power cut
    "secure_delete": "ON",  # what was removed is overwritten, not only unlinked
    "foreign_keys": "ON",
    "temp_store": "MEMORY",  # a sort of personal rows never reaches the disk
    "legacy_alter_table": "OFF",
}

# Answer about the schema, or do the retention keeper's work; their argument changes no setting.
_ANSWERING = frozenset(
    {
        "collation_list",
        "compile_options",
        "database_list",
        "foreign_key_check",
        "foreign_key_list",
        "function_list",
        "incremental_vacuum",
        "index_info",
        "index_list",
        "index_xinfo",
        "integrity_check",
        "quick_check",
        "table_info",
        "table_list",
        "table_xinfo",
        "wal_checkpoint",
    }
)
# May be asked, never set: a connection keeps what it was opened with.
_ASKED = frozenset(
    {
        "application_id",
        "auto_vacuum",
        "busy_timeout",
        "data_version",
        "encoding",
        "foreign_keys",
        "freelist_count",
        "journal_mode",
        "page_count",
        "page_size",
        "schema_version",
        "secure_delete",
        "synchronous",
        "temp_store",
        "user_version",
    }
)
# Not even a schema command runs these: they would keep copies or open the schema to rewriting.
NEVER = frozenset({"optimize", "writable_schema"})


def may_run(name: str, argument: str | None) -> bool:
    """Whether a statement that is no schema change may run this pragma."""
    return name in _ANSWERING or (name in _ASKED and argument is None)


# Virtual tables over the pragmas that only answer.
READABLE_TABLES = frozenset(
    f"pragma_{name}" for name in _ANSWERING - {"incremental_vacuum", "wal_checkpoint"}
)
