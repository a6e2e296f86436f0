"""Who was to get data, against who got it, and against every connection that was made."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction

from upheld.db import purpose
from upheld.db.purpose import now_in_force
from upheld.policy import Policy, Recipient
from upheld.policy.errors import NoProofOfConsent, UndeclaredDisclosure
from upheld.promises import consent
from upheld.promises.disclosure.agreements import attested_long_ago, standings
from upheld.promises.disclosure.closed import ways_that_are_open
from upheld.promises.disclosure.connections import KEPT_DAYS, connections
from upheld.promises.disclosure.departure import is_host_of
from upheld.promises.disclosure.gate import disclose, refuse_undeclared
from upheld.promises.disclosure.listing import disclosures_of
from upheld.promises.disclosure.models import Disclosure
from upheld.promises.proof import Kind, Proof, State
from upheld.promises.transport.card_probe import probe_forms

# Fewer say something about single people.
_SMALLEST_COUNT = 10
_WAYS = 6


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """P15, P19, P23, P24, P30 and P45, from the records and by trying the gate."""
    return [
        _connections_on_record(policy),
        _gateway(policy, now),
        _by_recipient(policy),
        _agreements(policy, now),
        _consents(policy, now),
        _shown(policy, now),
    ]


def _connections_on_record(policy: Policy) -> Proof:
    """P15: each connection belongs to a disclosure on record, and led to its recipient."""
    passed = ways_that_are_open()
    if passed:
        return _proof("P15", "broken", _WAYS, f"A way out is open past the gate: {passed[0]}.")
    made, refused = 0, 0
    for connection in connections():
        if connection.disclosure_id is None:
            refused += 1
            continue
        made += 1
        row = Disclosure.objects.filter(pk=connection.disclosure_id).first()
        recipient = policy.recipients.get(row.recipient) if row else None
        if row is None:
            text = f"A connection to {connection.host} has no disclosure on record."
            return _proof("P15", "broken", made, text)
        if recipient and not is_host_of(recipient, connection.host):
            text = f"A connection to {connection.host} is on record as one to {recipient.name}."
            return _proof("P15", "broken", made, text)
    text = (
        f"{made} connections in the last {KEPT_DAYS} days, each on a disclosure on record and to "
        f"its recipient; {_WAYS} ways round the gate were tried and refused"
    )
    text += f". Other code was refused {refused} times." if refused else "."
    return _proof("P15", "kept", made + _WAYS, text)


def _gateway(policy: Policy, now: datetime) -> Proof:
    """P19 is sworn, by the agreement; that no form takes a card number is tried beside it."""
    today = now.astimezone(UTC).date()
    bound = [each for each in standings(policy, today) if each.recipient.clause == "P19"]
    if not bound:
        return Proof("P19", "unproven", None, 0, "No recipient is declared under this clause.")
    probe = probe_forms(policy)
    population = len(bound) + probe.inputs
    if probe.let_through:
        text = f"A card number could be typed into {probe.let_through[0]}."
        return _proof("P19", "broken", population, text)
    words = []
    state: State = "kept"
    for each in bound:
        agreement = each.recipient.agreement
        if agreement is None or not each.is_usable:
            return _proof("P19", "broken", population, f"{each.recipient.name}: {each.standing}.")
        if attested_long_ago(each.recipient, today):
            state = "late"
        words.append(
            f"{each.recipient.name}: agreement until {agreement.expires}, attested "
            f"{agreement.attested}"
        )
    text = f"{'; '.join(words)}. {probe.inputs} inputs of ours refuse card numbers."
    return _proof("P19", state, population, text, "sworn")


def _by_recipient(policy: Policy) -> Proof:
    """P23: what is on record went to whom the policy names, and nothing else did."""
    counts: Counter[str] = Counter()
    for row in Disclosure.objects.order_by("pk").iterator():
        counts[row.recipient] += 1
        if row.policy_version == policy.version and (wrong := _why_not(row, policy)):
            return _proof("P23", "broken", counts.total(), wrong, "counted")
    if not counts:
        tried = _refusals_of_a_stranger(policy)
        state: State = "kept" if tried else "broken"
        return _proof("P23", state, 1, "Nothing has left yet; a stranger was refused.")
    told = "; ".join(f"{name} {_rounded(count)}" for name, count in sorted(counts.items()))
    text = f"{counts.total()} disclosures: {told}. None to anybody else."
    if not _refusals_of_a_stranger(policy):
        return _proof("P23", "broken", counts.total(), "The gate would give a stranger data.")
    return _proof("P23", "kept", counts.total(), text, "counted")


def _why_not(row: Disclosure, policy: Policy) -> str | None:
    recipient = policy.recipients.get(row.recipient)
    if recipient is None or row.purpose not in recipient.purposes:
        return f"A disclosure to {row.recipient} for {row.purpose} is none the policy knows."
    for name in row.fields:
        field = policy.fields.get(name)
        if field is None or row.recipient not in field.recipients:
            return f"{name} went to {row.recipient}, which the policy does not let have it."
    return None


def _refusals_of_a_stranger(policy: Policy) -> bool:
    return _is_refused("stranger", min(policy.fields), "none", datetime(2000, 1, 1, tzinfo=UTC))


def _is_refused(recipient: str, field: str, purpose_name: str, now: datetime) -> bool:
    try:
        refuse_undeclared(recipient, fields=[field], purpose=purpose_name, now=now)
    except UndeclaredDisclosure:
        return True
    return False


def _agreements(policy: Policy, now: datetime) -> Proof:
    """P24: nobody got anything outside the days of their agreement, and on the day after its
    last the gate refuses."""
    found = standings(policy, now.astimezone(UTC).date())
    if not found:
        return Proof("P24", "unproven", None, 0, "No recipient is declared.")
    looked = 0
    for each in found:
        for at in _moments(each.recipient):
            looked += 1
            if _covers(each.recipient, at):
                continue
            text = f"{each.recipient.name} got data on {at:%Y-%m-%d} without an agreement."
            return _proof("P24", "broken", looked + len(found), text)
        if not _refused_after(each.recipient):
            text = f"{each.recipient.name} would get data after its agreement's last day."
            return _proof("P24", "broken", looked + len(found), text)
    bound = sum(each.is_usable for each in found)
    text = (
        f"{bound} of {len(found)} recipients are bound today; each is refused on the day after "
        f"its agreement's last. {looked} disclosures, each within an agreement."
    )
    if soon := [each for each in found if each.warns]:
        text += f" {soon[0].recipient.name}: {soon[0].standing}."
    return _proof("P24", "kept", looked + len(found), text)


def _moments(recipient: Recipient) -> Iterable[datetime]:
    rows = Disclosure.objects.filter(recipient=recipient.name).order_by("pk")
    return rows.values_list("at", flat=True).iterator()


def _covers(recipient: Recipient, at: datetime) -> bool:
    """Renewed, an agreement keeps the day it was first signed."""
    agreement, day = recipient.agreement, at.astimezone(UTC).date()
    return agreement is not None and agreement.signed <= day <= agreement.expires


def _refused_after(recipient: Recipient) -> bool:
    if recipient.agreement is None:
        return _is_refused(recipient.name, "none", "none", datetime(2000, 1, 1, tzinfo=UTC))
    last = recipient.agreement.expires
    after = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    try:
        refuse_undeclared(recipient.name, fields=["none"], purpose="none", now=after)
    except UndeclaredDisclosure as refusal:
        return refusal.clause == "P24"
    return False


def _consents(policy: Policy, now: datetime) -> Proof:
    """P30: each disclosure by consent had one that was live at its moment; without one, and after
    it was taken back, the gate refuses."""
    asked = {name for name, each in policy.purposes.items() if each.basis == "consent"}
    third = {name: r for name, r in policy.recipients.items() if r.purposes & asked}
    rows = Disclosure.objects.filter(purpose__in=asked).order_by("pk")
    looked = 0
    for row in rows.iterator():
        looked += 1
        if not consent.live_at(row.subject_id, row.purpose, row.at):
            text = f"Something went to {row.recipient} without a consent that was live."
            return _proof("P30", "broken", looked, text)
    tries = [try_ for name, r in sorted(third.items()) if (try_ := _tried(name, r, policy, now))]
    if not tries:
        if third or not _refusals_of_a_stranger(policy):
            text = "The gate could not be tried: this command may hold no such purpose."
            return Proof("P30", "unproven", None, looked, text)
        text = "No company gets anything by consent, and a stranger was refused."
        return _proof("P30", "kept", looked + 1, text)
    if wrong := [each for each in tries if each != "refused"]:
        return _proof("P30", "broken", looked + len(tries), wrong[0])
    text = (
        f"{looked} disclosures by consent, each with one that was live. Without a consent, and "
        f"after it was taken back, the gate refused {len(tries)} of {len(tries)} companies."
    )
    return _proof("P30", "kept", looked + len(tries), text)


def _tried(name: str, recipient: Recipient, policy: Policy, now: datetime) -> str | None:
    """Through the real gate, for a subject that nobody is; nothing of it is committed."""
    for purpose_name in sorted(recipient.purposes):
        fields = _fields(policy, name, purpose_name)
        if policy.purposes[purpose_name].basis != "consent" or not fields:
            continue
        if not _may_hold(policy, purpose_name):
            continue
        nobody = uuid.uuid4()
        text = consent.question(purpose_name).text
        with transaction.atomic(), purpose(purpose_name):
            before = _gives(name, nobody, fields, purpose_name, now)
            words = {"purpose": purpose_name, "text": text, "method": "proof", "now": now}
            consent.give(nobody, **words)  # type: ignore[arg-type]
            given = _gives(name, nobody, fields, purpose_name, now)
            consent.withdraw(nobody, **words)  # type: ignore[arg-type]
            after = _gives(name, nobody, fields, purpose_name, now)
            transaction.set_rollback(True)
        if before or after:
            return f"{name} would get data {'before' if before else 'after'} a consent."
        return "refused" if given else f"{name} gets nothing even with a consent."
    return None


def _gives(
    recipient: str, subject: uuid.UUID, fields: list[str], purpose_name: str, now: datetime
) -> bool:
    try:
        disclose(recipient, subject=subject, fields=fields, purpose=purpose_name, now=now)
    except NoProofOfConsent:
        return False
    return True


def _fields(policy: Policy, recipient: str, purpose_name: str) -> list[str]:
    return sorted(
        field.name
        for field in policy.fields.values()
        if recipient in field.recipients and purpose_name in field.purposes
    )


def _may_hold(policy: Policy, purpose_name: str) -> bool:
    place = now_in_force()
    if place.kind == "test":
        return True
    return place.kind != "none" and purpose_name in policy.inventory.purposes_of(
        place.kind, place.name
    )


def _shown(policy: Policy, now: datetime) -> Proof:
    """P45: a disclosure made through the real gate stands in what its person is shown."""
    stored = Disclosure.objects.count()
    for name, recipient in sorted(policy.recipients.items()):
        for purpose_name in sorted(recipient.purposes):
            fields = _fields(policy, name, purpose_name)
            basis = policy.purposes[purpose_name].basis
            usable = fields and basis != "consent" and _may_hold(policy, purpose_name)
            if not usable or not _covers(recipient, now):
                continue
            nobody = uuid.uuid4()
            with transaction.atomic(), purpose(purpose_name):
                disclose(name, subject=nobody, fields=fields, purpose=purpose_name, now=now)
                listed = disclosures_of([nobody])
                transaction.set_rollback(True)
            if [(each.recipient, each.at) for each in listed] != [(recipient.words, now)]:
                text = "A disclosure was made and is not shown to its person."
                return _proof("P45", "broken", stored + 1, text)
            text = f"{stored} disclosures on record; one made as a trial was shown in full."
            return _proof("P45", "kept", stored + 1, text)
    return Proof("P45", "unproven", None, stored, "No recipient could be tried here.")


def _rounded(count: int) -> str:
    return str(count) if count >= _SMALLEST_COUNT else f"under {_SMALLEST_COUNT}"


def _proof(
    promise: str, state: State, population: int, figure: str, kind: Kind = "tested"
) -> Proof:
    return Proof(promise, state, kind, population, figure)
