"""What every start checks: the real schema and every input, against the inventories."""

from __future__ import annotations

from django.db import DatabaseError, connection

from upheld.policy import Finding, Policy
from upheld.promises.collection.form_inputs import form_classes, load_forms
from upheld.promises.collection.input_check import input_findings
from upheld.promises.collection.introspection import read_schema
from upheld.promises.collection.places import Places
from upheld.promises.collection.schema_check import schema_findings
from upheld.promises.collection.template_inputs import template_folders, template_inputs


def check(policy: Policy) -> list[Finding]:
    """Every finding about tables, columns and inputs, each with the lines to add."""
    places = Places()
    load_forms()
    inputs = template_inputs(template_folders())
    return [
        *check_schema(policy, places),
        *input_findings(policy, form_classes(), inputs, places),
    ]


def check_schema(policy: Policy, places: Places) -> list[Finding]:
    """The part about the database."""
    try:
        schema = read_schema()
    except DatabaseError as error:
        if connection.connection is None:  # no database at all, which its own check says
            return []
        # A view over a table that is gone makes SQLite refuse to describe it.
        remedy = "Drop or correct the view that no longer fits its tables."
        problem = f"the schema cannot be read ({type(error).__name__})"
        return [Finding("database", None, "P02", problem, remedy)]
    return schema_findings(policy, schema, places)
