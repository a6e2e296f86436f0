"""Act: the terms are frozen under their number, as the policy is (P36)."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

from django.db import DatabaseError, connection, transaction

from upheld.ledger import append
from upheld.ledger.events import TermsPublished
from upheld.policy import Finding
from upheld.policy.errors import ActRefused
from upheld_store.pages.models import TermsVersion
from upheld_store.pages.owner_pages import TERMS, OwnerPage, read_page

_CLAUSE = "P36"


def publish_terms(store: Path, now: datetime) -> TermsVersion | None:
    """Freeze the terms of the owner's folder, where their version is a new one. Returns the newest
    version; None where the store has no terms. Raises `ActRefused` for an edit under an old
    number, and for a number or a day that cannot be read."""
    page = read_page(store, TERMS)
    if page is None:
        return None
    version, effective = _facts(page)
    newest = TermsVersion.objects.first()
    if newest is not None and (newest.version, newest.digest) == (version, digest_of(page)):
        return newest
    if newest is not None and version <= newest.version:
        raise ActRefused(
            f"pages/{TERMS}.md: Version {version} of the terms was published with other words. "
            f"Write Version: {newest.version + 1} and the day it takes effect."
        )
    if newest is not None and effective < now.astimezone(UTC).date():
        raise ActRefused(
            f"pages/{TERMS}.md: the terms cannot take effect on {effective}, which has passed. "
            f"Write Effective: {now.astimezone(UTC):%-d %B %Y} or a later day."
        )
    row = as_version(page, now)
    with transaction.atomic():
        row.save(force_insert=True)
        append(TermsPublished(row.version, row.digest), now)
    return row


def as_version(page: OwnerPage, now: datetime) -> TermsVersion:
    """The page as a version that is not stored. Raises `ActRefused`."""
    version, effective = _facts(page)
    return TermsVersion(
        version=version,
        digest=digest_of(page),
        title=page.title,
        text=page.markdown,
        effective=effective,
        published_at=now,
    )


def in_force(today: date) -> TermsVersion | None:
    """The newest version whose day has come; before any, the first."""
    begun = TermsVersion.objects.filter(effective__lte=today).first()
    return begun or TermsVersion.objects.order_by("version").first()


def check_terms(store: Path) -> list[Finding]:
    """Terms that were edited under the number they were published with, or are not published."""
    page, table = read_page(store, TERMS), TermsVersion._meta.db_table
    file = str(store / "pages" / f"{TERMS}.md")
    if page is None:
        return []
    try:
        _facts(page)
        if table not in connection.introspection.table_names():
            return []
        newest = TermsVersion.objects.first()
    except ActRefused as refusal:
        return [Finding(file, 1, _CLAUSE, "the terms name no version or no day", str(refusal))]
    except DatabaseError:  # another check's to say
        return []
    if newest is None or newest.digest == digest_of(page):
        return []
    remedy = f"Write Version: {newest.version + 1} and its day, and run `upheld publish`."
    problem = f"the terms are not those that were published as version {newest.version}"
    return [Finding(file, 1, _CLAUSE, problem, remedy)]


def digest_of(page: OwnerPage) -> str:
    """SHA-256 of what a reader sees, number and day included."""
    facts = "\n".join(f"{name}: {value}" for name, value in sorted(page.facts.items()))
    return hashlib.sha256(f"{facts}\n\n{page.markdown}".encode()).hexdigest()


def _facts(page: OwnerPage) -> tuple[int, date]:
    try:
        version = int(page.facts["version"])
        return version, _day(page.facts["effective"])
    except (KeyError, ValueError):
        raise ActRefused(
            f"pages/{TERMS}.md: begin it with lines such as `Version: 1` and "
            "`Effective: 2 November 2026`."
        ) from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.strptime(text, "%d %B %Y").replace(tzinfo=UTC).date()
