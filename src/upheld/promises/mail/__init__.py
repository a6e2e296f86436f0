"""Mail: a letter exists only once its ground is found, and only a letter can be queued."""

from __future__ import annotations

from upheld.promises.mail.content import Content
from upheld.promises.mail.grounds import Consented, Contract
from upheld.promises.mail.letter import Letter, compose
from upheld.promises.mail.models import OutboxMail, SentMail

__all__ = ["Consented", "Content", "Contract", "Letter", "OutboxMail", "SentMail", "compose"]
