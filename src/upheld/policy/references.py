"""Every name that one part of the policy or an inventory uses stands in another. Closed world:
what nobody declared does not exist, and what nobody renders is not promised."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from upheld.policy.errors import Finding
from upheld.policy.inventory_file import Draft
from upheld.policy.model import Table
from upheld.policy.policy_file import PolicyFile
from upheld.policy.reading import TomlFile
from upheld.policy.section import Section

_HOP = re.compile(r">(\w+)\.")
_SHOWN_MAX = 20
Report = Callable[[tuple[str, ...], str, str, str | None], None]


def check_policy_names(
    policy: PolicyFile, clauses: Collection[str], file: TomlFile, findings: list[Finding]
) -> None:
    """Purposes, recipients and clauses that `policy.toml` names and nobody declared."""

    def wrong(path: tuple[str, ...], problem: str, remedy: str, clause: str | None) -> None:
        findings.append(file.finding(path, problem, remedy, clause))

    for name, field in policy.fields.items():
        path = ("collection", "fields", name)
        for purpose in sorted(field.purposes - policy.purposes.keys()):
            wrong(path, *unknown("purpose", purpose, policy.purposes), field.clause)
        for receiver in sorted(field.recipients - policy.recipients.keys()):
            wrong(path, *unknown("recipient", receiver, policy.recipients), field.clause)
    for name, recipient in policy.recipients.items():
        for purpose in sorted(recipient.purposes - policy.purposes.keys()):
            path = ("disclosure", name, "purposes")
            wrong(path, *unknown("purpose", purpose, policy.purposes), recipient.clause)
    if policy.access.purpose and policy.access.purpose not in policy.purposes:
        named = unknown("purpose", policy.access.purpose, policy.purposes)
        wrong(("access", "purpose"), *named, "P40")
    for name, mail in policy.mails.items():
        if mail.purpose and mail.purpose not in policy.purposes:
            path = ("mail", name, "purpose")
            wrong(path, *unknown("purpose", mail.purpose, policy.purposes), mail.clause)
    _check_clauses(policy, clauses, wrong)


def _check_clauses(policy: PolicyFile, clauses: Collection[str], wrong: Report) -> None:
    homes: tuple[tuple[tuple[str, ...], Mapping[str, object]], ...] = (
        (("purpose",), policy.purposes),
        (("collection", "fields"), policy.fields),
        (("disclosure",), policy.recipients),
        (("cookies",), policy.cookies),
        (("mail",), policy.mails),
    )
    for section, declared in homes:
        for name, item in declared.items():
            clause = getattr(item, "clause", "")
            if clause and clause not in clauses:
                wrong(
                    (*section, name),
                    f"no clause {clause} stands in the clause files",
                    f"Write ## {clause} Title there, or name the clause that promises this.",
                    clause,
                )


def check_inventory_names(policy: PolicyFile, draft: Draft, file: TomlFile) -> None:
    """Fields, purposes, tables and forms that an inventory names and nobody declared."""
    for table in draft.tables.values():
        _check_table(policy, draft, table)
    for (form, name), item in draft.inputs.items():
        home = draft.homes[("inputs", form, name)]
        if item.field is None:
            continue
        if item.field not in policy.fields:
            home.wrong(None, *unknown("field", item.field, policy.fields))
        if form not in policy.forms:
            home.wrong(
                None,
                f"the form {form!r} asks for {item.field} and is no collection point",
                f"List it in [collection] forms of {file.name}, or do not ask there.",
            )
    for (kind, purpose, *_), home in draft.homes.items():
        if kind == "purposes" and purpose not in policy.purposes:
            home.wrong(None, *unknown("purpose", purpose, policy.purposes))
    _check_jobs(draft)
    for recipient in draft.redactions.keys() - policy.recipients.keys():
        home = draft.homes[("redactions", recipient)]
        home.wrong(None, *unknown("recipient", recipient, policy.recipients))
    for kind in draft.optional_mails - policy.mails.keys():
        del draft.mails[kind]
    for kind in draft.mails.keys() - policy.mails.keys():
        draft.homes[("mails", kind)].wrong(None, *unknown("mail", kind, policy.mails))


def _check_table(policy: PolicyFile, draft: Draft, table: Table) -> None:
    home = draft.homes[("tables", table.name)]
    for column, field in table.fields.items():
        if field and field not in policy.fields:
            home.wrong("fields", *unknown("field", field, policy.fields, column))
    for column, keys in table.json.items():
        for key, value in keys.items():
            personal = not value.startswith("not personal: ")
            if personal and table.not_personal:
                home.wrong(
                    "json",
                    f"{column}.{key} is personal in a table that is not",
                    "A table is wholly personal or not at all: move the value.",
                )
            elif personal and value and value not in policy.fields:
                home.wrong("json", *unknown("field", value, policy.fields, f"{column}.{key}"))
    _check_rights(policy, table, home)
    for rule in table.stays:
        if rule.reason not in policy.erasure.stays:
            home.wrong("stays", *unknown("reason", rule.reason, policy.erasure.stays))
    if table.needed_by and table.needed_by not in draft.redactions:
        home.wrong("needed_by", *unknown("redaction", table.needed_by, draft.redactions))
    for key, walk in paths_of(table):
        for other in _HOP.findall(walk or ""):
            if other not in draft.tables:
                home.wrong(key, *unknown("table", other, draft.tables))


def paths_of(table: Table) -> list[tuple[str, str]]:
    """Every path that a table declares, with the name it is declared under."""
    named = [
        ("owner", table.owner),
        ("starts", table.starts),
        ("collected", table.collected),
        ("subject", table.subject),
        ("person", table.person),
    ]
    for rule in table.stays:
        named += [("stays", rule.since), ("stays", rule.when)]
    return [(key, path) for key, path in named if path]


def _check_rights(policy: PolicyFile, table: Table, home: Section) -> None:
    if not table.is_personal:
        return
    for key, names in (("writes", table.writes), ("deletes", table.deletes)):
        for purpose in sorted(names - policy.purposes.keys()):
            home.wrong(key, *unknown("purpose", purpose, policy.purposes))
    kept = [policy.fields[f] for f in table.fields.values() if f in policy.fields]
    if table.starts is None and any(field.kept_days for field in kept):
        home.wrong(
            None,
            f"{table.name} does not say from when its periods count",
            'Add starts = "column" or a path to a column of time.',
        )


def _check_jobs(draft: Draft) -> None:
    """A purpose lists only jobs that exist: a right for a name that may come later is too wide."""
    known = draft.jobs.keys() | draft.periodic.keys()
    for (kind, purpose, *_), home in draft.homes.items():
        if kind == "purposes":
            for job in home.values.get("jobs", ()):
                if isinstance(job, str) and not job.endswith("*") and job not in known:
                    home.wrong("jobs", *unknown("job", job, known, purpose))


def check_nothing_is_empty(
    policy: PolicyFile, draft: Draft, file: TomlFile, findings: list[Finding]
) -> None:
    """A letter that no code writes, or a form that no code shows, would be an empty promise."""
    for form in sorted(policy.forms - {form for form, _ in draft.inputs}):
        problem = f"no inventory knows the form {form}"
        remedy = f"Declare [inputs.{form}] in the app's inventory.toml, or remove it here."
        findings.append(file.finding(("collection", "forms"), problem, remedy, "P09"))
    for kind, mail in policy.mails.items():
        if kind not in draft.mails:
            problem = f"no inventory renders the mail {kind}"
            remedy = f"Add [mails.{kind}] render = … to the app's inventory.toml, or remove it."
            findings.append(file.finding(("mail", kind), problem, remedy, mail.clause))


def unknown(
    kind: str, name: str, known: Collection[str], where: str | None = None
) -> tuple[str, str]:
    """The problem and the remedy for a name that nobody declared."""
    place = f" ({where})" if where else ""
    names = sorted(known)
    shown = ", ".join(names[:_SHOWN_MAX]) + (", …" if len(names) > _SHOWN_MAX else "")
    return (
        f"the {kind} {name!r}{place} is not declared",
        f"Known: {shown or 'none'}. Correct the name, or declare it.",
    )
