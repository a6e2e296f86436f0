"""Two versions of a policy → every difference in plain words, and which of them loosen it.

What a program cannot judge, such as a purpose in other words, counts as looser: then a second
person reads it, or time passes. Clauses are prose: that one was reworded is said and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from upheld.policy import changes_of_fields, changes_of_rest
from upheld.policy.change import PolicyChange
from upheld.policy.stated import Facts

Rule = Callable[[Facts, Facts], Iterator[PolicyChange]]
RULES: tuple[Rule, ...] = (
    changes_of_fields.periods,
    changes_of_fields.ways_of_keeping,
    changes_of_fields.kinds,
    changes_of_fields.purposes,
    changes_of_fields.recipients,
    changes_of_rest.purposes,
    changes_of_rest.recipients,
    changes_of_rest.cookies,
    changes_of_rest.mails,
    changes_of_rest.numbers,
    changes_of_rest.rights,
    changes_of_rest.sentences,
    changes_of_rest.clauses,
)


def compare(before: Facts, after: Facts) -> tuple[PolicyChange, ...]:
    """Every difference from `before` to `after`, the looser ones first. What the program could
    not state when `before` was frozen is compared from the next version on."""
    known = _completed(before, after)
    found = [change for rule in RULES for change in rule(known, after)]
    return tuple(sorted(found, key=lambda change: not (change.looser or change.refused)))


def _completed(before: Facts, after: Facts) -> Facts:
    """`before`, with what it does not state taken from `after`: whole parts, and properties of
    things that stand in both. A thing that `after` alone names is none that was not stated."""
    full = dict(before)
    for key, value in after.items():
        earlier = full.setdefault(key, value)
        if isinstance(earlier, dict) and isinstance(value, dict):
            full[key] = {
                name: {**value[name], **entry}
                if isinstance(entry, dict) and isinstance(value.get(name), dict)
                else entry
                for name, entry in earlier.items()
            }
    return full


def is_looser(changes: Iterable[PolicyChange]) -> bool:
    """Whether any of them needs the second step."""
    return any(change.looser for change in changes)


def is_material(changes: Iterable[PolicyChange]) -> bool:
    """Whether customers are told by mail."""
    return any(change.looser or change.material for change in changes)
