"""`policy/published/`: every version that was ever published, frozen, with what became of it.

One folder a version: `policy.toml` and `clauses/` as they were, `facts.json` (all that it promises)
and `record.json` (when it was published, by which second step, from when it is in force)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

from upheld.policy.errors import Finding
from upheld.policy.loading import CLAUSE_FOLDER, POLICY_FILE
from upheld.policy.model import PastVersion
from upheld.policy.stated import Facts, digest_of_facts

ARCHIVE_FOLDER = "published"
FACTS_FILE, RECORD_FILE = "facts.json", "record.json"
# Later than any day that a database can hold beside it.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
# First version, or one that loosens nothing; a second person; time.
Step = Literal["none", "second_person", "cooling_off"]


@dataclass(frozen=True, slots=True)
class Record:
    """What became of a version. `in_force_from` is None while a second person has not approved;
    a `revoked` one never came into force. Names nobody."""

    version: int
    digest: str
    published_on: date
    step: Step
    in_force_from: date | None
    approved_on: date | None = None
    revoked_on: date | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """One version of the archive."""

    record: Record
    facts: Facts
    folder: Path

    @property
    def version(self) -> int:
        """Its number."""
        return self.record.version

    def is_in_force(self, today: date) -> bool:
        """Whether it is, or was before a newer one."""
        begin = self.record.in_force_from
        return self.record.revoked_on is None and begin is not None and begin <= today


def read_archive(folder: Path, findings: list[Finding]) -> tuple[Published, ...]:
    """Every version in the order of numbers. What was touched by hand since it was frozen is a
    finding, and is left out."""
    found = []
    for inner in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not inner.name.isdigit():
            continue
        try:
            found.append(_read_version(inner))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            findings.append(
                Finding(
                    str(inner),
                    None,
                    "P38",
                    f"this published version cannot be read ({error})",
                    "Put the folder back as it was published; the database holds the same facts: "
                    "remove the folder and run `upheld publish`.",
                )
            )
    return tuple(sorted(found, key=lambda each: each.version))


def standing(archive: Iterable[Published], today: date) -> Published | None:
    """The version in force on `today`; before any is, the first that was published."""
    alive = [each for each in archive if each.record.revoked_on is None]
    begun = [each for each in alive if each.is_in_force(today)]
    return begun[-1] if begun else next(iter(alive), None)


def history(archive: Iterable[Published], version: int, today: date) -> tuple[PastVersion, ...]:
    """What `version` is held to: each that was in force before it, until its successor was.
    Before its own time comes, its predecessor holds without an end."""
    line = [each for each in archive if each.is_in_force(today) and each.version <= version]
    ends = [following.record.in_force_from for following in line[1:]]
    past = [past_of(each, begin_of(end)) for each, end in zip(line, ends, strict=False) if end]
    if line and line[-1].version != version:
        past.append(past_of(line[-1], NEVER))
    return tuple(past)


def past_of(published: Published, until: datetime) -> PastVersion:
    """What its successors are held to."""
    fields: Mapping[str, Any] = published.facts["fields"]
    return PastVersion(
        published.version,
        until,
        published.facts["private_financial_days"],
        {name: f["kept_days"] for name, f in fields.items() if f["kept_days"]},
        {name: frozenset(f["recipients"]) for name, f in fields.items()},
    )


def begin_of(day: date) -> datetime:
    """00:00 UTC."""
    return datetime.combine(day, time(), UTC)


def read_files(folder: Path) -> dict[str, str]:
    """`policy.toml` and the clauses of a policy folder, by their paths in it."""
    clauses = sorted((folder / CLAUSE_FOLDER).glob("*.md"))
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in (folder / POLICY_FILE, *clauses)
    }


def record_text(record: Record) -> str:
    """`record.json`."""
    return json.dumps(asdict(record), indent=1, default=date.isoformat) + "\n"


def facts_text(facts: Facts) -> str:
    """`facts.json`, one line a fact, so that two versions can be read side by side."""
    return json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_record(text: str) -> Record:
    """`record.json` → record. Raises `ValueError`, `TypeError` or `KeyError`."""
    values = json.loads(text)
    if values["step"] not in {"none", "second_person", "cooling_off"}:
        raise ValueError("an unknown second step")
    for name in ("published_on", "in_force_from", "approved_on", "revoked_on"):
        if values[name] is not None:
            values[name] = date.fromisoformat(values[name])
    return Record(**values)


def _read_version(folder: Path) -> Published:
    record = read_record((folder / RECORD_FILE).read_text("utf-8"))
    facts = json.loads((folder / FACTS_FILE).read_text("utf-8"))
    if str(record.version) != folder.name or facts["version"] != record.version:
        raise ValueError("it names another version")
    if digest_of_facts(facts) != record.digest:
        raise ValueError("its facts are not those that were published")
    return Published(record, facts, folder)


def with_record(published: Published, **changes: Any) -> Published:
    """The same version after something became of it."""
    return replace(published, record=replace(published.record, **changes))
