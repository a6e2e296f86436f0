"""The page on which the buyer pays: pay, be declined, take an extra step, go back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from practice_gateway import pages
from practice_gateway.api import Api
from practice_gateway.book import Session, TooMuch
from practice_gateway.cards import Card, CardRefused, read_card
from practice_gateway.reply import Reply, see_other

_PAGE = re.compile(r"/pay/(cs_test_[0-9a-f]+)(/confirm)?")
DECLINED = "Your card was declined. Nothing was charged; try another card."
NOT_CONFIRMED = "The payment was not confirmed. Nothing was charged; you can try again."


@dataclass(slots=True)
class HostedPage:
    """`/pay/<session>` and its extra step."""

    api: Api

    def answer(self, method: str, path: str, body: bytes) -> Reply:
        """One visit or one press of a button."""
        match = _PAGE.fullmatch(path)
        session = self.api.book.session(match[1]) if match else None
        if match is None or session is None:
            return Reply(404, pages.not_found())
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if session.status != "open":
            return self._over(session, method, form)
        if match[2]:
            return self._extra_step(session, method, form)
        if method == "POST":
            return self._pay(session, form)
        return Reply(200, pages.pay(session))

    def _over(self, session: Session, method: str, form: Mapping[str, str]) -> Reply:
        # A second press of "pay" and the browser's back button both end where the first did.
        if session.status == "complete" and method == "POST":
            if form.get("do") in {"dispute", "won", "lost"}:
                return self._after(session, form["do"])
            return see_other(session.return_url)
        return Reply(200, pages.over(session, self.api.book.disputes(session)))

    def _after(self, session: Session, do: str) -> Reply:
        """The card's holder turns to their bank; or the bank decides."""
        book = self.api.book
        waiting = [d for d in book.disputes(session) if d.status == "needs_response"]
        if do != "dispute":
            for dispute in waiting:
                self.api.decide(dispute, do)
        elif not waiting:
            left = session.amount - book.refunded(session) - book.disputed(session)
            with suppress(TooMuch):
                self.api.dispute(session, left, "product_not_received", inquiry=False)
        return see_other(f"/pay/{session.id}")

    def _pay(self, session: Session, form: Mapping[str, str]) -> Reply:
        now = datetime.fromtimestamp(self.api.book.clock(), UTC)
        try:
            card = read_card(form, now)
        except CardRefused as error:
            return Reply(422, pages.pay(session, str(error), form))
        if form.get("do") == "decline" or card.outcome == "declined":
            return self._refuse(session, DECLINED)
        if card.outcome == "extra_step":
            session.waiting = card
            return see_other(f"/pay/{session.id}/confirm")
        return self._take(session, card)

    def _extra_step(self, session: Session, method: str, form: Mapping[str, str]) -> Reply:
        card = session.waiting
        if card is None:
            return see_other(f"/pay/{session.id}")
        if method != "POST":
            return Reply(200, pages.confirm(session, card))
        if form.get("do") != "confirm":
            return self._refuse(session, NOT_CONFIRMED)
        return self._take(session, card)

    def _take(self, session: Session, card: Card) -> Reply:
        if self.api.book.pay(session, card):
            self.api.announce("checkout.session.completed", session)
        return see_other(session.return_url)

    def _refuse(self, session: Session, problem: str) -> Reply:
        self.api.book.decline(session, problem)
        self.api.announce("payment_intent.payment_failed", session)
        return see_other(f"/pay/{session.id}")
