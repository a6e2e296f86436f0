"""What each verb of `upheld` does. Imported after `django.setup()`."""

from __future__ import annotations

import argparse
import code
import contextlib
import getpass
import json
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from rich.progress import Progress

from upheld import keeping
from upheld.apps import choose_policy
from upheld.db import entry_point
from upheld.jobs.models import Job
from upheld.management.rights import erase, export
from upheld.policy import current
from upheld.policy.errors import ActRefused
from upheld.promises.disclosure.pinned import addresses_of
from upheld.promises.mail.models import OutboxMail, OutboxState
from upheld.promises.notice.taking_up import first_publication
from upheld.promises.purpose.open_shell import open_shell
from upheld.promises.retention import keep as retention
from upheld.promises.retention.closing import is_closed
from upheld.start import start_line
from upheld.web.proofs import prove_all
from upheld_store.catalog.models import Product
from upheld_store.catalog.seed import seed, seed_many
from upheld_store.checkout.reconcile import reconcile_open_payments
from upheld_store.orders.hold_order import hold_order, unhold_order
from upheld_store.pages.models import TermsVersion
from upheld_store.pages.publish_terms import publish_terms
from upheld_store.payments.overdue import count_overdue
from upheld_store.site.backup_verbs import backup, restore, upgrade_store
from upheld_store.site.checks import findings_at_start
from upheld_store.site.environment import read_environment
from upheld_store.site.firewall import rules
from upheld_store.site.move import move_store
from upheld_store.site.publish import explain_column, publish
from upheld_store.site.serve import serve
from upheld_store.site.verify_log import verify_log
from upheld_store.staff.hire import hire, set_first_password, welcome_url
from upheld_store.staff.roles import Role


def check(arguments: argparse.Namespace) -> int:
    """Exit 0 and one line of counts, or every finding and exit 1."""
    findings = findings_at_start()
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        print("\n".join(str(finding) for finding in findings) or start_line())
    return 1 if findings else 0


def serve_store(arguments: argparse.Namespace) -> int:
    """Refuses to start on any finding, otherwise serves until it is stopped."""
    if is_closed():
        print("A backup is being put back, or that was ended half-way: 503 until it is done.")
    elif findings := findings_at_start():
        print("\n".join(str(finding) for finding in findings), file=sys.stderr)
        return 1
    else:
        print(start_line(), flush=True)
    serve(read_environment(), arguments.port, arguments.workers, keeper=not arguments.no_keeper)
    return 0


def keep(arguments: argparse.Namespace) -> int:
    """Everything that is due, once; with --loop for ever; with --preview only named."""
    if arguments.preview:
        due = retention.preview(datetime.now(UTC))
        print(json.dumps(due) if arguments.json else f"due: {_spoken(due) or 'nothing'}")
        return 0
    keeping.before_first_answer(datetime.now(UTC))
    if not arguments.loop:
        done = keeping.keep(datetime.now(UTC))
        print(json.dumps(done, default=str) if arguments.json else f"kept: {_spoken(done)}")
        return 0
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    keeping.keep_loop(stop)
    return 0


def _spoken(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in counts.items())


def hold(arguments: argparse.Namespace) -> int:
    """Nothing of this order's buyer is removed before the day given."""
    held = hold_order(arguments.order, arguments.reason, arguments.until, datetime.now(UTC))
    print(f"held until {held.until}")
    return 0


def unhold(arguments: argparse.Namespace) -> int:
    """Lift the holds on this order's buyer."""
    print(f"lifted: {unhold_order(arguments.order)}")
    return 0


def create_owner(arguments: argparse.Namespace) -> int:
    """An owner's account; its password is typed here, or set through the link printed."""
    hired = hire(arguments.email, Role.OWNER, datetime.now(UTC))
    print(f"{hired.member} is an owner.")
    if not hired.welcome_path:
        print("The account has a password already.")
        return 0
    typed = ""
    if sys.stdin.isatty():
        typed = getpass.getpass("Password (leave it empty for a link): ")
    if not typed:
        print(f"Set the password here, once:\n{welcome_url(hired.welcome_path)}")
        return 0
    try:
        set_first_password(hired.member.customer, typed)
    except ValidationError as error:
        print(" ".join(error.messages), file=sys.stderr)
        return 1
    return 0


def reconcile(arguments: argparse.Namespace) -> int:
    """Ask the gateway about every open payment."""
    settled = reconcile_open_payments(datetime.now(UTC))
    print(json.dumps({"settled": settled}) if arguments.json else f"settled: {settled}")
    return 0


