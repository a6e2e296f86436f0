"""Proving that only declared data is collected: everything counted, forbidden writes tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from upheld.db.probe import is_write_refused
from upheld.db.rights import Rights
from upheld.policy import Finding, Policy
from upheld.promises.collection.check import check_schema
from upheld.promises.collection.form_inputs import form_classes, form_key, load_forms
from upheld.promises.collection.input_check import input_findings, inputs_of_form
from upheld.promises.collection.introspection import Relation, read_schema
from upheld.promises.collection.places import Places
from upheld.promises.collection.prove_corrections import prove_corrections
from upheld.promises.collection.stored_json import stored_key_findings
from upheld.promises.collection.template_inputs import template_folders, template_inputs
from upheld.promises.proof import Proof


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """P02 over the real schema and the keys of stored JSON; P04 and P10 over every input; P09 by
    trying every write that no collection point may make; P31 by the pages that change things."""
    return [_columns(policy), *_inputs(policy), _writes(policy), prove_corrections(policy)]


def _columns(policy: Policy) -> Proof:
    places = Places()
    findings = check_schema(policy, places)
    if findings:
        return Proof("P02", "broken", "counted", None, _first(findings))
    schema = read_schema()
    total = sum(len(relation.columns) for relation in schema.values())
    findings = stored_key_findings(policy, schema, places)
    if findings:
        return Proof("P02", "broken", "counted", total, _first(findings))
    return Proof("P02", "kept", "counted", total, _column_figure(policy, schema, total))


def _column_figure(policy: Policy, schema: Mapping[str, Relation], total: int) -> str:
    tables = [table for table in policy.inventory.tables.values() if table.name in schema]
    personal = [table for table in tables if table.is_personal]
    fields = sum(len(table.fields) for table in personal)
    free = sum(len(table.free_text) for table in personal)
    others = sum(len(schema[table.name].columns) for table in personal) - fields
    plain = total - fields - others
    return (
        f"All {total} columns of {len(schema)} tables are declared: {fields} personal, {free} of "
        f"them free text; {others} keys beside them; {plain} in the {len(tables) - len(personal)} "
        "tables that hold nothing personal."
    )


def _inputs(policy: Policy) -> list[Proof]:
    load_forms()
    classes, raw = form_classes(), list(template_inputs(template_folders()))
    asked = {(form_key(form), name) for form in classes for name in inputs_of_form(form)}
    asked |= {(item.template, item.name) for item in raw}
    findings = input_findings(policy, classes, raw, Places())
    if findings:
        figure = _first(findings)
        return [Proof(id, "broken", "counted", len(asked), figure) for id in ("P04", "P10")]
    fields = {field for key in asked if (field := policy.inventory.inputs[key].field)}
    forms = len({form for form, _ in asked})
    personal = sum(policy.inventory.inputs[key].field is not None for key in asked)
    if not asked:
        return [Proof(id, "unproven", None, 0, "No page asks anything.") for id in ("P04", "P10")]
    return [
        Proof(
            "P04", "kept", "counted", len(asked),
            f"All {len(asked)} inputs of {forms} forms are declared: {personal} ask for something "
            f"personal, each for a declared purpose; {len(asked) - personal} do not.",
        ),
        Proof(
            "P10", "kept", "counted", len(asked),
            f"The forms ask for {len(fields)} kinds of personal data and no other: "
            f"{_words(policy, fields)}.",
        ),
    ]  # fmt: skip


def _words(policy: Policy, fields: set[str]) -> str:
    """What the policy calls these fields, its marks for Markdown taken off."""
    return "; ".join(policy.fields[name].words for name in sorted(fields)).replace("\\", "")


def _writes(policy: Policy) -> Proof:
    attempts = forbidden_writes(policy)
    if not attempts:
        return Proof("P09", "unproven", None, 0, "No table holds anything personal.")
    passed = [attempt for attempt in attempts if not is_write_refused(*attempt)]
    figure = (
        f"{len(attempts) - len(passed)} of {len(attempts)} writes of personal data outside its "
        "collection points were refused by the database."
    )
    if passed:
        table, column, purpose = passed[0]
        figure += f" {table}.{column} could be written under {purpose or 'no purpose'}."
    return Proof("P09", "broken" if passed else "kept", "tested", len(attempts), figure)


def forbidden_writes(policy: Policy) -> list[tuple[str, str, str | None]]:
    """Each (table, personal column, purpose or none) under which nothing may be written."""
    return [
        (table, column, purpose)
        for table, column in Rights(policy).personal_columns()
        for purpose in (None, *sorted(policy.purposes))
        if purpose not in policy.inventory.tables[table].writes
    ]


def _first(findings: list[Finding]) -> str:
    """The newest trouble in one line; `upheld check` has all of it, with remedies."""
    problem = findings[0].problem
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{problem[:1].upper()}{problem[1:]}{more}."
