"""Where a policy contradicts itself (P49). Each rule is a function named after the clash it
finds; `RULES` lists them all. The words of the seven clashes that the store's own policy had to
settle stand in docs/promises/notice.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from upheld.policy.categories import AGE, FINANCIAL, TELLING_APART, WATCHED
from upheld.policy.errors import Finding
from upheld.policy.model import DeclaredField, Policy
from upheld.policy.reading import TomlFile

_NEWS = re.compile(r"news|offer|promo|campaign|marketing|discount|related", re.IGNORECASE)
_COUNTING = re.compile(
    r"statistic|analytic|tracks|tracker|tracking|beacon|pixel|visitor|advert", re.IGNORECASE
)
_IMPLIED = re.compile(
    r"\b(?:using|use of|visit\w*|brows\w*|continu\w*|scroll\w*|silence|impli\w*|pre-?ticked|"
    r"by default)\b",
    re.IGNORECASE,
)
# COPPA's line, which an owner may raise and not lower.
_COPPA_YEARS = 13


@dataclass(frozen=True, slots=True)
class Clash:
    """One contradiction: where in `policy.toml`, between which clauses, what, the way out."""

    path: tuple[str, ...]
    clauses: str
    problem: str
    remedy: str


Rule = Callable[[Policy], Iterator[Clash]]


def news_without_consent(policy: Policy) -> Iterator[Clash]:
    """P07 no unsolicited mail, P16 news to buyers: order mail is owed, news is asked for."""
    for mail in policy.mails.values():
        basis = policy.purposes[mail.purpose].basis
        is_news = _NEWS.search(f"{mail.name} {mail.purpose} {mail.words}")
        if basis == "legitimate_interest" or (is_news and basis != "consent"):
            yield Clash(
                ("mail", mail.name, "purpose"),
                "P07 against P16",
                f"the mail {mail.name} is promised as solicited, but rests on {basis}",
                "Give it a purpose that rests on consent.",
            )


def recipient_without_agreement(policy: Policy) -> Iterator[Clash]:
    """P15, P30 never without consent, P24 helpers: only under a confidentiality agreement."""
    for recipient in policy.recipients.values():
        if recipient.agreement is None and recipient.role == "processor":
            yield Clash(
                ("disclosure", recipient.name),
                "P15 against P24",
                f"{recipient.name} works for us without an agreement to keep data confidential",
                "Record agreement = { signed, expires, attested }.",
            )


def outsider_without_consent(policy: Policy) -> Iterator[Clash]:
    """P15, P23, P30: a third party gets nothing but by consent."""
    for recipient in policy.recipients.values():
        unasked = sorted(p for p in recipient.purposes if policy.purposes[p].basis != "consent")
        if recipient.role == "third_party" and unasked:
            yield Clash(
                ("disclosure", recipient.name, "purposes"),
                "P15 against P23",
                f"{recipient.name} is an outsider and gets data for {unasked[0]} without consent",
                "Rest the purpose on consent, or bind the recipient as a processor.",
            )


def agreement_over_at_start(policy: Policy) -> Iterator[Clash]:
    """P24: an agreement that ran out before the policy takes effect binds nobody."""
    for recipient in policy.recipients.values():
        if recipient.agreement and recipient.agreement.expires <= policy.effective:
            yield Clash(
                ("disclosure", recipient.name, "agreement"),
                "P24 against P29",
                f"the agreement with {recipient.name} ends before the policy takes effect",
                "Renew it, or remove the recipient.",
            )


def visitor_is_watched(policy: Policy) -> Iterator[Clash]:
    """P11 anonymous visits, P12 beacons: counting works without telling visitors apart."""
    for field in policy.fields.values():
        bases = {policy.purposes[purpose].basis for purpose in field.purposes}
        unasked = field.category in TELLING_APART and "legitimate_interest" in bases
        if unasked or field.category in WATCHED:
            yield Clash(
                ("collection", "fields", field.name),
                "P11 against P12",
                f"{field.name} tells one visitor from the next ({field.category})",
                "Count on the server without it.",
            )
    for cookie in policy.cookies.values():
        counts = _COUNTING.search(f"{cookie.name} {cookie.words}")
        if cookie.clause in {"P12", "P22"} or counts:
            yield Clash(
                ("cookies", cookie.name),
                "P11 against P12",
                f"the cookie {cookie.name} counts visitors of a site that promises anonymity",
                "Remove it: totals need no cookie.",
            )


def age_answer_kept(policy: Policy) -> Iterator[Clash]:
    """P33 nothing from a child, and yet the age is asked: the answer is never kept or passed on."""
    tables = policy.inventory.tables.values()
    columns = {field for table in tables for field in table.fields.values()}
    for field in policy.fields.values():
        if field.category in AGE and (field.stored or field.recipients or field.name in columns):
            yield Clash(
                ("collection", "fields", field.name),
                "P32 against P33",
                f"{field.name} is the answer of a child too, and is kept or passed on",
                "Write stored = false, no recipients, and no column for it.",
            )


def use_taken_for_consent(policy: Policy) -> Iterator[Clash]:
    """P37 use is consent: a notice, never a record of consent to anything."""
    if _IMPLIED.search(policy.consent_method):
        yield Clash(
            ("consent", "method"),
            "P07 against P37",
            "the method of consent is using the site, which agrees to nothing",
            "Consent is an act of its own, such as ticking a box that starts empty.",
        )


def financial_detail_outside_vault(policy: Policy) -> Iterator[Clash]:
    """P20: what is private and financial is sealed, or lives longer than promised."""
    for field in policy.fields.values():
        if field.category in FINANCIAL and field.stored and not field.sealed:
            yield Clash(
                ("collection", "fields", field.name),
                "P20 against P05",
                f"{field.name} is private financial data ({field.category}) and is not sealed",
                "Write sealed = true and its form instead of kept_days.",
            )


def sealed_field_with_own_period(policy: Policy) -> Iterator[Clash]:
    """P20: a vault has one period for all that lies in it."""
    for field in policy.fields.values():
        if field.sealed and (field.kept_days is not None or not field.stored):
            yield Clash(
                ("collection", "fields", field.name),
                "P20 against P05",
                f"{field.name} is sealed and has a period of its own",
                "Remove kept_days: [retention] private_financial_days rules it.",
            )


def _own_uses(policy: Policy, field: DeclaredField) -> frozenset[str]:
    """What a field is collected for. To show it to its person is no reason to have it."""
    return field.purposes - {policy.access.purpose} if field.stored else field.purposes


def sealed_field_kept_for_the_law(policy: Policy) -> Iterator[Clash]:
    """P20 sixty days, tax law years: what the law wants kept is no private financial data."""
    for field in policy.fields.values():
        legal = sorted(
            p for p in _own_uses(policy, field) if policy.purposes[p].basis == "legal_obligation"
        )
        if field.sealed and legal:
            yield Clash(
                ("collection", "fields", field.name),
                "P20 against P31",
                f"{field.name} is gone with its vault, but {legal[0]} is a duty that lasts longer",
                "Declare what the law wants as a field of its own, with the legal period.",
            )


def field_without_period(policy: Policy) -> Iterator[Clash]:
    """P05 no longer than necessary: a machine needs a number."""
    for field in policy.fields.values():
        if field.stored and not field.sealed and field.kept_days is None:
            yield Clash(
                ("collection", "fields", field.name),
                "P05",
                f"{field.name} is kept and has no number of days",
                "Add kept_days = …",
            )


def field_nobody_may_read(policy: Policy) -> Iterator[Clash]:
    """P04: what no purpose needs is not collected."""
    for field in policy.fields.values():
        if not _own_uses(policy, field):
            yield Clash(
                ("collection", "fields", field.name),
                "P04",
                f"{field.name} is collected, and no purpose may use it",
                "Name its purposes, or do not collect it.",
            )


def purpose_nobody_uses(policy: Policy) -> Iterator[Clash]:
    """P04: a purpose without data is a right held in reserve."""
    used = {purpose for field in policy.fields.values() for purpose in field.purposes}
    used |= {mail.purpose for mail in policy.mails.values()}
    for table in policy.inventory.tables.values():
        used |= table.writes | table.deletes
    for name in policy.purposes.keys() - used:
        yield Clash(
            ("purpose", name),
            "P04",
            f"the purpose {name} has no data to use",
            "Remove it, or name it in the fields it needs.",
        )


def recipient_of_another_purpose(policy: Policy) -> Iterator[Clash]:
    """P15, P24: a recipient gets a field for a purpose that both declare."""
    for field in policy.fields.values():
        for name in sorted(field.recipients):
            if not field.purposes & policy.recipients[name].purposes:
                yield Clash(
                    ("collection", "fields", field.name),
                    "P15 against P24",
                    f"{name} would get {field.name}, yet serves no purpose that may use it",
                    f"Remove {name} from its recipients, or declare the purpose on both sides.",
                )


def recipient_that_gets_nothing(policy: Policy) -> Iterator[Clash]:
    """P15: a door that is open to nobody's data is a door held in reserve."""
    given = {name for field in policy.fields.values() for name in field.recipients}
    for recipient in policy.recipients.values():
        if recipient.name not in given and recipient.role != "authority":
            yield Clash(
                ("disclosure", recipient.name),
                "P15",
                f"{recipient.name} may be reached, and no field may be given to it",
                "Remove it, or name it in the recipients of the fields it gets.",
            )


