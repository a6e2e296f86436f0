"""Nothing is collected from someone under the minimum age (P32, P33, P34)."""

from upheld.promises.age.answer import admit
from upheld.promises.age.views import require_age, takes_nothing_down

__all__ = ["admit", "require_age", "takes_nothing_down"]
