"""One difference between two versions of a policy, and what the rules that find them share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from upheld.policy.stated import Facts

Entry = Mapping[str, Any]
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One difference. `path` is where it stands in `policy.toml`. `looser` asks for the second
    step; `material` is told by mail, which everything looser is; `refused` is the way out where
    no second step allows it."""

    path: tuple[str, ...]
    clause: str
    words: str
    looser: bool = False
    material: bool = False
    refused: str = ""


def added(before: Facts, after: Facts, kind: str) -> list[tuple[str, Entry]]:
    """What of this kind stands in `after` alone."""
    return [(name, entry) for name, entry in after[kind].items() if name not in before[kind]]


def removed(before: Facts, after: Facts, kind: str) -> list[tuple[str, Entry]]:
    """What of this kind stands in `before` alone."""
    return added(after, before, kind)


def both(before: Facts, after: Facts, kind: str) -> Iterator[tuple[str, Entry, Entry]]:
    """What of this kind stands in both: name, as it was, as it is."""
    for name, new in after[kind].items():
        if name in before[kind]:
            yield name, before[kind][name], new


def uses(facts: Facts, purposes: list[str]) -> str:
    """The words of these purposes in one phrase."""
    return " and to ".join(facts["purposes"][name]["words"] for name in purposes)


def capital(words: str) -> str:
    """The words as a line begins."""
    return words[:1].upper() + words[1:]


def spoken(word: str) -> str:
    """A name of ours as people write it."""
    return word.replace("_", " ")


def same_words(before: str, after: str) -> bool:
    """Whether two texts differ at most in their numbers. Numbers in words are facts, and each
    fact's own change is told by itself."""
    return _NUMBER.sub("#", before) == _NUMBER.sub("#", after)
