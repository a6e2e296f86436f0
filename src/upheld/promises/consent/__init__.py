"""Consent: given and withdrawn, never assumed, bound to the words that were shown."""

from __future__ import annotations

from upheld.promises.consent.gate import (
    agree,
    give,
    live,
    live_among,
    live_at,
    take_back,
    withdraw,
)
from upheld.promises.consent.models import ConsentRecord
from upheld.promises.consent.question import (
    SHOWN_INPUT,
    Question,
    WordsChanged,
    hash_of,
    question,
    questions,
    text_for,
)

__all__ = [
    "SHOWN_INPUT",
    "ConsentRecord",
    "Question",
    "WordsChanged",
    "agree",
    "give",
    "hash_of",
    "live",
    "live_among",
    "live_at",
    "question",
    "questions",
    "take_back",
    "text_for",
    "withdraw",
]
