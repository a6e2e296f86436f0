"""P29, P36, P38, P50: what must be said is said, what was said stays, and programs can read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.urls import NoReverseMatch, reverse

from upheld.ledger.events import PolicyPublished
from upheld.ledger.models import LedgerEntry
from upheld.policy import Policy
from upheld.policy.changes import compare, is_looser
from upheld.policy.stated import digest_of_facts, same_facts, state
from upheld.promises.notice.check import check_words, wanted_words
from upheld.promises.notice.models import PolicyVersion
from upheld.promises.proof import Proof
from upheld.promises.transport.visits import Visitor

_RIGHTS_PAGE = "/privacy/rights/"
_SHOWN = "Opt-out signal honored"
_TERMS_LINK = re.compile(r'<link rel="terms-of-service" href="([^"]+)"')
_VERSION = re.compile(r"Version [0-9]+")


def prove_notice(policy: Policy) -> Proof:
    """P29: takes each sentence out of a copy of the policy, which must then be refused; and
    visits as a browser that sends the opt-out signal."""
    parts = [(clause, what) for clause, facts in wanted_words(policy).items() for what in facts]
    missed = [what for clause, what in parts if not _is_missed(policy, clause, what)]
    if missed or check_words(policy):
        text = f"A policy without {missed[0]} passed." if missed else "The policy lacks a sentence."
        return Proof("P29", "broken", "tested", len(parts), text)
    visited, problem = _visit_with_signal()
    population = len(parts) + visited
    if problem.startswith("Waits"):
        return Proof("P29", "unproven", "tested", population, problem)
    if problem:
        return Proof("P29", "broken", "tested", population, problem)
    text = (
        f"Each of {len(parts)} sentences was taken out of a copy, which was refused each time. "
        f"Of {visited} pages asked with the opt-out signal, none told us apart, and the signal is "
        "shown to whoever sends it."
    )
    return Proof("P29", "kept", "tested", population, text)


def prove_archive(policy: Policy, now: datetime) -> Proof:
    """P38: every version's facts have the digest that the log holds of it, its page is there, and
    the policy that runs is the one in force; a copy with one longer period is not taken for it."""
    rows = PolicyVersion.objects.posted()
    if not rows:
        return Proof("P38", "unproven", None, None, "No version has been published yet.")
    facts, logged = state(policy), _logged_digests()
    visitor = Visitor()
    for row in rows:
        digest = digest_of_facts(row.read_facts())
        if digest != row.digest or digest not in logged.get(row.version, ()):
            text = f"Version {row.version} is not what the log says was published."
            return Proof("P38", "broken", "tested", len(rows), text)
        page = visitor.get(reverse("upheld:version", args=[row.version]))
        if page.status != 200 or row.digest not in page.text:
            text = f"Version {row.version} cannot be read."
            return Proof("P38", "broken", "tested", len(rows), text)
    running = next((row for row in rows if row.version == policy.version), None)
    longer = {**facts, "private_financial_days": facts["private_financial_days"] + 1}
    found = is_looser(compare(facts, longer)) and not same_facts(facts, longer)
    if running is None or not same_facts(running.read_facts(), facts) or not found:
        text = "The policy that runs is not the version that was published."
        return Proof("P38", "broken", "tested", len(rows), text)
    early = running.in_force_from is None or running.in_force_from > now.astimezone(UTC).date()
    if early and len(rows) > 1:
        text = f"Version {running.version} runs before its second step is done."
        return Proof("P38", "broken", "tested", len(rows), text)
    return Proof("P38", "kept", "tested", len(rows) + 1, _archive_figure(rows))


def prove_terms() -> list[Proof]:
    """P36: the policy's page leads to terms that say which version they are. Nothing where this
    site has none."""
    visitor = Visitor()
    link = _TERMS_LINK.search(visitor.get(reverse("upheld:policy")).text)
    if link is None:
        return []
    page = visitor.get(link[1])
    if page.status != 200 or not _VERSION.search(page.text):
        text = "The terms cannot be read, or do not say which version they are."
        return [Proof("P36", "broken", "tested", 1, text)]
    text = "The policy's page leads to the terms, which say their version and since when it holds."
    return [Proof("P36", "kept", "tested", 1, text)]


def prove_vocabularies(policy: Policy) -> Proof:
    """P50: every kind of data stands in the linked data, every personal table in the manifest."""
    visitor = Visitor()
    linked = visitor.get(reverse("upheld:policy_jsonld"))
    manifest = visitor.get(reverse("upheld:fides_yml"))
    fields = set(_ids(json.loads(linked.text))) if linked.status == 200 else set()
    tables = [table.name for table in policy.inventory.tables.values() if table.fields]
    absent = [name for name in policy.fields if name not in fields]
    absent += [name for name in tables if f'name: "{name}"' not in manifest.text]
    population = len(policy.fields) + len(tables)
    if absent:
        text = f"{len(absent)} declarations are missing, {absent[0]} among them."
        return Proof("P50", "broken", "counted", population, text)
    text = (
        f"All {len(policy.fields)} kinds of data stand in the linked data (DPV), and all "
        f"{len(tables)} personal tables in the manifest (Fides)."
    )
    return Proof("P50", "kept", "counted", population, text)


def _is_missed(policy: Policy, clause: str, what: str) -> bool:
    words = wanted_words(policy)[clause][what]
    told = policy.clauses[clause]
    silent = replace(told, markdown=told.markdown.replace(words, ""))
    copy = replace(policy, clauses={**policy.clauses, clause: silent})
    return any(what in finding.problem for finding in check_words(copy))


def _visit_with_signal() -> tuple[int, str]:
    """How many pages were asked, and what is wrong; "" where nothing is."""
    visitor = Visitor()
    pages = ["/", reverse("upheld:policy"), reverse("upheld:changes")]
    try:
        pages.append(reverse("gpc"))
    except NoReverseMatch:
        return len(pages), "Waits for /.well-known/gpc.json on this site."
    for page in pages:
        plain, signaling = visitor.get(page), visitor.get(page, sec_gpc="1")
        if plain.body != signaling.body or signaling.set_cookies:
            return len(pages), f"{page} treats a browser with the opt-out signal differently."
    if not json.loads(visitor.get(pages[-1]).text).get("gpc"):
        return len(pages), "/.well-known/gpc.json does not say that the signal is honored."
    shown = visitor.get(_RIGHTS_PAGE, sec_gpc="1")
    if shown.status == 404:
        return len(pages), "Waits for the page of rights, which shows the signal."
    if _SHOWN not in shown.text or _SHOWN in visitor.get(_RIGHTS_PAGE).text:
        return len(pages), "The page of rights does not show the opt-out signal."
    return len(pages) + 1, ""


def _logged_digests() -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for entry in LedgerEntry.objects.filter(event=PolicyPublished.__name__):
        facts = entry.read_facts()
        found.setdefault(int(facts["version"]), set()).add(str(facts["digest"]))
    return found


def _archive_figure(rows: list[PolicyVersion]) -> str:
    loosened = [row for row in rows if row.is_looser]
    by_two = sum(row.approved_at is not None for row in loosened)
    steps = [
        *([f"{by_two} approved by a second person"] if by_two else []),
        *([f"{len(loosened) - by_two} by one person, after waiting"] if loosened[by_two:] else []),
    ]
    how = (
        f"{len(loosened)} of them looser: {', '.join(steps)}" if loosened else "none of them looser"
    )
    return (
        f"Versions in the archive: {len(rows)}, {how}. Each is what the log says was published, "
        "and can be read; a copy with a longer period was told from the one in force."
    )


def _ids(value: Any) -> Iterator[str]:
    for each in value.get("dpv:hasProcess", []):
        yield each["@id"].partition("#field-")[2]
