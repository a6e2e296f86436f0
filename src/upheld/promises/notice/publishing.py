"""The act of publishing: a version is frozen, compared, posted; what loosens waits for its
second step. The database and the ledger know first; the archive's folder is written from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from upheld.ledger import append
from upheld.ledger.events import PolicyApproved, PolicyPublished, PolicyRevoked
from upheld.policy import Policy
from upheld.policy.archive import ARCHIVE_FOLDER, Step, read_files
from upheld.policy.change import PolicyChange
from upheld.policy.changes import compare, is_looser
from upheld.policy.choosing import Chosen
from upheld.policy.errors import ActRefused
from upheld.policy.facts import plain, spoken_date
from upheld.policy.loading import POLICY_FILE
from upheld.policy.stated import Facts, digest_of_facts, same_facts, state
from upheld.promises.notice.freezing import unfreeze, write_archive
from upheld.promises.notice.models import PolicyVersion, changes_text
from upheld.promises.notice.taking_up import take_in

# A second person can only decide where there is a first.
PEOPLE_MIN = 2


@dataclass(frozen=True, slots=True)
class Published:
    """What `publish` did: the version, and whether this call published it."""

    row: PolicyVersion
    is_new: bool

    def in_words(self, today: date) -> str:
        """One line for a terminal."""
        row = self.row
        name = f"Version {row.version}"
        if row.revoked_at is not None:
            return f"{name} was revoked."
        if row.in_force_from is None:
            return (
                f"{name} is published and loosens promises. It takes effect once a second person "
                "approves: upheld publish --approve WHO"
            )
        day = spoken_date(row.in_force_from.isoformat())
        if row.in_force_from > today:
            why = " It loosens promises, so it waits." if row.step == "cooling_off" else ""
            return (
                f"{name} is published and takes effect on {day}, at the first start from then.{why}"
            )
        return f"{name} is published and in force from {day}. Restart the store to run by it."


def publish(chosen: Chosen, folder: Path, people: int, now: datetime) -> Published:
    """Publish what the policy folder says, `people` being those who could approve. A version
    that is published already is left as it is, its files put back where they are missing.
    Raises `ActRefused` naming what stands against it."""
    take_in(chosen, now)
    disk, facts = chosen.disk, state(chosen.disk)
    digest = digest_of_facts(facts)
    newest = PolicyVersion.objects.newest()
    if newest is not None and same_facts(newest.read_facts(), facts):
        write_archive(folder / ARCHIVE_FOLDER)
        return Published(newest, False)
    before = _may_follow(newest, disk, now)
    changes = compare(before, facts) if before else ()
    _refuse(changes)
    step = _step(changes, people)
    row = PolicyVersion(
        version=disk.version,
        digest=digest,
        facts=json.dumps(facts, sort_keys=True),
        files=json.dumps(read_files(folder)),
        changes=changes_text(changes),
        effective=disk.effective,
        published_at=now,
        step=step,
        in_force_from=_begin(step, disk, before, now),
    )
    with transaction.atomic():
        row.save(force_insert=True)
        append(PolicyPublished(row.version, digest, sum(c.looser for c in changes)), now)
    write_archive(folder / ARCHIVE_FOLDER)
    return Published(row, True)


def approve(folder: Path, people: int, now: datetime) -> Published:
    """A second person has approved the version that waits for it. Who that was is the caller's
    to check; the record holds that it was another, not who. Raises `ActRefused`."""
    today = now.astimezone(UTC).date()
    with transaction.atomic():
        row = _waiting(now)
        if not row.is_looser:
            raise ActRefused(f"Version {row.version} loosens nothing and needs no approval.")
        if people < PEOPLE_MIN:
            raise ActRefused(
                "There is no second person here: only one owner or privacy officer works in this "
                "store, so the version waits its days instead."
            )
        if row.approved_at is None:
            row.step, row.approved_at = "second_person", now
            row.in_force_from = max(row.effective, today)
            row.save(update_fields=["step", "approved_at", "in_force_from"])
            append(PolicyApproved(row.version), now)
    write_archive(folder / ARCHIVE_FOLDER)
    return Published(row, True)


def revoke(folder: Path, now: datetime) -> Published:
    """Take back the version that is not in force yet. It stays in the archive as revoked, and
    the files of the version in force are put back in its place. Raises `ActRefused`."""
    with transaction.atomic():
        row = _waiting(now)
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        append(PolicyRevoked(row.version), now)
    write_archive(folder / ARCHIVE_FOLDER)
    older = PolicyVersion.objects.filter(version__lt=row.version, revoked_at=None)
    held = older.order_by("-version").first()
    if held is not None:
        unfreeze(held, folder)
    return Published(row, True)


def _waiting(now: datetime) -> PolicyVersion:
    row = PolicyVersion.objects.select_for_update().order_by("-version").first()
    if row is None or not row.waits(now.astimezone(UTC).date()):
        raise ActRefused(
            "No version waits: the newest one is in force, or was revoked. `upheld publish` "
            "publishes what stands in the policy folder."
        )
    return row


def _may_follow(newest: PolicyVersion | None, disk: Policy, now: datetime) -> Facts | None:
    """The facts that the policy on disk is compared with: those of the version before."""
    if newest is None:
        return None
    today = now.astimezone(UTC).date()
    if newest.waits(today):
        raise ActRefused(
            f"Version {newest.version} is published and not in force yet. Wait for it, or take it "
            "back first: upheld publish --revoke"
        )
    if disk.version <= newest.version:
        raise ActRefused(
            f"{POLICY_FILE}: version = {disk.version} was published already, with other words. "
            f"Write version = {newest.version + 1} and the day it takes effect, then publish."
        )
    if disk.effective < today:
        raise ActRefused(
            f"{POLICY_FILE}: effective = {disk.effective} has passed, and a change is posted "
            f"before it takes effect. Write {today} or a later day."
        )
    alive = PolicyVersion.objects.filter(revoked_at=None).order_by("-version").first()
    return (alive or newest).read_facts()


def _refuse(changes: tuple[PolicyChange, ...]) -> None:
    refused = [f"{plain(c.words)} ({c.clause}). {c.refused}" for c in changes if c.refused]
    if refused:
        raise ActRefused("This cannot be published:\n" + "\n".join(refused))


def _step(changes: tuple[PolicyChange, ...], people: int) -> Step:
    if not is_looser(changes):
        return "none"
    return "second_person" if people >= PEOPLE_MIN else "cooling_off"


def _begin(step: Step, disk: Policy, before: Facts | None, now: datetime) -> date | None:
    """The first day on which it is in force. The days of waiting are those of the version
    before: a policy does not shorten the wait for itself."""
    today = now.astimezone(UTC).date()
    if step == "second_person":
        return None
    if before is None:
        return min(disk.effective, today)
    if step == "cooling_off":
        return max(disk.effective, today + timedelta(days=before["cooling_off_days"]))
    return max(disk.effective, today)
