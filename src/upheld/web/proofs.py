"""`prove`: every promise is tried on the real state, and the outcome is published as it is."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import pkgutil
import traceback
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from upheld import promises
from upheld.ledger import append, verify
from upheld.ledger.events import PromiseBroken, PromiseProven
from upheld.policy import Policy, current
from upheld.promises.proof import Proof
from upheld.web.content import bump_version
from upheld.web.errors import quiet_about_canaries
from upheld.web.models import ProofOutcome
from upheld.web.promise_list import Promise, provable_promises

_log = logging.getLogger("upheld.proofs")
FIGURE_LENGTH_MAX = 300
COULD_NOT_RUN = "The proof could not run; the operator has been told."
NO_PROOF = "No proof of this has been brought yet."


def prove_all(now: datetime) -> list[Proof]:
    """Runs every folder's proofs, keeps and logs their outcomes, and returns one for each
    promise that is more than a statement, in the order of their numbers."""
    policy = current()
    brought: dict[str, Proof] = {}
    failed: set[str] = set()
    for folder in folders_with_proofs():
        with quiet_about_canaries():
            proofs = _prove_folder(folder, policy, now)
        if proofs is None:
            failed.add(folder)
        for proof in proofs or ():
            brought[proof.promise_id] = proof
    brought |= {proof.promise_id: proof for proof in _prove_log()}
    outcomes = [
        brought.get(promise.id) or _unproven(promise, failed) for promise in provable_promises()
    ]
    keep_outcomes(outcomes, policy.version, now)
    return outcomes


def prove_daily(now: datetime) -> None:
    """The daily run."""
    prove_all(now)


def folders_with_proofs() -> list[str]:
    """The folders of `upheld/promises` that have a `prove.py`."""
    names = sorted(
        module.name for module in pkgutil.iter_modules(promises.__path__) if module.ispkg
    )
    return [n for n in names if importlib.util.find_spec(f"{promises.__name__}.{n}.prove")]


def _prove_folder(folder: str, policy: Policy, now: datetime) -> list[Proof] | None:
    """None where the proof itself fails: then its promises are neither kept nor broken."""
    try:
        module = importlib.import_module(f"{promises.__name__}.{folder}.prove")
        proofs: list[Proof] = module.prove(policy, now)
    except Exception as failure:  # one proof that fails must not hide the others
        _tell(folder, failure)
        return None
    return proofs


def _prove_log() -> list[Proof]:
    try:
        found = verify()
    except Exception as failure:  # as above
        _tell("ledger", failure)
        return [Proof("P47", "unproven", None, None, COULD_NOT_RUN)]
    if not found.ok:
        return [Proof("P47", "broken", "tested", found.size, f"The log: {found.problem}")]
    figure = (
        f"All {found.size} entries fit their signed tree. Not proven yet: this waits for "
        "checkpoints in other people's hands and proofs that verify offline."
    )
    return [Proof("P47", "unproven", "tested", found.size, figure)]


def _tell(where: str, failure: Exception) -> None:
    """Where it failed, never with what: a message may hold a value."""
    frames = traceback.extract_tb(failure.__traceback__)[-6:]
    names = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
    _log.error("the proof of %s could not run: %s in %s", where, type(failure).__name__, names)


def _unproven(promise: Promise, failed: set[str]) -> Proof:
    if promise.by in failed:
        figure = COULD_NOT_RUN
    elif promise.waits:
        figure = f"Waits for {promise.waits}."
    else:
        figure = NO_PROOF
    return Proof(promise.id, "unproven", None, None, figure)


def keep_outcomes(proofs: Iterable[Proof], policy_version: int, now: datetime) -> None:
    """Stores the newest outcome of each promise and writes kept and broken ones to the log, in
    one transaction; the public pages show them from then on."""
    with transaction.atomic():
        for proof in proofs:
            ProofOutcome.objects.update_or_create(
                promise_id=proof.promise_id,
                defaults={
                    "state": proof.state,
                    "kind": proof.kind or "",
                    "population": proof.population,
                    "figure": _sentence(proof.figure)[:FIGURE_LENGTH_MAX],
                    "proven_at": now,
                    "policy_version": policy_version,
                },
            )
            if proof.state == "kept":
                append(PromiseProven(proof.promise_id, proof.population or 0), now)
            elif proof.state == "broken":
                append(PromiseBroken(proof.promise_id), now)
        bump_version()


def _sentence(figure: str) -> str:
    """As the page prints it: a capital in front, a full stop behind."""
    ended = figure if figure.endswith((".", "!", "?")) or not figure else f"{figure}."
    return f"{ended[:1].upper()}{ended[1:]}"
