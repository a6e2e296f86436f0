"""P32 and P33 are proven, and go red where the question is gone."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import HttpRequest
from pytest_django import Settings

from tests.upheld.promises.age import broken_sites
from upheld.policy import current
from upheld.promises.age import prove as age_prove
from upheld.promises.age.answer import remembered
from upheld.promises.age.birth import OLD_ENOUGH
from upheld.promises.age.prove import prove
from upheld.promises.proof import Proof

NOW = datetime.now(UTC)
OWN_SITE = "tests.upheld.promises.age.site"


def proofs() -> dict[str, Proof]:
    return {proof.promise_id: proof for proof in prove(current(), NOW)}


@pytest.mark.django_db
def test_on_the_store_as_it_stands() -> None:
    found = proofs()
    assert found["P32"].state == "kept" and (found["P32"].population or 0) >= 2
    assert found["P33"].state == "kept" and found["P33"].population == found["P32"].population
    assert "0 of" in found["P33"].figure


@pytest.mark.urls(OWN_SITE)
def test_on_a_site_that_asks() -> None:
    assert proofs()["P32"].population == 1
    assert proofs()["P32"].state == "kept"


def test_a_form_left_open_turns_p32_red(settings: Settings) -> None:
    settings.ROOT_URLCONF = broken_sites.forgotten
    proof = proofs()["P32"]
    assert proof.state == "broken" and "open shows a form" in proof.figure


def test_a_mark_without_the_question_turns_p32_red(settings: Settings) -> None:
    settings.ROOT_URLCONF = broken_sites.pretended
    proof = proofs()["P32"]
    assert proof.state == "broken" and "guarded" in proof.figure


@pytest.mark.urls(OWN_SITE)
@pytest.mark.parametrize(
    "verdict", ["old_enough", "too_young"], ids=["all are let in", "all are turned away"]
)
def test_a_question_that_takes_every_answer_alike_turns_p32_red(
    monkeypatch: pytest.MonkeyPatch, verdict: str
) -> None:
    monkeypatch.setattr(
        "upheld.promises.age.forms.AgeQuestion.settled", lambda self, minimum_years: verdict
    )
    assert proofs()["P32"].state == "broken"


@pytest.mark.urls(OWN_SITE)
def test_a_question_that_forgets_turns_p32_red(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upheld.promises.age.views.remember", lambda *args: None)
    assert proofs()["P32"].state == "broken"


@pytest.mark.urls(OWN_SITE)
def test_a_question_that_may_be_answered_again_turns_p32_red(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forgiving(request: HttpRequest) -> str | None:
        said = remembered(request)
        return said if said == OLD_ENOUGH else None

    monkeypatch.setattr("upheld.promises.age.views.remembered", forgiving)
    proof = proofs()["P32"]
    assert proof.state == "broken" and "another year" in proof.figure


def test_without_forms_it_is_unproven(settings: Settings) -> None:
    settings.ROOT_URLCONF = broken_sites.without_forms
    assert {proof.state for proof in proofs().values()} == {"unproven"}


@pytest.mark.urls(OWN_SITE)
def test_what_a_child_typed_in_any_file_turns_p33_red(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPHELD_HOME = tmp_path
    monkeypatch.setattr(age_prove, "_CHUNK_BYTES", 64)
    (tmp_path / "log").mkdir()
    marker = f"canary-{NOW:%Y%m%d%H%M%S%f}"
    # Across the border of two reads.
    (tmp_path / "log" / "access.log").write_text("x" * 60 + marker + "@example.com")
    proof = proofs()["P33"]
    assert proof.state == "broken" and "1 of 1 data files" in proof.figure
