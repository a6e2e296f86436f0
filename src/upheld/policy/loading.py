"""The policy folder and the inventories → one checked, immutable policy; or every finding."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

from upheld.policy.contradictions import find_contradictions
from upheld.policy.errors import Finding, PolicyInvalid
from upheld.policy.inventory_file import parse_inventories
from upheld.policy.model import Inventory, Policy
from upheld.policy.policy_file import PolicyFile, parse_policy
from upheld.policy.reading import TomlFile, read_toml
from upheld.policy.references import (
    check_inventory_names,
    check_nothing_is_empty,
    check_policy_names,
)
from upheld.policy.rendering import Words, digest_of, fill_words, render_clauses

POLICY_FILE = "policy.toml"
CLAUSE_FOLDER = "clauses"


def load(policy_dir: Path, inventories: Iterable[Path], *, user_table: str = "AUTH_USER") -> Policy:
    """The policy of this folder over these inventories; `user_table` is the table of the site's
    user model, if it has one. Raises `PolicyInvalid` with the first
    error of syntax of each file, or else with every error of meaning."""
    findings: list[Finding] = []
    policy_file = _read(policy_dir / POLICY_FILE, findings)
    files = [file for path in inventories if (file := _read(path, findings)) is not None]
    if policy_file is None or findings:
        raise PolicyInvalid(findings)
    parsed = parse_policy(policy_file, findings)
    draft = parse_inventories(files, findings, user_table)
    parsed = fill_words(parsed, policy_file, findings)
    words = render_clauses(policy_dir / CLAUSE_FOLDER, parsed, findings)
    check_policy_names(parsed, words.clauses, policy_file, findings)
    check_inventory_names(parsed, draft, policy_file)
    check_nothing_is_empty(parsed, draft, policy_file, findings)
    if findings:
        raise PolicyInvalid(sorted(findings, key=lambda found: (found.file, found.line or 0)))
    policy = _assembled(parsed, draft.finished(), words)
    if clashes := find_contradictions(policy, policy_file):
        raise PolicyInvalid(clashes)
    return policy


def _read(path: Path, findings: list[Finding]) -> TomlFile | None:
    try:
        return read_toml(path)
    except PolicyInvalid as error:
        findings.extend(error.findings)
        return None


def _assembled(parsed: PolicyFile, inventory: Inventory, words: Words) -> Policy:
    return Policy(
        version=parsed.version,
        effective=parsed.effective,
        review=parsed.review,
        changes=parsed.changes,
        signals=parsed.signals,
        controller=parsed.controller,
        purposes=MappingProxyType(parsed.purposes),
        fields=MappingProxyType(parsed.fields),
        retention=parsed.retention,
        access=parsed.access,
        erasure=parsed.erasure,
        recipients=MappingProxyType(parsed.recipients),
        cookies=MappingProxyType(parsed.cookies),
        mails=MappingProxyType(parsed.mails),
        consent_method=parsed.consent_method,
        age_minimum_years=parsed.age_minimum_years,
        hsts_days=parsed.hsts_days,
        clauses=MappingProxyType(words.clauses),
        inventory=inventory,
        digest=digest_of(words.clauses.values(), words.titles),
        forms=parsed.forms,
        sections=MappingProxyType(words.titles),
        cooling_off_days=parsed.cooling_off_days,
    )
