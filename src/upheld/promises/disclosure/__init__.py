"""Who receives what: one gate, and the only way out of the process."""

from __future__ import annotations

from upheld.promises.disclosure.gate import disclose, refuse_undeclared
from upheld.promises.disclosure.models import Disclosure

__all__ = ["Disclosure", "disclose", "refuse_undeclared"]
