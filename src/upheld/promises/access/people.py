"""Who someone is here: the subject numbers under which rows of one person stand.

The inventories say it all: `owner` or `subject` lead from a row to its subject, `person` from there
to the account that the subject belongs to, `address` to where mail reaches them. Call these under
the purpose of `[access]`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from upheld.policy import Policy, current
from upheld.policy.model import Table
from upheld.promises.access.questions import as_column, as_python, ask, select
from upheld.promises.retention.walk import Walk, field_of, quoted, walk

_ADDRESS_CATEGORY = "user.contact.email"


@dataclass(frozen=True, slots=True)
class Person:
    """Random numbers, and of which of them an account is."""

    subjects: frozenset[UUID]
    account: UUID | None = None

    def __bool__(self) -> bool:
        return bool(self.subjects)


def person_of_account(account: UUID) -> Person:
    """The account, what belongs to it, and what stands under its address and belongs to no one
    else: an account's address was shown to be its person's."""
    policy, found = current(), {account}
    for table in policy.inventory.tables.values():
        if table.person and table.subject:
            subject = walk(table.name, table.subject, "o")
            person = walk(table.name, table.person, "p")
            joins, by = subject.joins + person.joins, f"{person.column} = %s"
            asked = select([subject.column], table.name, joins, by)
            rows = ask(asked, [as_column(person.field, account)])
            found |= {as_python(subject.field, value) for (value,) in rows}
    for address in addresses_of([account]):
        found |= guests_at(address).subjects
    return Person(frozenset(found), account)


def guests_at(address: str) -> Person:
    """Whoever left this address, as far as they belong to no account."""
    return Person(frozenset(owner for owner, account in _found_at(address) if account is None))


def everyone_at(address: str) -> list[Person]:
    """For whoever runs the store: the accounts of this address, then the guests."""
    found = list(_found_at(address))
    accounts = {account for owner, account in found if account == owner}
    guests = frozenset(owner for owner, account in found if account is None)
    people = [person_of_account(account) for account in sorted(accounts)]
    rest = guests - frozenset[UUID]().union(*(person.subjects for person in people))
    return [*people, *([Person(rest)] if rest else [])]


def addresses_of(subjects: Iterable[UUID]) -> list[str]:
    """Where mail reaches these subjects; an account's own address comes first."""
    policy, found = current(), list[str]()
    holders = [table for table in policy.inventory.tables.values() if table.address and table.owner]
    accounts = account_tables(policy)
    for table in sorted(holders, key=lambda t: _last(t.owner or "") not in accounts):
        owner, address = walk(table.name, table.owner or "", "o"), quoted(table.address or "")
        for subject in subjects:
            asked = select([f"t.{address}"], table.name, owner.joins, f"{owner.column} = %s")
            rows = ask(asked, [as_column(owner.field, subject)])
            found += [str(value) for (value,) in rows if value]
    return list(dict.fromkeys(found))


def is_exempt(account: UUID) -> bool:
    """Whether this account works here: its table's `exempt` column says so."""
    tables = current().inventory.tables
    for name in account_tables(current()):
        table = tables[name]
        if table.exempt and table.subject:
            subject = walk(name, table.subject, "o")
            chosen = [f"t.{quoted(table.exempt)}"]
            asked = select(chosen, name, subject.joins, f"{subject.column} = %s")
            rows = ask(asked, [as_column(subject.field, account)])
            if any(bool(value) for (value,) in rows):
                return True
    return False


def account_tables(policy: Policy) -> frozenset[str]:
    """The tables whose rows are accounts: every `person` ends in one."""
    paths = (table.person for table in policy.inventory.tables.values() if table.person)
    return frozenset(_last(path) for path in paths if ">" in path)


def _found_at(address: str) -> Iterator[tuple[UUID, UUID | None]]:
    """(subject, account or None) for every row that holds this address, however it is written."""
    policy = current()
    for table in policy.inventory.tables.values():
        for column, field in table.fields.items() if table.owner else ():
            if policy.fields[field].category == _ADDRESS_CATEGORY:
                yield from _owners_at(policy, table, column, address)


def _owners_at(
    policy: Policy, table: Table, column: str, address: str
) -> Iterator[tuple[UUID, UUID | None]]:
    owner, accounts = table.owner or "", account_tables(policy)
    subject, last = walk(table.name, owner, "o"), _last(owner) if ">" in owner else table.name
    chosen, joins = [subject.column], subject.joins
    person: Walk | None = None
    leads_on = policy.inventory.tables[last].person
    if leads_on:
        before, _, _ = owner.rpartition(".")
        person = walk(table.name, f"{before}.{leads_on}" if before else leads_on, "p")
        chosen, joins = [*chosen, person.column], joins + person.joins
    asked = select(chosen, table.name, joins, f"upper(t.{quoted(column)}) = upper(%s)")
    given = field_of(table.name, column).get_db_prep_value(address.strip(), connection)
    for row in ask(asked, [given]):
        found = as_python(subject.field, row[0])
        account = found if last in accounts else None
        if person is not None:
            account = as_python(person.field, row[1])
        yield found, account


def _last(path: str) -> str:
    return path.rpartition(">")[2].partition(".")[0]
