"""P29, P36, P38, P50: each proof is brought, and breaks where its guard is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from upheld.policy import current
from upheld.promises.notice import prove_posted
from upheld.promises.notice.models import PolicyVersion
from upheld.promises.notice.taking_up import take_up
from upheld.promises.proof import Proof
from upheld.promises.transport.visits import Visit

NOW = datetime.now(UTC)

pytestmark = pytest.mark.django_db


def archive() -> Proof:
    return prove_posted.prove_archive(current(), NOW)


def test_the_archive_is_what_the_log_says() -> None:
    assert archive().state == "unproven"
    take_up(NOW)
    proof = archive()
    assert (proof.state, proof.population) == ("kept", 2)
    assert "none of them looser" in proof.figure


@pytest.mark.parametrize(
    "spoil",
    [
        {"facts": "{}"},
        {"digest": "0" * 64},
        {"version": 7},
    ],
)
def test_an_archive_that_was_touched_breaks_it(spoil: dict[str, object]) -> None:
    take_up(NOW)
    PolicyVersion.objects.update(**spoil)
    assert archive().state == "broken"


def test_another_policy_than_the_published_one_breaks_it() -> None:
    take_up(NOW)
    other = replace(current(), age_minimum_years=14)
    assert prove_posted.prove_archive(other, NOW).state == "broken"


def test_a_finder_that_sees_nothing_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    take_up(NOW)
    monkeypatch.setattr(prove_posted, "compare", lambda before, after: ())
    assert archive().state == "broken"


def test_the_second_step_is_told() -> None:
    take_up(NOW)
    row = PolicyVersion.objects.get()
    row.changes = '[{"words": "", "clause": "P20", "looser": true, "material": true}]'
    assert "1 by one person, after waiting" in prove_posted._archive_figure([row])
    row.approved_at = NOW
    assert "1 approved by a second person" in prove_posted._archive_figure([row])


def test_what_must_be_said() -> None:
    proof = prove_posted.prove_notice(current())
    assert proof.state == "kept" and (proof.population or 0) > 8


def test_a_page_of_rights_that_shows_no_signal_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upheld.web.rights_views.opt_out_signal", lambda request: None)
    assert prove_posted.prove_notice(current()).state == "broken"


def test_a_check_that_lets_silence_pass_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_posted, "check_words", lambda policy: [])
    assert prove_posted.prove_notice(current()).state == "broken"


class Told(prove_posted.Visitor):
    """A site that tells apart who sends the signal."""

    def get(self, path: str, **headers: str) -> Visit:
        visit = super().get(path, **headers)
        return replace(visit, body=visit.body + b"!") if headers else visit


def test_a_page_that_tells_the_signal_apart_breaks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_posted, "Visitor", Told)
    assert prove_posted.prove_notice(current()).state == "broken"


def test_the_terms() -> None:
    (proof,) = prove_posted.prove_terms()
    assert proof.state == "kept"


def test_terms_without_a_version_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_posted, "_VERSION", prove_posted.re.compile("no such words"))
    assert prove_posted.prove_terms()[0].state == "broken"


def test_what_programs_read() -> None:
    policy = current()
    proof = prove_posted.prove_vocabularies(policy)
    assert proof.state == "kept" and (proof.population or 0) > len(policy.fields)


def test_a_kind_of_data_that_programs_cannot_see_breaks_it() -> None:
    policy = current()
    email = replace(policy.fields["order.email"], name="order.fax")
    more = replace(policy, fields={**policy.fields, "order.fax": email})
    proof = prove_posted.prove_vocabularies(more)
    assert proof.state == "broken" and "order.fax" in proof.figure
