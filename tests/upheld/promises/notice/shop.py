"""A policy folder of a test's own, which a shop publishes, edits and starts by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from tests.upheld.policy.owner_folder import OwnerFolder
from upheld.policy import Finding, load
from upheld.policy.archive import ARCHIVE_FOLDER, read_archive
from upheld.policy.choosing import Chosen, choose
from upheld.promises.notice import publishing
from upheld.promises.notice.archive_check import compare_with_database
from upheld.promises.notice.models import PolicyVersion
from upheld.promises.notice.publishing import Published


@dataclass(frozen=True)
class Shop:
    """`folder` holds `policy.toml`, `clauses/` and, once published, `published/`."""

    owner: OwnerFolder

    def edit(self, old: str, new: str) -> None:
        """In `policy.toml`."""
        self.owner.edit(self.owner.policy_file, old, new)

    def raise_to(self, version: int, effective: date) -> None:
        """Another number and another day, as the remedy of a refusal says."""
        text = self.owner.policy_file.read_text("utf-8")
        text = re.sub(r"(?m)^version +=.*$", f"version = {version}", text)
        text = re.sub(r"(?m)^effective +=.*$", f"effective = {effective}", text)
        self.owner.policy_file.write_text(text, "utf-8")

    def start(self, today: date) -> Chosen:
        """What a start on `today` runs by."""
        findings: list[Finding] = []
        archive = read_archive(self.owner.policy / ARCHIVE_FOLDER, findings)
        inventories = sorted(self.owner.inventories.iterdir())
        found = choose(
            self.owner.policy,
            lambda where: load(where, inventories),
            archive,
            today,
        )
        return Chosen(
            found.policy, found.disk, found.archive, (*findings, *found.findings), found.unposted
        )

    def refusals(self, today: date) -> list[Finding]:
        """What refuses that start, the database asked too."""
        found = self.start(today)
        records = {row.version: row.record() for row in PolicyVersion.objects.posted()}
        against = compare_with_database(found, records) if records else []
        return [*found.findings, *(found.unposted if records else ()), *against]

    def publish(self, day: date, people: int = 1) -> Published:
        """`upheld publish` on `day`."""
        return publishing.publish(self.start(day), self.owner.policy, people, noon(day))

    def approve(self, day: date, people: int = 2) -> Published:
        """`upheld publish --approve` on `day`."""
        return publishing.approve(self.owner.policy, people, noon(day))

    def revoke(self, day: date) -> Published:
        """`upheld publish --revoke` on `day`."""
        return publishing.revoke(self.owner.policy, noon(day))


def noon(day: date) -> datetime:
    """12:00 UTC."""
    return datetime.combine(day, time(12), UTC)
