"""`manage.py upheld VERB`: the engine's verbs, for a site that installs the engine alone."""

from __future__ import annotations

import argparse
import code
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from upheld import keeping, ledger
from upheld.apps import choose_policy
from upheld.db import entry_point
from upheld.db.schema_change import schema_change
from upheld.management import rights
from upheld.policy import PolicyViolation
from upheld.policy.errors import ActRefused
from upheld.promises.notice.taking_up import first_publication
from upheld.promises.purpose.open_shell import open_shell
from upheld.start import check_all, start_line
from upheld.web.proofs import prove_all

VERBS = ("check", "erase", "export", "keep", "prove", "shell", "upgrade")


class Command(BaseCommand):
    """check, erase, export, keep, prove, shell, upgrade."""

    help = (
        "Check, keep and prove the policy's promises; export or erase what is held of somebody; "
        "open a shell for one purpose; bring the database to this version's schema."
    )
    # `check` is one of the verbs, and says more.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """A verb and what it takes."""
        parser.add_argument("verb", choices=VERBS)
        parser.add_argument("email", nargs="?", metavar="EMAIL", help="export, erase: whose data")
        parser.add_argument("-o", dest="output", metavar="FILE", help="export: not to the screen")
        parser.add_argument("--now", action="store_true", help="erase: no window to undo it")
        parser.add_argument("--loop", action="store_true", help="keep: for ever")
        parser.add_argument("--for", dest="purpose", metavar="PURPOSE", help="shell")
        parser.add_argument("--reason", metavar="TEXT", help="shell: why; it is recorded")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises `CommandError` where something is broken or refused."""
        arguments = argparse.Namespace(**options)
        with entry_point("command", arguments.verb):
            try:
                getattr(self, f"_{arguments.verb}")(arguments)
            except (ActRefused, PolicyViolation) as refusal:
                raise CommandError(str(refusal)) from refusal

    def _check(self, arguments: argparse.Namespace) -> None:
        findings = check_all()
        if findings:
            raise CommandError("\n".join(str(finding) for finding in findings))
        self.stdout.write(start_line())

    def _export(self, arguments: argparse.Namespace) -> None:
        self._of_somebody(arguments)
        rights.export(arguments)

    def _erase(self, arguments: argparse.Namespace) -> None:
        self._of_somebody(arguments)
        rights.erase(arguments)

    @staticmethod
    def _of_somebody(arguments: argparse.Namespace) -> None:
        if not arguments.email:
            raise CommandError("Say whose data: EMAIL.")

    def _upgrade(self, arguments: argparse.Namespace) -> None:
        """Django's own `migrate` may not make tables: only this verb changes the schema. A site
        that never published anything publishes its first version."""
        Path(settings.UPHELD_HOME).mkdir(parents=True, exist_ok=True)
        with schema_change():
            call_command("migrate", interactive=False, verbosity=0)
        with transaction.atomic():
            ledger.settle_name(ledger.kept_outside(), datetime.now(UTC))
        first_publication(datetime.now(UTC))
        choose_policy(datetime.now(UTC).date())
        self._check(arguments)

    def _keep(self, arguments: argparse.Namespace) -> None:
        keeping.before_first_answer(datetime.now(UTC))
        if arguments.loop:
            keeping.keep_loop(threading.Event())
        else:
            self.stdout.write(f"kept: {keeping.keep(datetime.now(UTC))}")

    def _prove(self, arguments: argparse.Namespace) -> None:
        proofs = prove_all(datetime.now(UTC))
        for proof in proofs:
            self.stdout.write(f"{proof.promise_id}  {proof.state:9}  {proof.figure}")
        if any(proof.state == "broken" for proof in proofs):
            raise CommandError("A promise is broken.")

    def _shell(self, arguments: argparse.Namespace) -> None:
        if not arguments.purpose or not arguments.reason:
            raise CommandError("Say --for PURPOSE and --reason TEXT.")
        with open_shell(arguments.purpose, arguments.reason, datetime.now(UTC)):
            code.interact(banner=f"purpose in force: {arguments.purpose}", local={})
