"""The gateway's book: sessions and what became of them, in memory, behind one lock."""

from __future__ import annotations

import dataclasses
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from practice_gateway.cards import Card

DAY_SECONDS = 24 * 3600
ANSWER_DAYS = 7
Status = Literal["open", "complete", "expired"]


@dataclass(slots=True)
class Session:
    """One hosted payment page. `paid_by` is set once, by the payment that succeeded."""

    id: str
    amount: int
    currency: str
    description: str
    reference: str
    metadata: dict[str, str]
    success_url: str
    cancel_url: str
    created: int
    intent_metadata: dict[str, str] = field(default_factory=dict)
    status: Status = "open"
    intent: str = ""
    charge: str = ""
    paid_by: Card | None = None
    waiting: Card | None = None
    problem: str = ""

    @property
    def return_url(self) -> str:
        """Where the buyer goes after paying, with the session named."""
        return self.success_url.replace("{CHECKOUT_SESSION_ID}", self.id)

    @property
    def expires(self) -> int:
        """When the page closes by itself."""
        return self.created + DAY_SECONDS


@dataclass(slots=True)
class Refund:
    """Money on its way back to the card that a session was paid with."""

    id: str
    session: Session
    amount: int
    metadata: dict[str, str]
    created: int
    status: str
    announced: bool = False


@dataclass(slots=True)
class Dispute:
    """The card's holder has turned to their bank. An inquiry has not moved any money yet."""

    id: str
    session: Session
    amount: int
    reason: str
    created: int
    status: str

    @property
    def holds(self) -> bool:
        """Whether the bank has taken the money back."""
        return self.status in {"needs_response", "under_review", "lost"}

    @property
    def due(self) -> int:
        """Until when the store may answer."""
        return self.created + ANSWER_DAYS * DAY_SECONDS


@dataclass(slots=True)
class Redaction:
    """A wish to have what a payment says about a person erased, and when that is done."""

    id: str
    session: Session
    created: int
    ready: int


class TooMuch(Exception):
    """More is to go back than is left of what came in."""


class KeyReused(Exception):
    """An idempotency key came again with other parameters."""


