"""The inventories → one `Inventory` of what all the code holds and does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from upheld.policy.errors import Finding
from upheld.policy.model import EntryKind, Input, Inventory, Periodic, StayRule, Table
from upheld.policy.policy_file import FIELD_NAME
from upheld.policy.reading import TomlFile
from upheld.policy.section import Section

_NAME = r"[A-Za-z_]\w*"
_TARGET = r"[A-Za-z_][\w.]*:[A-Za-z_]\w*"
_WALK = rf"{_NAME}(?:>{_NAME}\.{_NAME})*"
_CALLER = r"[A-Za-z_][\w.:/-]*\*?"
_JSON_VALUE = rf"{FIELD_NAME}|not personal: .+"
_SECONDS_MAX = 366 * 86400
_PERSONAL_KEYS = (
    "free_text", "keys", "owner", "starts", "writes", "deletes", "address", "shown",
    "needed_by",
)  # fmt: skip
_KINDS: Mapping[str, EntryKind] = {"routes": "route", "jobs": "job", "commands": "command"}


@dataclass(slots=True)
class Draft:
    """The inventory while it is gathered, and the line of everything in it."""

    tables: dict[str, Table] = field(default_factory=dict)
    inputs: dict[tuple[str, str], Input] = field(default_factory=dict)
    callers: dict[tuple[str, EntryKind], frozenset[str]] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    periodic: dict[str, Periodic] = field(default_factory=dict)
    cross_site_routes: dict[str, str] = field(default_factory=dict)
    schema_commands: frozenset[str] = frozenset()
    inner_purposes: frozenset[str] = frozenset()
    corrections: dict[str, str] = field(default_factory=dict)
    uncorrected: dict[str, str] = field(default_factory=dict)
    redactions: dict[str, str] = field(default_factory=dict)
    # letters that a site may do without, such as one that sends no mail at all
    optional_mails: frozenset[str] = frozenset()
    # the table that `AUTH_USER` stands for in a path
    user_table: str = "AUTH_USER"
    # what stands where: ("tables", name), ("inputs", form, input), … → its section
    homes: dict[tuple[str, ...], Section] = field(default_factory=dict)

    def add(self, target: dict[Any, Any], key: Any, value: Any, home: Section, *kind: str) -> None:
        """Take in one declaration, unless another file or table has it already."""
        before = self.homes.get(kind)
        if before is not None:
            line = before.file.lines.line(before.path)
            home.wrong(
                None,
                f"{home.title} is declared twice",
                f"The other stands in {before.file.name}:{line}. Keep one.",
            )
            return
        self.homes[kind] = home
        target[key] = value

    def finished(self) -> Inventory:
        """The whole, without the places."""
        return Inventory(
            tables=MappingProxyType(self.tables),
            inputs=MappingProxyType(self.inputs),
            callers=MappingProxyType(self.callers),
            jobs=MappingProxyType(self.jobs),
            mails=MappingProxyType(self.mails),
            periodic=MappingProxyType(self.periodic),
            cross_site_routes=MappingProxyType(self.cross_site_routes),
            schema_commands=self.schema_commands,
            inner_purposes=self.inner_purposes,
            corrections=MappingProxyType(self.corrections),
            uncorrected=MappingProxyType(self.uncorrected),
            redactions=MappingProxyType(self.redactions),
        )


def parse_inventories(
    files: Iterable[TomlFile], findings: list[Finding], user_table: str = "AUTH_USER"
) -> Draft:
    """Everything the files declare. Worth something only where `findings` stays empty.
    `user_table` takes the place of `AUTH_USER` in paths: the engine's own inventories of
    Django and allauth cannot know which model a site signs in."""
    draft = Draft(user_table=user_table)
    for file in files:
        root = Section(file, (), file.values, findings)
        root.text("app", matches=_NAME)
        for name, entry in root.inner("tables").each(_NAME):
            draft.add(draft.tables, name, _table(draft, name, entry), entry, "tables", name)
        for form, entry in root.inner("inputs").each(r"[A-Za-z][\w./-]*"):
            _inputs(draft, form, entry)
        for name, entry in root.inner("purposes").each():
            _callers(draft, name, entry)
        _targets(draft, root.inner("jobs"), draft.jobs, "run")
        _mails(draft, root.inner("mails"))
        _targets(draft, root.inner("redactions"), draft.redactions, "run")
        _periodic(draft, root.inner("periodic"))
        _cross_site(draft, root.inner("cross_site"))
        _corrections(draft, root.inner("corrections"))
        schema = root.inner("schema")
        draft.schema_commands |= schema.words("commands", matches=_NAME)
        schema.close()
        root.close()
    return draft


def _table(draft: Draft, name: str, entry: Section) -> Table:
    json = entry.inner("json")
    table = Table(
        name=name,
        file=entry.file.name,
        not_personal=entry.text("not_personal", required=False) or None,
        fields=MappingProxyType(entry.pairs("fields", FIELD_NAME)),
        free_text=entry.words("free_text", matches=_NAME),
        keys=entry.words("keys", matches=_NAME),
        owner=_path(draft, entry, "owner"),
        starts=_path(draft, entry, "starts"),
        collected=_path(draft, entry, "collected"),
        subject=_path(draft, entry, "subject"),
        contract=entry.flag("contract", False),
        empty=entry.flag("empty", False),
        exempt=entry.text("exempt", required=False, matches=_NAME) or None,
        writes=entry.words("writes"),
        deletes=entry.words("deletes") if entry.has("deletes") else frozenset({"forget"}),
        json=MappingProxyType(
            {column: MappingProxyType(json.pairs(column, _JSON_VALUE)) for column in json.values}
        ),
        person=_path(draft, entry, "person"),
        address=entry.text("address", required=False, matches=_NAME) or None,
        shown=MappingProxyType(entry.pairs("shown", _TARGET)),
        stays=tuple(_stay(draft, *each) for each in entry.inner("stays").each()),
        needed_by=entry.text("needed_by", required=False, matches=_NAME) or None,
        goes=entry.flag("goes", False),
    )
    _one_kind(entry, table)
    entry.close()
    return table


def _stay(draft: Draft, reason: str, entry: Section) -> StayRule:
    rule = StayRule(
        reason,
        since=_path(draft, entry, "since", required=True) or "",
        when=_path(draft, entry, "when"),
        among=entry.words("among"),
    )
    if (rule.when is None) != (not rule.among):
        entry.wrong(
            None,
            f"{reason} says when without among, or among without when",
            "Say both, or leave both out where every row stays.",
        )
    entry.close()
    return rule


def _path(draft: Draft, entry: Section, key: str, *, required: bool = False) -> str | None:
    path = entry.text(key, required=required, matches=_WALK)
    return path.replace(">AUTH_USER.", f">{draft.user_table}.") if path else None


def _one_kind(entry: Section, table: Table) -> None:
    """A table is wholly personal, or not at all and says why."""
    if entry.has("not_personal") == entry.has("fields"):
        entry.wrong(
            None,
            f"{table.name} is declared both personal and not" if entry.has("fields")
            else f"{table.name} says neither what is personal in it nor why nothing is",
            'Write not_personal = "why", or fields = { column = "field.name" }.',
        )  # fmt: skip
    elif entry.values.get("fields") == {}:
        entry.wrong("fields", f"{table.name} has no fields", "Name its personal columns.")
    if entry.has("not_personal"):
        for key in _PERSONAL_KEYS:
            if entry.has(key):
                entry.wrong(
                    key,
                    f"{table.name} is not personal and yet says {key}",
                    f"Remove {key}, or name the personal columns in fields.",
                )
    elif entry.has("goes"):
        entry.wrong("goes", f"{table.name} is personal, so it goes anyway", "Remove goes.")
    if table.contract and table.subject and ">" in table.subject:
        entry.wrong("subject", "a contract names its subject itself", "Name a column, no path.")
    for column in sorted({table.address or ""} - {""} - set(table.fields)):
        entry.wrong("address", f"{column} has no field", f"Add {column} to fields.")
    for column in sorted(table.keys & set(table.fields)):
        entry.wrong(
            "keys", f"{column} is a personal column and a key", "A key is read by all: choose."
        )
    for column in sorted(table.free_text - set(table.fields)):
        entry.wrong(
            "free_text", f"{column} is free text and has no field", f"Add {column} to fields."
        )


def _inputs(draft: Draft, form: str, entry: Section) -> None:
    for name, value in entry.values.items():
        where = Section(entry.file, (*entry.path, name), {}, entry.findings)
        if isinstance(value, dict):
            inner = entry.inner(name)
            reason = inner.text("not_personal")
            inner.close()
            item = Input(form, name, None, reason)
        else:
            item = Input(form, name, entry.text(name, matches=FIELD_NAME), None)
        draft.add(draft.inputs, (form, name), item, where, "inputs", form, name)


def _callers(draft: Draft, purpose: str, entry: Section) -> None:
    for key, kind in _KINDS.items():
        names = entry.words(key, matches=_CALLER)
        before = draft.callers.get((purpose, kind), frozenset())
        if names:
            draft.callers[(purpose, kind)] = before | names
    if entry.flag("only_inside", False):
        draft.inner_purposes |= {purpose}
    draft.homes.setdefault(("purposes", purpose, entry.file.name), entry)
    entry.close()


def _mails(draft: Draft, section: Section) -> None:
    for kind, entry in section.each():
        draft.add(draft.mails, kind, entry.text("render", matches=_TARGET), entry, "mails", kind)
        if entry.flag("optional", False):
            draft.optional_mails |= {kind}
        entry.close()


def _targets(draft: Draft, section: Section, target: dict[str, str], key: str) -> None:
    for name, entry in section.each():
        value = entry.text(key, matches=_TARGET)
        draft.add(target, name, value, entry, section.path[-1], name)
        entry.close()


def _periodic(draft: Draft, section: Section) -> None:
    for name, entry in section.each():
        seconds = entry.whole("seconds", 1, _SECONDS_MAX) or 0
        value = Periodic(name, entry.text("run", matches=_TARGET), seconds)
        draft.add(draft.periodic, name, value, entry, "periodic", name)
        entry.close()


def _corrections(draft: Draft, section: Section) -> None:
    """Field → the route where it is changed, or `{ not = "why" }`."""
    for name, value in section.values.items():
        where = Section(section.file, (*section.path, name), {}, section.findings)
        if isinstance(value, dict):
            inner = section.inner(name)
            draft.add(draft.uncorrected, name, inner.text("not"), where, "corrections", name)
            inner.close()
        else:
            route = section.text(name, matches=_CALLER)
            draft.add(draft.corrections, name, route, where, "corrections", name)


def _cross_site(draft: Draft, section: Section) -> None:
    routes = section.inner("routes")
    for route in routes.values:
        where = Section(routes.file, (*routes.path, route), {}, routes.findings)
        why = routes.text(route)
        draft.add(draft.cross_site_routes, route, why, where, "cross_site", route)
    section.close()
