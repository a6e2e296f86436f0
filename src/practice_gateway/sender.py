"""Webhooks: signed, retried until they are taken, and spoiled on request."""

from __future__ import annotations

import heapq
import http.client
import itertools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from practice_gateway.book import new_id
from practice_gateway.shapes import Shape, event_shape
from practice_gateway.signing import HEADER, signature
from practice_gateway.troubles import Troubles

RETRY_SECONDS = (1, 2, 4, 8, 16, 32, 64, 128)
_TIMEOUT_SECONDS = 15
_STALE_SECONDS = 301

Post = Callable[[str, bytes, dict[str, str]], int]


def post_over_http(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status the store answered; 0 where it did not answer."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=_TIMEOUT_SECONDS
    )
    try:
        connection.request("POST", parts.path, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@dataclass(slots=True)
class Event:
    """One thing that happened and each answer the store gave to it."""

    id: str
    kind: str
    body: bytes
    created: int = 0
    answers: list[int] = field(default_factory=list)
    lost: bool = False
    taken: threading.Event = field(default_factory=threading.Event)

    @property
    def delivered(self) -> bool:
        """Whether the store has taken it."""
        return any(200 <= answer < 300 for answer in self.answers)

    def summary(self) -> Shape:
        """For the control page."""
        return {"id": self.id, "type": self.kind, "answers": self.answers, "lost": self.lost}


@dataclass(slots=True)
class Sender:
    """A queue by due time, worked off by one thread."""

    url: str
    secret: str
    clock: Callable[[], float]
    post: Post = post_over_http
    events: list[Event] = field(default_factory=list)
    _due: list[tuple[float, int, int, Event, Troubles]] = field(default_factory=list)
    _held: list[Event] = field(default_factory=list)
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _serial: itertools.count[int] = field(default_factory=itertools.count)
    _stopped: bool = False

    def send(self, kind: str, about: Shape, troubles: Troubles) -> Event:
        """Queue one event about a session, troubled as wished."""
        event_id, created = new_id("evt"), int(self.clock())
        body = json.dumps(event_shape(event_id, kind, created, about)).encode()
        event = Event(event_id, kind, body, created)
        with self._wake:
            self.events.append(event)
            if troubles.lose:
                event.lost = True
                event.taken.set()
            elif troubles.reorder:
                self._hold(event, troubles)
            else:
                self._queue(event, troubles)
        return event

    def resend(self, event_id: str, troubles: Troubles) -> bool:
        """Send a known event once more. False where there is none of that id."""
        with self._wake:
            found = [event for event in self.events if event.id == event_id]
            for event in found:
                self._queue(event, troubles)
        return bool(found)

    def run(self) -> None:
        """Work the queue until `stop`. The thread's whole life."""
        while (item := self._next()) is not None:
            _, _, attempt, event, troubles = item
            status = self.post(self.url, *self.sealed(event, troubles.forge))
            with self._wake:
                event.answers.append(status)
                if 200 <= status < 300 or troubles.forge:  # a forger does not try again
                    event.taken.set()
                elif attempt < len(RETRY_SECONDS):
                    due = self.clock() + RETRY_SECONDS[attempt]
                    self._push(due, attempt + 1, event, troubles)

    def stop(self) -> None:
        """Let `run` end; what is queued is forgotten."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()

    def sealed(self, event: Event, forge: str = "") -> tuple[bytes, dict[str, str]]:
        """Body and headers of one delivery, forged in the way named."""
        at, secret, body = int(self.clock()), self.secret, event.body
        if forge == "stale":
            at -= _STALE_SECONDS
        if forge == "other_secret":
            secret = f"{secret}-of-another-endpoint"
        signed = signature(secret, body, at)
        if forge == "v0":
            signed = signed.replace("v1=", "v0=")
        if forge == "unicode_header":
            signed = f"t={at},v1=\u00b2\u00b3\u00e9"
        if forge == "body":
            body = body.replace(b'"livemode": false', b'"livemode": true')
        headers = {"Content-Type": "application/json", HEADER: signed}
        if forge == "no_header":
            del headers[HEADER]
        return body, headers

    def _hold(self, event: Event, troubles: Troubles) -> None:
        self._held.append(event)
        if len(self._held) >= troubles.reorder:
            for held in reversed(self._held):
                self._queue(held, troubles)
            self._held.clear()

    def _queue(self, event: Event, troubles: Troubles) -> None:
        for _ in range(troubles.copies):
            self._push(self.clock() + troubles.delay_seconds, 0, event, troubles)

    def _push(self, due: float, attempt: int, event: Event, troubles: Troubles) -> None:
        heapq.heappush(self._due, (due, next(self._serial), attempt, event, troubles))
        self._wake.notify_all()

    def _next(self) -> tuple[float, int, int, Event, Troubles] | None:
        with self._wake:
            while not self._stopped:
                if not self._due:
                    self._wake.wait()
                elif (left := self._due[0][0] - self.clock()) > 0:
                    self._wake.wait(left)
                else:
                    return heapq.heappop(self._due)
        return None
