"""What changed besides the kinds of data: purposes, recipients, cookies, letters, words."""

from __future__ import annotations

from collections.abc import Iterator

from upheld.policy.change import (
    PolicyChange,
    added,
    both,
    capital,
    removed,
    same_words,
    spoken,
    uses,
)
from upheld.policy.facts import days
from upheld.policy.stated import Facts


def purposes(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """Purposes come, go, mean something else or rest on something else."""
    for name, new in added(before, after, "purposes"):
        yield PolicyChange(("purpose", name), new["clause"], f"New purpose: to {new['words']}")
    for name, old in removed(before, after, "purposes"):
        yield PolicyChange(("purpose", name), old["clause"], f"Purpose ended: to {old['words']}")
    for name, old, new in both(before, after, "purposes"):
        path, clause = ("purpose", name), new["clause"]
        if not same_words(old["words"], new["words"]):
            words = f"A purpose in other words: to {new['words']}, was to {old['words']}"
            yield PolicyChange(path, clause, words, looser=True)
        if old["basis"] != new["basis"]:
            words = f"To {new['words']}: rests on {spoken(new['basis'])}, was on "
            yield PolicyChange(
                path,
                clause,
                words + spoken(old["basis"]),
                looser=old["basis"] == "consent" or new["basis"] == "legitimate_interest",
                material=True,
            )


def recipients(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """Recipients come, go, or change."""
    for name, new in added(before, after, "recipients"):
        words = f"New recipient: {new['words']} ({new['country']})"
        yield PolicyChange(("disclosure", name), new["clause"], words, looser=True)
    for name, old in removed(before, after, "recipients"):
        words = f"No longer a recipient: {old['words']}"
        yield PolicyChange(("disclosure", name), old["clause"], words)
    for name, old, new in both(before, after, "recipients"):
        path, clause = ("disclosure", name), new["clause"]
        for key, label in (("words", "who it is"), ("country", "where"), ("role", "its part")):
            if not same_words(old[key], new[key]):
                words = f"A recipient, {label}: {spoken(new[key])}, was {spoken(old[key])}"
                yield PolicyChange(path, clause, words, looser=True)
        for purpose in new["purposes"]:
            if purpose not in old["purposes"]:
                words = f"{capital(new['words'])}: now also to {uses(after, [purpose])}"
                yield PolicyChange(path, clause, words, looser=True)
        if old["agreement"] != new["agreement"]:
            lost = new["agreement"] is None
            words = "no agreement to keep data confidential any more" if lost else (
                f"its agreement runs until {new['agreement']['expires']}"
            )  # fmt: skip
            yield PolicyChange(path, clause, f"{capital(new['words'])}: {words}", looser=lost)


def cookies(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """Cookies come, go, or change."""
    for name, new in added(before, after, "cookies"):
        words = f"New cookie {name}: {new['words']}"
        yield PolicyChange(("cookies", name), new["clause"], words, looser=True)
    for name, old in removed(before, after, "cookies"):
        words = f"No longer set: the cookie {name}"
        yield PolicyChange(("cookies", name), old["clause"], words)
    for name, old, new in both(before, after, "cookies"):
        was, now = old["kept_days"] or 0, new["kept_days"] or 0
        if was != now:
            words = f"The cookie {name}: lasts {_lasts(now)}, was {_lasts(was)}"
            yield PolicyChange(("cookies", name), new["clause"], words, looser=now > was)
        if not same_words(old["words"], new["words"]):
            words = f"The cookie {name}: {new['words']}, was {old['words']}"
            yield PolicyChange(("cookies", name), new["clause"], words, looser=True)


def mails(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """Letters come, go, or change."""
    for name, new in added(before, after, "mails"):
        yield PolicyChange(("mail", name), new["clause"], f"New letter: {new['words']}")
    for name, old in removed(before, after, "mails"):
        yield PolicyChange(("mail", name), old["clause"], f"Letter ended: {old['words']}")
    for name, old, new in both(before, after, "mails"):
        same = same_words(old["words"], new["words"]) and old["purpose"] == new["purpose"]
        if not same:
            yield PolicyChange(
                ("mail", name),
                new["clause"],
                f"A letter: {new['words']}, to {uses(after, [new['purpose']])}; was "
                f"{old['words']}, to {uses(before, [old['purpose']])}",
                looser=old["purpose"] != new["purpose"],
            )


def numbers(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """Age, encryption, waiting, and where data is asked for."""
    now, then = after["age_minimum_years"], before["age_minimum_years"]
    if now != then:
        words = f"Minimum age: {now} years, was {then}"
        yield PolicyChange(("age", "minimum_years"), "P33", words, looser=now < then)
    now, then = after["hsts_days"], before["hsts_days"]
    if now != then:
        words = f"Browsers are told to insist on encryption for {days(now)}, was {days(then)}"
        yield PolicyChange(("transport", "hsts_days"), "P18", words, looser=now < then)
    now, then = after["cooling_off_days"], before["cooling_off_days"]
    if now != then:
        words = f"A looser policy waits {days(now)} where one person decides alone, was "
        yield PolicyChange(
            ("notice", "cooling_off_days"), "P38", words + days(then), looser=now < then
        )
    for form in after["forms"]:
        if form not in before["forms"]:
            words = f"One more form may ask for data: {form.replace('_', ' ')}"
            yield PolicyChange(("collection", "forms"), "P09", words)


def rights(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """What outlives an erasure, for how long, and how long a mailed link opens."""
    old, new = before["erasure"], after["erasure"]
    for name, stay in new["stays"].items():
        earlier = old["stays"].get(name)
        path = ("erasure", "stays", name)
        if earlier is None:
            words = f"Outlives an erasure: {stay['words']}, at most {days(stay['days_max'])}"
            yield PolicyChange(path, "P41", words, looser=True)
        elif earlier["days_max"] != stay["days_max"]:
            words = f"Outlives an erasure: {stay['words']}, at most {days(stay['days_max'])}, was "
            longer = stay["days_max"] > earlier["days_max"]
            yield PolicyChange(path, "P41", words + days(earlier["days_max"]), looser=longer)
    for name, stay in old["stays"].items():
        if name not in new["stays"]:
            words = f"No longer outlives an erasure: {stay['words']}"
            yield PolicyChange(("erasure", "stays", name), "P41", words)
    if old["undo_days"] != new["undo_days"]:
        words = f"An erasure can be taken back for {days(new['undo_days'])}, was "
        yield PolicyChange(
            ("erasure", "undo_days"),
            "P41",
            words + days(old["undo_days"]),
            looser=new["undo_days"] > old["undo_days"],
        )
    if old["tombstones_kept_days"] != new["tombstones_kept_days"]:
        words = f"The list of erasures is kept {days(new['tombstones_kept_days'])}, was "
        yield PolicyChange(
            ("erasure", "tombstones_kept_days"),
            "P42",
            words + days(old["tombstones_kept_days"]),
            looser=new["tombstones_kept_days"] < old["tombstones_kept_days"],
        )
    now, then = after["access"]["link_minutes"], before["access"]["link_minutes"]
    if now != then:
        words = f"A mailed link to what we hold opens for {now} minutes, was {then}"
        yield PolicyChange(("access", "link_minutes"), "P40", words, looser=now > then)


def sentences(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """The notice's own sentences, and who answers."""
    labels = {
        "review": (("notice", "review"), "P29", "How to see and correct data"),
        "changes": (("notice", "changes"), "P29", "How changes are told"),
        "signals": (("notice", "signals"), "P29", "How signals of your browser are answered"),
        "consent_method": (("consent", "method"), "P46", "How consent is given"),
    }
    for key, (path, clause, label) in labels.items():
        if not same_words(before[key], after[key]):
            words = f"{label}: {after[key]} (was: {before[key]})"
            yield PolicyChange(path, clause, words, looser=key != "review")
    if before["controller"] != after["controller"]:
        renamed = before["controller"]["name"] != after["controller"]["name"]
        words = f"Who answers for this policy, and how to reach them: {after['controller']['name']}"
        yield PolicyChange(("controller",), "P39", words, material=renamed)


def clauses(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """Clauses come, go, or are reworded by hand."""
    for name, new in added(before, after, "clauses"):
        yield PolicyChange(("clauses", name), name, f"New clause {name}: {new['title']}")
    for name, old in removed(before, after, "clauses"):
        words = f"Clause {name} is dropped: {old['title']}"
        yield PolicyChange(("clauses", name), name, words, looser=True)
    for name, old, new in both(before, after, "clauses"):
        if old["source"] != new["source"]:
            words = f"Clause {name} in other words: {new['title']}"
            yield PolicyChange(("clauses", name), name, words)


def _lasts(kept_days: int) -> str:
    return days(kept_days) if kept_days else "until the browser closes"
