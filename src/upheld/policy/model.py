"""The policy as one immutable value: what `policy.toml`, the clauses and the inventories say.
`words` and the sentences of the notice are inline Markdown, with the owner's own marks escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Basis = Literal["contract", "consent", "legal_obligation", "legitimate_interest"]
Role = Literal["processor", "third_party", "authority"]
EntryKind = Literal["route", "job", "command"]
COOLING_OFF_DAYS = 7


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for the policy; the contact page shows all five."""

    name: str
    site: str
    address: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why data may be used. `rows_max` brakes bulk reads: personal rows a statement may return.
    `ask` is the sentence beside an empty box where the purpose rests on consent."""

    name: str
    clause: str
    words: str
    basis: Basis
    rows_max: int | None = None
    ask: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredField:
    """A kind of personal data. `kept_days` is None where it is never stored, or sealed (then
    `Retention.private_financial_days` rules it)."""

    name: str
    clause: str
    words: str
    category: str
    purposes: frozenset[str]
    kept_days: int | None = None
    recipients: frozenset[str] = frozenset()
    stored: bool = True
    sealed: bool = False
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """Periods that are not a single field's."""

    private_financial_days: int
    rows_per_run_max: int
    # How long an archive lies; without it none may be made.
    backup_days: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How people see what is held of them: under which purpose it is read, which every stored
    field therefore serves, and how long a mailed link opens it."""

    purpose: str
    link_minutes: int


@dataclass(frozen=True, slots=True)
class Stay:
    """A reason for which something outlives an erasure, and for how long at most."""

    name: str
    words: str
    days_max: int


@dataclass(frozen=True, slots=True)
class ErasureRules:
    """How long an erasure can be taken back, how long the list of erasures is kept for backups
    to be held against, and what may stay."""

    undo_days: int
    tombstones_kept_days: int
    stays: Mapping[str, Stay]


@dataclass(frozen=True, slots=True)
class Agreement:
    """A confidentiality agreement: signed on, runs out on, last attested on."""

    signed: date
    expires: date
    attested: date


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who else may get data, and under which agreement."""

    name: str
    clause: str
    words: str
    role: Role
    country: str
    purposes: frozenset[str]
    hosts: frozenset[str]
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie the store may set. `kept_days` is None for one that ends with the browser."""

    name: str
    clause: str
    words: str
    kept_days: int | None


@dataclass(frozen=True, slots=True)
class Mail:
    """A kind of letter and the purpose it serves; the purpose's basis decides its ground."""

    name: str
    clause: str
    words: str
    purpose: str


@dataclass(frozen=True, slots=True)
class StayRule:
    """Rows of a table that may stay: those whose value at the path `when` is one of `among`
    (without `when`: all), counted from the moment at the path `since`."""

    reason: str
    since: str
    when: str | None = None
    among: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the database as its inventory declares it.

    `fields` maps personal columns to field names; `keys` are the columns of a personal table
    that anyone may read. `owner` and `starts` are paths such as
    `line_id>store_orders_orderline.order_id>store_orders_order.subject_id`, which lead to the
    subject and to the time from which periods count. A table with `not_personal` (the reason)
    has no `fields`; one that is `empty` takes no row at all. While a row's column `exempt` is true,
    nothing whose period starts in that row is removed. `json` maps a JSON column to its
    declared keys (key → field or reason).

    A table that is not personal may yet hold facts about a subject: `subject` is the column or
    path that leads there. `person` leads on to the subject of the account that a row's subject
    belongs to, if to any. `address` is the column under which a subject is reached by mail.
    `shown` says which function turns a stored value into what its person can read. On an erasure
    rows stay by the rules in `stays`, and while the recipient `needed_by` has not yet erased its
    part; of a table that is not personal rows go only where `goes` says so."""

    name: str
    file: str
    not_personal: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    free_text: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    owner: str | None = None
    starts: str | None = None
    # where a row is collected before its period starts: the path to that time
    collected: str | None = None
    subject: str | None = None
    contract: bool = False
    empty: bool = False
    exempt: str | None = None
    writes: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset({"forget"})
    json: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    person: str | None = None
    address: str | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    stays: tuple[StayRule, ...] = ()
    needed_by: str | None = None
    goes: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether any column holds personal data."""
        return bool(self.fields)

    @property
    def is_personal_of_someone(self) -> bool:
        """Whether it holds personal data of a subject that it leads to."""
        return bool(self.fields and self.owner)


@dataclass(frozen=True, slots=True)
class Input:
    """One form input: the field it collects, or why it is not personal."""

    form: str
    name: str
    field: str | None
    not_personal: str | None


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something that happens by itself: `run` is `module:function(now)`."""

    name: str
    run: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the code holds and does, over all installed apps."""

    tables: Mapping[str, Table]
    inputs: Mapping[tuple[str, str], Input]
    # (purpose, "route" | "job" | "command") → names that may hold it
    callers: Mapping[tuple[str, EntryKind], frozenset[str]]
    jobs: Mapping[str, str]
    mails: Mapping[str, str]
    periodic: Mapping[str, Periodic]
    # route → why the authority is in its URL or signature
    cross_site_routes: Mapping[str, str]
    # commands that may change the schema
    schema_commands: frozenset[str]
    # purposes that code enters within others: never a route's, job's or command's own
    inner_purposes: frozenset[str] = frozenset()
    # field → the route of the page where its person changes it
    corrections: Mapping[str, str] = field(default_factory=dict)
    # field → why nobody changes it
    uncorrected: Mapping[str, str] = field(default_factory=dict)
    # recipient → who asks it to erase its part: `module:function(redaction_id, subjects, now)`
    redactions: Mapping[str, str] = field(default_factory=dict)

    def purposes_of(self, kind: EntryKind, name: str) -> frozenset[str]:
        """The purposes this route, job or command may hold. A caller `admin:orders_*` names all
        that begin so."""
        return frozenset(
            purpose
            for (purpose, caller_kind), names in self.callers.items()
            if caller_kind == kind and any(_matches(pattern, name) for pattern in names)
        )


def _matches(pattern: str, name: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith("*") else name == pattern


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered promise in words, facts filled in. `section` is the clause file's name;
    `source` are the owner's words before the facts came in."""

    id: str
    section: str
    title: str
    markdown: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class PastVersion:
    """What an earlier version promised, until the moment at which another took its place. Data
    collected before then keeps the shorter period and goes to no newer recipient."""

    version: int
    until: datetime
    private_financial_days: int
    # fields that were stored → days
    kept_days: Mapping[str, int]
    # every field → who could get it
    recipients: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything, checked. Made by `load`; put in force by `install`."""

    version: int
    effective: date
    review: str
    changes: str
    signals: str
    controller: Controller
    purposes: Mapping[str, Purpose]
    fields: Mapping[str, DeclaredField]
    retention: Retention
    access: Access
    erasure: ErasureRules
    recipients: Mapping[str, Recipient]
    cookies: Mapping[str, Cookie]
    mails: Mapping[str, Mail]
    consent_method: str
    age_minimum_years: int
    hsts_days: int
    clauses: Mapping[str, Clause]
    inventory: Inventory
    # of the public text: what a version froze
    digest: str
    # the collection points: keys of the forms that may ask for anything personal
    forms: frozenset[str] = frozenset()
    # clause file → its title, in the order a person reads
    sections: Mapping[str, str] = field(default_factory=dict)
    # how long a looser version waits where one person decides alone
    cooling_off_days: int = COOLING_OFF_DAYS
    # versions that were in force before this one, oldest first
    history: tuple[PastVersion, ...] = ()
