"""P11, P12 and P21 are proven on the real stack, and go red where a guard is gone."""

from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from tests.upheld.promises.cookies import broken_sites
from upheld.policy import current
from upheld.promises.cookies import visit_pages
from upheld.promises.cookies.prove import prove
from upheld.promises.cookies.visit_pages import visit_public_pages
from upheld.promises.proof import Proof

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OWN_SITE = "tests.upheld.promises.cookies.site"


def proofs() -> dict[str, Proof]:
    return {proof.promise_id: proof for proof in prove(current(), NOW)}


@pytest.mark.django_db
def test_all_three_on_the_store_as_it_stands() -> None:
    found = proofs()
    assert {found[name].state for name in ("P11", "P12", "P21")} == {"kept"}
    assert (found["P11"].population or 0) >= 5
    assert (found["P12"].population or 0) >= 10
    assert found["P21"].population == 1 and "cart for 14 days" in found["P21"].figure


@pytest.mark.urls(OWN_SITE)
def test_pages_are_found_by_following_links() -> None:
    seen = visit_public_pages()
    assert (seen.visited, seen.cookies, seen.fetched_elsewhere) == (2, [], [])
    assert visit_public_pages(pages_max=1).more_left


@pytest.mark.parametrize(
    ("urls", "words"),
    [
        (broken_sites.foreign, "fetch from elsewhere"),
        (broken_sites.foreign_type, "fetch from elsewhere"),
        (broken_sites.told_apart, "differ between visitors"),
    ],
)
def test_a_page_that_breaks_it_turns_p11_red(settings: Settings, urls: object, words: str) -> None:
    settings.ROOT_URLCONF = urls
    # Marked public, but the middleware that makes it so is gone.
    settings.MIDDLEWARE = [n for n in settings.MIDDLEWARE if not n.endswith("PublicPages")]
    proof = proofs()["P11"]
    assert proof.state == "broken" and words in proof.figure


def test_a_cookie_on_a_public_page_turns_p11_red(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ROOT_URLCONF = broken_sites.with_cookie
    guards = ("PublicPages", "CookieGate")
    settings.MIDDLEWARE = [n for n in settings.MIDDLEWARE if not n.endswith(guards)]
    monkeypatch.setattr("upheld.promises.cookies.jar._is_public", lambda request: False)
    proof = proofs()["P11"]
    assert proof.state == "broken" and "set a cookie" in proof.figure


def test_green_over_nothing_is_unproven(settings: Settings) -> None:
    settings.ROOT_URLCONF = broken_sites.none_public
    proof = proofs()["P11"]
    assert (proof.state, proof.population) == ("unproven", 0)


@pytest.mark.urls(OWN_SITE)
def test_a_page_with_an_error_is_not_counted_as_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(pages_max: int = 0) -> visit_pages.PagesSeen:
        return visit_pages.PagesSeen(visited=3, failed=["/broken/"])

    monkeypatch.setattr("upheld.promises.cookies.prove.visit_public_pages", failing)
    assert proofs()["P11"].state == "unproven"


@pytest.mark.urls(OWN_SITE)
def test_without_the_gate_p12_is_red(settings: Settings) -> None:
    settings.MIDDLEWARE = [n for n in settings.MIDDLEWARE if not n.endswith("CookieGate")]
    proof = proofs()["P12"]
    assert proof.state == "broken" and ", 0 left" not in proof.figure


@pytest.mark.urls(OWN_SITE)
def test_a_lost_cart_turns_p21_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upheld.promises.cookies.prove.read_cookie", lambda request, name: None)
    found = proofs()
    assert found["P21"].state == "broken" and found["P12"].state == "broken"
