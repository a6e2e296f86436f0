"""The store without its gates, to see what they cost. It exists here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from bench.figures import Act
from upheld.db import entry_point
from upheld.db.sqlite.connection import GuardedConnection
from upheld.promises.disclosure import Disclosure

_GATES = (
    "upheld.promises.purpose.middleware.PurposeMiddleware",
    "upheld.promises.transport.middleware.TransportMiddleware",
    "upheld.promises.cookies.middleware.CookieGate",
    "upheld.promises.cookies.middleware.SameOriginWrites",
)


def application_without_gates() -> Callable[..., Any]:
    """Django with the same views, and none of the promises' middleware."""
    left = [name for name in settings.MIDDLEWARE if name not in _GATES]
    with patch.object(settings, "MIDDLEWARE", left):
        return get_wsgi_application()


class TwoConnections:
    """The same database twice: behind the purpose monitor, and as it would be without it."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self._guarded = connection.connection
        parameters = connection.get_connection_params()
        with patch.object(GuardedConnection, "guard", lambda self: None):
            self._open = connection.get_new_connection(parameters)

    @contextmanager
    def without_monitor(self) -> Iterator[None]:
        """Everything this thread asks goes past the monitor."""
        connection.connection = self._open
        try:
            yield
        finally:
            connection.connection = self._guarded

    def close(self) -> None:
        """The open one; Django keeps the other."""
        self._open.close()


def ungated(act: Act, both: TwoConnections, shared: Disclosure | None, route: str = "") -> Act:
    """`act` without monitor and gates. Without its middleware a request has no entry point, and
    the acts ask for one all the same: `route` is it."""

    def run() -> None:
        with both.without_monitor(), no_gates(shared), entry_point("route", route):
            act()

    return run


@contextmanager
def no_gates(disclosure: Disclosure | None) -> Iterator[None]:
    """No disclosure is checked or stored (every payment points to this one), and no purpose is
    looked up when an act switches to it."""
    with ExitStack() as stack:
        where = "upheld_store.checkout.intend_payment.disclose"
        stack.enter_context(patch(where, lambda *args, **facts: disclosure))
        stack.enter_context(patch("upheld.db.purpose._may_hold", lambda value, name: True))
        yield
