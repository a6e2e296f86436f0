"""Every address of the store says who may ask for it; then everyone is let ask."""

from __future__ import annotations

from tests.upheld_store.site.authorization import ROWS, all_routes

WHERE = "tests/upheld_store/site/authorization.py"


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    addresses = {route for route, _ in all_routes()}
    assert not addresses - set(ROWS), f"Say in {WHERE} who may ask for {addresses - set(ROWS)}."
    assert not set(ROWS) - addresses, f"Take out of {WHERE}: {set(ROWS) - addresses}."


def test_what_an_address_is_about_is_named() -> None:
    """A row whose address has an argument names the thing that stands there."""
    unnamed = [
        route for route, arguments in all_routes() if bool(arguments) != bool(ROWS[route].thing)
    ]
    assert unnamed == []
