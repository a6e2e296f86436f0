"""Could this code leave something of an erased person behind? Asked before every start."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from upheld.policy import Finding, Policy
from upheld.policy.model import Table
from upheld.promises.retention.due_rows import PURPOSE
from upheld.promises.retention.walk import NoSuchPath, walk

_CLAUSE = "P41"
_JOB = "erasures"


def check(policy: Policy) -> list[Finding]:
    """The ways that an erasure goes, whom it may ask, and under which purposes it runs."""
    findings = [found for table in _walked(policy) for found in _check_ways(table, policy)]
    for recipient, run in sorted(policy.inventory.redactions.items()):
        if not is_callable(run):
            problem = f"there is no {run} to ask {recipient} to erase its part"
            remedy = f"Name an existing module:function under [redactions.{recipient}]."
            findings.append(Finding("inventory.toml", None, _CLAUSE, problem, remedy))
    held = policy.inventory.purposes_of("job", _JOB)
    for purpose in sorted({PURPOSE, policy.access.purpose} - held):
        problem = f"the job {_JOB} may not hold {purpose}, so no erasure could run"
        remedy = f'Add "{_JOB}" to [purposes.{purpose}] jobs.'
        findings.append(Finding("inventory.toml", None, _CLAUSE, problem, remedy))
    return findings


def is_callable(run: str) -> bool:
    """Whether `module:function` is there."""
    module, _, function = run.partition(":")
    try:
        return callable(getattr(importlib.import_module(module), function, None))
    except ImportError:
        return False


def _walked(policy: Policy) -> list[Table]:
    tables = policy.inventory.tables.values()
    return [table for table in tables if table.subject or table.person or table.stays]


def _check_ways(table: Table, policy: Policy) -> Iterator[Finding]:
    """What an erasure reads on its way is a key, or in a table that is not personal."""
    ways = [path for path in (table.subject, table.person) if path]
    ways += [path for rule in table.stays for path in (rule.since, rule.when) if path]
    for path in ways:
        try:
            way = walk(table.name, path, "e")
        except NoSuchPath as error:
            yield _finding(table, str(error), "Mend the name, or add the migration that makes it.")
            continue
        for name, hop in zip(way.through, path.split(">"), strict=True):
            passed, column = policy.inventory.tables.get(name), hop.rpartition(".")[2]
            if passed is None or (passed.is_personal and column not in passed.keys):
                yield _finding(
                    table,
                    f"{path} reads {name}.{column}, which an erasure may not read",
                    f'Add "{column}" to the keys of {name}, or lead another way.',
                )


def _finding(table: Table, problem: str, remedy: str) -> Finding:
    return Finding(table.file, None, _CLAUSE, f"{table.name}: {problem}.", remedy)
