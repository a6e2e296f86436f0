"""What a start notes down: the versions that came with the folder, and that one is in force."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from upheld.ledger import append
from upheld.ledger.events import PolicyInForce, PolicyPublished
from upheld.ledger.log import lock_head
from upheld.policy import Policy, chosen, current, install
from upheld.policy.archive import ARCHIVE_FOLDER, Published, begin_of, read_files
from upheld.policy.changes import compare
from upheld.policy.choosing import Chosen
from upheld.policy.errors import ActRefused
from upheld.policy.stated import digest_of_facts, same_facts, state
from upheld.promises.notice.freezing import write_archive
from upheld.promises.notice.models import PolicyVersion, changes_text


def take_up(now: datetime) -> None:
    """Before the first answer: a store that never published anything publishes what it runs by
    (the first version needs nobody's leave), and the moment a version came into force is noted.
    Its predecessor holds for what was collected before that moment."""
    take_in(chosen(), now)
    running = PolicyVersion.objects.filter(version=current().version).defer("files").first()
    if running is not None and running.in_force_at is None:
        _note_in_force(running, now)
    install(held_to_moments(current()))


def first_publication(now: datetime) -> None:
    """For an empty database: take in what the policy folder says, and freeze the first version
    there, so that later edits are seen. A folder that takes no files is left as it is."""
    take_in(chosen(), now)
    with contextlib.suppress(ActRefused):
        write_archive(Path(settings.UPHELD_POLICY) / ARCHIVE_FOLDER)


def take_in(chosen: Chosen, now: datetime) -> None:
    """The archive of the policy folder, where this database holds no version yet; without an
    archive, the policy that runs."""
    if PolicyVersion.objects.exists():
        return
    rows = _rows_of(chosen, now)
    with transaction.atomic():
        lock_head()  # of two processes that start at once, one finds the other's rows
        if PolicyVersion.objects.exists():
            return
        for row in rows:
            row.save(force_insert=True)
            append(PolicyPublished(row.version, row.digest, 0), now)


def held_to_moments(policy: Policy) -> Policy:
    """The policy with each boundary of its history at the moment at which a process first ran by
    the successor, where that came later than the day it could have."""
    if not policy.history:
        return policy
    rows = PolicyVersion.objects.exclude(in_force_at=None)
    moments = dict(rows.values_list("version", "in_force_at"))
    past = []
    for number, each in enumerate(policy.history):
        following = (
            policy.history[number + 1].version
            if number + 1 < len(policy.history)
            else policy.version
        )
        moment = moments.get(following)
        past.append(replace(each, until=max(each.until, moment)) if moment else each)
    return replace(policy, history=tuple(past))


def _note_in_force(row: PolicyVersion, now: datetime) -> None:
    with transaction.atomic():
        fresh = PolicyVersion.objects.filter(pk=row.pk, in_force_at=None)
        if fresh.update(in_force_at=now):
            append(PolicyInForce(row.version, row.digest), now)


def _rows_of(chosen: Chosen, now: datetime) -> list[PolicyVersion]:
    disk, found = state(chosen.disk), list(chosen.archive)
    rows, before = [], None
    for each in found:
        rows.append(_row_of_archive(each, before))
        before = each
    if not any(same_facts(each.facts, disk) for each in found) and not chosen.findings:
        # Nobody was ever shown the number in other words by this store.
        rows = [row for row in rows if row.version != chosen.disk.version]
        rows.append(_first(chosen.disk, digest_of_facts(disk), now))
    return rows


def _row_of_archive(each: Published, before: Published | None) -> PolicyVersion:
    record = each.record
    return PolicyVersion(
        version=each.version,
        digest=record.digest,
        facts=json.dumps(each.facts, sort_keys=True),
        files=json.dumps(read_files(each.folder)),
        changes=changes_text(compare(before.facts, each.facts) if before else ()),
        effective=date.fromisoformat(each.facts["effective"]),
        published_at=begin_of(record.published_on),
        step=record.step,
        in_force_from=record.in_force_from,
        approved_at=begin_of(record.approved_on) if record.approved_on else None,
        revoked_at=begin_of(record.revoked_on) if record.revoked_on else None,
    )


def _first(policy: Policy, digest: str, now: datetime) -> PolicyVersion:
    today = now.astimezone(UTC).date()
    return PolicyVersion(
        version=policy.version,
        digest=digest,
        facts=json.dumps(state(policy), sort_keys=True),
        files=json.dumps(read_files(Path(settings.UPHELD_POLICY))),
        changes="[]",
        effective=policy.effective,
        published_at=now,
        step="none",
        in_force_from=min(policy.effective, today),
    )
