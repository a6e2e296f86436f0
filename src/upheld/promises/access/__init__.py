"""Access: people see, and take with them, whatever is held of them."""

from upheld.promises.access.people import (
    Person,
    everyone_at,
    guests_at,
    person_of_account,
)

__all__ = ["Person", "everyone_at", "guests_at", "person_of_account"]
