"""`policy.toml` → its parts of the model. Every error of meaning is added to `findings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from upheld.policy.categories import CATEGORIES, SEALED_FORMS
from upheld.policy.errors import Finding
from upheld.policy.model import (
    COOLING_OFF_DAYS,
    Access,
    Agreement,
    Basis,
    Controller,
    Cookie,
    DeclaredField,
    ErasureRules,
    Mail,
    Purpose,
    Recipient,
    Retention,
    Role,
    Stay,
)
from upheld.policy.reading import TomlFile
from upheld.policy.section import Section

BASES: Mapping[str, Basis] = {
    "contract": "contract",
    "consent": "consent",
    "legal_obligation": "legal_obligation",
    "legitimate_interest": "legitimate_interest",
}
ROLES: Mapping[str, Role] = {
    "processor": "processor",
    "third_party": "third_party",
    "authority": "authority",
}
FIELD_NAME = r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_COUNT_MAX = 10_000_000
# A day: a mailed link is no standing key.
_LINK_MINUTES_MAX = 1440
# The law gives a month to answer in; an undo window must leave most of it.
_UNDO_DAYS_MAX = 14


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """What `policy.toml` alone says."""

    version: int
    effective: date
    review: str
    changes: str
    signals: str
    controller: Controller
    purposes: dict[str, Purpose]
    fields: dict[str, DeclaredField]
    forms: frozenset[str]
    retention: Retention
    access: Access
    erasure: ErasureRules
    recipients: dict[str, Recipient]
    cookies: dict[str, Cookie]
    mails: dict[str, Mail]
    consent_method: str
    age_minimum_years: int
    hsts_days: int
    cooling_off_days: int


def parse_policy(file: TomlFile, findings: list[Finding]) -> PolicyFile:
    """The file's parts. Worth something only where `findings` stays empty."""
    root = Section(file, (), file.values, findings)
    head, notice = root.inner("policy", required=True), root.inner("notice", required=True)
    collection = root.inner("collection", required=True)
    age, transport = root.inner("age", required=True), root.inner("transport", required=True)
    consent = root.inner("consent", required=True)
    access = _access(root.inner("access", required=True))
    parsed = PolicyFile(
        version=head.whole("version", 1, _COUNT_MAX) or 0,
        effective=head.day("effective"),
        review=notice.text("review"),
        changes=notice.text("changes"),
        signals=notice.text("signals"),
        controller=_controller(root.inner("controller", required=True)),
        purposes=_purposes(root.inner("purpose", required=True)),
        fields=_fields(collection.inner("fields", required=True), access.purpose),
        forms=collection.words("forms", required=True, matches=r"[A-Za-z][\w./-]*"),
        retention=_retention(root.inner("retention", required=True)),
        access=access,
        erasure=_erasure(root.inner("erasure", required=True)),
        recipients=_recipients(root.inner("disclosure", required=True)),
        cookies=_cookies(root.inner("cookies", required=True)),
        mails=_mails(root.inner("mail", required=True)),
        consent_method=consent.text("method"),
        age_minimum_years=age.whole("minimum_years", 1, 120) or 0,
        hsts_days=transport.days("hsts_days") or 0,
        cooling_off_days=notice.days("cooling_off_days", required=False) or COOLING_OFF_DAYS,
    )
    for section in (head, notice, collection, age, transport, consent, root):
        section.close()
    return parsed


def _controller(section: Section) -> Controller:
    controller = Controller(
        name=section.text("name"),
        site=section.text("site", matches=r"https?://[^\s/]+/?"),
        address=section.text("address"),
        email=section.text("email", matches=r"[^\s@]+@[^\s@]+"),
        phone=section.text("phone", matches=r"\+?[0-9][0-9 ().-]{4,}"),
    )
    section.close()
    return controller


def _purposes(section: Section) -> dict[str, Purpose]:
    found = {}
    for name, entry in section.each():
        found[name] = Purpose(
            name=name,
            clause=entry.clause(),
            words=entry.text("words"),
            basis=BASES.get(entry.one_of("basis", BASES), "contract"),
            rows_max=entry.whole("rows_max", 1, _COUNT_MAX, required=False),
            ask=entry.text("ask", required=False),
        )
        if found[name].ask and found[name].basis != "consent":
            entry.wrong(
                "ask",
                f"{name} rests on {found[name].basis}, so nobody is asked",
                'Remove ask, or write basis = "consent".',
            )
        entry.close()
    return found


def _access(section: Section) -> Access:
    access = Access(
        purpose=section.text("purpose", matches=r"[a-z][a-z0-9_]*"),
        link_minutes=section.whole("link_minutes", 1, _LINK_MINUTES_MAX) or 0,
    )
    section.close()
    return access


