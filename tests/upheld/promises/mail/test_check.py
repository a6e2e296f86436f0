"""What stops the start."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pytest_django import Settings

from upheld.policy import Policy, current
from upheld.promises.mail.check import check

SAFE = "smtp://127.0.0.1:1025"


@pytest.fixture(autouse=True)
def _safe_relay(settings: Settings) -> None:
    settings.UPHELD_SMTP_URL = SAFE


def problems(policy: Policy) -> list[str]:
    return [finding.problem for finding in check(policy)]


def inventory(**values: Any) -> Policy:
    policy = current()
    return dataclasses.replace(policy, inventory=dataclasses.replace(policy.inventory, **values))


def relay(**values: Any) -> Policy:
    policy = current()
    changed = dataclasses.replace(policy.recipients["mail_relay"], **values)
    return dataclasses.replace(policy, recipients={**policy.recipients, "mail_relay": changed})


def test_the_demo_may_start() -> None:
    assert check(current()) == []


def test_each_renderer_exists_and_serves_a_declared_mail() -> None:
    mails = dict(current().inventory.mails)
    missing = inventory(mails={"receipt": mails["receipt"]})
    assert sorted(problems(missing)) == [
        f"nothing renders the declared mail {name}" for name in sorted({*mails} - {"receipt"})
    ]
    (extra,) = problems(inventory(mails={**mails, "flattery": "a:b"}))
    assert "names no such mail" in extra
    for path in ("upheld_store.no_such:render", "upheld_store.orders.mails:no_such", "nothing"):
        assert "does not exist" in problems(inventory(mails={**mails, "receipt": path}))[0]


def test_the_job_must_be_able_to_render() -> None:
    callers = {key: names - {"send_mail"} for key, names in current().inventory.callers.items()}
    first, *_ = check(inventory(callers=callers))
    assert "may not hold deliver_order" in first.problem
    assert first.remedy == 'Add "send_mail" to [purposes.deliver_order] jobs.'


def test_the_relay_is_a_declared_recipient() -> None:
    policy = current()
    others = {name: r for name, r in policy.recipients.items() if name != "mail_relay"}
    assert problems(dataclasses.replace(policy, recipients=others)) == [
        "mails are declared, but mail_relay is no recipient"
    ]
    assert "may get nothing for deliver_order" in problems(relay(purposes=frozenset()))[0]
    assert problems(relay(hosts=frozenset({"mail.example.com"}))) == [
        "127.0.0.1 is no declared host of mail_relay"
    ]
    without_mails = inventory(mails={})
    assert check(dataclasses.replace(without_mails, recipients=others, mails={})) == []


def test_a_relay_in_the_clear_stops_the_start(settings: Settings) -> None:
    settings.UPHELD_SMTP_URL = "smtp://user:secret@mail.example.com"
    (finding,) = check(current())
    assert "in the clear" in finding.problem and "secret" not in str(finding)
    settings.UPHELD_SMTP_URL = "smtps://user:secret@mail.example.com"
    assert check(relay(hosts=frozenset({"mail.example.com"}))) == []
