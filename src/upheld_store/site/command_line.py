"""The `upheld` command. `--help` imports no Django, so it answers at once."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

VERBS = {
    "init": "make a new store's folder, its keys and its recovery file",
    "demo": "seed the demo store and serve it, practice gateway and mailbox included",
    "serve": "serve the store; the keeper runs inside",
    "check": "everything that start-up checks, with file, line, clause and remedy",
    "keep": "do everything that is due, once or for ever",
    "explain": "why a column is held, who may read it, until when, and to whom it goes",
    "export": "everything that is held under an address, as JSON",
    "erase": "have everything under an address erased, after the window or at once",
    "hold": "keep an order's data beyond its period, for a reason and until a day",
    "unhold": "lift the holds on an order's data",
    "firewall": "print the hosts that the policy names as rules for nftables",
    "reconcile": "settle open payments by asking the gateway",
    "prove": "run every proof against the real state and publish the outcome",
    "publish": "freeze and post the policy's new version; what loosens it waits or is approved",
    "create-owner": "make an account an owner of the store, and let it into the staff pages",
    "seed": "fill the catalog with the demo stock, or with invented rows",
    "backup": "write a sealed archive of the whole store, restored and checked once",
    "restore": "put a backup back, erase again what was erased since, then serve",
    "upgrade": "make an empty HOME ready, or migrate an existing one, then check",
    "move": "copy the whole store to another, empty database, and check the copy",
    "shell": "a Python shell that holds one declared purpose and records why",
    "status": "what runs here, in one screen",
    "verify-log": "recompute the log, and hold it against checkpoints kept elsewhere",
}


def build_parser() -> argparse.ArgumentParser:
    """Every verb with its arguments."""
    parser = argparse.ArgumentParser(
        prog="upheld", description="A store whose privacy policy is executed."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    of = {name: verbs.add_parser(name, help=text, description=text) for name, text in VERBS.items()}
    # The demo takes the two ports above its own too.
    of["demo"].add_argument("--port", type=_whole(1, 65533), default=8000, metavar="N")
    of["serve"].add_argument("--port", type=_whole(1, 65535), default=8000, metavar="N")
    of["serve"].add_argument("--workers", type=_whole(1, 64), default=1, metavar="N")
    of["serve"].add_argument("--no-keeper", action="store_true")
    of["keep"].add_argument("--loop", action="store_true", help="for ever")
    of["keep"].add_argument("--preview", action="store_true", help="only say what is due")
    of["explain"].add_argument("column", metavar="TABLE.COLUMN")
    of["export"].add_argument("email", metavar="EMAIL")
    of["export"].add_argument("-o", dest="output", metavar="FILE", help="instead of the screen")
    of["erase"].add_argument("email", metavar="EMAIL")
    of["erase"].add_argument("--now", action="store_true", help="without a window to undo it")
    of["hold"].add_argument("order", metavar="ORDER")
    of["hold"].add_argument("--reason", required=True, metavar="TEXT")
    of["hold"].add_argument("--until", required=True, type=_day, metavar="DATE")
    of["unhold"].add_argument("order", metavar="ORDER")
    second = of["publish"].add_mutually_exclusive_group()
    second.add_argument("--approve", metavar="WHO", help="e-mail address of the second person")
    second.add_argument("--revoke", action="store_true", help="take back what is not in force yet")
    of["create-owner"].add_argument("email", metavar="EMAIL")
    for name in (
        "check",
        "prove",
        "keep",
        "status",
        "reconcile",
        "publish",
        "explain",
        "verify-log",
    ):
        of[name].add_argument("--json", action="store_true", help="for a machine")
    of["init"].add_argument("folder", type=Path, metavar="DIR")
    of["backup"].add_argument("folder", type=Path, metavar="DIR")
    of["restore"].add_argument("folder", type=Path, metavar="DIR", help="or one archive in it")
    of["restore"].add_argument(
        "--recovery", type=Path, metavar="FILE", help="the recovery file, on an empty machine"
    )
    of["restore"].add_argument(
        "--accept-missing-erasures",
        action="store_true",
        help="although nobody knows who was erased since; the page shows it as broken",
    )
    for kind in ("products", "customers", "orders"):
        of["seed"].add_argument(f"--{kind}", type=_whole(0, 10**6), metavar="N", default=None)
    of["move"].add_argument("url", metavar="DATABASE_URL", help="sqlite:///… or postgres://…")
    of["verify-log"].add_argument(
        "--against",
        action="append",
        default=[],
        metavar="CHECKPOINT",
        help="a file with a checkpoint or a proof, or a saved order mail",
    )
    of["shell"].add_argument("--for", dest="purpose", required=True, metavar="PURPOSE")
    of["shell"].add_argument("--reason", required=True, metavar="TEXT")
    return parser


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        # Not `int` alone, which takes 1_0 and the digits of every script.
        if not (text.isascii() and text.isdigit() and least <= int(text[:18]) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {least} to {most}")
        return int(text)

    return read


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2027-01-31") from None


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 broken or refused, 2 misuse."""
    arguments = build_parser().parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upheld_store.site.settings")
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        return 1


def _run(arguments: argparse.Namespace) -> int:
    """Imports follow the verb: `demo` decides its environment before settings are read, and
    models exist only after `django.setup()`."""
    refusals = importlib.import_module("upheld.policy.errors")
    owner_files = importlib.import_module("upheld_store.site.owner_files")
    database = importlib.import_module("django.db")
    keys = importlib.import_module("upheld.vault.keys")
    try:
        if arguments.verb == "demo":
            return int(importlib.import_module("upheld_store.site.demo").run(arguments.port))
        if arguments.verb == "init":
            return int(importlib.import_module("upheld_store.site.init").run(arguments.folder))
        if arguments.verb == "restore":
            importlib.import_module("upheld_store.site.before_restore").make_ready(arguments)
        importlib.import_module("django").setup()
        return int(importlib.import_module("upheld_store.site.verbs").run(arguments))
    except (
        owner_files.EnvironmentInvalid,
        refusals.PolicyInvalid,
        refusals.PolicyViolation,
        refusals.ActRefused,
        keys.KeyMissing,
    ) as refusal:
        print(refusal, file=sys.stderr)
    except database.OperationalError as failure:
        print(
            f"The database cannot be used: {failure}. What this command had not done by then is "
            "left undone. Look at the disk's space and at who may write in UPHELD_HOME, then run "
            "it again.",
            file=sys.stderr,
        )
    except OSError as failure:  # a folder that cannot be made, a disk that is full
        if failure.filename is None:
            raise
        print(
            f"{failure.filename}: {failure.strerror}. Is it the folder you mean (UPHELD_HOME, "
            "UPHELD_KEYS), may you write there, and is there room?",
            file=sys.stderr,
        )
    return 1
