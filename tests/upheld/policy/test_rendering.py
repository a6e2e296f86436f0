"""The public text: facts filled in from policy.toml, numbers refused, sections in order."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.upheld.policy.owner_folder import OwnerFolder
from upheld.policy.facts import days, escaped, spoken_date
from upheld.policy.rendering import READING_ORDER, fill, public_text

ALL_IDS = [f"P{number:02}" for number in range(1, 51)]


def test_the_demo_says_all_fifty_clauses_in_order(owner: OwnerFolder) -> None:
    policy = owner.load()
    assert list(policy.clauses) == ALL_IDS
    assert all(len(clause.markdown) > 40 for clause in policy.clauses.values())
    assert not any(brace in c.markdown for c in policy.clauses.values() for brace in "{}")


def test_the_sections_stand_in_reading_order(owner: OwnerFolder) -> None:
    sections = public_text(owner.load())
    assert [section.name for section in sections] == list(READING_ORDER)
    assert sections[0].title == "About this policy"
    assert sorted(c.id for section in sections for c in section.clauses) == ALL_IDS
    assert all(section.clauses for section in sections)


def test_a_section_of_the_owners_own_comes_last(owner: OwnerFolder) -> None:
    notice = owner.policy / "clauses" / "notice.md"
    head, clause = notice.read_text("utf-8").split("## P49", 1)
    notice.write_text(head, "utf-8")
    (owner.policy / "clauses" / "workshop.md").write_text(f"# Workshop\n\n## P49{clause}", "utf-8")
    assert public_text(owner.load())[-1].title == "Workshop"


def test_the_words_follow_the_numbers(owner: OwnerFolder) -> None:
    before = owner.load()
    owner.edit(owner.policy_file, "= 60", "= 30")
    owner.edit(owner.policy_file, "= 13", "= 16")
    after = owner.load()
    assert "more than 30 days" in after.clauses["P20"].markdown
    assert "60" not in after.clauses["P20"].title + after.clauses["P20"].markdown
    assert "under 16" in after.clauses["P33"].markdown
    assert "under 16" in after.purposes["check_age"].words
    assert before.digest != after.digest


def test_the_words_name_every_field_recipient_cookie_mail_and_purpose(owner: OwnerFolder) -> None:
    policy = owner.load()
    text = "\n".join(clause.markdown for clause in policy.clauses.values())
    for group in (policy.fields, policy.recipients, policy.cookies, policy.mails, policy.purposes):
        for name, item in group.items():
            assert item.words in text, name


def test_the_digest_is_of_the_public_text_alone(owner: OwnerFolder) -> None:
    before = owner.load().digest
    owner.edit(owner.policy_file, "rows_per_run_max       = 10000", "rows_per_run_max = 9000")
    assert owner.load().digest == before
    owner.edit(owner.policy / "clauses" / "about.md", "to be studied", "to be watched")
    changed = owner.load().digest
    owner.edit(owner.policy / "clauses" / "about.md", "# About", "# More about")
    assert len({before, changed, owner.load().digest}) == 3


SPOILED = {
    "a number": ("Looking after your data", "Looking after 2 of your data", "'2' is no fact"),
    "a number in words": ("to be studied", "kept sixty days", "'sixty days' is no fact"),
    "hyphenated": ("to be studied", "a twenty-four hour wait", "'twenty-four hour' is no fact"),
    "an unknown fact": ("{controller.name}", "{controller.nome}", "no fact {controller.nome}"),
    "half a brace": ("{controller.name}", "{controller.name", "a brace that holds no fact"),
    "a fact of nothing": ("{controller.name}", "{Controller Name}", "a brace that holds no fact"),
    "a clause twice": ("## P03", "## P01", "this clause stands twice"),
    "a clause of both": ("## P03", "## P04", "this clause stands twice"),
    "no clause": ("## P03 Looking", "## P51 Looking", "is no heading of a clause"),
    "no title": ("# About this policy", "About this policy", "has no title"),
    "words outside": ("# About this policy\n", "# About this policy\nHello.\n", "in no clause"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_spoiled_words_are_refused_at_their_line(owner: OwnerFolder, name: str) -> None:
    old, new, said = SPOILED[name]
    file = owner.policy / "clauses" / "about.md"
    owner.edit(file, old, new)
    found = next(finding for finding in owner.findings() if said in finding.problem)
    assert Path(found.file).parent.name == "clauses"
    assert found.line is not None


def test_a_clause_that_is_named_and_not_written(owner: OwnerFolder) -> None:
    (owner.policy / "clauses" / "cookies.md").unlink()
    findings = owner.findings()
    assert {finding.clause for finding in findings} == {"P21"}
    assert "no clause P21 stands in the clause files" in findings[0].problem


def test_no_clauses_at_all(owner: OwnerFolder) -> None:
    for file in (owner.policy / "clauses").iterdir():
        file.unlink()
    problems = [found.problem for found in owner.findings()]
    assert "there are no clauses here" in problems
    assert "no clause P14 stands in the clause files" in problems


def test_what_stands_in_the_place_of_a_clause_file(owner: OwnerFolder) -> None:
    (owner.policy / "clauses" / "more.md").mkdir()
    assert "not a file" in owner.findings()[0].problem


def test_ids_and_links_may_hold_digits() -> None:
    assert fill("See P20 and [the first](/privacy/versions/1/).", {})[1] == []
    assert fill("See P200.", {})[1] != []


def test_owners_words_hold_no_marks() -> None:
    assert escaped("a_b *c* <d> [e](f)") == r"a\_b \*c\* \<d\> \[e\](f)"


def test_periods_and_dates_as_people_say_them() -> None:
    assert [days(n) for n in (1, 60, 365, 1095, 400)] == [
        "1 day", "60 days", "1 year", "3 years", "400 days",
    ]  # fmt: skip
    assert spoken_date("2026-02-01") == "1 February 2026"


def test_hostile_words_are_read_quickly() -> None:
    started = time.process_time()
    for text in ("](" * 60_000, "one " * 60_000, "{a" * 60_000, "1." * 60_000, "P1" * 60_000):
        fill(text, {})
    assert time.process_time() - started < 1
