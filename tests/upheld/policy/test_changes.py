"""Twenty loosened and tightened policies, edited as an owner edits them: each difference is told in
plain words, and what loosens a promise is known as such."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.upheld.policy.owner_folder import OwnerFolder
from upheld.policy.change import PolicyChange
from upheld.policy.changes import compare, is_looser, is_material
from upheld.policy.facts import plain
from upheld.policy.stated import digest_of_facts, same_facts, state


@dataclass(frozen=True)
class Edit:
    """What an owner writes in `policy.toml` instead of what stands there, and what is told."""

    old: str
    new: str
    told: str


_EMAIL = '"order.email"        = { clause = "P10", words = "your e-mail address", '
_RELAY = '[disclosure.mail_relay]\nclause = "P24"'
_NEW_RECIPIENT = (
    '[disclosure.helper]\nclause = "P24"\nwords = "a helper of ours"\nrole = "processor"\n'
    'country = "US"\npurposes = ["deliver_order"]\nhosts = ["127.0.0.1"]\n'
    "agreement = { signed = 2026-01-15, expires = 2028-01-15, attested = 2026-06-30 }\n\n"
)
LOOSER = {
    "a longer vault": Edit("= 60", "= 90", "Private financial data: kept 90 days, was 60 days"),
    "a longer period": Edit(
        '"license.key"        = { clause = "P14", words = "your license keys", category = '
        '"user.unique_id.pseudonymous", purposes = ["deliver_order"], kept_days = 3650',
        '"license.key"        = { clause = "P14", words = "your license keys", category = '
        '"user.unique_id.pseudonymous", purposes = ["deliver_order"], kept_days = 7300',
        "Your license keys: kept 20 years, was 10 years",
    ),
    "a longer cookie": Edit(
        'words = "remembers what is in your cart"\nkept_days = 14',
        'words = "remembers what is in your cart"\nkept_days = 28',
        "The cookie cart: lasts 28 days, was 14 days",
    ),
    "a cookie that stays": Edit(
        "session = true", "kept_days = 30", "lasts 30 days, was until the browser closes"
    ),
    "less encryption": Edit("hsts_days = 365", "hsts_days = 30", "30 days, was 1 year"),
    "a shorter wait": Edit("cooling_off_days = 7", "cooling_off_days = 1", "waits 1 day where"),
    "a purpose in other words": Edit(
        'words = "deliver what you bought"',
        'words = "deliver what you bought and more"',
        "A purpose in other words: to deliver what you bought and more",
    ),
    "another kind under an old name": Edit(
        'words = "your name, if you give one"',
        'words = "your name and your friends"',
        "Another kind of data: your name and your friends",
    ),
    "another answer to signals": Edit(
        'signals = "Do Not Track', 'signals = "We hear Do Not Track', "How signals of your browser"
    ),
    "a recipient in another country": Edit(
        'words = "the mail server that carries our letters to you"\nrole = "processor"\n'
        'country = "US"',
        'words = "the mail server that carries our letters to you"\nrole = "processor"\n'
        'country = "BR"',
        "where: BR, was US",
    ),
}
TIGHTER = {
    "a shorter vault": Edit("= 60", "= 30", "Private financial data: kept 30 days, was 60 days"),
    "a shorter period": Edit(
        'purposes = ["deliver_order"], kept_days = 3650',
        'purposes = ["deliver_order"], kept_days = 1825',
        "Your license keys: kept 5 years, was 10 years",
    ),
    "a higher age": Edit("= 13", "= 16", "Minimum age: 16 years, was 13"),
    "a shorter cookie": Edit(
        'words = "remembers what is in your cart"\nkept_days = 14',
        'words = "remembers what is in your cart"\nkept_days = 7',
        "The cookie cart: lasts 7 days, was 14 days",
    ),
    "more encryption": Edit("hsts_days = 365", "hsts_days = 730", "2 years, was 1 year"),
    "a longer wait": Edit("cooling_off_days = 7", "cooling_off_days = 14", "waits 14 days where"),
    "a recipient less": Edit(
        'kept_days = 1095, recipients = ["mail_relay"] }\n"customer.phone"',
        'kept_days = 1095 }\n"customer.phone"',
        "no longer goes to the mail server",
    ),
    "a use less": Edit(
        'purposes = ["manage_account", "keep_signed_in"], kept_days = 1095 }',
        'purposes = ["manage_account"], kept_days = 1095 }',
        "no longer to keep you signed in",
    ),
    "an agreement renewed": Edit(
        "expires = 2028-01-15", "expires = 2029-01-15", "its agreement runs until 2029-01-15"
    ),
}


def differences(owner: OwnerFolder, edit: Edit) -> tuple[PolicyChange, ...]:
    before = state(owner.load())
    owner.edit(owner.policy_file, edit.old, edit.new)
    return compare(before, state(owner.load()))


def told(changes: tuple[PolicyChange, ...]) -> str:
    return "\n".join(plain(change.words) for change in changes)


@pytest.mark.parametrize("name", LOOSER)
def test_looser(owner: OwnerFolder, name: str) -> None:
    changes = differences(owner, LOOSER[name])
    assert is_looser(changes) and is_material(changes)
    assert LOOSER[name].told in told(changes)


@pytest.mark.parametrize("name", TIGHTER)
def test_tighter(owner: OwnerFolder, name: str) -> None:
    changes = differences(owner, TIGHTER[name])
    assert changes and not is_looser(changes)
    assert TIGHTER[name].told in told(changes)


def test_a_lower_age(owner: OwnerFolder) -> None:
    owner.edit(owner.policy_file, "= 13", "= 16")
    changes = differences(owner, Edit("= 16", "= 14", ""))
    assert is_looser(changes) and told(changes) == "Minimum age: 14 years, was 16"


def test_a_new_recipient(owner: OwnerFolder) -> None:
    before = state(owner.load())
    owner.edit(owner.policy_file, _RELAY, _NEW_RECIPIENT + _RELAY)
    text = owner.policy_file.read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith('"order.name"'))
    more = row.replace('["mail_relay"]', '["mail_relay", "helper"]')
    owner.edit(owner.policy_file, row, more)
    changes = compare(before, state(owner.load()))
    assert [change.looser for change in changes].count(True) == 2
    assert "New recipient: a helper of ours (US)" in told(changes)
    assert "Your name, if you give one: now goes to a helper of ours" in told(changes)


def test_a_dropped_clause(owner: OwnerFolder) -> None:
    before = state(owner.load())
    file = owner.policy / "clauses" / "about.md"
    text = file.read_text("utf-8")
    file.write_text(text[: text.index("## P37")], "utf-8")
    changes = compare(before, state(owner.load()))
    assert is_looser(changes) and "Clause P37 is dropped" in told(changes)


def test_a_wider_purpose_of_what_is_held_is_refused(owner: OwnerFolder) -> None:
    wider = _EMAIL + 'category = "user.contact.email", purposes = ["deliver_order", "support"'
    (change,) = differences(owner, Edit(wider, wider + ', "oversee"', ""))
    assert "Declare a new field" in change.refused
    assert plain(change.words).startswith("Your e-mail address: now also to record what staff")


def test_what_a_person_agrees_to_is_no_loosening(owner: OwnerFolder) -> None:
    before = state(owner.load())
    news = 'send_news = { clause = "P46", words = "send you news", basis = "consent" }\n'
    owner.edit(owner.policy_file, "check_age     =", news + "check_age     =")
    wider = _EMAIL + 'category = "user.contact.email", purposes = ["deliver_order", "support"'
    owner.edit(owner.policy_file, wider, wider + ', "send_news"')
    changes = compare(before, state(owner.load()))
    assert not is_looser(changes) and is_material(changes)
    assert not any(change.refused for change in changes)
    assert "now also to send you news, if you agree" in told(changes)


def test_hosts_and_caps_are_no_promise(owner: OwnerFolder) -> None:
    before = state(owner.load())
    owner.edit(owner.policy_file, 'hosts = ["127.0.0.1"]', 'hosts = ["pay.example.com"]')
    owner.edit(owner.policy_file, "rows_max = 500", "rows_max = 50")
    owner.edit(owner.policy_file, "rows_per_run_max       = 10000", "rows_per_run_max = 5000")
    assert digest_of_facts(state(owner.load())) == digest_of_facts(before)


def test_other_words_are_told_and_loosen_nothing(owner: OwnerFolder) -> None:
    before = state(owner.load())
    owner.edit(owner.policy / "clauses" / "about.md", "not to be studied", "not to be watched")
    (change,) = compare(before, state(owner.load()))
    assert plain(change.words) == "Clause P01 in other words: We respect your privacy"
    assert not (change.looser or change.material)


def test_a_new_kind_of_data(owner: OwnerFolder) -> None:
    before = state(owner.load())
    size = (
        '"order.shoe_size" = { clause = "P10", words = "your shoe size", category = '
        '"user.content", purposes = ["deliver_order"], stored = false }\n'
    )
    owner.edit(owner.policy_file, '"order.name"', size + '"order.name"')
    changes = compare(before, state(owner.load()))
    assert "New kind of data: your shoe size, to deliver what you bought" in told(changes)
    assert is_material(changes) and not is_looser(changes)
    owner.edit(owner.policy_file, size, size.replace("deliver_order", "oversee"))
    assert is_looser(compare(before, state(owner.load())))


def test_what_outlives_an_erasure(owner: OwnerFolder) -> None:
    before = state(owner.load())
    owner.edit(owner.policy_file, "undo_days            = 3", "undo_days = 14")
    changes = compare(before, state(owner.load()))
    assert is_looser(changes) and "can be taken back for 14 days" in told(changes)


def test_an_upgrade_of_the_program_edits_nobodys_policy(owner: OwnerFolder) -> None:
    facts = state(owner.load())
    frozen = {key: value for key, value in facts.items() if key != "erasure"}
    frozen["fields"] = {
        name: {key: value for key, value in field.items() if key != "sealed"}
        for name, field in facts["fields"].items()
    }
    assert same_facts(frozen, facts) and not same_facts(facts, frozen)
    assert "erasure" not in str(compare({**facts, **frozen}, facts))
    fewer = {**facts, "fields": {"order.email": facts["fields"]["order.email"]}}
    assert not same_facts(fewer, facts) and not same_facts(facts, fewer)


def test_nothing_changed(owner: OwnerFolder) -> None:
    facts = state(owner.load())
    assert compare(facts, facts) == ()
