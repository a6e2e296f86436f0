"""What is published is posted: the public pages show it from the very next answer on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from upheld.policy.choosing import Chosen
from upheld.policy.facts import plain
from upheld.promises.notice import publishing
from upheld.promises.notice.publishing import Published
from upheld.web.content import bump_version


def publish(chosen: Chosen, folder: Path, people: int, now: datetime) -> Published:
    """As `upheld.promises.notice.publishing.publish`."""
    done = publishing.publish(chosen, folder, people, now)
    bump_version()
    return done


def approve(folder: Path, people: int, now: datetime) -> Published:
    """As `upheld.promises.notice.publishing.approve`."""
    done = publishing.approve(folder, people, now)
    bump_version()
    return done


def revoke(folder: Path, now: datetime) -> Published:
    """As `upheld.promises.notice.publishing.revoke`."""
    done = publishing.revoke(folder, now)
    bump_version()
    return done


def as_json(done: Published) -> dict[str, Any]:
    """For `upheld publish --json`."""
    row = done.row
    return {
        "version": row.version,
        "digest": row.digest,
        "step": row.step,
        "in_force_from": row.in_force_from.isoformat() if row.in_force_from else None,
        "revoked": row.revoked_at is not None,
        "changes": [{**change, "words": plain(change["words"])} for change in row.read_changes()],
    }
