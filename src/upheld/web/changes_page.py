"""What the pages of changes show: every published version, what became of it, what it changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from upheld.policy.facts import plain, spoken_date
from upheld.policy.rendering import READING_ORDER
from upheld.policy.stated import Facts
from upheld.promises.notice.models import PolicyVersion
from upheld.web.markdown import render, render_inline

# A word with the space behind it.
_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Posted:
    """One version as the list of changes shows it."""

    version: int
    posted_on: date
    state: str
    is_current: bool
    changes: list[tuple[SafeString, bool]]


def posted(running: int, now: datetime) -> list[Posted]:
    """Every published version, the newest first."""
    return [
        Posted(
            row.version,
            row.published_at.astimezone(UTC).date(),
            state_of(row, running, now),
            row.version == running,
            [(render_inline(c["words"]), c["looser"]) for c in row.read_changes()],
        )
        for row in PolicyVersion.objects.posted()
    ]


def state_of(row: PolicyVersion, running: int, now: datetime) -> str:
    """What became of it, as a sentence without a full stop."""
    today = now.astimezone(UTC).date()
    if row.revoked_at is not None:
        return f"Taken back on {_spoken(row.revoked_at.astimezone(UTC).date())}: never in force"
    if row.in_force_from is None:
        return "Not in force: a second person has not approved it yet"
    begin = max(row.effective, row.in_force_from)
    step = {
        "second_person": ", approved by a second person",
        "cooling_off": ": one person decides here, so it waits" if begin > today else
        ", by one person, after waiting",
    }.get(row.step, "")  # fmt: skip
    if begin > today:
        return f"Takes effect on {_spoken(begin)}{step}"
    if row.version > running:
        return f"Takes effect when the store next starts{step}"
    if row.version == running:
        return f"In force since {_spoken(begin)}{step}"
    return f"Was in force from {_spoken(begin)}{step}"


def begins_on(version: int, effective: date) -> date:
    """The first day of a version: what it names itself, or the later day that its second step
    gave it."""
    row = PolicyVersion.objects.filter(version=version).defer("files", "facts").first()
    return max(effective, row.in_force_from) if row and row.in_force_from else effective


def version_page(row: PolicyVersion, running: int, now: datetime) -> dict[str, Any]:
    """The template's context for one version: its words, what it changed marked in them."""
    facts, before = row.read_facts(), _facts_before(row)
    return {
        "version": row.version,
        "state": state_of(row, running, now),
        "posted_on": row.published_at.astimezone(UTC).date(),
        "digest": row.digest,
        "controller": facts["controller"],
        "changes": [(render_inline(c["words"]), c["looser"]) for c in row.read_changes()],
        "sections": list(_sections(facts)),
        "marked": list(_marked(before, facts)) if before else [],
    }


def summary_of(row: PolicyVersion, running: int, now: datetime) -> str:
    """For feeds, in plain text."""
    lines = [state_of(row, running, now) + "."]
    lines += [f"{plain(change['words'])}." for change in row.read_changes()]
    return " ".join(lines)


def _facts_before(row: PolicyVersion) -> Facts | None:
    older = PolicyVersion.objects.filter(version__lt=row.version, revoked_at=None)
    before = older.order_by("-version").first()
    return before.read_facts() if before else None


def _sections(facts: Facts) -> Iterator[tuple[str, list[tuple[str, str, SafeString]]]]:
    order = {name: place for place, name in enumerate(READING_ORDER)}
    names = sorted(facts["sections"], key=lambda name: order.get(name, len(order)))
    for name in names:
        clauses = [
            (number, clause["title"], render(clause["markdown"]))
            for number, clause in sorted(facts["clauses"].items())
            if clause["section"] == name
        ]
        if clauses:
            yield facts["sections"][name], clauses


def _marked(before: Facts, after: Facts) -> Iterator[tuple[str, str, SafeString]]:
    """Number, title and marked words of each clause whose words differ."""
    for number in sorted(before["clauses"].keys() | after["clauses"].keys()):
        old, new = before["clauses"].get(number), after["clauses"].get(number)
        was, now = (old or {}).get("markdown", ""), (new or {}).get("markdown", "")
        if was != now:
            yield number, (new or old or {})["title"], mark(was, now)


def mark(before: str, after: str) -> SafeString:
    """The later words, with what went in `<del>` and what came in `<ins>`."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    parts: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = escape("".join(old[a:b])), escape("".join(new[c:d]))
        if kind == "equal":
            parts.append(come)
            continue
        parts += [f"<del>{gone}</del>"] if gone else []
        parts += [f"<ins>{come}</ins>"] if come else []
    return SafeString("".join(parts))


def _spoken(day: date) -> str:
    return spoken_date(day.isoformat())
