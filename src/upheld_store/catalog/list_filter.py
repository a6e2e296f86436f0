"""What the list page was asked for: words, a category, a page. Anything else is refused
with a sentence that names the way out."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

QUERY_LENGTH_MAX = 100
WORDS_MAX = 8
PAGE_MAX = 10_000


class FilterRefused(Exception):
    """The question cannot be answered; the message is for the visitor."""


@dataclass(frozen=True, slots=True)
class ListFilter:
    """A question the list page can answer."""

    query: str = ""
    category: str = ""
    page: int = 1

    @property
    def words(self) -> tuple[str, ...]:
        """The query's words, each once, in order."""
        return tuple(dict.fromkeys(self.query.lower().split()))


def read_filter(asked: Mapping[str, str], categories: Collection[str]) -> ListFilter:
    """`?q=&category=&page=` → a filter. Raises `FilterRefused`."""
    query = " ".join(asked.get("q", "").split())
    category = asked.get("category", "")
    page = asked.get("page", "") or "1"
    if len(query) > QUERY_LENGTH_MAX:
        raise FilterRefused(
            f"That is more than {QUERY_LENGTH_MAX} characters. Try the two or three words "
            "that matter most."
        )
    if any(not character.isprintable() for character in query):
        raise FilterRefused("Those words hold a character we cannot look for. Please type them.")
    if len(query.split()) > WORDS_MAX:
        raise FilterRefused(f"We look for {WORDS_MAX} words at most. Please leave some out.")
    if category and category not in categories:
        raise FilterRefused("We have no such category. Here is everything instead.")
    if not re.fullmatch(r"[1-9][0-9]{0,4}", page) or int(page) > PAGE_MAX:
        raise FilterRefused("There is no such page. Here is the first one.")
    return ListFilter(query, category, int(page))
