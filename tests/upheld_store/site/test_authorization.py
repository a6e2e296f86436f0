"""Every address, asked by everyone, about their own things, another's, and things that never were.

What another's thing answers is what one that never was answers, to the byte. An address without a
row in `authorization.py` fails in `tests/house/test_addresses.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import transaction

from tests.house.generated import routes
from tests.upheld_store.site.authorization import (
    ACTORS,
    ANYONE,
    LINK,
    MINE,
    ROWS,
    SIGNED_IN,
    STAFF,
    STAFF_ACTORS,
    Row,
    World,
    all_routes,
    path_to,
    people,
)
from upheld_store.staff.models import StaffMember
from upheld_store.staff.roles import Right, may, right_for

pytestmark = pytest.mark.django_db

ANSWERED, MISSING, REFUSED = "answered", "missing", "refused"
NO_SUCH_WAY, SIGN_IN = "no such way", "sign in"
TIME = re.compile(rb"\d{4}-\d{2}-\d{2}T[\d:.]+")
METHODS = ("GET", "POST")


def outcome(answer: Any) -> str:
    """What an answer comes to. A 503 is a plain one: no gateway runs here."""
    assert answer.status_code < 500 or answer.status_code == 503, answer.content[:300]
    to = answer.get("Location", "")
    if answer.status_code in (302, 303) and to.startswith("/account/login/?"):
        return SIGN_IN
    return {404: MISSING, 403: REFUSED, 405: NO_SUCH_WAY}.get(answer.status_code, ANSWERED)


def may_ask(row: Row, route: str, method: str, actor: str) -> str:
    """What an actor meets before it matters which thing is asked about."""
    is_in = actor not in ("anonymous", "guest")
    if row.who in (SIGNED_IN, MINE):
        return ANSWERED if is_in else SIGN_IN
    if row.who == STAFF:
        if not is_in:
            return SIGN_IN
        if actor not in STAFF_ACTORS:
            return MISSING
        right = right_for(route, method)
        return ANSWERED if right and may(actor, right) else REFUSED
    return ANSWERED


def expected(row: Row, route: str, method: str, actor: str, which: str) -> set[str]:
    """The outcomes that are right, whether or not the address knows the method."""
    first = may_ask(row, route, method, actor)
    if first != ANSWERED:
        return {first}
    if row.who == MINE and (actor, which) not in {("ada", "own"), ("eve", "other")}:
        return {MISSING, NO_SUCH_WAY}
    if row.who == LINK and which != "own":
        return {MISSING, NO_SUCH_WAY}
    if row.who in (MINE, LINK):
        return {ANSWERED, NO_SUCH_WAY}
    # Whether there is something to see is no matter of who asks.
    return {ANSWERED, NO_SUCH_WAY, MISSING}


def ask(client: Any, method: str, path: str) -> Any:
    """One request whose effects are taken back: nobody is signed out by the question before."""
    kept = dict(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, path)
        answer.whole = answer.getvalue()
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(kept)
    return answer


def questions(world: World) -> Iterator[tuple[str, Row, str, str, str]]:
    """Route, its row, method, which thing, path."""
    for route, arguments in all_routes():
        row = ROWS[route]
        for which, value in _values(world, row):
            path = path_to(route, arguments, value)
            for method in METHODS:
                yield route, row, method, which, path


def _values(world: World, row: Row) -> Iterator[tuple[str, Any]]:
    if not row.thing:
        yield "", None
        return
    things = world.things[row.thing]
    yield "own", things.own
    if things.other != things.own:
        yield "other", things.other
    yield "absent", things.absent


def asking(row: Row) -> Sequence[str]:
    """A guest is anyone who holds a link, so nobody new where there is none to hold; and to the
    staff pages one customer is like another."""
    same = {MINE: {"guest"}, SIGNED_IN: {"guest"}, STAFF: {"guest", "eve"}}.get(row.who, set())
    return [name for name in ACTORS if name not in same]


def unexpected(world: World) -> list[str]:
    """Every answer that is not as it has to be."""
    found = []
    answers: dict[tuple[str, str, str, str], tuple[int, bytes]] = {}
    for route, row, method, which, path in questions(world):
        for actor in asking(row):
            answer = ask(world.clients[actor], method, path)
            came, right = outcome(answer), expected(row, route, method, actor, which)
            if came not in right:
                found.append(f"{actor} {method} {route} {which}: {came}, not {right}")
            body = answer.whole
            holds = {actor, "guest"} if row.who == LINK and which == "own" else {actor}
            found += _leaks(world, holds, f"{actor} {method} {route} {which}", body)
            answers[route, method, actor, which] = (answer.status_code, _masked(body, path))
    return found + _told_apart(answers) + _told_to_some(answers)


def _masked(body: bytes, path: str) -> bytes:
    masked = TIME.sub(b"TIME", body.replace(path.encode(), b"PATH"))
    return re.sub(rb'(name="shown" value=")[^"]+', rb"\1", masked)


def _leaks(world: World, holds: set[str], what: str, body: bytes) -> list[str]:
    """Nobody reads what is another's; staff read nobody's without saying why."""
    others = {name: word for name, word in world.canaries.items() if name not in holds}
    return [f"{what}: reads of {name}" for name, word in others.items() if word in body]


def _told_apart(answers: dict[tuple[str, str, str, str], tuple[int, bytes]]) -> list[str]:
    """Another's and absent answer alike, to everyone whose it is not."""
    found = []
    for (route, method, actor, which), answer in answers.items():
        row = ROWS[route]
        theirs = row.who == MINE and actor == "eve"
        if which != "other" or theirs or not (row.who in (MINE, LINK) or row.thing == "letter"):
            continue
        if answer != answers[route, method, actor, "absent"]:
            found.append(f"{actor} {method} {route}: another's is told from one that never was")
    return found