def _erasure(section: Section) -> ErasureRules:
    stays = {}
    for name, entry in section.inner("stays").each():
        stays[name] = Stay(name, entry.text("words"), entry.days("days_max") or 0)
        entry.close()
    rules = ErasureRules(
        undo_days=section.whole("undo_days", 0, _UNDO_DAYS_MAX) or 0,
        tombstones_kept_days=section.days("tombstones_kept_days") or 0,
        stays=stays,
    )
    section.close()
    return rules


def _fields(section: Section, own_purpose: str) -> dict[str, DeclaredField]:
    """Whatever is held of a person is also shown to that person, so every field that is held
    serves `own_purpose` too."""
    found = {}
    for name, entry in section.each(matches=FIELD_NAME):
        stored, purposes = entry.flag("stored", True), entry.words("purposes", required=True)
        found[name] = DeclaredField(
            name=name,
            clause=entry.clause(),
            words=entry.text("words"),
            category=_category(entry),
            purposes=purposes | {own_purpose} if stored and own_purpose else purposes,
            kept_days=entry.days("kept_days", required=False),
            recipients=entry.words("recipients"),
            stored=stored,
            sealed=entry.flag("sealed", False),
            form=entry.one_of("form", SEALED_FORMS) if entry.has("form") else None,
        )
        _one_period(entry, found[name])
        entry.close()
    return found


def _category(entry: Section) -> str:
    category = entry.text("category")
    if category and category not in CATEGORIES:
        near = sorted(c for c in CATEGORIES if c.split(".")[-1] == category.split(".")[-1])
        entry.wrong(
            "category",
            f"the category {category!r} is unknown",
            f"Perhaps {near[0]}." if near else "Take a fideslang key, such as user.contact.email.",
        )
    return category


def _one_period(entry: Section, field: DeclaredField) -> None:
    """A field is kept for some days, or sealed, or not stored: one of the three, and said."""
    said = [entry.has("kept_days"), field.sealed, not field.stored]
    if sum(said) == 0:
        entry.wrong(
            None,
            f"{field.name} has no period",
            "Add kept_days = …, sealed = true or stored = false.",
        )
    elif sum(said) > 1:
        entry.wrong(
            None,
            f"{field.name} has more than one of kept_days, sealed = true, stored = false",
            "Keep one: a sealed field's period is [retention] private_financial_days.",
        )
    if field.sealed != entry.has("form"):
        entry.wrong(
            None,
            f"{field.name} is sealed without a form" if field.sealed
            else f"{field.name} has a form but is not sealed",
            "A vault takes only values of a known form: write both, or neither.",
        )  # fmt: skip


def _retention(section: Section) -> Retention:
    retention = Retention(
        private_financial_days=section.days("private_financial_days") or 0,
        rows_per_run_max=section.whole("rows_per_run_max", 1, _COUNT_MAX) or 0,
        backup_days=section.days("backup_days", required=False),
    )
    section.close()
    return retention


def _recipients(section: Section) -> dict[str, Recipient]:
    found = {}
    for name, entry in section.each():
        found[name] = Recipient(
            name=name,
            clause=entry.clause(),
            words=entry.text("words"),
            role=ROLES.get(entry.one_of("role", ROLES), "processor"),
            country=entry.text("country", matches=r"[A-Z]{2}"),
            purposes=entry.words("purposes", required=True),
            hosts=entry.words("hosts", required=True, matches=_HOST),
            agreement=_agreement(entry) if entry.has("agreement") else None,
        )
        entry.close()
    return found


def _agreement(entry: Section) -> Agreement:
    section = entry.inner("agreement")
    agreement = Agreement(section.day("signed"), section.day("expires"), section.day("attested"))
    if section.values and not agreement.signed <= agreement.attested <= agreement.expires:
        entry.wrong(
            "agreement",
            "the dates of the agreement are out of order",
            "It is signed first, attested then, and expires last.",
        )
    section.close()
    return agreement


def _cookies(section: Section) -> dict[str, Cookie]:
    found = {}
    for name, entry in section.each():
        ends_with_browser = entry.flag("session", False)
        found[name] = Cookie(
            name=name,
            clause=entry.clause(),
            words=entry.text("words"),
            kept_days=entry.days("kept_days", required=False),
        )
        if ends_with_browser == entry.has("kept_days"):
            entry.wrong(
                None,
                f"the cookie {name} needs one lifetime",
                "Write kept_days = …, or session = true.",
            )
        entry.close()
    return found


def _mails(section: Section) -> dict[str, Mail]:
    found = {}
    for name, entry in section.each():
        found[name] = Mail(
            name, entry.clause(), words=entry.text("words"), purpose=entry.text("purpose")
        )
        entry.close()
    return found
