"""Every published version of the policy, for ever."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

from django.db import models

from upheld.policy.archive import Record, Step
from upheld.policy.change import PolicyChange
from upheld.policy.stated import Facts


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    """Versions in the order of numbers."""

    def newest(self) -> PolicyVersion | None:
        """The one with the highest number, whatever became of it."""
        return self.order_by("-version").first()

    def posted(self) -> list[PolicyVersion]:
        """Newest first, without the frozen files."""
        return list(self.order_by("-version").defer("files"))


def _manager() -> PolicyVersionQuerySet:
    # The stubs know a plain manager here; at run time it has every method of the query set.
    return cast(PolicyVersionQuerySet, PolicyVersionQuerySet.as_manager())


class PolicyVersion(models.Model):
    """What was published: facts, words, differences, and what became of it. Rows are added; only
    the dates of what became of one are filled in later."""

    version = models.PositiveIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    facts = models.TextField()
    # policy.toml and the clauses as they stood, by path, as JSON
    files = models.TextField()
    # words, clause, looser and material of each difference to the version before, as JSON
    changes = models.TextField()
    effective = models.DateField()
    published_at = models.DateTimeField()
    step = models.CharField(max_length=20)
    in_force_from = models.DateField(null=True)
    approved_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # when a process first ran by it; before that, its predecessor was kept to
    in_force_at = models.DateTimeField(null=True)
    # when the last letter about it was queued
    told_at = models.DateTimeField(null=True)

    objects: ClassVar[PolicyVersionQuerySet] = _manager()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_policy_version"

    def __str__(self) -> str:
        return f"policy version {self.version}"

    def read_facts(self) -> Facts:
        """All that it promises."""
        facts: Facts = json.loads(self.facts)
        return facts

    def read_files(self) -> dict[str, str]:
        """The frozen files by path."""
        files: dict[str, str] = json.loads(self.files)
        return files

    def read_changes(self) -> list[dict[str, Any]]:
        """Each difference to the version before: words, clause, looser, material."""
        changes: list[dict[str, Any]] = json.loads(self.changes)
        return changes

    def record(self) -> Record:
        """The same as the archive's `record.json`."""
        step: Step = self.step  # type: ignore[assignment]  # only these are ever written
        return Record(
            version=self.version,
            digest=self.digest,
            published_on=_day(self.published_at),
            step=step,
            in_force_from=self.in_force_from,
            approved_on=_day(self.approved_at) if self.approved_at else None,
            revoked_on=_day(self.revoked_at) if self.revoked_at else None,
        )

    def waits(self, today: date) -> bool:
        """Whether it is published, not revoked and not in force yet."""
        begin = self.in_force_from
        return self.revoked_at is None and (begin is None or begin > today)

    @property
    def is_looser(self) -> bool:
        """Whether it took, or takes, a second step."""
        return any(change["looser"] for change in self.read_changes())

    @property
    def is_material(self) -> bool:
        """Whether customers are told by mail."""
        return any(change["looser"] or change["material"] for change in self.read_changes())


class PolicyLetter(models.Model):
    """That a letter about a version was queued to one subject: nobody is told twice."""

    version = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="letters")
    subject_id = models.UUIDField()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_policy_letter"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["version", "subject_id"], name="upheld_policy_letter_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.pk}"


def changes_text(changes: Iterable[PolicyChange]) -> str:
    """Differences as the column `changes` keeps them."""
    kept = ("words", "clause", "looser", "material")
    return json.dumps([{name: getattr(change, name) for name in kept} for change in changes])


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
