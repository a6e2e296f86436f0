"""What changed about the kinds of data: how long each is kept, why it is used, who gets it."""

from __future__ import annotations

from collections.abc import Iterator

from upheld.policy.change import (
    Entry,
    PolicyChange,
    added,
    both,
    capital,
    removed,
    same_words,
    uses,
)
from upheld.policy.facts import days
from upheld.policy.stated import Facts


def periods(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """A period is longer or shorter."""
    now, then = after["private_financial_days"], before["private_financial_days"]
    if now != then:
        yield PolicyChange(
            ("retention", "private_financial_days"),
            "P20",
            f"Private financial data: kept {days(now)}, was {days(then)}",
            looser=now > then,
        )
    yield from _backups(before.get("backup_days"), after["backup_days"])
    for name, old, new in both(before, after, "fields"):
        was, now = old["kept_days"], new["kept_days"]
        if was and now and was != now:
            yield PolicyChange(
                ("collection", "fields", name),
                new["clause"],
                f"{capital(new['words'])}: kept {days(now)}, was {days(was)}",
                looser=now > was,
            )


def _backups(then: int | None, now: int | None) -> Iterator[PolicyChange]:
    """A version from before there were backups, or without any, kept them for no time at all."""
    if now != then:
        words = f"A backup: kept {days(now or 0)}, was {days(then or 0)}"
        yield PolicyChange(
            ("retention", "backup_days"), "P43", words, looser=(now or 0) > (then or 0)
        )


def ways_of_keeping(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """What was sealed or not stored is kept in another way."""
    for name, old, new in both(before, after, "fields"):
        was, now = _way(old), _way(new)
        if was != now:
            strictness = ("not stored", "sealed", "stored")
            yield PolicyChange(
                ("collection", "fields", name),
                new["clause"],
                f"{capital(new['words'])}: {now}, was {was}",
                looser=strictness.index(now) > strictness.index(was),
            )


def kinds(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """Kinds of data come, go, or become others under an old name."""
    for name, new in added(before, after, "fields"):
        bases = {after["purposes"][p]["basis"] for p in new["purposes"]}
        used = uses(after, new["purposes"])
        yield PolicyChange(
            ("collection", "fields", name),
            new["clause"],
            f"New kind of data: {new['words']}, to {used}",
            # What a contract needs, the law wants or a person agrees to is asked for openly.
            looser="legitimate_interest" in bases,
            material=True,
        )
    for name, old in removed(before, after, "fields"):
        yield PolicyChange(
            ("collection", "fields", name),
            old["clause"],
            f"No longer collected: {old['words']}",
        )
    for name, old, new in both(before, after, "fields"):
        same = same_words(old["words"], new["words"]) and old["category"] == new["category"]
        if not same:
            yield PolicyChange(
                ("collection", "fields", name),
                new["clause"],
                f"Another kind of data: {new['words']} ({new['category']}), "
                f"was {old['words']} ({old['category']})",
                looser=True,
            )


def purposes(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """What was given for one purpose is used for another."""
    for name, old, new in both(before, after, "fields"):
        path = ("collection", "fields", name)
        more = [p for p in new["purposes"] if p not in old["purposes"]]
        for purpose in more:
            asked = after["purposes"][purpose]["basis"] == "consent"
            yield PolicyChange(
                path,
                new["clause"],
                f"{capital(new['words'])}: now also to {uses(after, [purpose])}"
                + (", if you agree" if asked else ""),
                material=True,
                refused=""
                if asked
                else "Declare a new field for it, or rest the purpose on consent: what was "
                "given for one purpose is not used for another.",
            )
        fewer = [p for p in old["purposes"] if p not in new["purposes"]]
        if fewer:
            words = f"{capital(new['words'])}: no longer to {uses(before, fewer)}"
            yield PolicyChange(path, new["clause"], words)


def recipients(before: Facts, after: Facts) -> Iterator[PolicyChange]:
    """A kind of data goes to someone else, or no longer does."""
    for name, old, new in both(before, after, "fields"):
        path = ("collection", "fields", name)
        for receiver in new["recipients"]:
            if receiver not in old["recipients"]:
                words = after["recipients"][receiver]["words"]
                yield PolicyChange(
                    path,
                    new["clause"],
                    f"{capital(new['words'])}: now goes to {words}",
                    looser=True,
                )
        for receiver in old["recipients"]:
            if receiver not in new["recipients"]:
                words = before["recipients"][receiver]["words"]
                yield PolicyChange(
                    path, new["clause"], f"{capital(new['words'])}: no longer goes to {words}"
                )


def _way(field: Entry) -> str:
    if field["sealed"]:
        return "sealed"
    return "stored" if field["stored"] else "not stored"
