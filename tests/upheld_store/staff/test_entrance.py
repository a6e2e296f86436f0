"""One door: every staff page asks for address, sign-in, membership, second factor and right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from tests.upheld_store.staff.desk import OWN, account, an_order, browser, member
from upheld_store.staff import entrance
from upheld_store.staff.models import StaffMember
from upheld_store.staff.roles import BEFORE_THE_DOOR, DOORS, Role, right_for

pytestmark = pytest.mark.django_db

ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "staff:order": ("ABCDE-FGHJK",),
    "staff:reveal": ("ABCDE-FGHJK",),
    "staff:refund": ("ABCDE-FGHJK",),
    "staff:customer": (7,),
    "staff:reveal_customer": (7,),
    "staff:forget_order": ("ABCDE-FGHJK",),
    "staff:forget_account": (7,),
    "staff:end_sessions": (7,),
    "staff:end_second_step": (7,),
    "staff:lift_hold": (7,),
    "staff:settle_erasure": ("00000000-0000-4000-8000-000000000000",),
    "staff:change_member": (7,),
    "staff:key_pool": (7,),
    "staff:send_back": ("00000000-0000-4000-8000-000000000000",),
}


def staff_routes() -> Iterator[str]:
    """Each route of the staff site, by walking its addresses."""
    site = next(p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == "staff")
    waiting = list(site.url_patterns)
    while waiting:
        entry = waiting.pop()
        if hasattr(entry, "url_patterns"):
            waiting += entry.url_patterns
        else:
            yield f"staff:{entry.name}"


def path_of(route: str) -> str:
    plain = route.endswith(("_changelist", "_add")) or not route.startswith("staff:store_catalog")
    return reverse(route, args=ARGUMENTS.get(route, () if plain else (7,)))


GUARDED = sorted(set(staff_routes()) - BEFORE_THE_DOOR)


def test_every_route_has_a_door_and_every_door_a_route() -> None:
    assert set(GUARDED) == set(DOORS)


@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_and_customers_learn_nothing(method: str) -> None:
    customer = browser(account())
    for route in GUARDED:
        path = path_of(route)
        answer = getattr(Client(**OWN), method)(path)
        assert answer.status_code == 302 and "/account/login/" in answer["Location"], route
        assert getattr(customer, method)(path).status_code == 404, route


def test_without_a_second_factor_every_page_only_leads_to_one() -> None:
    someone = account(second_factor=False)
    StaffMember.objects.create(customer=someone, role="owner", since="2026-11-25")
    client = browser(someone, used_second_factor=False)
    for route in GUARDED:
        for answer in (client.get(path_of(route)), client.post(path_of(route))):
            assert answer.status_code == 403 and b"a second factor" in answer.content, route


def test_a_session_that_did_not_use_the_second_factor_is_sent_to_do_so() -> None:
    someone = account()
    StaffMember.objects.create(customer=someone, role="owner", since="2026-11-25")
    client = browser(someone, used_second_factor=False)
    for route in GUARDED:
        answer = client.get(path_of(route))
        assert answer.status_code == 302, route
        assert answer["Location"].startswith(reverse("mfa_reauthenticate")), route


def test_a_member_who_left_is_a_stranger() -> None:
    row, client = member("owner")
    assert client.get("/staff/").status_code == 200
    StaffMember.objects.filter(pk=row.pk).update(active=False)
    assert client.get("/staff/").status_code == 404


@pytest.mark.parametrize("role", Role.values)
def test_each_role_may_what_the_matrix_says(role: str) -> None:
    an_order()
    row, client = member(role)
    for route in GUARDED:
        for method in ("GET", "POST"):
            right = right_for(route, method)
            allowed = right is not None and row.may(right)
            answer = client.generic(method, path_of(route))
            assert (answer.status_code != 403) == allowed, (route, method, answer.status_code)


def test_on_an_origin_of_their_own_they_answer_there_alone(settings: Any) -> None:
    _, client = member("owner")
    settings.UPHELD_STAFF_ORIGIN = "http://localhost"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
    assert client.get("/staff/", HTTP_HOST="localhost").status_code == 200
    for route in GUARDED:
        assert client.get(path_of(route), HTTP_HOST="127.0.0.1").status_code == 404, route


def test_no_page_names_a_version() -> None:
    _, client = member("owner")
    for path in ("/staff/", "/staff/catalog/product/", "/staff/nowhere/"):
        page = client.get(path)
        told = page.content.lower() + repr(page.headers).lower().encode()
        assert not [w for w in (b"django", b"granian", b"python", b"allauth") if w in told], path
        assert page["Server"] == "web"
    assert client.get("/staff/login/").status_code == 404
    assert client.get("/admin/").status_code == 404


def test_there_is_no_default_account() -> None:
    assert not StaffMember.objects.exists()


@pytest.mark.parametrize(
    ("check", "answer"),
    [("is_mfa_enabled", True), ("_used_second_factor", True), ("_without_right", None)],
)
def test_each_check_is_what_stops(
    check: str, answer: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: where a check is taken out, what it stopped goes on to the next."""
    ready = check == "_without_right"
    someone = account(second_factor=check != "is_mfa_enabled")
    row = StaffMember.objects.create(customer=someone, role="support", since="2026-11-25")
    client = browser(someone, used_second_factor=ready)
    path = "/staff/holds/" if ready else "/staff/"
    stopped = client.get(path)

    def taken_out(request: Any, *args: Any, **options: Any) -> bool | None:
        if ready:
            request.upheld_staff_member = row
        return answer

    monkeypatch.setattr(entrance, check, taken_out)
    passed = client.get(path)
    assert stopped.status_code != 200
    assert (passed.status_code, passed.get("Location")) != (
        stopped.status_code,
        stopped.get("Location"),
    )
