"""Which relays are safe, and TLS to one."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from tests.upheld.promises.disclosure.certificate import write_certificate
from tests.upheld.promises.mail.conftest import Caught, catching, free_port
from tests.upheld.promises.mail.test_content import ENVELOPE, content
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure import Disclosure, disclose
from upheld.promises.mail import relay as relay_module
from upheld.promises.mail.content import build_message
from upheld.promises.mail.relay import (
    Relay,
    RelayFailed,
    RelayRefused,
    RelayUrlUnsafe,
    hand_over,
    read_relay,
)

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]
NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
NAME = "larkfield.example.com"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://u%40x:p%2Fw@mail.example.com",
         Relay("mail.example.com", 465, True, "u@x", "p/w")),
        ("smtps://mail.example.com:2465", Relay("mail.example.com", 2465, True)),
        ("smtp://127.0.0.1:1025", Relay("127.0.0.1", 1025, False)),
        ("smtp://[::1]", Relay("::1", 25, False)),
        ("smtp://localhost", Relay("localhost", 25, False)),
    ],
)  # fmt: skip
def test_safe_addresses(url: str, expected: Relay) -> None:
    assert read_relay(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "smtp://mail.example.com", "smtp://u:secret@10.0.0.1:25", "smtp://localhost.example.com",
        "http://127.0.0.1", "smtps://", "", "mail.example.com", "smtps://host:secret",
        "smtps://host/path", "smtps://[secret",
    ],
)  # fmt: skip
def test_unsafe_addresses_are_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(RelayUrlUnsafe) as refusal:
        read_relay(url)
    assert "secret" not in str(refusal.value)


def test_a_password_is_not_shown() -> None:
    assert "pw" not in repr(read_relay("smtps://user:pw@mail.example.com"))


@pytest.fixture
def row() -> Disclosure:
    return disclose(
        "mail_relay",
        subject=UUID(int=1),
        fields=("order.email",),
        purpose="deliver_order",
        now=NOW,
    )


def test_a_letter_arrives_and_says_neither_machine_nor_more(row: Disclosure, relay: Caught) -> None:
    hand_over(row, build_message(content(), ENVELOPE), read_relay(relay.url), NAME)
    assert relay.recipients == ["anna@example.com"]
    assert relay.greeted_as == [NAME]
    text = relay.messages[0].get_body(("plain",))
    assert text is not None and text.get_content() == "Hello.\r\n.\r\nDone.\r\n"


def test_an_address_beyond_ascii_goes_where_it_is_understood(
    row: Disclosure, relay: Caught
) -> None:
    message = build_message(content(to="ännä@example.com"), ENVELOPE)
    hand_over(row, message, read_relay(relay.url), NAME)
    assert relay.recipients == ["ännä@example.com"]
    assert str(relay.messages[0]["To"]) == "ännä@example.com"


def test_an_undeclared_relay_gets_nothing(row: Disclosure, relay: Caught) -> None:
    with pytest.raises(UndeclaredDisclosure, match="no declared host"):
        hand_over(
            row,
            build_message(content(), ENVELOPE),
            Relay("mail.example.com", 465, True),
            NAME,
        )
    assert relay.messages == []


@pytest.mark.parametrize(
    ("recipient", "data", "expected"),
    [
        ("550 anna@example.com unknown", "250 OK", RelayRefused),
        ("250 OK", "554 anna@example.com looks bad", RelayRefused),
        ("450 anna@example.com busy", "250 OK", RelayFailed),
        ("250 OK", "451 later, anna@example.com", RelayFailed),
    ],
)
def test_the_relays_word_counts_and_is_not_repeated(
    row: Disclosure, relay: Caught, recipient: str, data: str, expected: type[Exception]
) -> None:
    relay.answer_recipient, relay.answer_data = recipient, data
    with pytest.raises(expected) as failure:
        hand_over(row, build_message(content(), ENVELOPE), read_relay(relay.url), NAME)
    assert "anna" not in str(failure.value) and failure.value.__suppress_context__


def test_implicit_tls_is_verified(
    row: Disclosure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_certificate(tmp_path / "relay.pem", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    caught, port = Caught(), free_port()
    message = build_message(content(), ENVELOPE)
    # The controller waits until it is greeted over TLS, so it must know its own certificate.
    with catching(caught, port, context):
        with pytest.raises(RelayFailed, match="EgressFailed"):
            hand_over(row, message, Relay("127.0.0.1", port, True), NAME)
        assert caught.messages == []
        trusting = ssl.create_default_context(cafile=str(file))
        monkeypatch.setattr(relay_module, "tls_context", lambda: trusting)
        hand_over(row, message, Relay("127.0.0.1", port, True), NAME)
    assert len(caught.messages) == 1


def test_a_relay_that_fails_after_accepting_has_accepted(
    row: Disclosure, relay: Caught, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a rude farewell would send the letter twice."""

    def rude(self: object) -> None:
        raise relay_module.smtplib.SMTPResponseException(421, b"bye")

    monkeypatch.setattr(relay_module.smtplib.SMTP, "quit", rude)
    hand_over(row, build_message(content(), ENVELOPE), read_relay(relay.url), NAME)
    assert len(relay.messages) == 1
