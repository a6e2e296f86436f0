"""Nothing is collected from someone under the minimum age (P32, P33, P34)."""

from upheld.promises.age.answer import admit
from upheld.promises.age.views import require_age

__all__ = ["admit", "require_age"]
