"""A payment gateway to practice on: its own process and origin, for demos and tests.

It speaks the part of Stripe's interface that the store uses, shows its own hosted page, sends
signed webhooks that can be made late, doubled, swapped, lost or forged, and catches the store's
mail. Everything it knows, test card numbers included, is in the memory of its process."""
