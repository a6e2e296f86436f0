"""P06, P17 and P18 are proven on the real stack, and go red where a guard is gone."""

import dataclasses
from datetime import UTC, datetime

import pytest
from django import forms
from pytest_django import Settings

from upheld.policy import current
from upheld.promises.proof import Proof
from upheld.promises.transport import card_probe, prove
from upheld.promises.transport.check import GATE
from upheld.promises.transport.tls_probe import Answer, TwinDidNotStart, TwinFacts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HSTS = {"strict-transport-security": f"max-age={365 * 86400}"}
GOOD = TwinFacts(
    page=Answer(200, HSTS, "TLSv1.3"),
    form=Answer(400, HSTS, "TLSv1.3"),
    plain_page=Answer(308, {}, None),
    plain_form=Answer(403, {}, None),
)


def proofs(
    monkeypatch: pytest.MonkeyPatch,
    facts: TwinFacts | TwinDidNotStart = GOOD,
    tries: int | None = 20,
) -> dict[str, Proof]:
    def twin(form_path: str, now: datetime) -> TwinFacts:
        if isinstance(facts, TwinDidNotStart):
            raise facts
        return facts

    monkeypatch.setattr(prove, "probe_twin", twin)
    with monkeypatch.context() as patch:
        patch.setattr(prove, "tries_until_refused", lambda now: tries)
        return {proof.promise_id: proof for proof in prove.prove(current(), NOW)}


@pytest.fixture(autouse=True)
def _pages(db: None) -> None:
    """The header proof looks at every page, and some read the catalog."""


def test_all_three_on_the_store_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    found = proofs(monkeypatch)
    assert found["P06"].state == "kept" and (found["P06"].population or 0) >= 3
    assert found["P18"].state == "kept" and "throw-away certificate" in found["P18"].figure
    assert found["P17"].state == "kept" and (found["P17"].population or 0) >= 10
    assert "took 20 wrong passwords" in found["P17"].figure


def test_the_sign_in_is_tried_for_real() -> None:
    assert prove.tries_until_refused(NOW) == 20


def test_tries_without_end_turn_p17_red(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proofs(monkeypatch, tries=prove.TRIES_MAX + 1)["P17"]
    assert proof.state == "broken" and "in a row" in proof.figure


def test_without_a_sign_in_p17_stays_unproven(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.LOGIN_URL = "/no/sign-in/here/"
    assert prove.tries_until_refused(NOW) is None
    assert proofs(monkeypatch, tries=None)["P17"].state == "unproven"


def test_a_form_without_the_card_check_turns_p06_red(monkeypatch: pytest.MonkeyPatch) -> None:
    class Careless(forms.Form):
        key = "age_question"
        note = forms.CharField()

    proof = proofs(monkeypatch)["P06"]
    Careless.key = "not declared any more"
    assert proof.state == "broken" and "age_question.note" in proof.figure


def test_a_card_check_that_refuses_phones_turns_p06_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_probe, "contains_card_number", lambda text: "555" in text)
    proof = proofs(monkeypatch)["P06"]
    assert proof.state == "broken" and "555" in proof.figure


def test_a_form_taken_in_the_clear_turns_p06_and_p18_red(monkeypatch: pytest.MonkeyPatch) -> None:
    open_twin = dataclasses.replace(GOOD, plain_form=Answer(400, {}, None))
    found = proofs(monkeypatch, open_twin)
    assert {found["P06"].state, found["P18"].state} == {"broken"}


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_form_refused_over_tls_as_well_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    shut_twin = dataclasses.replace(GOOD, form=Answer(status, HSTS, "TLSv1.3"))
    found = proofs(monkeypatch, shut_twin)
    assert {found["P06"].state, found["P18"].state} == {"broken"}


@pytest.mark.parametrize(
    "seen", [Answer(200, HSTS, "TLSv1.1"), Answer(200, {}, "TLSv1.3")], ids=["protocol", "hsts"]
)
def test_an_old_protocol_or_no_hsts_turns_p18_red(
    monkeypatch: pytest.MonkeyPatch, seen: Answer
) -> None:
    assert proofs(monkeypatch, dataclasses.replace(GOOD, page=seen))["P18"].state == "broken"


def test_a_twin_that_does_not_start_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = proofs(monkeypatch, TwinDidNotStart("no answer"))
    assert {found["P06"].state, found["P18"].state} == {"unproven"}
    assert "no answer" in found["P18"].figure


def test_weak_headers_turn_p17_red(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != GATE]
    proof = proofs(monkeypatch)["P17"]
    assert proof.state == "broken" and "lacks" in proof.figure


def test_an_answer_without_a_policy_for_content_turns_p17_red(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "content_policy" not in name]
    proof = proofs(monkeypatch)["P17"]
    assert proof.state == "broken" and "lacks Content-Security-Policy" in proof.figure


def test_refusing_our_own_forms_as_well_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upheld.promises.cookies.middleware.comes_from_us", lambda request: False)
    assert proofs(monkeypatch)["P17"].state == "broken"


def test_taking_writes_of_other_sites_turns_p17_red(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.MIDDLEWARE = [n for n in settings.MIDDLEWARE if not n.endswith("SameOriginWrites")]
    proof = proofs(monkeypatch)["P17"]
    assert proof.state == "broken" and "another site" in proof.figure


def test_a_public_origin_is_looked_at_itself(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.UPHELD_ORIGIN = "https://shop.example.com"
    settings.ALLOWED_HOSTS = ["shop.example.com"]
    monkeypatch.setattr(prove, "ask", lambda host, port, path: Answer(200, HSTS, "TLSv1.3"))
    assert proofs(monkeypatch)["P18"].state == "kept"

    def unreachable(host: str, port: int, path: str) -> Answer:
        raise ConnectionRefusedError

    monkeypatch.setattr(prove, "ask", unreachable)
    assert proofs(monkeypatch)["P18"].state == "unproven"