@dataclass(slots=True)
class Book:
    """Sessions by id, and the answers that an idempotency key repeats for a day."""

    clock: Callable[[], float]
    lock: threading.RLock = field(default_factory=threading.RLock)
    _sessions: dict[str, Session] = field(default_factory=dict)
    _answers: dict[str, tuple[float, str, dict[str, Any]]] = field(default_factory=dict)
    _refunds: dict[str, Refund] = field(default_factory=dict)
    _disputes: dict[str, Dispute] = field(default_factory=dict)
    _redactions: dict[str, Redaction] = field(default_factory=dict)

    def open_session(self, **facts: Any) -> Session:
        """A new session with an unguessable id."""
        made = Session(id=new_id("cs_test"), created=int(self.clock()), **facts)
        with self.lock:
            self._sessions[made.id] = made
        return made

    def session(self, session_id: str) -> Session | None:
        """The session, expired first where its day is over."""
        with self.lock:
            found = self._sessions.get(session_id)
            if found and found.status == "open" and self.clock() >= found.expires:
                found.status = "expired"
            return found

    def sessions(self) -> list[Session]:
        """All of them, oldest first."""
        with self.lock:
            return list(self._sessions.values())

    def expire(self, session: Session) -> bool:
        """Close an open session. Returns whether this call did it."""
        with self.lock:
            changed = session.status == "open"
            if changed:
                session.status = "expired"
            return changed

    def pay(self, session: Session, card: Card) -> bool:
        """Take the money, once. Returns whether this call did it."""
        with self.lock:
            if session.status != "open":
                return False
            session.status, session.paid_by = "complete", card
            session.intent, session.charge = new_id("pi"), new_id("ch")
            session.waiting, session.problem = None, ""
            return True

    def paid_session(self, intent: str) -> Session | None:
        """The session that this payment has paid."""
        with self.lock:
            found = [s for s in self._sessions.values() if intent and s.intent == intent]
        return found[0] if found else None

    def refund(
        self, session: Session, amount: int, metadata: dict[str, str], status: str
    ) -> Refund:
        """Send money back. Raises `TooMuch`."""
        with self.lock:
            if amount > session.amount - self.refunded(session) - self.disputed(session):
                raise TooMuch
            made = Refund(new_id("re"), session, amount, metadata, int(self.clock()), status)
            self._refunds[made.id] = made
            return made

    def refunded(self, session: Session) -> int:
        """How much of it went back, or is on its way."""
        return sum(r.amount for r in self.refunds(session) if r.status != "failed")

    def refunds(self, session: Session | None = None) -> list[Refund]:
        """All of them, or those of one session; newest first."""
        with self.lock:
            found = [r for r in self._refunds.values() if session is None or r.session is session]
        return found[::-1]

    def refund_named(self, refund_id: str) -> Refund | None:
        """The refund of this id."""
        with self.lock:
            return self._refunds.get(refund_id)

    def dispute(self, session: Session, amount: int, reason: str, *, inquiry: bool) -> Dispute:
        """Turn to the bank about a part of a payment, or all of it. Raises `TooMuch` where less
        is left."""
        with self.lock:
            left = session.amount - self.refunded(session) - self.disputed(session)
            if not session.paid_by or not 0 < amount <= left:
                raise TooMuch
            status = "warning_needs_response" if inquiry else "needs_response"
            at = int(self.clock())
            made = Dispute(new_id("dp"), session, amount, reason, at, status)
            self._disputes[made.id] = made
            return made

    def disputes(self, session: Session | None = None) -> list[Dispute]:
        """All of them, or those of one session; newest first."""
        with self.lock:
            found = list(self._disputes.values())
        return [d for d in reversed(found) if session is None or d.session is session]

    def disputed(self, session: Session) -> int:
        """How much of it the bank has taken back."""
        return sum(d.amount for d in self.disputes(session) if d.holds)

    def dispute_named(self, dispute_id: str) -> Dispute | None:
        """The dispute of this id."""
        with self.lock:
            return self._disputes.get(dispute_id)

    def redact(self, session: Session, days: int) -> Redaction:
        """Erase who paid, after so many days; asked again, the first wish counts."""
        with self.lock:
            now = int(self.clock())
            found = self._redactions.get(session.id)
            if found is None:
                found = Redaction(new_id("prj"), session, now, now + days * DAY_SECONDS)
                self._redactions[session.id] = found
            if now >= found.ready and session.paid_by:
                session.paid_by = dataclasses.replace(session.paid_by, name="", last4="0000")
            return found

    def is_redacted(self, redaction: Redaction) -> bool:
        """Whether its time has come."""
        return self.clock() >= redaction.ready

    def decline(self, session: Session, problem: str) -> None:
        """The card was refused; the page stays open for another try."""
        with self.lock:
            session.waiting, session.problem = None, problem

    def answered(self, key: str, parameters: str) -> dict[str, Any] | None:
        """What this key was answered within the last day. Raises `KeyReused`."""
        with self.lock:
            oldest = self.clock() - DAY_SECONDS
            for old in [k for k, (at, *_) in self._answers.items() if at <= oldest]:
                del self._answers[old]
            _, known, answer = self._answers.get(key, (0.0, parameters, None))
        if known != parameters:
            raise KeyReused(key)
        return answer

    def remember(self, key: str, parameters: str, answer: dict[str, Any]) -> None:
        """Repeat this answer to the same key for a day."""
        with self.lock:
            self._answers[key] = (self.clock(), parameters, answer)


def new_id(prefix: str) -> str:
    """`prefix_` and 24 letters and digits nobody can guess."""
    return f"{prefix}_{secrets.token_hex(12)}"