def child_below_the_line(policy: Policy) -> Iterator[Clash]:
    """P32 COPPA, P33 nothing from a child: the owner's age may be higher, never lower."""
    if policy.age_minimum_years < _COPPA_YEARS:
        yield Clash(
            ("age", "minimum_years"),
            "P32 against P33",
            f"minimum_years is {policy.age_minimum_years}, below COPPA's {_COPPA_YEARS}",
            f"Write {_COPPA_YEARS} or more.",
        )


def backup_that_outlives_erasures(policy: Policy) -> Iterator[Clash]:
    """P42 erased stays erased, P43 backups: a restore erases again what the list names, so the
    list must be as old as the oldest backup."""
    backup, tombstones = policy.retention.backup_days, policy.erasure.tombstones_kept_days
    if backup is not None and backup > tombstones:
        yield Clash(
            ("erasure", "tombstones_kept_days"),
            "P42 against P43",
            f"a backup may be {backup} days old, but erasures are forgotten after {tombstones}: "
            "an older backup would bring the erased back",
            f"Keep the list of erasures for {backup} days or longer.",
        )


RULES: tuple[Rule, ...] = (
    news_without_consent,
    recipient_without_agreement,
    outsider_without_consent,
    agreement_over_at_start,
    visitor_is_watched,
    age_answer_kept,
    use_taken_for_consent,
    financial_detail_outside_vault,
    sealed_field_with_own_period,
    sealed_field_kept_for_the_law,
    field_without_period,
    field_nobody_may_read,
    purpose_nobody_uses,
    recipient_of_another_purpose,
    recipient_that_gets_nothing,
    backup_that_outlives_erasures,
    child_below_the_line,
)


def find_contradictions(policy: Policy, file: TomlFile | None = None) -> list[Finding]:
    """Every contradiction of the policy; with `file`, each at its line."""
    return [
        Finding(
            file.name if file else "policy.toml",
            file.lines.line(clash.path) if file else None,
            clash.clauses,
            clash.problem,
            clash.remedy,
        )
        for rule in RULES
        for clash in rule(policy)
    ]