def prove(arguments: argparse.Namespace) -> int:
    """Run every proof; exit 1 where a promise is broken."""
    proofs = prove_all(datetime.now(UTC))
    if arguments.json:
        rows = [
            {
                "id": p.promise_id,
                "state": p.state,
                "proof": p.kind,
                "population": p.population,
                "figure": p.figure,
            }
            for p in proofs
        ]
        print(json.dumps(rows, indent=1))
    else:
        for p in proofs:
            print(f"{p.promise_id}  {p.state:9}  {p.kind or '-':7}  {p.figure}")
    return 1 if any(p.state == "broken" for p in proofs) else 0


def firewall(arguments: argparse.Namespace) -> int:
    """The hosts of the policy in force, with the addresses that they have now."""
    print(rules(read_environment(), current(), addresses_of), end="")
    return 0


def upgrade(arguments: argparse.Namespace) -> int:
    """Bring keys and database to this version, then check; what is new in the code and not in
    the policy is named with the lines to add. An empty store publishes its first version."""
    upgrade_store()
    with entry_point("command", "check"):  # the schema is as it should be; what follows reads it
        first_publication(datetime.now(UTC))
        if not TermsVersion.objects.exists():
            with contextlib.suppress(ActRefused):  # `check` says what is wrong with them
                publish_terms(settings.UPHELD_STORE, datetime.now(UTC))
        choose_policy(datetime.now(UTC).date())
        return check(argparse.Namespace(json=False))


def move(arguments: argparse.Namespace) -> int:
    """Copy the store to another database, which then is named in UPHELD_DATABASE_URL."""
    with Progress(disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("moving", total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        moved = move_store(arguments.url, read_environment().database_owner_url, report)
    print(
        f"moved: {moved.rows} rows of {moved.tables} tables, each compared; "
        f"{moved.ledger_entries} ledger entries verified. "
        "Now name the new database in UPHELD_DATABASE_URL."
    )
    return 0


def seed_store(arguments: argparse.Namespace) -> int:
    """The demo stock, or invented rows in the numbers asked for."""
    counts = {kind: getattr(arguments, kind) for kind in ("products", "customers", "orders")}
    with Progress(disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("seeding", total=None)

        def report(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        now = datetime.now(UTC)
        if any(counts.values()):
            seed_many(now=now, progress=report, **{k: v or 0 for k, v in counts.items()})
        else:
            seed(Path(settings.UPHELD_STORE) / "stock", now, report)
    print(f"The catalog holds {Product.objects.count()} products.", flush=True)
    return 0


def shell(arguments: argparse.Namespace) -> int:
    """A Python shell under one declared purpose; purpose and reason are recorded first."""
    with open_shell(arguments.purpose, arguments.reason, datetime.now(UTC)):
        code.interact(banner=f"purpose in force: {arguments.purpose}", local={})
    return 0


def status(arguments: argparse.Namespace) -> int:
    """What runs here."""
    environment, findings = read_environment(), findings_at_start()
    facts: dict[str, object] = {
        "store": environment.facts.name,
        "origin": environment.origin,
        "home": str(environment.home),
        "keys": str(environment.keys),
        "database": environment.database_url.partition(":")[0],
        "gateways": list(environment.gateways),
        "policy": start_line(),
        "findings": len(findings),
    }
    if not findings:  # otherwise the database may not even have these tables
        letters = OutboxMail.objects
        facts["jobs given up"] = Job.objects.given_up().count()
        facts["letters waiting"] = letters.exclude(state=OutboxState.REFUSED).count()
        facts["letters refused"] = letters.filter(state=OutboxState.REFUSED).count()
        # Money whose fate the gateway has not told for an hour: somebody should look.
        facts["overdue"] = _overdue(datetime.now(UTC))
    if arguments.json:
        print(json.dumps(facts))
    else:
        facts["gateways"] = ", ".join(environment.gateways)
        print("\n".join(f"{name:16} {value}" for name, value in facts.items()))
    return 0


def _overdue(now: datetime) -> str:
    try:
        return str(count_overdue(now))
    except DatabaseError:  # this verb answers where nothing else does
        return "unknown, because the database does not answer"


VERBS = {
    "backup": backup,
    "restore": restore,
    "verify-log": verify_log,
    "check": check,
    "create-owner": create_owner,
    "firewall": firewall,
    "explain": explain_column,
    "erase": erase,
    "export": export,
    "hold": hold,
    "keep": keep,
    "move": move,
    "prove": prove,
    "publish": publish,
    "reconcile": reconcile,
    "seed": seed_store,
    "serve": serve_store,
    "shell": shell,
    "status": status,
    "unhold": unhold,
    "upgrade": upgrade,
}


def run(arguments: argparse.Namespace) -> int:
    """Carry out one verb as the entry point of that name."""
    with entry_point("command", arguments.verb):
        return VERBS[arguments.verb](arguments)
