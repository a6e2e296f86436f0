"""The hosted page's HTML: no script, nothing from elsewhere, every value escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from practice_gateway.book import Dispute, Session
from practice_gateway.cards import Card

STYLE = files("practice_gateway").joinpath("page.css").read_bytes()

_PREFILLED = {
    "name": "Ada Example",
    "number": "4242 4242 4242 4242",
    "expiry": "12/34",
    "cvc": "123",
}
_INPUTS = (
    ("number", "Card number", "cc-number", "numeric"),
    ("expiry", "Expiry, month and year", "cc-exp", "numeric"),
    ("cvc", "Security code", "cc-csc", "numeric"),
    ("name", "Name on the card", "cc-name", "text"),
)
_CARDS = (
    ("4242 4242 4242 4242", "pays"),
    ("5555 5555 5555 4444", "pays, another brand"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0025 0000 3155", "asks for an extra step"),
)


def _page(title: str, body: str) -> bytes:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{escape(title)} · Practice gateway</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
</head>
<body>
<header><p class="brand">Practice gateway</p>
<p class="practice">Practice: no money moves</p></header>
<main>
{body}
</main>
<footer><p>This page belongs to the practice gateway, not to the store. It keeps what you type in
memory and forgets it when it stops.</p></footer>
</body>
</html>
""".encode()


def amount_of(session: Session) -> str:
    """Minor units as a person reads them."""
    digits = 0 if session.currency in {"jpy", "krw"} else 2
    return f"{session.amount / 10**digits:,.{digits}f} {session.currency.upper()}"


def _summary(session: Session) -> str:
    return (
        f'<p class="amount">{escape(amount_of(session))}</p>'
        f'<p class="what">{escape(session.description)}</p>'
    )


def pay(session: Session, problem: str = "", typed: Mapping[str, str] | None = None) -> bytes:
    """The card form, filled with a test card or with what was typed."""
    problem = problem or session.problem
    values = _PREFILLED if typed is None else typed
    inputs = "\n".join(
        f'<p class="field"><label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" value="{escape(values.get(name, ""))}" '
        f'autocomplete="{auto}" inputmode="{mode}" required></p>'
        for name, label, auto, mode in _INPUTS
    )
    alert = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    cards = "\n".join(f"<li><code>{n}</code> {what}</li>" for n, what in _CARDS)
    amount = escape(amount_of(session))
    return _page(
        "Pay",
        f"""<h1>Pay with a test card</h1>
{_summary(session)}
{alert}
<form method="post" action="/pay/{session.id}" novalidate>
{inputs}
<p class="buttons"><button name="do" value="pay">Pay {amount}</button>
<button name="do" value="decline" class="quiet">Decline this payment</button></p>
</form>
<p><a href="{escape(session.cancel_url)}">Back to the store without paying</a></p>
<section aria-labelledby="cards"><h2 id="cards">Test cards</h2>
<ul>{cards}</ul></section>""",
    )


def confirm(session: Session, card: Card) -> bytes:
    """The extra step that a card's bank may ask for."""
    return _page(
        "Confirm",
        f"""<h1>Your bank asks: is it you?</h1>
{_summary(session)}
<p>Card {escape(card.brand)} ending in {escape(card.last4)}.</p>
<form method="post" action="/pay/{session.id}/confirm">
<p class="buttons"><button name="do" value="confirm">Yes, pay</button>
<button name="do" value="refuse" class="quiet">No, it is not me</button></p>
</form>
<p><a href="{escape(session.cancel_url)}">Back to the store without paying</a></p>""",
    )


_DECIDED = {
    "needs_response": "Disputed. The bank has taken the money back until it decides.",
    "won": "The bank has decided for the store: the money is there again.",
    "lost": "The bank has decided for the buyer: the money stays with them.",
}


def _after(session: Session, disputes: Sequence[Dispute]) -> str:
    """Buttons for what a bank may do to a payment later."""
    words = "".join(f"<p>{escape(_DECIDED.get(d.status, d.status))}</p>" for d in disputes)
    buttons = [("dispute", "Dispute this payment")]
    if any(d.status == "needs_response" for d in disputes):
        buttons = [("lost", "Decide for the buyer"), ("won", "Decide for the store")]
    pressed = "\n".join(
        f'<button name="do" value="{do}" class="quiet">{label}</button>' for do, label in buttons
    )
    return f"""<section aria-labelledby="bank"><h2 id="bank">At the bank</h2>
{words}
<form method="post" action="/pay/{session.id}"><p class="buttons">{pressed}</p></form></section>"""


def over(session: Session, disputes: Sequence[Dispute]) -> bytes:
    """The page of a session that is paid or has expired."""
    if session.status == "complete":
        return _page(
            "Paid",
            f"""<h1>This is paid</h1>
{_summary(session)}
<p><a class="button" href="{escape(session.return_url)}">Back to the store</a></p>
{_after(session, disputes)}""",
        )
    return _page(
        "Expired",
        f"""<h1>This payment page has expired</h1>
<p>Nothing was charged. Go back to the store and begin again.</p>
<p><a class="button" href="{escape(session.cancel_url)}">Back to the store</a></p>""",
    )


def not_found() -> bytes:
    """For an address that is none."""
    return _page("Not found", "<h1>There is no such page</h1><p>Go back to the store.</p>")


def front(store_origin: str) -> bytes:
    """What the gateway's own address shows."""
    return _page(
        "Practice gateway",
        f"""<h1>A gateway to practice on</h1>
<p>The store sends its buyers here to pay. No money moves, and only test cards are taken.</p>
<p><a class="button" href="{escape(store_origin)}/">To the store</a></p>""",
    )
