"""What every start checks: could this code, on this database, break the policy?"""

from __future__ import annotations

import importlib
import pkgutil

from upheld import promises
from upheld.policy import Finding, current


def check_all() -> list[Finding]:
    """Every promise's own check, in the order of their names. An empty list may start."""
    policy = current()
    findings: list[Finding] = []
    for name in promise_names():
        if importlib.util.find_spec(f"upheld.promises.{name}.check"):
            findings += importlib.import_module(f"upheld.promises.{name}.check").check(policy)
    return findings


def promise_names() -> list[str]:
    """The folders of `upheld/promises`."""
    return sorted(module.name for module in pkgutil.iter_modules(promises.__path__)
                  if module.ispkg)


def start_line() -> str:
    """The one line a start prints."""
    policy = current()
    stored = sum(field.stored for field in policy.fields.values())
    return (
        f"Upheld: policy {policy.effective}, version {policy.version}: {stored} fields, "
        f"{len(policy.purposes)} purposes, {len(policy.recipients)} recipients, "
        f"{len(policy.cookies)} cookies, {len(policy.inventory.tables)} tables, "
        f"{len(policy.clauses)} clauses checked."
    )
