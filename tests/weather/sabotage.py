"""Negative controls: the server with one guard taken out. Tests start it, and nobody else can:
it lives beside them and is no part of the wheel.

`python -m tests.weather.sabotage NAME --port N --workers N`"""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

NAME = "WEATHER_SABOTAGE"
HALF_DONE = "half-done"


def no_transactions() -> None:
    """Each statement of placing and confirming commits by itself, with time in between; a file
    says when an order is paid and nothing is handed over yet."""
    from django.conf import settings

    from upheld_store.checkout import confirm_payment, place_order

    @contextmanager
    def slow_and_open(*args: Any, **kwargs: Any) -> Iterator[None]:
        yield
        time.sleep(0.02)

    open_to_kills = SimpleNamespace(atomic=slow_and_open)
    for module in (place_order, confirm_payment):
        module.transaction = open_to_kills  # type: ignore[attr-defined]
    release = confirm_payment._release

    def slow_release(*args: Any) -> None:
        Path(settings.UPHELD_HOME, HALF_DONE).touch()
        time.sleep(0.5)
        release(*args)

    confirm_payment._release = slow_release


def every_submit_a_cart() -> None:
    """The unique constraint has nothing to hold on to: each submit looks like another cart."""
    from upheld_store.cart.cart import Cart

    Cart.digest = property(lambda cart: secrets.token_hex(32))  # type: ignore[assignment]


def no_keys_of_their_own() -> None:
    """Every license key is drawn from one tiny pool, without its unique constraint's help."""
    from upheld_store.checkout import confirm_payment

    confirm_payment.secrets = SimpleNamespace(  # type: ignore[attr-defined]
        token_bytes=lambda size: bytes(size - 1) + secrets.token_bytes(1)
    )


def no_syncs() -> None:
    """The database is told that it need not wait for the disk."""
    from django.db import connection

    from upheld.db.sqlite.pragmas import PRAGMAS

    PRAGMAS["synchronous"] = "OFF"
    connection.close()


def inherited_connection() -> None:
    """Nothing in the workers: their parent was forked with the database open."""


_ALL = (no_transactions, every_submit_a_cart, no_keys_of_their_own, no_syncs, inherited_connection)
SWITCHES = {switch.__name__: switch for switch in _ALL}


def main() -> None:
    name, _, port, _, workers = sys.argv[1:]
    os.environ |= {NAME: name, "UPHELD_KEEPER_INSIDE": "1"}
    if name == inherited_connection.__name__:
        django.setup()
        from django.db import connection

        connection.ensure_connection()
        connection.cursor().execute("SELECT count(*) FROM upheld_job").fetchone()
    Server(
        "tests.weather.sabotaged:application",
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(workers),
        blocking_threads=1,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    main()
