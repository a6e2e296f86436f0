"""The cart: a signed cookie of plans and quantities. Nothing of it is stored."""
