"""The message as it goes out, and words that would become something else."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from upheld.policy.model import Controller
from upheld.promises.mail.content import Content, Envelope, UnfitContent, build_message

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
SENDER = Controller(
    "Larkfield, Software & Co.",
    "https://larkfield.example.com",
    "12 Mill Lane",
    "privacy@larkfield.example.com",
    "+1 202-555-0143",
)
ENVELOPE = Envelope("receipt", "<1@larkfield.example.com>", SENDER, NOW)


def content(to: str = "anna@example.com", subject: str = "Your order") -> Content:
    return Content(to, subject, "Hello.\n.\nDone.\n", "<p>Hello.</p>")


def test_the_headers_say_what_it_is() -> None:
    message = build_message(content(), ENVELOPE)
    assert {name: str(value) for name, value in message.items()} == {
        "From": '"Larkfield, Software & Co." <privacy@larkfield.example.com>',
        "To": "anna@example.com",
        "Subject": "Your order",
        "Date": "Thu, 24 Dec 2026 12:00:00 +0000",
        "Message-ID": "<1@larkfield.example.com>",
        "Auto-Submitted": "auto-generated",
        "X-Upheld-Mail": "receipt",
        "MIME-Version": "1.0",
        "Content-Type": "multipart/alternative",
    }
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"7bit"}


@pytest.mark.parametrize(("text", "encoding"), [("Grüße\n", "8bit"), ("é" * 500 + "\n", "base64")])
def test_the_words_arrive_as_they_were_written(text: str, encoding: str) -> None:
    built = build_message(Content("anna@example.com", "Your order", text, "<p>x</p>"), ENVELOPE)
    read = message_from_bytes(built.as_bytes(), EmailMessage, policy=policy.default)
    plain = read.get_body(("plain",))
    assert plain is not None
    assert (plain.get_content(), plain["Content-Transfer-Encoding"]) == (text, encoding)


def test_it_is_the_same_message_each_time() -> None:
    """Apart from the boundary between its parts."""
    first, second = build_message(content(), ENVELOPE), build_message(content(), ENVELOPE)
    assert first.items() == second.items()


@pytest.mark.parametrize(
    "subject",
    [
        "Hi\nBcc: eve@example.com", "Hi\r\nBcc: eve@example.com", "Hi\rX: y", "Hi\x00",
        "Hi\x0bX: y", "Hi\x0cX: y", "Hi\x85X: y",
        "Hi\u2028X: y", "Hi\u2029X: y", "Hi\x1cX: y", "Hi\ud800",
        "", "   ", "x" * 400, "\nHi", "Hi\n",
    ],
)  # fmt: skip
def test_a_subject_is_one_line(subject: str) -> None:
    with pytest.raises(UnfitContent) as refusal:
        build_message(content(subject=subject), ENVELOPE)
    assert "eve" not in str(refusal.value) and refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.com\nBcc: eve@example.com", "anna@example.com\r\n", "\nanna@example.com",
        "anna@example.com, eve@example.com", "anna@example.com;eve@example.com",
        "anna@example.com eve@example.com", "Anna <anna@example.com>", "<anna@example.com>",
        "anna@example.com>\nRCPT TO:<eve@example.com", "anna", "@example.com", "anna@", "",
        "a@b@example.com", '"a b"@example.com', "anna(x)@example.com", "anna@example.com\u2028",
        "group: anna@example.com;", "anna@exa\tmple.com", "anna@[127.0.0.1]", "anna@example..com",
        "a" * 65 + "@example.com",
    ],
)  # fmt: skip
def test_an_address_is_one_bare_address(address: str) -> None:
    with pytest.raises(UnfitContent):
        build_message(content(to=address), ENVELOPE)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("anna+shop@example.com", "anna+shop@example.com"),
        ("o'hara.b-c_d@mail.example.com", "o'hara.b-c_d@mail.example.com"),
        ("anna@bücher.example.com", "anna@xn--bcher-kva.example.com"),
    ],
)
def test_real_addresses_pass(address: str, written: str) -> None:
    assert str(build_message(content(to=address), ENVELOPE)["To"]) == written


@pytest.mark.parametrize("subject", ["Ihre Bestellung – 注文 👩‍💻", " ".join(["Wörter"] * 40)])
def test_a_subject_in_any_script_passes(subject: str) -> None:
    sent = build_message(content(subject=subject), ENVELOPE).as_bytes()
    assert sent.partition(b"\n\n")[0].isascii()
    assert max(map(len, sent.splitlines())) < 100
    read = message_from_bytes(sent, EmailMessage, policy=policy.default)
    assert str(read["Subject"]) == subject
    assert read["Bcc"] is None


def test_content_does_not_show_itself() -> None:
    assert "anna" not in repr(content())
