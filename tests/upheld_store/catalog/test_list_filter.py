"""What the list page may be asked, and the sentence for everything else."""

from __future__ import annotations

import pytest

from upheld_store.catalog.list_filter import FilterRefused, read_filter

CATEGORIES = {"scripts"}


def test_words_are_split_and_said_once() -> None:
    asked = read_filter({"q": "  Rook  rook tide ", "category": "scripts", "page": "2"}, CATEGORIES)
    assert (asked.words, asked.category, asked.page) == (("rook", "tide"), "scripts", 2)


def test_no_question_is_everything() -> None:
    asked = read_filter({}, CATEGORIES)
    assert (asked.words, asked.category, asked.page) == ((), "", 1)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"q": "x" * 101}, "more than 100 characters"),
        ({"q": "a\x00b"}, "a character we cannot look for"),
        ({"q": "a b c d e f g h i"}, "8 words at most"),
        ({"category": "cars"}, "no such category"),
        ({"page": "0"}, "no such page"),
        ({"page": "-1"}, "no such page"),
        ({"page": "1.5"}, "no such page"),
        ({"page": "٣"}, "no such page"),
        ({"page": "99999"}, "no such page"),
    ],
)
def test_what_cannot_be_answered_gets_a_sentence(asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(FilterRefused, match=sentence):
        read_filter(asked, CATEGORIES)