def _told_to_some(answers: dict[tuple[str, str, str, str], tuple[int, bytes]]) -> list[str]:
    """What is a public page is the same bytes for everyone."""
    kinds = {name: getattr(view, "upheld_public", False) for name, view in routes()}
    return [
        f"{actor} {method} {route} {which}: not what anyone gets"
        for (route, method, actor, which), answer in answers.items()
        if kinds[route] and answer != answers[route, method, "anonymous", which]
    ]


@pytest.mark.sqlite_only  # who may ask what is the same on both, and a walk is long
def test_nobody_gets_what_is_not_theirs() -> None:
    assert unexpected(people()) == []


def test_the_matrix_sees_an_owner_check_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without the look among the customer's own orders Eve reads Ada's."""
    from upheld_store.orders.models import Order, OrderQuerySet

    monkeypatch.setattr(OrderQuerySet, "of", lambda self, customer: Order.objects.all())
    _only(monkeypatch, "control_panel:order")
    found = unexpected(people())
    assert "eve GET control_panel:order own: reads of ada" in found
    assert any(line.startswith("eve GET control_panel:order own: answered") for line in found)


def test_the_matrix_sees_a_door_that_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without the look at the right, sales open what is not theirs."""
    from upheld_store.staff import entrance

    def let_in(request: Any, member: StaffMember) -> None:
        request.upheld_staff_member = member
        request.csrf_processing_done = True

    monkeypatch.setattr(entrance, "_without_right", let_in)
    _only(monkeypatch, "staff:reveals", "staff:team")
    found = unexpected(people())
    assert not may("sales", Right.MANAGE_TEAM)
    assert any(line.startswith("sales GET staff:team") for line in found)


def _only(monkeypatch: pytest.MonkeyPatch, *routes: str) -> None:
    every = [entry for entry in all_routes() if entry[0] in routes]
    monkeypatch.setattr(f"{__name__}.all_routes", lambda: every)


def test_anyone_is_asked_of_few() -> None:
    """The kinds of rows, so that one is not written as open by habit."""
    assert {row.who for row in ROWS.values()} == {ANYONE, SIGNED_IN, MINE, LINK, STAFF}
    assert all(
        row.who == STAFF
        for route, row in ROWS.items()
        if route.startswith("staff:") and route != "staff:welcome"
    )
