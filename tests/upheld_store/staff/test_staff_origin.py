"""Staff pages on an origin of their own: its writes are taken, nothing goes in the clear."""

from __future__ import annotations

import dataclasses

import pytest
from django.test import Client
from pytest_django import Settings

from upheld.policy import current
from upheld_store.site.checks import check_site
from upheld_store.site.environment import read_environment
from upheld_store.staff.hire import welcome_url

DESK = "https://desk.example.com"
FORM = {"reason": "x"}


@pytest.fixture(autouse=True)
def _two_origins(settings: Settings) -> None:
    settings.UPHELD_ORIGIN = "https://shop.example.com"
    settings.UPHELD_STAFF_ORIGIN = DESK
    settings.ALLOWED_HOSTS = ["shop.example.com", "desk.example.com"]


def test_links_of_new_members_lead_there() -> None:
    assert welcome_url("/staff/welcome/1-x/") == f"{DESK}/staff/welcome/1-x/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("origin", "host", "taken"),
    [
        (DESK, "desk.example.com", True),
        ("https://shop.example.com", "shop.example.com", True),
        ("https://shop.example.com", "desk.example.com", False),
        (DESK, "shop.example.com", False),
        ("https://evil.example.com", "desk.example.com", False),
    ],
)
def test_each_origin_writes_to_itself_alone(origin: str, host: str, taken: bool) -> None:
    answer = Client().post("/cart/items/", {}, secure=True, HTTP_HOST=host, HTTP_ORIGIN=origin)
    assert (b"did not come from a page of ours" in answer.content) is not taken


def test_in_the_clear_each_host_is_led_to_its_own_origin() -> None:
    for host in ("desk.example.com", "shop.example.com"):
        answer = Client().get("/staff/", HTTP_HOST=host)
        assert (answer.status_code, answer["Location"]) == (308, f"https://{host}/staff/")


@pytest.mark.parametrize(
    ("origin", "findings"),
    [("", 0), (DESK, 0), ("http://localhost:8000", 0), ("http://desk.example.com", 1)],
)
def test_a_start_with_staff_in_the_clear_is_refused(origin: str, findings: int) -> None:
    environment = dataclasses.replace(read_environment(), staff_origin=origin)
    found = [f for f in check_site(environment, current()) if f.file == "UPHELD_STAFF_ORIGIN"]
    assert len(found) == findings
