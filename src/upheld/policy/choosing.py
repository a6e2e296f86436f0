"""Which policy runs: the file on disk, once it is the version that was published and is in force.

A file that is edited without a new number, or waits for its second step, does not run: the
published version in force does, from its frozen folder, and a start is refused where the file is
nothing that was ever published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from upheld.policy.archive import NEVER, Published, history, past_of, standing
from upheld.policy.change import PolicyChange
from upheld.policy.changes import compare
from upheld.policy.errors import Finding, PolicyInvalid
from upheld.policy.facts import plain
from upheld.policy.loading import POLICY_FILE
from upheld.policy.model import PastVersion, Policy
from upheld.policy.reading import read_toml
from upheld.policy.stated import same_facts, state

Load = Callable[[Path], Policy]


@dataclass(frozen=True, slots=True)
class Chosen:
    """`policy` runs; `disk` is what the file says; `findings` refuse a start. `unposted` are
    differences to the published version of the same number which loosen nothing: they refuse a
    start once that number was shown to anybody."""

    policy: Policy
    disk: Policy
    archive: tuple[Published, ...]
    findings: tuple[Finding, ...] = ()
    unposted: tuple[Finding, ...] = ()


def choose(folder: Path, load: Load, archive: tuple[Published, ...], today: date) -> Chosen:
    """What of the policy folder runs on `today`. Raises `PolicyInvalid` where the file on disk
    cannot be read at all."""
    disk = load(folder)
    now = standing(archive, today)
    if now is None:
        return Chosen(disk, disk, archive)
    facts = state(disk)
    known = next((each for each in archive if same_facts(each.facts, facts)), None)
    if known is not None and known.version == now.version:
        return Chosen(_held(disk, archive, today), disk, archive)
    if known is not None and known.record.revoked_on is None and known.version > now.version:
        return _frozen(disk, now, archive, today, load)
    changes = compare(now.facts, facts)
    findings = tuple(_findings(folder, disk, archive, changes, known))
    if not any(change.looser or change.refused for change in changes) and (
        disk.version == now.version
    ):
        # Stricter or other words: it may run, held to what was published as well.
        past = (*_held(disk, archive, today).history, _for_ever(now))
        return Chosen(replace(disk, history=past), disk, archive, (), findings)
    return replace(_frozen(disk, now, archive, today, load), findings=findings)


def _frozen(
    disk: Policy, now: Published, archive: tuple[Published, ...], today: date, load: Load
) -> Chosen:
    """The published version in force, from its folder. Code that has outgrown it can only run by
    the file on disk, held to both; then the start is refused."""
    try:
        policy = load(now.folder)
    except PolicyInvalid as error:
        past = (*_held(disk, archive, today).history, _for_ever(now))
        finding = Finding(
            str(now.folder),
            None,
            "P38",
            f"version {now.version} is in force, and this program needs version {disk.version}, "
            f"which is not in force yet ({error.findings[0].problem})",
            "Run the earlier program until then, or take the second step: `upheld publish`.",
        )
        return Chosen(replace(disk, history=past), disk, archive, (finding,))
    return Chosen(_held(policy, archive, today), disk, archive)


def _held(policy: Policy, archive: tuple[Published, ...], today: date) -> Policy:
    return replace(policy, history=history(archive, policy.version, today))


def _for_ever(now: Published) -> PastVersion:
    return past_of(now, NEVER)


def _findings(
    folder: Path,
    disk: Policy,
    archive: tuple[Published, ...],
    changes: tuple[PolicyChange, ...],
    known: Published | None,
) -> list[Finding]:
    file = read_toml(folder / POLICY_FILE)
    newest = archive[-1].version
    at_version = ("policy", "version")
    if known is not None:
        problem = f"version {disk.version} was revoked, or gave way to a later one"
        return [file.finding(at_version, problem, _raise_to(newest + 1), "P38")]
    refused = [
        file.finding(c.path, plain(c.words), c.refused, c.clause) for c in changes if c.refused
    ]
    if disk.version > newest:
        problem = f"version {disk.version} is not published yet"
        remedy = "Run `upheld publish`: it freezes and posts it, and says whether it must wait."
        return [file.finding(at_version, problem, remedy, "P38"), *refused]
    remedy = _raise_to(newest + 1)
    looser = [
        file.finding(
            c.path,
            f"looser than the published version {archive[-1].version}: {plain(c.words)}",
            remedy,
            c.clause,
        )
        for c in changes
        if c.looser
    ]
    if looser or refused:
        return [*looser, *refused]
    what = "; ".join(plain(c.words) for c in changes) or "words without a fact"
    problem = f"edited since version {disk.version} was published: {what}"
    return [file.finding(at_version, problem, remedy, "P38")]


def _raise_to(version: int) -> str:
    return (
        f"Write version = {version} and the day it takes effect under [policy], then run "
        "`upheld publish`; or undo the edit."
    )
