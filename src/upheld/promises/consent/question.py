"""What a page asks, and what comes back with the answer: the words, and proof of which they were.

A form that was rendered under one version of the policy may be sent under the next. So the form
carries, signed, which words it showed; the answer is recorded of those, or asked again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core import signing

from upheld.policy import Policy, current
from upheld.policy.errors import ActRefused, UndeclaredPurpose
from upheld.policy.facts import plain

# The hidden input that carries `Question.token`.
SHOWN_INPUT = "consent_shown"
_SIGNER_SALT = "upheld.consent.question"


class WordsChanged(ActRefused):
    """What the person saw is not what would be recorded: show the question again."""


@dataclass(frozen=True, slots=True)
class Question:
    """One purpose in the words that are shown beside its empty box. `scope` names what the words
    stand for: fields and recipients, which may change while the sentence stays."""

    purpose: str
    text: str
    scope: str
    policy_version: int

    @property
    def text_hash(self) -> str:
        """SHA-256 of the exact text."""
        return hash_of(self.text)

    @property
    def purpose_words(self) -> str:
        """What the consent is for, in a few words, as a heading over the question."""
        return current().purposes[self.purpose].words

    def token(self) -> str:
        """For the form's hidden input `consent_shown`: tells the version and the words, and
        cannot be made by anyone else."""
        shown = [self.purpose, self.policy_version, self.text_hash, self.scope]
        return signing.Signer(salt=_SIGNER_SALT).sign_object(shown)


def question(purpose: str, policy: Policy | None = None) -> Question:
    """What a page asks for `purpose` today. Raises `UndeclaredPurpose` where the purpose does
    not rest on consent."""
    policy = policy or current()
    declared = policy.purposes.get(purpose)
    if declared is None or declared.basis != "consent":
        raise UndeclaredPurpose(
            clause=declared.clause if declared else "P46",
            field=purpose,
            problem="does not rest on consent",
            remedy='Give the purpose basis = "consent" in policy.toml, or do not ask.',
        )
    text = text_for(declared.words, declared.ask)
    return Question(purpose, text, _scope(policy, purpose), policy.version)


def questions() -> list[Question]:
    """One for each purpose of the policy in force that rests on consent."""
    policy = current()
    named = [name for name, each in policy.purposes.items() if each.basis == "consent"]
    return [question(name, policy) for name in named]


def answered(token: str, purpose: str) -> Question:
    """The question that the form with this token showed. Where words and scope still stand, it
    is recorded under the version it was shown under. Raises `WordsChanged` where they changed
    since, or where the token is none of ours."""
    today = question(purpose)
    try:
        shown, version, text_hash, scope = signing.Signer(salt=_SIGNER_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError):
        shown = None
    if shown != purpose or (text_hash, scope) != (today.text_hash, today.scope):
        raise WordsChanged(
            "What you were asked has changed since this page was shown. Please read it again; "
            "nothing was recorded."
        )
    return Question(purpose, today.text, today.scope, version)


def text_for(words: str, ask: str) -> str:
    """The sentence beside the box: the owner's, or one made of the purpose's words."""
    return ask or f"I agree to this use of my data: to {plain(words)}."


def hash_of(text: str) -> str:
    """SHA-256 of a text as it was shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def _scope(policy: Policy, purpose: str) -> str:
    """A digest of what the consent would cover: the words of the purpose, its fields, and who
    may get them for it."""
    recipients = {n for n, each in policy.recipients.items() if purpose in each.purposes}
    covered = [
        f"{field.name}>{','.join(sorted(field.recipients & recipients))}"
        for field in policy.fields.values()
        if purpose in field.purposes
    ]
    return hash_of("\n".join([policy.purposes[purpose].words, *sorted(covered)]))[:32]
