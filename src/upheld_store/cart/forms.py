"""The one form of the cart: how many of which plan. Any other input that comes is ignored."""

from __future__ import annotations

from upheld.promises.collection import DeclaredForm
from upheld_store.cart.cart import QUANTITY_MAX
from upheld_store.cart.whole_number import WholeNumber

_ID_MAX = 10**18 - 1


class CartItemForm(DeclaredForm):
    """A plan's id and its new quantity; 0 removes it."""

    key = "cart_item"

    plan = WholeNumber(most=_ID_MAX, problem="This product is not known. Choose one on its page.")
    quantity = WholeNumber(
        most=QUANTITY_MAX,
        problem=f"The quantity is a whole number from 0 to {QUANTITY_MAX}; 0 removes the product.",
    )
