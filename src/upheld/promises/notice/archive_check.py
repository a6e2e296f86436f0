"""Is the policy that runs the one that was published and is in force? Asked before every start."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from upheld.policy import Finding, chosen
from upheld.policy.archive import ARCHIVE_FOLDER, Record
from upheld.policy.choosing import Chosen
from upheld.policy.stated import same_facts, state
from upheld.promises.notice.models import PolicyVersion

_CLAUSE = "P38"
_PUBLISH = "Run `upheld publish`."


def check_archive() -> list[Finding]:
    """A file on disk that is looser than what was published, edited without a new version, or
    not published yet; an archive that says something else than the database."""
    found = chosen()
    records = _records()
    findings = list(found.findings)
    if not records:
        return findings
    return [*findings, *found.unposted, *compare_with_database(found, records)]


def compare_with_database(found: Chosen, records: dict[int, Record]) -> list[Finding]:
    """Findings where the archive's folder and `records`, the database's, disagree."""
    archive = {each.version: each.record for each in found.archive}
    place = Path(settings.UPHELD_POLICY) / ARCHIVE_FOLDER
    findings = []
    for version, record in records.items():
        kept = archive.get(version)
        if kept is None and len(records) > 1:
            findings.append(_finding(place / str(version), "this version is missing", _PUBLISH))
        elif kept is not None and kept != record:
            findings.append(
                _finding(
                    place / str(version),
                    "this is not what was published: the database has another record",
                    f"Remove the folder; it is written anew. {_PUBLISH}",
                )
            )
    for version in archive.keys() - records.keys():
        text = f"version {version} was not published by this store"
        findings.append(_finding(place / str(version), text, _PUBLISH))
    if not archive and not _was_published(found):
        text = "the archive is gone, and the policy is not the one that was published"
        findings.append(_finding(place, text, "Put the file back as it was published."))
    return findings


def _was_published(found: Chosen) -> bool:
    facts = state(found.policy)
    return any(same_facts(row.read_facts(), facts) for row in PolicyVersion.objects.posted())


def _records() -> dict[int, Record]:
    """What the database holds; nothing where it has no such table yet, or does not answer, which
    is another check's to say."""
    try:
        if PolicyVersion._meta.db_table not in connection.introspection.table_names():
            return {}
        return {row.version: row.record() for row in PolicyVersion.objects.posted()}
    except DatabaseError:
        return {}


def _finding(place: Path, problem: str, remedy: str) -> Finding:
    return Finding(str(place), None, _CLAUSE, problem, remedy)
