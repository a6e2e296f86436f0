"""What a clause may fill in: `{retention.private_financial_days}` → `60`. Facts are named as
`policy.toml` names them, so that a reader of the words finds their one home."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from upheld.policy.model import DeclaredField
from upheld.policy.policy_file import PolicyFile

_MARKS = re.compile(r"([\\`*_\[\]<>|])")
_MARKED = re.compile(r"\\([\\`*_\[\]<>|])")


def plain_facts(policy: PolicyFile) -> dict[str, str]:
    """Single values: numbers, dates, names. They hold no Markdown."""
    facts = {
        "policy.version": policy.version,
        "policy.effective": spoken_date(policy.effective.isoformat()),
        "controller.name": policy.controller.name,
        "controller.site": policy.controller.site,
        "controller.address": policy.controller.address,
        "controller.email": policy.controller.email,
        "controller.phone": policy.controller.phone,
        "retention.private_financial_days": policy.retention.private_financial_days,
        "access.link_minutes": policy.access.link_minutes,
        "erasure.undo_days": policy.erasure.undo_days,
        "erasure.tombstones_kept_days": policy.erasure.tombstones_kept_days,
        "age.minimum_years": policy.age_minimum_years,
        "transport.hsts_days": policy.hsts_days,
        "notice.cooling_off_days": policy.cooling_off_days,
    }
    if policy.retention.backup_days:
        facts["retention.backup_days"] = policy.retention.backup_days
    for name, field in policy.fields.items():
        if field.stored and not field.sealed:
            facts[f"field.{name}.kept_days"] = field.kept_days or 0
    for name, cookie in policy.cookies.items():
        if cookie.kept_days is not None:
            facts[f"cookies.{name}.kept_days"] = cookie.kept_days
    return {name: str(value) for name, value in facts.items()}


def all_facts(policy: PolicyFile) -> Mapping[str, str]:
    """Single values, the owner's sentences, and lists and tables in Markdown."""
    fields = policy.fields.values()
    asked = [field for field in fields if not field.stored]
    sealed = [field for field in fields if field.sealed]
    stored = [field for field in fields if field.stored and not field.sealed]
    return {name: escaped(value) for name, value in plain_facts(policy).items()} | {
        "notice.review": policy.review,
        "notice.changes": policy.changes,
        "notice.signals": policy.signals,
        "consent.method": policy.consent_method,
        "fields.stored": _bullets(_kept(field) for field in stored),
        "fields.sealed": _bullets(field.words for field in sealed),
        "fields.not_stored": _bullets(field.words for field in asked),
        "purposes.list": _bullets(f"to {purpose.words}" for purpose in policy.purposes.values()),
        "recipients.list": _bullets(
            f"{recipient.words} ({recipient.country}), which gets {_given(policy, name)}"
            for name, recipient in policy.recipients.items()
        ),
        "agreements.list": _bullets(
            f"{recipient.words}: signed {spoken_date(str(recipient.agreement.signed))}, "
            f"runs until {spoken_date(str(recipient.agreement.expires))}"
            for recipient in policy.recipients.values()
            if recipient.agreement
        ),
        "cookies.list": _bullets(
            f"**{escaped(cookie.name)}** {cookie.words}; it "
            + (f"lasts {days(cookie.kept_days)}" if cookie.kept_days else "ends with the browser")
            for cookie in policy.cookies.values()
        ),
        "erasure.stays": _bullets(
            f"{stay.words}: {days(stay.days_max)} at most" for stay in policy.erasure.stays.values()
        ),
        "mails.list": _bullets(mail.words for mail in policy.mails.values()),
    }


def escaped(text: str) -> str:
    """The text with nothing in it that Markdown would read as a mark."""
    return _MARKS.sub(r"\\\1", text)


def plain(text: str) -> str:
    """Words of the policy as a text without marks has them."""
    return _MARKED.sub(r"\1", text)


def days(count: int) -> str:
    """A period as people say it, where that is exact: whole years, else days."""
    years, rest = divmod(count, 365)
    if years and not rest:
        return f"{years} year" if years == 1 else f"{years} years"
    return f"{count} day" if count == 1 else f"{count} days"


def spoken_date(iso: str) -> str:
    """`2026-12-01` → `1 December 2026`, as every page writes a day."""
    year, month, day = iso.split("-")
    return f"{int(day)} {_MONTHS[int(month) - 1]} {int(year)}"


def _kept(field: DeclaredField) -> str:
    return f"{field.words}: {days(field.kept_days or 0)}"


def _given(policy: PolicyFile, recipient: str) -> str:
    words = [field.words for field in policy.fields.values() if recipient in field.recipients]
    return "; ".join(words) or "nothing yet"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items) or "- none"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
