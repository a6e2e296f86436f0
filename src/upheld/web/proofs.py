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
from upheld.ledger import append, keep_outside
from upheld.ledger.events import PromiseBroken, PromiseProven
from upheld.policy import Policy, current
from upheld.promises.proof import Proof
from upheld.web.content import bump_version
from upheld.web.errors import quiet_about_canaries
from upheld.web.models import ProofOutcome
from upheld.web.promise_list import Promise, provable_promises
from upheld.web.prove_log import LOG_PROMISE, prove_log

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
    outcomes = [
        brought.get(promise.id) or _unproven(promise, failed)
        for promise in provable_promises()
        if promise.id != LOG_PROMISE
    ]
    keep_outcomes(outcomes, policy.version, now)
    of_the_log = _prove_log(policy, now)
    keep_outcomes(of_the_log, policy.version, now)
    if of_the_log[0].state == "kept":
        keep_outside()
    return sorted([*outcomes, *of_the_log], key=lambda proof: proof.promise_id)


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


def _prove_log(policy: Policy, now: datetime) -> list[Proof]:
    """Last of all, so that the log is proven with today's entries in it."""
    try:
        return [prove_log(policy, now)]
    except Exception as failure:  # as above
        _tell("ledger", failure)
        return [Proof("P47", "unproven", None, None, COULD_NOT_RUN)]


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
                    "entry_index": _append(proof, now),
                },
            )
        bump_version()


def _append(proof: Proof, now: datetime) -> int | None:
    if proof.state == "kept":
        return append(PromiseProven(proof.promise_id, proof.population or 0), now).index
    if proof.state == "broken":
        return append(PromiseBroken(proof.promise_id), now).index
    return None


def _sentence(figure: str) -> str:
    """As the page prints it: a capital in front, a full stop behind."""
    ended = figure if figure.endswith((".", "!", "?")) or not figure else f"{figure}."
    return f"{ended[:1].upper()}{ended[1:]}"
