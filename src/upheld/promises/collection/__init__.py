"""Only declared data is collected (P02, P04, P09, P10)."""

from upheld.promises.collection.declared_form import DeclaredForm
from upheld.promises.collection.declared_input import CleanText, declared_input

__all__ = ["CleanText", "DeclaredForm", "declared_input"]
